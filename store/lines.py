"""Readings as InfluxDB line protocol, for every store that takes it (docs/design.md, section 6).

One line is one reading. Absent fields mean what `None` means in a reading, with two twists: `unknown` stands in for
`occupied` where the sensor does not know, so that a reading without a state is still a reading; `stamped` stands in
for `lag` where the time is no more than the receipt. All fields but `battery` are whole numbers, because some stores
have no booleans, and because the mean of `occupied` is then the share of occupied words.
"""

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import unquote
from zlib import crc32

from spaces.reading import Reading

MEASUREMENT = "occupancy"
FIELDS = ("occupied", "unknown", "people", "battery", "seq", "lag", "stamped")
"""Of which `occupied` or `unknown`, and `lag` or `stamped`, are in every line."""
NANOS = 1_000_000
"""Nanoseconds a millisecond: the room that a content hash has below the event time."""

_SPECIAL = re.compile(r'[\s,="\'\\%]')
_MOST_PREFIXES = 100_000
_prefixes: dict[tuple[str, str], str] = {}
_STATES = {True: "occupied=1i", False: "occupied=0i", None: "unknown=1i"}


def to_lines(readings: Iterable[Reading], *, precision: Literal["ns", "ms"] = "ns") -> bytes:
    r"""Return the lines of readings, each ended by a newline.

    With nanoseconds the digits below the millisecond hold a hash of the contents (all but the receipt): two
    different contents of one identity are two points, to be merged on reading, and the same contents overwrite
    themselves. With milliseconds they are one point, and it is the store that must keep or merge both.

    >>> to_lines([Reading("s", "d", 5, 45, occupied=True, people=2)], precision="ms")
    b'occupancy,sensor=d,site=s occupied=1i,people=2i,lag=40i 5\n'
    """
    fine = precision == "ns"
    lines = []
    for reading in readings:
        time, people, battery, seq = reading.time, reading.people, reading.battery, reading.seq
        fields = _STATES[reading.occupied]
        if people is not None:
            fields += f",people={people}i"
        if battery is not None:
            fields += f",battery={battery}"
        if seq is not None:
            fields += f",seq={seq}i"
        fields += ",stamped=" if reading.stamped else ",lag="
        try:
            prefix = _prefixes[reading.site, reading.sensor]
        except KeyError:
            prefix = _new_prefix(reading.site, reading.sensor)
        moment = time * NANOS + crc32(fields.encode()) % NANOS if fine else time
        lines.append(f"{prefix}{fields}{reading.received - time}i {moment}\n")
    return "".join(lines).encode()


def tag_text(text: str) -> str:
    r"""Spell any text as a tag's value that ends nowhere but at its end, in any server's parser.

    What has a meaning in line protocol or cannot be printed is written as percent signs and hexadecimal digits
    (ids have none of it). Backslashes would not do: parsers disagree on two in a row and on one at the end.

    >>> tag_text("d-201"), tag_text("büro"), tag_text("a,b c\\")
    ('d-201', 'büro', 'a%2Cb%20c%5C')
    """
    if not text:
        return "%"
    if text.isprintable() and not _SPECIAL.search(text) and "\ufffd" not in text:
        return text
    return "".join(_spelled(letter) for letter in text)


def text_of(tag: str) -> str:
    r"""Return the text that `tag_text` has spelled.

    >>> text_of(tag_text("a,b c\\"))
    'a,b c\\'
    """
    return "" if tag == "%" else unquote(tag, errors="surrogatepass")


def _spelled(letter: str) -> str:
    if letter.isprintable() and not _SPECIAL.match(letter) and letter != "\ufffd":
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode(errors="surrogatepass"))


def _new_prefix(site: str, sensor: str) -> str:
    if len(_prefixes) >= _MOST_PREFIXES:
        _prefixes.clear()
    prefix = f"{MEASUREMENT},sensor={tag_text(sensor)},site={tag_text(site)} "
    _prefixes[site, sensor] = prefix
    return prefix

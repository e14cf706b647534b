"""Milesight's frames: channel, type, value; the lowest byte of a number comes first, the highest of VS121's masks.

What stands on a channel is the same on all its sensors that have it, but for stored records (`20 CE`): their layout
is the model's. Sources are the makers' user guides and their decoders' tables.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ingest.codecs import CodecError, Frame, Values
from ingest.codecs.tlv import Kind, Record, Table, number, read_tlv, text
from spaces.times import SECOND

_U8, _U16, _U32 = number("<B"), number("<H"), number("<I")
_NOTHING = Kind(1, lambda _: True)
_PLACES = tuple(str(place) for place in range(1, 33))
_RECORD = b"\x20\xce"
_ANSWERS = frozenset((0xF8, 0xF9, 0xFE, 0xFF))
"""Channels on which a sensor repeats the command that it was sent; what it is comes on the last of them as well."""
_LINES = range(0x03, 0x0F, 3)
"""First channels of four lines of VS133: in, out, and both since the last report. Children's follow 14 channels on."""


def _split(*forms: str) -> Kind:
    """Return a kind of several numbers in a row, read into a list."""
    kinds = [number(form) for form in forms]

    def read(data: bytes) -> list[Any]:
        found, at = [], 0
        for kind in kinds:
            found.append(kind.read(data[at : at + kind.length]))
            at += kind.length
        return found

    return Kind(sum(kind.length for kind in kinds), read)


def _places(number_of: int, used: int, watched: int = -1) -> Values:
    """Return which of so many places are used, of those that are watched, by their number from 1."""
    return {_PLACES[one]: {"occupied": used >> one & 1} for one in range(number_of) if watched >> one & 1}


def _people(data: bytes) -> Values:
    """Read how many people VS121 sees, and in which of its mapped regions, at most sixteen, somebody is."""
    return {"people": data[0], "regions": _places(min(data[1], 16), int.from_bytes(data[2:4], "big"))}


def _desks(data: bytes) -> Values:
    """Read which of VS321's ten desks are watched, and of these which are occupied."""
    return _places(10, int.from_bytes(data[2:4], "little"), int.from_bytes(data[:2], "little"))


def _regions(data: bytes) -> Values:
    """Read which of VS373's regions are occupied: their number, and a mask."""
    return _places(min(data[0], 32), int.from_bytes(data[1:5], "little"))


_PAIR = _split("<H", "<H")
_KINDS: Mapping[str, Kind] = {
    "0175": _U8,
    "0275": _U8,
    "0282": _U16,
    "0300": _U8,
    "0367": number("<h", 0.1),
    "038e": _U8,
    "03f4": _split("<B", "<B"),
    "03f8": _split("<B", "<B", "<H", "<H"),
    "0400": _U8,
    "0468": number("<B", 0.5),
    "048e": _U8,
    "04c9": Kind(4, _people),
    "04cc": _PAIR,
    "04f9": Kind(4, list),
    "0500": _U8,
    "05cc": _PAIR,
    "05fa": text(8),
    "05fd": _U16,
    "06cd": _U8,
    "06fb": text(5),
    "06fe": Kind(4, _desks),
    "07b0": Kind(8, list),
    "07d5": Kind(8, list),
    "07ff": _U8,
    "08b1": text(3),
    "08d5": Kind(8, list),
    "08f4": _split("<B", "<B"),
    "09b2": text(6),
    "0ab3": Kind(5, _regions),
    "0aef": number("<I", SECOND),
    "0bb4": text(9),
    "0cb4": text(9),
    "0dcc": _PAIR,
    "0ee4": text(5),
    "0f85": number("<I", SECOND),
    "0fe3": Kind(4, list),
    "10e4": text(5),
    "10f7": _PAIR,
    "1de3": Kind(4, list),
    "1ee4": text(5),
    "50fc": text(3),
    "81ee": _U8,
    "8367": _split("<h", "<B"),
    "8468": _split("<B", "<B"),
    "84cc": _split("<H", "<H", "<B"),
    "85cc": _split("<H", "<H", "<B"),
    "ff01": _U8,
    "ff08": text(6),
    "ff09": text(2),
    "ff0a": text(2),
    "ff0b": _NOTHING,
    "ff0f": _U8,
    "ff16": text(8),
    "ff1f": text(4),
    "fffe": _NOTHING,
    "ffff": text(2),
}
_HEADS = {
    **{bytes.fromhex(head): kind for head, kind in _KINDS.items()},
    **{bytes((line + step + kin, 0xD2)): _U32 for line in _LINES for step in (0, 1) for kin in (0, 14)},
    **{bytes((line + 2 + kin, 0xCC)): _PAIR for line in _LINES for kin in (0, 14)},
    **{bytes((channel, 0xDA)): text(8) for channel in (9, 10, 11, 12)},
}


def _record(lengths: Mapping[int, int], read: Callable[[int, bytes], Values]) -> Record:
    """Return what reads stored records: seconds since 1970, a type, and by it so many bytes.

    Raises:
        CodecError: one is cut short.
    """

    def record(data: bytes) -> tuple[Values, int] | None:
        length = lengths.get(data[4]) if len(data) > 4 else 0
        if length is None:
            return None
        if len(data) < 5 + max(length, 1):
            raise CodecError("has a stored record that is cut short")
        at = int.from_bytes(data[:4], "little") * SECOND
        return {"time": at, **read(data[4], data[5 : 5 + length])}, 5 + length

    return record


def _vs13x(kind: int, rest: bytes) -> Values:
    return {"regions_people": sum(rest)} if kind == 0x0F else {}


def _vs321(kind: int, rest: bytes) -> Values:
    return {"06fe": _desks(rest)} if kind == 1 else {"05fd": _U16.read(rest)}


_RECORDS: Mapping[str, Record] = {
    # How many went in and out: two numbers, or four.
    "milesight": _record({0: 4, 1: 8}, lambda *_: {}),
    # Type 1 is as `04 C9` is; the other types count lines, ways and single regions.
    "milesight-vs121": _record(
        {**dict.fromkeys(range(1, 0x13), 4), 3: 1, 0x11: 5},
        lambda kind, rest: {"04c9": _people(rest)} if kind == 1 else {},
    ),
    # The type is the channel; two are those of dwell times.
    "milesight-vs13x": _record(
        {**dict.fromkeys(range(3, 0x1E), 4), **dict.fromkeys((0x10, 0x1E, 0x20, 0x3C), 3)}, _vs13x
    ),
    "milesight-vs321": _record({0: 2, 1: 4}, _vs321),
    # Alarms alone, each with its number where others have a type.
    "milesight-vs373": _record(dict.fromkeys(range(256), 4), lambda *_: {}),
    # The type says why it was written; then: whether somebody was there, how warm and how damp it was.
    "milesight-ws203": _record(dict.fromkeys(range(256), 4), lambda _, rest: {"0500": rest[0]}),
}
LAYOUTS = tuple(_RECORDS)
"""Names of layouts, by the models that have them; `milesight` is that of all others."""
_TABLES = {name: Table(_HEADS, {_RECORD: record}, _ANSWERS) for name, record in _RECORDS.items()}


def read_milesight(data: bytes, port: int | None, layout: str = "milesight") -> Frame:  # noqa: ARG001 - people set it
    """Cut up a frame of Milesight's. `regions_people` are those of all regions together, where all are in the frame.

    >>> read_milesight(bytes.fromhex("017564030001"), 85).fields
    {'0175': 100, '0300': 1}

    Raises:
        CodecError: it is none.
    """
    frame = read_tlv(data, _TABLES[layout])
    fields = frame.fields
    if "07d5" in fields and "08d5" in fields:
        fields["regions_people"] = sum(fields["07d5"]) + sum(fields["08d5"])
    elif "0fe3" in fields:
        fields["regions_people"] = sum(fields["0fe3"])
    if fields.get("08f4", [0, 0])[1]:
        _unsee(fields)
    return frame


def _unsee(fields: Values) -> None:
    """Take back what VS321 says of desks and people while it says as well that it cannot detect: in the dark, say."""
    if "05fd" in fields:
        fields["05fd"] = None
    fields["06fe"] = {desk: {"occupied": None} for desk in fields.get("06fe", ())}

"""Questions to InfluxDB, in Flux (docs/decisions/0010 says why not InfluxQL)."""

from collections.abc import Iterable
from datetime import datetime

from spaces.times import Millis, rfc3339, to_millis
from store.lines import MEASUREMENT, NANOS, tag_text
from store.protocol import StoreError

EARLIEST: Millis = -9_223_372_036_000
LATEST: Millis = 9_223_372_036_000
"""What nanoseconds in 64 bits can hold: the years 1677 to 2262."""
STATES = ("occupied", "unknown")
"""One of these is in every reading."""
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:- ")


def literal(text: str) -> str:
    r"""Spell any text as a Flux string, which can neither end early nor have anything put into it.

    >>> literal('a"b${c}')
    '"a\\x22b\\x24\\x7bc\\x7d"'
    """
    spelled = (chr(byte) if byte in _PLAIN else f"\\x{byte:02x}" for byte in text.encode(errors="replace"))
    return f'"{"".join(spelled)}"'


def is_window(start: Millis, end: Millis) -> bool:
    """Whether there are times of the server's within start <= time < end."""
    return max(start, EARLIEST) < min(end, LATEST)


def nanos_of(text: str) -> int:
    """Read a time as the server writes it.

    >>> nanos_of("1970-01-01T00:00:01.5Z"), nanos_of("1969-12-31T23:59:59.999999999Z")
    (1500000000, -1)

    Raises:
        StoreError: it is none.
    """
    whole, _, fraction = text.rstrip("Z").partition(".")
    try:
        return to_millis(datetime.fromisoformat(f"{whole}+00:00")) * NANOS + int(fraction.ljust(9, "0"))
    except ValueError:
        raise StoreError(f"InfluxDB answers {text[:40]!r} where a time should be") from None


def within(start: Millis, end: Millis) -> str:
    """Return the step that keeps start <= time < end, as far as the server's times go."""
    low, high = (min(max(time, EARLIEST), LATEST) for time in (start, end))
    return f"range(start: {rfc3339(low)}, stop: {rfc3339(high)})"


def one_of(column: str, values: Iterable[str]) -> str:
    """Return the condition that a column has one of some values."""
    return " or ".join(f"r.{column} == {literal(value)}" for value in values)


def readings(  # noqa: PLR0913, PLR0917 - what is asked for has so many sides
    bucket: str, site: str, start: Millis, end: Millis, fields: Iterable[str] = (), sensors: Iterable[str] = ()
) -> str:
    """Ask for the readings of a site as rows of `_time`, `_value`, `_field`, `sensor`.

    Where `fields` or `sensors` are named, for those alone.
    """
    every = _of_site(bucket, site, start, end, fields)
    if names := one_of("sensor", map(tag_text, sensors)):
        every += f" |> filter(fn: (r) => {names})"
    return f'{every} |> keep(columns: ["_time", "_value", "_field", "sensor"])'


def newest(bucket: str, site: str, end: Millis) -> str:
    """Ask for the last time before `end` of each sensor, by field, as rows of `_time`, `sensor`."""
    every = _of_site(bucket, site, EARLIEST, end, STATES)
    return f'{every} |> last() |> keep(columns: ["_time", "sensor"])'


def extent(bucket: str, site: str) -> str:
    """Ask for the first and the last time of a site, as rows of `_time`."""
    every = _of_site(bucket, site, EARLIEST, LATEST, STATES)
    least = 'every |> first() |> group() |> min(column: "_time") |> keep(columns: ["_time"]) |> yield(name: "first")'
    most = 'every |> last() |> group() |> max(column: "_time") |> keep(columns: ["_time"]) |> yield(name: "last")'
    return f"every = {every}\n{least}\n{most}"


def counts(bucket: str, site: str, start: Millis, end: Millis, width: Millis) -> str:
    """Ask how many readings there are in windows of a width in ms, as rows of `_time` (its start), `_value`."""
    every = _of_site(bucket, site, start, end, STATES)
    windows = f'aggregateWindow(every: {width}ms, fn: count, createEmpty: false, timeSrc: "_start")'
    return f'{every} |> {windows} |> group(columns: ["_time"]) |> sum() |> group()'


def sites(bucket: str) -> str:
    """Ask for the sites that have readings, as rows of `_value`."""
    return (
        'import "influxdata/influxdb/schema"\n'
        f'schema.tagValues(bucket: {literal(bucket)}, tag: "site",'
        f" predicate: (r) => r._measurement == {literal(MEASUREMENT)},"
        f" start: {rfc3339(EARLIEST)}, stop: {rfc3339(LATEST)})"
    )


def together(questions: Iterable[str]) -> str:
    """Return several questions as one, answered one after another."""
    return "\n".join(f'{question} |> yield(name: "part{number}")' for number, question in enumerate(questions))


def _of_site(bucket: str, site: str, start: Millis, end: Millis, fields: Iterable[str]) -> str:
    condition = f"r._measurement == {literal(MEASUREMENT)} and r.site == {literal(tag_text(site))}"
    if names := one_of("_field", fields):
        condition += f" and ({names})"
    return f"from(bucket: {literal(bucket)}) |> {within(start, end)} |> filter(fn: (r) => {condition})"

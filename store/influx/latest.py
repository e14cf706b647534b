"""The newest reading of each sensor, without looking at all the others."""

from collections.abc import Iterable, Iterator, Sequence

from spaces.reading import Reading, merge
from spaces.times import MINUTE, Millis
from store.influx import flux
from store.influx.connection import Connection
from store.lines import NANOS, text_of

_AT_ONCE = 50
"""Windows in one question."""

Window = tuple[Millis, Millis]
"""First and last moment, both inside."""


def latest(connection: Connection, bucket: str, site: str) -> list[Reading]:
    """Return the newest reading of each sensor of a site, merged, in order of sensor.

    The server finds the last point of a series at once, but one point is not all that a sensor said at that
    moment: so all points of those moments are read then.
    """
    newest: dict[str, Millis] = {}
    for tag, text in connection.rows(flux.newest(bucket, site), "sensor", "_time"):
        sensor, time = text_of(tag), flux.nanos_of(text) // NANOS
        newest[sensor] = max(time, newest.get(sensor, time))
    found: dict[tuple[str, Millis], Reading] = {}
    for lot in _lots(windows(newest.values())):
        questions = (flux.readings(bucket, site, first, last + 1) for first, last in lot)
        rows = connection.rows(flux.together(questions), "sensor", "_time", "_field", "_value")
        for reading in _readings(site, rows):
            key = (reading.sensor, reading.time)
            found[key] = merge(found[key], reading) if key in found else reading
    return [found[key] for key in sorted(newest.items()) if key in found]


def windows(times: Iterable[Millis]) -> list[Window]:
    """Return windows of at most a minute that hold all times, ascending.

    So the newest readings of sensors that speak are read together, with little beside them; one that fell silent
    long ago has a window of its own.

    >>> windows([5, 90_000, 7, 60_005])
    [(5, 60005), (90000, 90000)]
    """
    found: list[Window] = []
    for time in sorted(set(times)):
        if found and time - found[-1][0] <= MINUTE:
            found[-1] = (found[-1][0], time)
        else:
            found.append((time, time))
    return found


def _lots(of: Sequence[Window]) -> Iterator[Sequence[Window]]:
    return (of[at : at + _AT_ONCE] for at in range(0, len(of), _AT_ONCE))


def _readings(site: str, rows: Iterable[tuple[str, ...]]) -> Iterator[Reading]:
    """Yield what each point says, from (sensor, time, field, value)."""
    points: dict[tuple[str, str], dict[str, str]] = {}
    for tag, text, field, value in rows:
        points.setdefault((tag, text), {})[field] = value
    for (tag, text), fields in points.items():
        time = flux.nanos_of(text) // NANOS
        yield Reading(
            site,
            text_of(tag),
            time,
            time + int(fields.get("lag", fields.get("stamped", "0"))),
            fields["occupied"] == "1" if "occupied" in fields else None,
            int(fields["people"]) if "people" in fields else None,
            float(fields["battery"]) if "battery" in fields else None,
            int(fields["seq"]) if "seq" in fields else None,
            "stamped" in fields,
        )

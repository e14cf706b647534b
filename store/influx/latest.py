"""The newest reading of each sensor, without looking at all the others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from spaces.reading import Reading, merge
from spaces.times import FOREVER, MINUTE, Millis
from store.influx import flux
from store.influx.connection import Connection
from store.lines import NANOS, text_of

_AT_ONCE = 50
"""Windows in one question."""
_NAMED = 40
"""Sensors that a window names at most; of one that holds more, all are read."""


class Window(NamedTuple):
    """First and last moment, both inside, and the sensors whose newest moment is in between."""

    first: Millis
    last: Millis
    sensors: tuple[str, ...]


def latest(connection: Connection, bucket: str, site: str, until: Millis = FOREVER) -> list[Reading]:
    """Return the newest reading up to a moment of each sensor of a site, merged, in order of sensor.

    The server finds the last point of a series at once, but one point is not all that a sensor said at that
    moment: so all points of those moments are read then.
    """
    newest: dict[str, Millis] = {}
    for tag, text in connection.rows(flux.newest(bucket, site, min(until, flux.LATEST - 1) + 1), "sensor", "_time"):
        sensor, time = text_of(tag), flux.nanos_of(text) // NANOS
        newest[sensor] = max(time, newest.get(sensor, time))
    found: dict[tuple[str, Millis], Reading] = {}
    for lot in _lots(windows(newest)):
        questions = (_question(bucket, site, window) for window in lot)
        rows = connection.rows(flux.together(questions), "sensor", "_time", "_field", "_value")
        for reading in _readings(site, rows):
            key = (reading.sensor, reading.time)
            found[key] = merge(found[key], reading) if key in found else reading
    return [found[key] for key in sorted(newest.items()) if key in found]


def windows(newest: Mapping[str, Millis]) -> list[Window]:
    """Return windows of at most a minute that hold all moments, ascending.

    So the newest readings of sensors that speak are read together, with little beside them; one that fell silent
    long ago has a window of its own.

    >>> [window[:2] for window in windows({"a": 5, "b": 90_000, "c": 7, "d": 60_005})]
    [(5, 60005), (90000, 90000)]
    """
    found: list[Window] = []
    for time, sensor in sorted((time, sensor) for sensor, time in newest.items()):
        if found and time - found[-1].first <= MINUTE:
            before = found.pop()
            found.append(Window(before.first, time, (*before.sensors, sensor)))
        else:
            found.append(Window(time, time, (sensor,)))
    return found


def _question(bucket: str, site: str, window: Window) -> str:
    """Ask for all that sensors said in a window; naming them spares the server looking at each of the others."""
    named = window.sensors if len(window.sensors) <= _NAMED else ()
    return flux.readings(bucket, site, window.first, window.last + 1, sensors=named)


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

"""Readings in columns, as stores hand them out and analytics takes them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spaces.reading import Reading, merge

UNKNOWN = -1
"""In ``occupied``: the sensor said that it does not know. In ``people``: no count came."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of one site in columns of length n, ascending in (sensor, time), one row an identity.

    ``sensors`` names the sensors; ``sensor`` (int32) holds indexes into it; ``time`` is int64 UTC ms;
    ``occupied`` int8: 1, 0 or -1 for unknown; ``people`` int32: -1 where no count came.
    """

    sensors: tuple[str, ...]
    sensor: NDArray[np.int32]
    time: NDArray[np.int64]
    occupied: NDArray[np.int8]
    people: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.time)

    def __post_init__(self) -> None:
        lengths = {len(self.sensor), len(self.time), len(self.occupied), len(self.people)}
        if len(lengths) != 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")


def readings_from(rows: Iterable[Reading]) -> Readings:
    """Put rows of one site, in any order and with repeats, into columns.

    >>> columns = readings_from([Reading("s", "b", 7, 7, True), Reading("s", "a", 5, 5, None, 2)])
    >>> columns.sensors, columns.time.tolist(), columns.occupied.tolist(), columns.people.tolist()
    (('a', 'b'), [5, 7], [-1, 1], [2, -1])
    """
    unique: dict[tuple[str, int], Reading] = {}
    for row in rows:
        key = (row.sensor, row.time)
        unique[key] = merge(unique[key], row) if key in unique else row
    ordered = [unique[key] for key in sorted(unique)]
    sensors = tuple(sorted({row.sensor for row in ordered}))
    code = {sensor: index for index, sensor in enumerate(sensors)}
    return Readings(
        sensors=sensors,
        sensor=np.array([code[row.sensor] for row in ordered], dtype=np.int32),
        time=np.array([row.time for row in ordered], dtype=np.int64),
        occupied=np.array([UNKNOWN if row.occupied is None else row.occupied for row in ordered], dtype=np.int8),
        people=np.array([UNKNOWN if row.people is None else row.people for row in ordered], dtype=np.int32),
    )


def no_readings() -> Readings:
    """Return columns without a row."""
    return readings_from([])


def followed_by(readings: Readings, later: Readings) -> Readings:
    """Return readings of a site and those that come after them, of each sensor, in columns again.

    >>> one = readings_from([Reading("s", "b", 7, 7, True), Reading("s", "c", 7, 7, False)])
    >>> both = followed_by(one, readings_from([Reading("s", "a", 8, 8, True), Reading("s", "b", 9, 9, False)]))
    >>> both.sensors, both.sensor.tolist(), both.time.tolist()
    (('a', 'b', 'c'), [0, 1, 1, 2], [8, 7, 9, 7])
    """
    sensors = tuple(sorted({*readings.sensors, *later.sensors}))
    place = {sensor: index for index, sensor in enumerate(sensors)}
    parts = [
        np.array([place[name] for name in part.sensors], dtype=np.int32)[part.sensor] for part in (readings, later)
    ]
    sensor = np.concatenate(parts)
    small = len(sensors) <= 1 << 16  # numpy sorts these by radix, in linear time
    order = np.argsort(sensor.astype(np.uint16) if small else sensor, kind="stable")
    return Readings(
        sensors,
        sensor[order],
        np.concatenate([readings.time, later.time])[order],
        np.concatenate([readings.occupied, later.occupied])[order],
        np.concatenate([readings.people, later.people])[order],
    )

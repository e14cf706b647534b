"""Columns on their way out of DuckDB: put in order by (sensor, time), and merged to one row an identity."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_RADIX = 1 << 16
"""numpy sorts 16-bit integers by radix, in linear time."""


def in_order(sensor: NDArray[np.int32], time: Ints) -> NDArray[np.intp]:
    """Return the order of rows by (sensor, time), both of shape (n,).

    Readings mostly lie in the order of their times already; then only the sensors need sorting, stably.
    """
    if len(sensor) and int(sensor.max()) < _RADIX:
        order = np.argsort(sensor.astype(np.uint16), kind="stable")
        ordered, moments = sensor[order], time[order]
        if not np.any((moments[1:] < moments[:-1]) & (ordered[1:] == ordered[:-1])):
            return order
    return np.lexsort((time, sensor))


def merged(
    sensor: NDArray[np.int32], time: Ints, occupied: NDArray[np.int8], people: NDArray[np.int32]
) -> tuple[NDArray[np.int32], Ints, NDArray[np.int8], NDArray[np.int32]]:
    """Merge neighbouring rows of one identity: occupied if any says so, the larger count (unknown is -1)."""
    repeated = (sensor[1:] == sensor[:-1]) & (time[1:] == time[:-1])
    if not repeated.any():
        return sensor, time, occupied, people
    first = np.flatnonzero(np.r_[True, ~repeated])
    return sensor[first], time[first], np.maximum.reduceat(occupied, first), np.maximum.reduceat(people, first)

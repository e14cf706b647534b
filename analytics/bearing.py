"""Which readings still matter from a moment on: of each sensor the last one before it, and those within reach of it."""

from collections.abc import Callable

import numpy as np

from analytics.spacestates import reach
from spaces.readings import Readings, followed_by, no_readings
from spaces.site import Site
from spaces.times import MINUTE, SECOND, Millis

Read = Callable[[Millis, Millis], Readings]
"""Gives the readings with start <= time < end."""
AT_ONCE = 100_000
"""Readings that one step should bring, however busy the house is."""
_GROWTH = 16
"""A step is at most so many times as long as the one before, and as short."""


def next_step(step: Millis, count: int) -> Millis:
    """Return how long the next step should be after one that brought so many readings.

    >>> next_step(60_000, 10), next_step(60_000, 200_000)
    (960000, 30000)
    """
    return min(max(step * AT_ONCE // max(count, 1), step // _GROWTH, SECOND), step * _GROWTH)


def bearing(readings: Readings, moment: Millis) -> Readings:
    """Return what of the readings matters from a moment on: those that are not earlier, and of each sensor one more.

    States from the longest vacancy delay after the moment on are the same as those of all readings.
    """
    kept = readings.time >= moment
    kept[:-1] |= kept[1:] | (readings.sensor[1:] != readings.sensor[:-1])
    kept[-1:] = True
    return Readings(
        readings.sensors, readings.sensor[kept], readings.time[kept], readings.occupied[kept], readings.people[kept]
    )


def before(site: Site, read: Read, start: Millis) -> Readings:
    """Return what bears on states from `start` on of what came before it, read backwards until no more can.

    Raises:
        StoreError: the store cannot be read.
    """
    silence, delay = reach(site)
    limits = _limits(site)
    low, step, found = start, max(delay, MINUTE), no_readings()
    while low > start - silence and not (low <= start - delay and _all_spoke(found, limits, low, start, delay)):
        earlier = max(low - step, start - silence)
        readings = read(earlier, low)
        found = bearing(followed_by(readings, found), start - delay)
        low, step = earlier, next_step(step, len(readings))
    return found


def _limits(site: Site) -> dict[str, Millis]:
    """Return for how long each sensor is taken at its word, at most."""
    limits: dict[str, Millis] = {}
    for sensor in site.sensors:
        limits[sensor.id] = max(sensor.silence, limits.get(sensor.id, 0))
    return limits


def _all_spoke(found: Readings, limits: dict[str, Millis], low: Millis, start: Millis, delay: Millis) -> bool:
    """Whether of each sensor there is a reading before the vacancy delay, or one before `low` could not matter."""
    spoke = np.unique(found.sensor[found.time < start - delay]).tolist()
    heard = {found.sensors[index] for index in spoke}
    return all(sensor in heard or low <= start - limit for sensor, limit in limits.items())

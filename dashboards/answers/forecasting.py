"""What forecasts are made of: the past by local hours, read once a day and kept."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges, local_hours
from analytics.forecast import HISTORY_DAYS, Forecast, by_local_hours, forecast
from analytics.groups import Groups
from analytics.spacestates import reach
from dashboards.answers.context import Context
from dashboards.answers.recent import keep
from spaces.site import Site
from spaces.times import DAY, HOUR, Millis, to_datetime

Figures = NDArray[np.float64]
ENOUGH = 0.5
"""Share of a past hour that must be known for it to count."""
AT_ONCE = 32 * DAY
KEPT = 32


@dataclass(frozen=True, slots=True)
class _Kept:
    site: Site
    stamp: tuple[int, ...]
    found: Forecast


class Forecasts:
    """Forecasts in memory, found again until midnight while site file and readings are the same. Thread-safe."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, bytes, Millis], _Kept] = OrderedDict()

    def read(self, site: Site, groups: Groups, origin: Millis) -> Forecast:
        """Return the forecast of groups from a local midnight on.

        Raises:
            StoreError: the store cannot be read.
        """
        key = site.id, groups.of.tobytes(), origin
        with self._lock:
            earliest = midnight(site, origin, -HISTORY_DAYS - 7)
            stamp = self._stamp(site, earliest, origin)
            kept = self._kept.get(key)
            if kept is None or kept.stamp != stamp or (kept.site is not site and kept.site != site):
                start = max(earliest, self._first(site, origin))
                kept = _Kept(site, stamp, forecast(history(self._context, site, groups, start, origin)))
            keep(self._kept, key, kept, KEPT)
            return kept.found

    def _first(self, site: Site, origin: Millis) -> Millis:
        """Return the local midnight of the first reading, no later than the origin."""
        extent = self._context.store.extent(site.id)
        return origin if extent is None else midnight(site, min(extent.first, origin), 0)

    def _stamp(self, site: Site, start: Millis, end: Millis) -> tuple[int, ...]:
        before, after = reach(site)
        days = range((start - before) // DAY, (end + after) // DAY + 1)
        return tuple(self._context.live.generation(site.id, day) for day in days)


def history(context: Context, site: Site, groups: Groups, start: Millis, end: Millis) -> Figures:
    """Return how many spaces were in use on average, hour by hour, in whole local days: (groups, days, 24).

    NaN where closed, or less than half known.
    """
    marks = edges(site.tz, start, end, "1h") if start < end else np.array([start], dtype=np.int64)
    values = np.full((len(groups.labels), len(marks) - 1), np.nan)
    for first, last in _stretches(marks):
        part, window = marks[first : last + 1], (int(marks[first]), int(marks[last]))
        found = context.figures.utilisation(site, window, groups, part, context.now())
        with np.errstate(invalid="ignore"):
            values[:, first:last] = np.where(found.coverage >= ENOUGH, found.average_occupancy, np.nan)
    days = local_days(site, marks[:-1])
    count = local_day(site, end - 1) - local_day(site, start) + 1 if start < end else 0
    return by_local_hours(values, days - local_day(site, start), local_hours(site.tz, marks[:-1]) % 24, count)


def _stretches(marks: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of buckets of about a month: a year at once would hold a gigabyte for a moment."""
    step = AT_ONCE // HOUR
    for first in range(0, len(marks) - 1, step):
        yield first, min(first + step, len(marks) - 1)


def local_days(site: Site, moments: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the local day of each moment, as an ordinal number."""
    return np.array([local_day(site, moment) for moment in moments.tolist()], dtype=np.intp)


def local_day(site: Site, moment: Millis) -> int:
    """Return the local day of a moment, as an ordinal number."""
    return to_datetime(moment).astimezone(site.tz).date().toordinal()


def midnight(site: Site, moment: Millis, days: int) -> Millis:
    """Return the local midnight so many days after that of a moment."""
    return site.midnight(to_datetime(moment).astimezone(site.tz).date() + timedelta(days=days))

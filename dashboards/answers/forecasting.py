"""What forecasts are made of: the past by local hours, read once a day and kept."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges, local_hours
from analytics.forecast import HISTORY_DAYS, Forecast, by_local_hours, forecast
from analytics.groups import Groups
from dashboards.answers.context import Context
from dashboards.answers.statecache import stamp
from dashboards.cache import Cache
from spaces.site import Site
from spaces.times import DAY, HOUR, Millis, to_datetime

Figures = NDArray[np.float64]
ENOUGH = 0.5
"""Share of a past hour that must be known for it to count."""
AT_ONCE = 32 * DAY
KEPT = 32
"""Forecasts in memory."""

Key = tuple[str, bytes, Millis]


class Forecasts:
    """Forecasts in memory, found again until midnight while site file and readings are the same. Thread-safe."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: Cache[Key, Forecast] = Cache(KEPT)

    def read(self, site: Site, groups: Groups, origin: Millis) -> Forecast:
        """Return the forecast of groups from a local midnight on.

        Raises:
            StoreError: the store cannot be read.
        """
        earliest = midnight(site, origin, -HISTORY_DAYS - 7)
        shape = stamp(self._context.live, site, earliest, origin)

        def compute() -> Forecast:
            start = max(earliest, self._first(site, origin))
            return forecast(history(self._context, site, groups, start, origin))

        return self._kept.get((site.id, groups.of.tobytes(), origin), shape, compute)

    def _first(self, site: Site, origin: Millis) -> Millis:
        """Return the local midnight of the first reading, no later than the origin."""
        extent = self._context.store.extent(site.id)
        return origin if extent is None else midnight(site, min(extent.first, origin), 0)


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

"""The open days of a pool of desks: what a replay begins anew with, and what weeks are made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spaces.calendar import open_intervals, rules_for
from spaces.site import Site, Space
from spaces.times import DAY, MINUTE, Millis, to_datetime

Whole = NDArray[np.int64]
QUARTER: Millis = 15 * MINUTE
QUARTERS = DAY // QUARTER
_MARGIN: Millis = 2 * DAY
"""An opening that reaches into a window begins no earlier: whole days are told from cut ones by looking so far."""


@dataclass(frozen=True)
class OpenDays:
    """d open days and their i intervals. A day has the local date at which it opens; days do not overlap.

    ``date`` holds ordinals (`date.toordinal`), ascending. ``day`` says which day each interval is of (an index),
    ``start`` and ``end`` are UTC ms, ascending and disjoint. ``offset`` is what each day's clock is ahead of UTC
    at noon, in ms.
    """

    date: Whole
    offset: Whole
    day: Whole
    start: Whole
    end: Whole

    def __len__(self) -> int:
        return len(self.date)

    @cached_property
    def weekday(self) -> Whole:
        """Weekday of each day, 0 = Monday."""
        return (self.date - 1) % 7

    @cached_property
    def week(self) -> Whole:
        """Week of each day, counted from the first one's; weeks begin on Monday."""
        week: Whole = (self.date - 1) // 7
        return week - week[0] if len(week) else week

    def quarter(self, day: Whole, moment: Whole) -> Whole:
        """Return the quarter-hour, 0 to 95, that the clock of a day shows at each moment."""
        shown: Whole = (moment + self.offset[day]) // QUARTER % QUARTERS
        return shown

    @cached_property
    def opens(self) -> Whole:
        """When each day opens first."""
        first: Whole = np.searchsorted(self.day, np.arange(len(self)))
        return self.start[first]

    @cached_property
    def closes(self) -> Whole:
        """When each day closes last."""
        last: Whole = np.searchsorted(self.day, np.arange(len(self)), side="right") - 1
        return self.end[last]

    @cached_property
    def open_time(self) -> Whole:
        """How long each day is open, in ms."""
        total = np.zeros(len(self), dtype=np.int64)
        np.add.at(total, self.day, self.end - self.start)
        return total

    def only(self, kept: NDArray[np.bool_]) -> "OpenDays":
        """Return some of the days, numbered anew."""
        number = np.cumsum(kept) - 1
        inside = kept[self.day]
        return OpenDays(
            self.date[kept], self.offset[kept], number[self.day[inside]], self.start[inside], self.end[inside]
        )


def open_days(site: Site, spaces: Sequence[Space], start: Millis, end: Millis) -> OpenDays:
    """Return the open days that lie wholly in [start, end): a day is open while any of the spaces is.

    An opening belongs to the local date at which it begins, also where it passes midnight; what is open for
    longer than 24 hours is cut at every local midnight.
    """
    spans = list(_by_day(site, _united(site, spaces, start - _MARGIN, end + _MARGIN)))
    number = {day: index for index, day in enumerate(sorted({day for day, _, _ in spans}))}
    columns = np.array([(number[day], low, high) for day, low, high in spans], dtype=np.int64).reshape(-1, 3)
    dates = np.array([day.toordinal() for day in number], dtype=np.int64)
    offsets = np.array([_offset(site, day) for day in number], dtype=np.int64)
    found = OpenDays(dates, offsets, *columns.T)
    return found.only((found.opens >= start) & (found.closes <= end))


def _united(site: Site, spaces: Sequence[Space], start: Millis, end: Millis) -> list[tuple[Millis, Millis]]:
    """Return when any of the spaces is open: spaces share few distinct calendars."""
    classes = {tuple(map(id, rules_for(site, space))): space for space in spaces}
    found = sorted(span for space in classes.values() for span in _pairs(open_intervals(site, space, start, end)))
    joined: list[tuple[Millis, Millis]] = []
    for low, high in found:
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return joined


def _pairs(intervals: Whole) -> Iterator[tuple[Millis, Millis]]:
    yield from intervals.tolist()


def _by_day(site: Site, spans: Sequence[tuple[Millis, Millis]]) -> Iterator[tuple[date, Millis, Millis]]:
    for low, high in spans:
        cuts = list(_midnights(site, low, high)) if high - low > DAY else []
        for begin, finish in pairwise([low, *cuts, high]):
            yield _local(site, begin), begin, finish


def _midnights(site: Site, low: Millis, high: Millis) -> Iterator[Millis]:
    """Yield the local midnights inside (low, high)."""
    day = _local(site, low) + timedelta(days=1)
    while (moment := site.midnight(day)) < high:
        yield moment
        day += timedelta(days=1)


def _local(site: Site, moment: Millis) -> date:
    return to_datetime(moment).astimezone(site.tz).date()


def _offset(site: Site, day: date) -> Millis:
    offset = to_datetime(site.midnight(day) + DAY // 2).astimezone(site.tz).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


def stretches(days: OpenDays, most: int = 28) -> Iterator[tuple[Millis, Millis]]:
    """Yield windows (UTC ms) of at most so many open days that hold all of them, and cut none."""
    for low in range(0, len(days), most):
        high = min(low + most, len(days)) - 1
        yield int(days.opens[low]), int(days.closes[high])

"""Where demand is censored: few desks were left, so nobody knows who did not come in, or went away again.

What is lost is put back by arrivals that the same weekday and quarter-hour has while desks are to be had. Those times
are the quieter ones, so what is put back is rather too little than too much.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analytics.sizing.days import QUARTER, QUARTERS, OpenDays
from analytics.sizing.demand import Demand, Stays

Whole = NDArray[np.int64]
Figures = NDArray[np.float64]
FEW = 0.05
"""Demand is censored while at most this share of the desks known is vacant, or at most one desk."""
_ENOUGH = QUARTER
"""A rate is taken from no less time than this."""


@dataclass(frozen=True, slots=True)
class Censored:
    """When demand was censored: stretches of time, ascending and disjoint.

    ``least`` is how many desks were then in demand, but for the twentieth part of that time in which fewest were; None
    where it never was.
    """

    times: Stays
    least: int | None


def never() -> Censored:
    """Return that demand was never censored."""
    none = np.zeros(0, dtype=np.int64)
    return Censored(Stays(none, none, none), None)


def censored_times(demand: Demand) -> Censored:
    """Return when a pool is all but full. Vacant is a desk that is known, and neither occupied nor held."""
    spans = (demand.stays, demand.unknown, demand.offered)
    weights = (np.ones(len(spans[0])), np.ones(len(spans[1])), demand.desks_offered)
    moment = np.concatenate([part for one in spans for part in (one.start, one.end)])
    day = np.concatenate([part for one in spans for part in (one.day, one.day)])
    change = np.zeros((3, len(moment)), dtype=np.int64)
    low = 0
    for row, (one, weight) in enumerate(zip(spans, weights, strict=True)):
        change[row, low : low + 2 * len(one)] = np.concatenate((weight, -weight))
        low += 2 * len(one)
    order = np.argsort(moment, kind="stable")
    used, unknown, offered = np.cumsum(change[:, order], axis=1)
    moment, day = moment[order], day[order]
    lasting = np.append(np.diff(moment), 0)[: len(moment)]
    known = offered - unknown
    full = np.flatnonzero((known > 0) & (known - used <= np.maximum(1, FEW * known)) & (lasting > 0))
    if not len(full):
        return never()
    times = _melted(Stays(day[full], moment[full], moment[full] + lasting[full]))
    return Censored(times, _low(used[full], lasting[full]))


def _low(level: Whole, lasting: Whole) -> int:
    """Return the level below which the lowest twentieth of the time lies."""
    order = np.argsort(level, kind="stable")
    spent = np.cumsum(lasting[order])
    return int(level[order][np.searchsorted(spent, spent[-1] * FEW, side="right")])


def _melted(spans: Stays) -> Stays:
    """Join stretches that touch."""
    fresh = np.append([True], (spans.start[1:] != spans.end[:-1]) | (spans.day[1:] != spans.day[:-1]))[: len(spans)]
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(spans))[: len(first)] - 1
    return Stays(spans.day[first], spans.start[first], spans.end[last])


@dataclass(frozen=True)
class Lost:
    """Arrivals that were lost in censored times: pieces of those within a quarter-hour each, and how many at a time.

    ``expected`` is the mean number lost in each piece. ``unfounded`` is the censored time, in ms, whose quarter-hour
    was never seen uncensored on any weekday: nothing is put back there.
    """

    days: OpenDays
    stays: Stays
    pieces: Stays
    expected: Figures
    unfounded: int

    def drawn(self, chance: Generator) -> Stays:
        """Draw lost stays: as many as a Poisson process has, as long as those of others who came at that time."""
        count = chance.poisson(self.expected)
        piece = np.repeat(np.arange(len(count)), count)
        day, low, high = self.pieces.day[piece], self.pieces.start[piece], self.pieces.end[piece]
        start = (low + chance.random(len(piece)) * (high - low)).astype(np.int64)
        length = self._lengths(self.days.quarter(day, start), chance)
        return Stays.of(day, start, np.minimum(start + length, self.days.closes[day]))

    def _lengths(self, quarter: Whole, chance: Generator) -> Whole:
        """Draw the length of a stay that began in each quarter-hour, or in the nearest in which one did."""
        lengths, first, count = self._by_quarter
        nearest = np.abs(np.flatnonzero(count)[None, :] - quarter[:, None]).argmin(axis=1)
        source = np.flatnonzero(count)[nearest]
        chosen = first[source] + (chance.random(len(quarter)) * count[source]).astype(np.int64)
        drawn: Whole = lengths[chosen]
        return drawn

    @cached_property
    def _by_quarter(self) -> tuple[Whole, Whole, Whole]:
        """Lengths of stays by the quarter-hour in which they began, where each quarter's begin, and how many."""
        quarter = self.days.quarter(self.stays.day, self.stays.start)
        order = np.argsort(quarter, kind="stable")
        count = np.bincount(quarter, minlength=QUARTERS)
        return (self.stays.end - self.stays.start)[order], np.cumsum(count) - count, count


def lost_arrivals(demand: Demand, censored: Stays) -> Lost:
    """Return what was lost in censored times.

    In each weekday and quarter-hour: (rate while uncensored x time while censored - arrivals while censored), at
    least 0, spread over the censored time. A cell that was never uncensored takes the quarter-hour's rate over all
    weekdays.
    """
    days = demand.days
    pieces = _by_quarters(censored)
    cell = _cell(days, pieces.day, pieces.start)
    time = _sums(cell, pieces.end - pieces.start)
    opened = _by_quarters(Stays(days.day, days.start, days.end))
    free = _sums(_cell(days, opened.day, opened.start), opened.end - opened.start) - time
    arrivals = _sums(_cell(days, demand.stays.day, demand.stays.start), np.ones(len(demand.stays)))
    meanwhile = demand.stays.only(_inside(demand.stays.start, censored))
    came = _sums(_cell(days, meanwhile.day, meanwhile.start), np.ones(len(meanwhile)))
    rate = _rates(arrivals - came, free)
    lost = np.maximum(np.nan_to_num(rate) * time - came, 0)
    share = np.divide(lost, time, out=np.zeros_like(lost), where=time > 0)
    expected = share.ravel()[cell] * (pieces.end - pieces.start)
    return Lost(days, demand.stays, pieces, expected, int(time[np.isnan(rate)].sum()))


def _rates(arrivals: Figures, time: Figures) -> Figures:
    """Return arrivals a ms of each cell, shape (7, 96): its own, or the quarter-hour's; NaN where there is none."""
    whole, over = arrivals.sum(axis=0), time.sum(axis=0)
    pooled = np.divide(whole, over, out=np.full(QUARTERS, np.nan), where=over >= _ENOUGH)
    rates: Figures = np.broadcast_to(pooled, time.shape).copy()
    np.divide(arrivals, time, out=rates, where=time >= _ENOUGH)
    return rates


def _cell(days: OpenDays, day: Whole, moment: Whole) -> Whole:
    return days.weekday[day] * QUARTERS + days.quarter(day, moment)


def _sums(cell: Whole, weight: NDArray[np.int64] | Figures) -> Figures:
    sums: Figures = np.bincount(cell, weights=weight, minlength=7 * QUARTERS).reshape(7, QUARTERS).astype(np.float64)
    return sums


def _by_quarters(spans: Stays) -> Stays:
    """Cut stretches of time at quarter-hours, which are the same everywhere on UTC."""
    first, last = spans.start // QUARTER, -(-spans.end // QUARTER)
    count = last - first
    row = np.repeat(np.arange(len(spans)), count)
    mark = (np.arange(len(row)) + np.repeat(first + count - np.cumsum(count), count)) * QUARTER
    start, end = np.maximum(spans.start[row], mark), np.minimum(spans.end[row], mark + QUARTER)
    return Stays(spans.day[row], start, end)


def _inside(moment: Whole, spans: Stays) -> NDArray[np.bool_]:
    """Tell which moments lie inside stretches of time; who makes the house full came while it was not."""
    index = np.searchsorted(spans.start, moment, side="left") - 1
    found: NDArray[np.bool_] = (index >= 0) & (moment < np.append(spans.end, 0)[index])
    return found

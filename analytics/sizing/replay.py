"""Stays met by any number of desks at once: how many each of them would have needed.

First come, first served, under three rules for who finds no desk: *leave* (goes home), *wait* (up to half an hour,
and leaves when planned all the same), *overlay* (stays on, so that nobody's place is given up). A departure
does not move, whatever one waited. Hence of the desks at work those who are served with n are served with n + 1 too:
each stay has one number of desks from which on it is served, and one pass over the stays serves every n.

Why: with one desk more, at any moment at most one person more sits or waits for a seat that others do not have. Whoever
is refused with n and served with n + 1 takes that one place; until it is free again both houses are equally full.
Departures come before arrivals at the same moment; who arrives at the same moment stands in the order of departure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.sizing.demand import Stays
from spaces.times import MINUTE, Millis

Whole = NDArray[np.int64]
WAIT: Millis = 30 * MINUTE
"""So long somebody waits for a desk before leaving."""
WITHOUT: Millis = 15 * MINUTE
"""So long without a desk is too long: what the headline counts."""


@dataclass(frozen=True, slots=True)
class Needs:
    """From how many desks on each of n stays is served, by rule, and each of d days is a good one.

    ``day`` is the least number of desks with which nobody is without one for `WITHOUT` though nobody leaves.
    """

    leave: Whole
    wait: Whole
    overlay: Whole
    day: Whole


def needs(stays: Stays, days: int) -> Needs:
    """Replay stays day by day."""
    table = _Table.of(stays, days)
    late = stays.start + WITHOUT - 1
    kept_without = stays.end - stays.start >= WITHOUT
    day = np.zeros(days, dtype=np.int64)
    np.maximum.at(day, stays.day[kept_without], table.ahead(late)[kept_without] + 1)
    return Needs(
        leave=table.served(stays.start),
        wait=table.served(np.minimum(stays.start + WAIT, stays.end - 1)),
        overlay=table.ahead(stays.start) + 1,
        day=day,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """Departures in a table: a row a day, the busiest day first; in it stays in order of arrival, then -1."""

    ends: Whole
    place: tuple[Whole, Whole]
    """Where each stay stands in it: row and column."""

    @classmethod
    def of(cls, stays: Stays, days: int) -> "_Table":
        """Lay out stays, which are ascending in start."""
        count = np.bincount(stays.day, minlength=days)
        rank = np.empty(days, dtype=np.int64)
        rank[np.argsort(-count, kind="stable")] = np.arange(days)
        column = np.arange(len(stays)) - np.searchsorted(stays.day, stays.day)
        ends = np.full((days, int(count.max(initial=0))), -1, dtype=np.int64)
        place = rank[stays.day], column.astype(np.int64)
        ends[place] = stays.end
        return cls(ends, place)

    def ahead(self, moment: Whole) -> Whole:
        """Return how many who came before are still there at a moment of each stay: one a stay."""
        found = np.zeros(self.ends.shape, dtype=np.int64)
        for column, rows, moments in self._steps(moment):
            found[:rows, column] = (self.ends[:rows, :column] > moments[:, None]).sum(axis=1)
        return found[self.place]

    def served(self, moment: Whole) -> Whole:
        """Return the least n with which each stay has a desk by a moment of its own: the last it waits for.

        It is the least n for which fewer than n of those who came before, are served with n, and are still there.
        """
        found = np.zeros(self.ends.shape, dtype=np.int64)
        for column, rows, moments in self._steps(moment):
            there = self.ends[:rows, :column] > moments[:, None]
            most = int(there.sum(axis=1).max(initial=0)) + 2
            row, other = np.nonzero(there)
            served = np.minimum(found[row, other], most - 1)
            taken = np.bincount(row * most + served, minlength=rows * most).reshape(rows, most)
            found[:rows, column] = np.argmax(np.cumsum(taken, axis=1)[:, 1:] < np.arange(1, most), axis=1) + 1
        return found[self.place]

    def _steps(self, moment: Whole) -> Iterator[tuple[int, int, Whole]]:
        """Yield each column with the number of rows that reach it, and their moments."""
        table = np.zeros(self.ends.shape, dtype=np.int64)
        table[self.place] = moment
        reach = (self.ends >= 0).sum(axis=0)
        for column, rows in enumerate(reach.tolist()):
            yield column, rows, table[:rows, column]

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
    kept_without = stays.end - stays.start >= WITHOUT
    day = np.zeros(days, dtype=np.int64)
    late = _ahead(stays, stays.start + WITHOUT - 1)
    np.maximum.at(day, stays.day[kept_without], late[kept_without] + 1)
    overlay = _ahead(stays, stays.start) + 1
    table = _Table.of(stays, days)
    return Needs(
        leave=table.served(stays.start, 0, overlay),
        wait=table.served(stays.start, WAIT, overlay),
        overlay=overlay,
        day=day,
    )


def _ahead(stays: Stays, moment: Whole) -> Whole:
    """Return how many who came before each stay are still there at its moment; moments ascend as starts do.

    All who came before, less all who have gone by then, but for those of the latter who came after.
    """
    number = np.arange(len(stays))
    gone = np.searchsorted(np.sort(stays.end), moment, side="right")
    first = np.searchsorted(moment, stays.end, side="left")
    brief = np.flatnonzero(first <= number)
    change = np.zeros(len(stays) + 1, dtype=np.int64)
    np.add.at(change, first[brief], 1)
    np.add.at(change, brief + 1, -1)
    return number - gone + np.cumsum(change)[:-1]


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

    def served(self, start: Whole, patience: Millis, most: Whole) -> Whole:
        """Return the least n with which each stay has a desk while it is there and patient; `most` is no less.

        It is the least n for which fewer than n of those who came before, and are served with n, are still there at
        the last moment at which it would sit down. Of those still there when its patience ends no two have the same
        number, so that the numbers are desks, and it takes the first that is free. Who leaves before that may meet
        two of one number, one of whom waits for the other: there it is counted.
        """
        found = np.zeros(self.ends.shape, dtype=np.int64)
        free_from = np.zeros((len(self.ends), int(most.max(initial=0)) + 1), dtype=np.int64)
        for column, rows, moments in self._steps(start + patience):
            ends = self.ends[:rows, column]
            number = np.argmax(free_from[:rows] <= moments[:, None], axis=1)
            hasty = np.flatnonzero(ends <= moments)
            if len(hasty):
                number[hasty] = self._counted(found, hasty, column) - 1
            found[:rows, column] = number + 1
            row = np.arange(rows)
            free_from[row, number] = np.maximum(free_from[row, number], ends)
        return found[self.place]

    def _counted(self, found: Whole, rows: NDArray[np.intp], column: int) -> Whole:
        """Return the number of some rows' stay in a column, for the last moment before it ends."""
        there = self.ends[rows, :column] >= self.ends[rows, column][:, None]
        most = int(there.sum(axis=1).max(initial=0)) + 2
        row, other = np.nonzero(there)
        number = np.minimum(found[rows[row], other], most - 1)
        taken = np.bincount(row * most + number, minlength=len(rows) * most).reshape(-1, most)
        least: Whole = np.argmax(np.cumsum(taken, axis=1)[:, 1:] < np.arange(1, most), axis=1) + 1
        return least

    def _steps(self, moment: Whole) -> Iterator[tuple[int, int, Whole]]:
        """Yield each column with the number of rows that reach it, and their moments."""
        table = np.zeros(self.ends.shape, dtype=np.int64)
        table[self.place] = moment
        reach = (self.ends >= 0).sum(axis=0)
        for column, rows in enumerate(reach.tolist()):
            yield column, rows, table[:rows, column]

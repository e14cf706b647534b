"""Seats in force by time, for many spaces and moments at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.spread import Spread
from spaces.site import Site, Space
from spaces.times import Millis

Whole = NDArray[np.int64]


def changes(space: Space, window: tuple[Millis, Millis]) -> tuple[Millis, ...]:
    """Return when the seats of a space change within a window; the first number holds before its date."""
    return tuple(since for since, _ in space.capacity[1:] if window[0] < since < window[1])


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats within a window: `first` (one entry a space) at its start, `later` where they change in it.

    ``later`` holds, by the space's index, the moments (the window's start first) and the seats from each on.
    """

    first: Whole
    later: dict[int, tuple[Whole, Whole]]

    @classmethod
    def within(cls, site: Site, window: tuple[Millis, Millis]) -> "Seats":
        """Return the seats of a site's spaces."""
        first = np.array([space.capacity_at(window[0]) for space in site.spaces], dtype=np.int64)
        later = {}
        for index, space in enumerate(site.spaces):
            if found := changes(space, window):
                moments = (window[0], *found)
                seats = np.array([space.capacity_at(moment) for moment in moments], dtype=np.int64)
                later[index] = (np.array(moments, dtype=np.int64), seats)
        return cls(first, later)

    def at(self, space: NDArray[np.intp], moment: Whole) -> Whole:
        """Return the seats of spaces (indexes) at moments within the window, one each."""
        seats = self.first[space]
        for index, (moments, values) in self.later.items():
            here = space == index
            seats[here] = values[np.searchsorted(moments, moment[here], side="right") - 1]
        return seats

    def of_groups(self, groups: Groups, moments: Whole) -> Whole:
        """Return the sum of the seats of each group at moments of shape (groups, n), in that shape."""
        total = np.zeros(moments.shape, dtype=np.int64)
        members = np.flatnonzero(groups.of >= 0)
        np.add.at(total, groups.of[members], self.first[members][:, None])
        for index, (at, values) in self.later.items():
            if (group := groups.of[index]) >= 0:
                total[group] += values[np.searchsorted(at, moments[group], side="right") - 1] - values[0]
        return total


def mean_seats(site: Site, groups: Groups, edges: Whole) -> NDArray[np.float64]:
    """Return the mean over each bucket of the seats of each group, open or not: shape (groups, buckets)."""
    window = int(edges[0]), int(edges[-1])
    seats = Seats.within(site, window)
    shape = len(groups.labels), len(edges) - 1
    constant = seats.of_groups(groups, np.full((shape[0], 1), window[0])) * np.diff(edges)
    rows = [
        (groups.of[index], moment, window[1], gain)
        for index, (moments, values) in seats.later.items()
        if groups.of[index] >= 0
        for moment, gain in zip(moments[1:], np.diff(values), strict=True)
    ]
    group, start, end, gains = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    gained = Spread.over(edges, shape[0], group.astype(np.intp), start, end).of(gains)
    mean: NDArray[np.float64] = (constant + gained) / np.diff(edges)
    return mean

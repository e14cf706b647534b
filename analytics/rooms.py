"""How rooms are used: how full, by people alone, by more than they seat; and by what parties."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.opentime import inside_open_time
from analytics.parties import Parties
from analytics.spacestates import SpaceStates
from analytics.utilisation import ratio, summed
from spaces.site import Site

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RoomFigures:
    """Figures of n groups over a window, NaN where nothing is known or nobody is counted.

    ``counted`` tells whether a count came from the group at all. ``utilisation`` is occupied / known time, ``fill`` the
    integral of people / that of the seats in force, both over occupied time with a count; ``solo`` and ``over`` are
    shares of that time: with one person, with more people than seats.
    """

    counted: NDArray[np.bool_]
    utilisation: Figures
    fill: Figures
    solo: Figures
    over: Figures
    occupied: Whole
    """Occupied time in ms."""
    coverage: Figures
    parties: Whole
    median_party: Figures
    largest_party: Figures


def room_figures(site: Site, states: SpaceStates, groups: Groups, found: Parties) -> RoomFigures:
    """Return the figures of groups of rooms, inside opening hours."""
    marks = np.array(states.window, dtype=np.int64)
    inside = inside_open_time(site, states, groups, marks)
    sums = summed(inside, groups, marks)
    used = inside.used.only(inside.used.people > 0)
    length = used.end - used.start
    count = len(groups.labels)

    def over(kept: NDArray[np.bool_]) -> Whole:
        return np.bincount(used.group[kept], weights=length[kept], minlength=count).astype(np.int64)

    told = over(np.ones(len(length), dtype=np.bool_))
    median, largest, number = _sizes(groups, found)
    return RoomFigures(
        counted=sums.counted[:, 0] > 0,
        utilisation=ratio(sums.occupied, sums.known)[:, 0],
        fill=ratio(sums.people, sums.seats_used)[:, 0],
        solo=ratio(over(used.people == 1), told),
        over=ratio(over(used.people > used.seats), told),
        occupied=sums.occupied[:, 0],
        coverage=ratio(sums.known, sums.open)[:, 0],
        parties=number,
        median_party=median,
        largest_party=largest,
    )


def _sizes(groups: Groups, found: Parties) -> tuple[Figures, Figures, Whole]:
    """Return median (an order statistic) and largest size, NaN without parties, and how many there are."""
    of = groups.of[found.space]
    order = np.lexsort((found.size, of))
    ascending = found.size[order]
    cuts = np.searchsorted(of[order], np.arange(len(groups.labels) + 1))
    number = np.diff(cuts)
    some = number > 0
    padded = np.append(ascending, 0)
    median = padded[np.minimum(cuts[:-1] + (number + 1) // 2 - 1, len(ascending))]
    largest = padded[np.minimum(cuts[1:] - 1, len(ascending))]
    return np.where(some, median, np.nan), np.where(some, largest, np.nan), number.astype(np.int64)

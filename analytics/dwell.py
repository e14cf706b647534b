"""How long spaces are used at a time, and how often a day: dwell and turnover."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges
from analytics.groups import Groups
from analytics.openings import Openings
from analytics.sessions import Sessions, sessions
from analytics.spacestates import SpaceStates
from analytics.survival import Survival, survival
from spaces.readings import UNKNOWN
from spaces.site import Site
from spaces.times import DAY, MINUTE, Millis

BRIDGES: tuple[Millis, ...] = tuple(minutes * MINUTE for minutes in (0, 5, 10, 15, 20, 30))
"""Bridges of which a table shows how much the figures hang on them."""

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DwellFigures:
    """Figures of n groups. ``median``, ``p90`` and ``mean`` (minutes) are NaN where too little is known.

    ``sessions`` counts those that begin within the window, ``censored`` those of them whose begin or end is not
    known. ``spaces_used`` is of how many spaces they are, ``space_days`` how many open days of a space were watched.
    ``turnover`` is the ratio of sessions and these, NaN where nothing was watched.
    """

    sessions: NDArray[np.int64]
    censored: NDArray[np.int64]
    spaces_used: NDArray[np.int64]
    median: Figures
    p90: Figures
    mean: Figures
    space_days: Figures
    turnover: Figures


def begun(found: Sessions, window: tuple[Millis, Millis]) -> Sessions:
    """Return the sessions that begin within a window: those that it meets going on are the window's before it."""
    return found.only(~(found.cut_before & (found.start == window[0])))


def dwell(site: Site, states: SpaceStates, groups: Groups, found: Sessions) -> DwellFigures:
    """Return dwell and turnover of each group from the sessions of the states' window."""
    counted = begun(found, states.window)
    of = groups.of[counted.space]
    count = len(groups.labels)
    grouped = groups.of >= 0
    days = _summed(groups.of[grouped], space_days(site, states)[grouped], count)
    used = np.unique(counted.space[of >= 0])
    number = _tally(of, count)
    curves = list(survivals(found, groups))
    return DwellFigures(
        sessions=number,
        censored=_tally(of[counted.censored], count),
        spaces_used=_tally(groups.of[used], count),
        median=np.array([curve.quantile(0.5) for curve in curves]) / MINUTE,
        p90=np.array([curve.quantile(0.9) for curve in curves]) / MINUTE,
        mean=np.array([curve.mean() for curve in curves]) / MINUTE,
        space_days=days,
        turnover=np.divide(number, days, out=np.full(count, np.nan), where=days > 0),
    )


def survivals(found: Sessions, groups: Groups) -> Iterator[Survival]:
    """Yield of each group how long its sessions last: Kaplan and Meier's estimate, in ms.

    Sessions whose end is not known count for as long as they were seen. Those whose begin is not known are
    left out: long sessions are more likely to be met going on than short ones, and nobody knows for how long they had.
    """
    kept = found.only(~found.cut_before)
    of = groups.of[kept.space]
    order = np.argsort(of, kind="stable")
    cuts = np.searchsorted(of[order], np.arange(len(groups.labels) + 1))
    for group in range(len(groups.labels)):
        rows = order[cuts[group] : cuts[group + 1]]
        yield survival(kept.length[rows], ~kept.cut_after[rows])


def over_bridges(
    site: Site, states: SpaceStates, groups: Groups, bridges: Sequence[Millis] = BRIDGES
) -> list[DwellFigures]:
    """Return the figures under each of several bridges."""
    return [dwell(site, states, groups, sessions(site, states, bridge)) for bridge in bridges]


def space_days(site: Site, states: SpaceStates) -> Figures:
    """Return of each space how many of its open days the window watched.

    A day counts in the window in which its opening begins: as 1 if that was known as far as the window goes (today's
    until now), as 1/2 if half of it was. An opening that passes midnight is of the day on which it began; one that is
    longer than a day is cut at local midnights.
    """
    low, high = states.window
    days = _by_day(site, Openings.of(site, (low - 2 * DAY, high + 2 * DAY)))
    known = states.occupied != UNKNOWN
    _, day, start, end = days.cut(states.space[known].astype(np.int64), states.start[known], states.end[known])
    begins_here = (days.start >= low) & (days.start < high)
    length = np.where(begins_here, np.minimum(days.end, high) - days.start, 1)
    watched = np.where(begins_here, _summed(day, end - start, len(days.start)), 0) / length
    return _summed(days.space, watched, len(site.spaces))


def _by_day(site: Site, openings: Openings) -> Openings:
    """Cut openings that are longer than a day at local midnights."""
    midnights = edges(site.tz, *openings.window, "1d")
    first = np.searchsorted(midnights, openings.start, side="right")
    inside = np.searchsorted(midnights, openings.end, side="left") - first
    count = np.where(openings.end - openings.start > DAY, inside, 0) + 1
    of = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    cut = midnights[np.minimum(first[of] + nth, len(midnights) - 1)]
    start = np.where(nth == 0, openings.start[of], midnights[first[of] + nth - 1])
    end = np.where(nth == count[of] - 1, openings.end[of], cut)
    return Openings(openings.window, openings.space[of], start, end)


def _summed(of: NDArray[Any], values: NDArray[Any], count: int) -> Figures:
    return np.bincount(of, weights=values, minlength=count).astype(np.float64)


def _tally(of: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    return np.bincount(of[of >= 0], minlength=count).astype(np.int64)

"""Held time: gaps in the use of a flexible desk so short that a jacket probably kept it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges as local_edges
from analytics.groups import Groups
from analytics.opentime import open_spans
from analytics.spacestates import SpaceStates
from analytics.spread import Spread
from analytics.utilisation import ratio
from spaces.calendar import open_intervals, rules_for
from spaces.site import Site, Space
from spaces.times import DAY, HOUR, MINUTE, Millis

Whole = NDArray[np.int64]
HELD: Millis = 90 * MINUTE
"""A gap of at most so long between two uses on one open day is held (docs/design.md, section 3)."""
Order = tuple[NDArray[np.intp], Whole, Whole, NDArray[np.int8]]
"""Space, start, end and state of spans."""
_USED, _UNKNOWN = 1, -1
_MARGIN: Millis = 2 * DAY
"""Intervals that reach into a window are looked up whole: they tell the open day."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """n stretches in which a flexible desk is open, vacant and held: columns ascending in (space, start).

    ``space`` holds indexes into the site's spaces; ``start``, ``end`` are int64 UTC ms.
    """

    space: NDArray[np.intp]
    start: Whole
    end: Whole


def held_gaps(site: Site, states: SpaceStates, longest: Millis = HELD) -> Gaps:
    """Return the held gaps of all flexible desks in the states' window.

    Held is the vacant time inside opening hours between two uses of one desk on one open day, if the second begins at
    most `longest` after the first ended and nothing between them is unknown. An open day belongs to the local date
    on which it opens, also where it passes midnight; what is open for more than 24 hours is cut at each midnight.
    A gap that begins or ends outside of the window is not seen: give states from `longest` before to `longest` after.
    """
    return _gaps(site, states.window, _in_order(site, states), longest)


def held_time(site: Site, states: SpaceStates, groups: Groups, edges: Whole) -> Whole:
    """Return the held time of each group and bucket in space-ms, shape (groups, buckets); of other spaces it is 0.

    `edges` are n + 1 ascending UTC ms for n buckets. The states may reach beyond them, and should, by `HELD`.
    """
    gaps = held_gaps(site, states)
    return _spread(groups, edges, gaps.space, gaps.start, gaps.end)


def held_hours(site: Site, states: SpaceStates, groups: Groups, edges: Whole) -> NDArray[np.float64]:
    """Return the same in space-hours, NaN where no flexible desk of a group is known within a bucket."""
    order = _in_order(site, states)
    space, start, end, state = order
    known = _spread(groups, edges, *(column[state != _UNKNOWN] for column in (space, start, end)))
    gaps = _gaps(site, states.window, order, HELD)
    return ratio(_spread(groups, edges, gaps.space, gaps.start, gaps.end), HOUR, where=known)


def short_gaps(
    space: NDArray[np.intp], start: Whole, end: Whole, used: NDArray[np.bool_], longest: Millis = HELD
) -> NDArray[np.bool_]:
    """Tell which gaps between n stretches, ascending in (space, start), are held if both sides lie on one open day.

    A gap of at most `longest` is, where the stretches on both sides are `used` and of one space. The shape is (n + 1,):
    what is before each stretch, and after the last.
    """
    held = np.zeros(len(space) + 1, dtype=np.bool_)
    held[1:-1] = used[1:] & used[:-1] & (space[1:] == space[:-1]) & (start[1:] - end[:-1] <= longest)
    return held


def _gaps(site: Site, window: tuple[Millis, Millis], order: Order, longest: Millis) -> Gaps:
    space, start, end, state = order
    vacant, taken = np.flatnonzero(state == 0), np.flatnonzero(state != 0)
    following = np.searchsorted(taken, vacant)
    held = short_gaps(space[taken], start[taken], end[taken], state[taken] == _USED, longest)[following]
    rows, last, first = vacant[held], taken[following[held] - 1], taken[following[held]]
    days = _Days(site, window)
    rows = rows[days.of(space[rows], end[last] - 1) == days.of(space[rows], start[first])]
    return Gaps(space[rows], start[rows], end[rows])


def _spread(groups: Groups, edges: Whole, space: NDArray[np.intp], start: Whole, end: Whole) -> Whole:
    """Return the time that spans of spaces come to in each group and bucket."""
    group = groups.of[space].astype(np.intp)
    start, end = np.clip(start, edges[0], edges[-1]), np.clip(end, edges[0], edges[-1])
    kept = (group >= 0) & (start < end)
    return Spread.over(edges, len(groups.labels), group[kept], start[kept], end[kept]).of()


def _flexible(site: Site) -> NDArray[np.bool_]:
    return np.array([space.kind == "desk" and space.assignment == "flexible" for space in site.spaces], dtype=np.bool_)


def _in_order(site: Site, states: SpaceStates) -> Order:
    """Return space, start, end and state of all that flexible desks do in open time, ascending in (space, start)."""
    desks = Groups(("desks",), np.where(_flexible(site), np.int32(0), np.int32(-1)))
    window = np.array(states.window, dtype=np.int64)
    parts = [(open_spans(site, states, desks, window, states.occupied == code), code) for code in (_USED, 0, _UNKNOWN)]
    state = np.concatenate([np.full(len(spans.space), code, dtype=np.int8) for spans, code in parts])
    space, start, end = (
        np.concatenate([getattr(spans, column) for spans, _ in parts]) for column in ("space", "start", "end")
    )
    order = np.lexsort((start, space))
    return space[order], start[order], end[order], state[order]


class _Days:
    """Tells which open day of a space a moment belongs to, as the number of its local date."""

    def __init__(self, site: Site, window: tuple[Millis, Millis]) -> None:
        low, high = window[0] - _MARGIN, max(window[1], window[0] + 1) + _MARGIN
        self._midnights = local_edges(site.tz, low - _MARGIN, high + _MARGIN, "1d")
        self._starts: list[Whole] = []
        self._class_of = np.zeros(len(site.spaces), dtype=np.intp)
        for number, (first, members) in enumerate(_alike(site)):
            self._class_of[members] = number
            self._starts.append(self._begins(open_intervals(site, first, low, high)))

    def _begins(self, intervals: Whole) -> Whole:
        """Return where intervals begin; those of more than 24 hours begin anew at each midnight."""
        long = intervals[intervals[:, 1] - intervals[:, 0] > DAY]
        inner = [self._midnights[(self._midnights > low) & (self._midnights < high)] for low, high in long.tolist()]
        return np.sort(np.concatenate([intervals[:, 0], *inner]))

    def of(self, space: NDArray[np.intp], moment: Whole) -> Whole:
        """Return the day of each moment of a space; it must be open then."""
        day = np.zeros(len(moment), dtype=np.int64)
        for number, starts in enumerate(self._starts):
            here = np.flatnonzero(self._class_of[space] == number)
            begin = starts[np.searchsorted(starts, moment[here], side="right") - 1] if len(here) else starts[:0]
            day[here] = np.searchsorted(self._midnights, begin, side="right")
        return day


def _alike(site: Site) -> Iterator[tuple[Space, list[int]]]:
    """Yield flexible desks that share their calendar: the first, and the indexes of all."""
    found: dict[tuple[int, ...], list[int]] = {}
    for index in np.flatnonzero(_flexible(site)).tolist():
        found.setdefault(tuple(map(id, rules_for(site, site.spaces[index]))), []).append(index)
    for members in found.values():
        yield site.spaces[members[0]], members

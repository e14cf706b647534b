"""Use inside open time: what figures are made of, cut at opening hours and at changes of seats."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.seats import Seats, changes
from analytics.spacestates import SpaceStates
from spaces.calendar import open_intervals
from spaces.site import Site
from spaces.times import Millis

Whole = NDArray[np.int64]
Window = tuple[Millis, Millis]


@dataclass(frozen=True, slots=True)
class Spans:
    """n stretches of time in which a space is open and in one state, with constant seats: columns, unordered."""

    group: NDArray[np.intp]
    space: NDArray[np.intp]
    start: Whole
    end: Whole
    people: Whole
    seats: Whole

    def only(self, kept: NDArray[np.bool_]) -> "Spans":
        """Return some of the spans."""
        return Spans(*(getattr(self, column)[kept] for column in self.__slots__))


@dataclass(frozen=True, slots=True)
class Opening:
    """n stretches of time in which some spaces of a group are open together, and what they are in sum.

    ``spaces`` counts them all; ``counting`` and ``seats`` are of those with people figures.
    """

    group: NDArray[np.intp]
    start: Whole
    end: Whole
    spaces: Whole
    counting: Whole
    seats: Whole


@dataclass(frozen=True, slots=True)
class Inside:
    """Use inside open time, within the states' window and the edges: what is not used or unknown is vacant.

    ``counting`` tells which spaces have people figures: desks, and others of which a count came in the window.
    """

    opening: Opening
    used: Spans
    unknown: Spans
    counting: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Class:
    """Spaces (indexes) that are open at the same times, `intervals` of shape (n, 2), cut where their seats change."""

    spaces: NDArray[np.intp]
    intervals: Whole


def inside_open_time(site: Site, states: SpaceStates, groups: Groups, edges: Whole) -> Inside:
    """Cut states at the outer edges, at the opening hours of each space and where its seats change."""
    window = _window(states, edges)
    counting = np.array([space.kind == "desk" for space in site.spaces], dtype=np.bool_)
    counting[states.space[states.people >= 0]] = True
    classes = list(_classes(site, groups, window))
    seats = Seats.within(site, window)
    cutter = _Cutter.of(classes, groups, seats, window)
    return Inside(
        opening=_opening(groups, classes, seats, counting),
        used=cutter.cut(states, states.occupied == 1),
        unknown=cutter.cut(states, states.occupied < 0),
        counting=counting,
    )


def open_spans(site: Site, states: SpaceStates, groups: Groups, edges: Whole, kept: NDArray[np.bool_]) -> Spans:
    """Return some pieces of the grouped spaces (`kept`: which) cut in the same way."""
    window = _window(states, edges)
    classes = list(_classes(site, groups, window))
    return _Cutter.of(classes, groups, Seats.within(site, window), window).cut(states, kept)


def _window(states: SpaceStates, edges: Whole) -> Window:
    low = max(states.window[0], int(edges[0]))
    return low, max(min(states.window[1], int(edges[-1])), low)


def _classes(site: Site, groups: Groups, window: Window) -> Iterator[_Class]:
    """Yield the classes of the grouped spaces: spaces share few distinct calendars."""
    own_spaces = {rule.space for rule in site.calendars}
    own_zones = {rule.zone for rule in site.calendars}
    members: dict[tuple[str | None, str | None, tuple[Millis, ...]], list[int]] = {}
    for index in np.flatnonzero(groups.of >= 0).tolist():
        space = site.spaces[index]
        own = space.id if space.id in own_spaces else None
        zone = space.zone if space.zone in own_zones else None
        members.setdefault((own, zone, changes(space, window)), []).append(index)
    for (_, _, cuts), spaces in members.items():
        intervals = open_intervals(site, site.spaces[spaces[0]], *window)
        yield _Class(np.array(spaces, dtype=np.intp), _cut_at(intervals, cuts))


def _cut_at(intervals: Whole, cuts: tuple[Millis, ...]) -> Whole:
    for cut in cuts:
        over = (intervals[:, 0] < cut) & (cut < intervals[:, 1])
        early, late = intervals[over], intervals[over]
        early[:, 1] = late[:, 0] = cut
        intervals = np.concatenate([intervals[~over], early, late])
    return intervals[np.argsort(intervals[:, 0])]


def _opening(groups: Groups, classes: list[_Class], seats: Seats, counting: NDArray[np.bool_]) -> Opening:
    empty = np.zeros((6, 0), dtype=np.int64)
    parts = [_opening_of(groups, each, seats, counting) for each in classes]
    group, start, end, spaces, counted, seated = np.concatenate([empty, *parts], axis=1)
    return Opening(group.astype(np.intp), start, end, spaces, counted, seated)


def _opening_of(groups: Groups, each: _Class, seats: Seats, counting: NDArray[np.bool_]) -> Whole:
    """Return the rows of Opening of one class: each group in it times each interval."""
    present, place = np.unique(groups.of[each.spaces], return_inverse=True)
    shape = len(each.spaces), len(each.intervals)
    counted = np.broadcast_to(counting[each.spaces][:, None], shape)
    spaces = np.broadcast_to(each.spaces[:, None], shape)
    seated = seats.at(spaces, np.broadcast_to(each.intervals[:, 0], shape)) * counted

    def of_groups(values: NDArray[np.int64] | NDArray[np.bool_]) -> Whole:
        total = np.zeros((len(present), shape[1]), dtype=np.int64)
        np.add.at(total, place, values)
        return total.reshape(-1)

    return np.stack(
        (
            np.repeat(present.astype(np.int64), shape[1]),
            np.tile(each.intervals[:, 0], len(present)),
            np.tile(each.intervals[:, 1], len(present)),
            of_groups(np.ones(shape, dtype=np.bool_)),
            of_groups(counted),
            of_groups(seated),
        )
    )


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Cuts pieces of spaces at the intervals of their classes, all classes in one search.

    A moment of a class is the key `class * span + (moment - window's start)`: keys of classes do not overlap.
    """

    groups: Groups
    seats: Seats
    window: Window
    class_of: NDArray[np.intp]
    starts: Whole
    ends: Whole

    @classmethod
    def of(cls, classes: list[_Class], groups: Groups, seats: Seats, window: Window) -> "_Cutter":
        """Return the cutter for some classes."""
        class_of = np.zeros(len(groups.of), dtype=np.intp)
        for number, each in enumerate(classes):
            class_of[each.spaces] = number
        span = window[1] - window[0] + 1
        parts = [each.intervals - window[0] + number * span for number, each in enumerate(classes)]
        keys = np.concatenate([np.zeros((0, 2), dtype=np.int64), *parts])
        return cls(groups, seats, window, class_of, keys[:, 0].copy(), keys[:, 1].copy())

    def cut(self, states: SpaceStates, kept: NDArray[np.bool_]) -> Spans:
        """Return the spans of some pieces of grouped spaces."""
        low, high = self.window
        inside = kept & (self.groups.of[states.space] >= 0) & (states.end > low) & (states.start < high)
        rows = np.flatnonzero(inside)
        shift = self.class_of[states.space[rows]] * (high - low + 1)
        start = np.clip(states.start[rows], low, high) - low + shift
        end = np.clip(states.end[rows], low, high) - low + shift
        first = np.searchsorted(self.ends, start, side="right")
        count = np.searchsorted(self.starts, end, side="left") - first
        piece = np.repeat(np.arange(len(rows)), count)
        interval = np.arange(len(piece)) + np.repeat(first + count - np.cumsum(count), count)
        back = low - shift[piece]
        row = rows[piece]
        space = states.space[row].astype(np.intp)
        begin = np.maximum(start[piece], self.starts[interval]) + back
        finish = np.minimum(end[piece], self.ends[interval]) + back
        people = states.people[row].astype(np.int64)
        group = self.groups.of[space].astype(np.intp)
        return Spans(group, space, begin, finish, people, self.seats.at(space, begin))

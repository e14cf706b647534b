"""What became of bookings: who did not come, who left early, and what was used unbooked. Over known presence only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.dwell import begun
from analytics.groups import Groups
from analytics.openings import Openings
from analytics.parties import HELD
from analytics.sessions import sessions
from analytics.spacestates import SpaceStates
from spaces.readings import UNKNOWN
from spaces.site import Site
from spaces.times import MINUTE, Millis

GRACE: Millis = 10 * MINUTE
"""Whoever has not come so long after the begin of a booking is a no-show, and the room could be given to others."""
EARLY: Millis = 15 * MINUTE
"""A room that stands vacant so long at the end of a booking was left early."""
UNDECIDED, KEPT, NO_SHOW, LEFT_EARLY = range(4)

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Booked:
    """n bookings in any order: indexes of spaces, [start, end) in UTC ms."""

    space: Whole
    start: Whole
    end: Whole

    def only(self, kept: Flags) -> "Booked":
        """Return some of the bookings."""
        return Booked(self.space[kept], self.start[kept], self.end[kept])


@dataclass(frozen=True, slots=True)
class Judged:
    """n bookings inside one opening each, and what became of them.

    ``outcome`` is `UNDECIDED` where what is unknown decides, `KEPT`, `NO_SHOW` (nobody there until `GRACE` after its
    begin) or `LEFT_EARLY` (vacant for `EARLY` or longer at its end). From ``free`` on (UTC ms; its end where it was
    kept) the room's vacant time in the booking could have been given to others.
    """

    booked: Booked
    outcome: NDArray[np.int8]
    free: Whole


@dataclass(frozen=True, slots=True)
class BookingFigures:
    """Figures of n groups of spaces over a window; times in ms, overlapping bookings counted once in them."""

    bookings: Whole
    """Past bookings inside opening hours, one for each opening that a long one reaches into."""
    judged: Whole
    no_shows: Whole
    left_early: Whole
    used_unbooked: Whole
    """Uses of `HELD` or longer that no booking touches."""
    booked: Whole
    known: Whole
    recoverable: Whole


def booking_figures(site: Site, states: SpaceStates, groups: Groups, booked: Booked) -> BookingFigures:
    """Return what became of the bookings of the grouped spaces that lie in the states' window."""
    look = _Look.at(states)
    judged = judge(site, states, booked)
    mine, outcome = judged.booked, judged.outcome
    united = _united(mine, states.window[0])
    free = _united(Booked(mine.space, judged.free, mine.end), states.window[0])
    known = united.end - united.start - look.unknown.between(united)

    def count(kept: Flags) -> Whole:
        return _tally(groups, mine.space[kept])

    return BookingFigures(
        bookings=_tally(groups, mine.space),
        judged=count(outcome != UNDECIDED),
        no_shows=count(outcome == NO_SHOW),
        left_early=count(outcome == LEFT_EARLY),
        used_unbooked=_tally(groups, _unbooked(site, states, booked)),
        booked=_tally(groups, united.space, united.end - united.start),
        known=_tally(groups, united.space, known),
        recoverable=_tally(groups, free.space, look.vacant.between(free)),
    )


def judge(site: Site, states: SpaceStates, booked: Booked) -> Judged:
    """Cut bookings at opening hours and say what became of each part.

    Left out are parts outside opening hours, those that had begun before the window, and those that still run.
    """
    mine = _in_openings(site, states, booked)
    look = _Look.at(states)
    grace = np.minimum(mine.start + GRACE, mine.end)
    first = Booked(mine.space, mine.start, grace)
    came, unsure = look.used.between(first) > 0, look.unknown.between(first) > 0
    used_until = look.last(mine, states.occupied == 1)
    vacant_from = look.last(mine, states.occupied != 0)
    early = came & (mine.end - vacant_from >= EARLY)
    open_end = came & ~early & (mine.end - used_until >= EARLY)
    outcome = np.select([~came & ~unsure, early, came & ~open_end], [NO_SHOW, LEFT_EARLY, KEPT], UNDECIDED)
    free = np.select([outcome == NO_SHOW, outcome == LEFT_EARLY], [grace, vacant_from], mine.end)
    return Judged(mine, outcome.astype(np.int8), free)


def _in_openings(site: Site, states: SpaceStates, booked: Booked) -> Booked:
    low, high = states.window
    start, end = np.clip(booked.start, low, high), np.clip(booked.end, low, high)
    openings = Openings.of(site, states.window)
    row, opening, begin, finish = openings.cut(booked.space, start, end)
    before = (booked.start[row] < low) & (begin == low) & (openings.start[opening] < low)
    running = (booked.end[row] > high) & (finish == high) & (openings.end[opening] > high)
    return Booked(booked.space[row], begin, finish).only(~before & ~running & (begin < finish))


@dataclass(frozen=True, slots=True)
class _Clock:
    """How much time a site's spaces have spent in a state since their window began."""

    keys: Whole
    start: Whole
    inside: Flags
    total: Whole
    low: Millis
    span: Millis

    def between(self, times: Booked) -> Whole:
        """Return the time (ms) that each space was in the state in a time within the window."""
        return self._until(times.space, times.end) - self._until(times.space, times.start)

    def _until(self, space: Whole, moment: Whole) -> Whole:
        row = np.searchsorted(self.keys, space * self.span + moment - self.low, side="right") - 1
        return self.total[row] + np.where(self.inside[row], moment - self.start[row], 0)


@dataclass(frozen=True, slots=True)
class _Look:
    """States laid out to be asked for many times at once."""

    states: SpaceStates
    keys: Whole
    span: Millis

    @classmethod
    def at(cls, states: SpaceStates) -> "_Look":
        """Lay out states."""
        low, high = states.window
        span = high - low + 1
        return cls(states, states.space.astype(np.int64) * span + states.start - low, span)

    @property
    def used(self) -> _Clock:
        """Time in use."""
        return self._clock(self.states.occupied == 1)

    @property
    def vacant(self) -> _Clock:
        """Vacant time."""
        return self._clock(self.states.occupied == 0)

    @property
    def unknown(self) -> _Clock:
        """Unknown time."""
        return self._clock(self.states.occupied == UNKNOWN)

    def last(self, times: Booked, inside: Flags) -> Whole:
        """Return when each time last saw its space in a state: the end of that, the time's own end, or its start."""
        rows = np.flatnonzero(inside)
        key = times.space * self.span + times.end - self.states.window[0]
        place = np.searchsorted(self.keys[rows], key, side="left") - 1
        row = np.append(rows, 0)[place]
        found = (place >= 0) & (self.states.space[row] == times.space) & (self.states.end[row] > times.start)
        return np.where(found, np.minimum(self.states.end[row], times.end), times.start)

    def _clock(self, inside: Flags) -> _Clock:
        length = np.where(inside, self.states.end - self.states.start, 0)
        total = np.cumsum(length) - length
        return _Clock(self.keys, self.states.start, inside, total, self.states.window[0], self.span)


def _unbooked(site: Site, states: SpaceStates, booked: Booked) -> Whole:
    """Return the space of each use that no booking touches."""
    found = begun(sessions(site, states), states.window)
    found = found.only(found.length >= HELD)
    low, high = states.window
    span = high - low + 1
    clipped = Booked(booked.space, np.clip(booked.start, low, high), np.clip(booked.end, low, high))
    united = _united(clipped.only(clipped.start < clipped.end), low)
    shift = found.space * span - low
    place = np.searchsorted(united.space * span + united.end - low, found.start + shift, side="right")
    starts = np.append(united.space * span + united.start - low, np.iinfo(np.int64).max)
    return found.space[starts[place] >= found.end + shift]


def _united(times: Booked, low: Millis) -> Booked:
    """Return times without overlap, ascending in (space, start); those without length are left out."""
    times = times.only(times.start < times.end)
    order = np.lexsort((times.start, times.space))
    space, start, end = times.space[order], times.start[order], times.end[order]
    span = int(end.max(initial=low)) - low + 1
    reached = np.maximum.accumulate(space * span + end - low) if len(space) else space
    fresh = np.ones(len(space), dtype=np.bool_)
    fresh[1:] = (space * span + start - low)[1:] > reached[:-1]
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(space))[: len(first)] - 1
    return Booked(space[first], start[first], reached[last] - space[first] * span + low)


def _tally(groups: Groups, space: Whole, values: Whole | None = None) -> Whole:
    of = groups.of[space]
    weights = None if values is None else values[of >= 0]
    return np.bincount(of[of >= 0], weights=weights, minlength=len(groups.labels)).astype(np.int64)

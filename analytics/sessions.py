"""Sessions: one continuous use of a space, with short absences closed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.openings import Openings
from analytics.spacestates import SpaceStates
from spaces.readings import UNKNOWN
from spaces.site import Site
from spaces.times import MINUTE, Millis

DESK_BRIDGE: Millis = 15 * MINUTE
ROOM_BRIDGE: Millis = 5 * MINUTE
"""Default bridges: of desks, and of every other kind."""

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sessions:
    """n sessions of a site's spaces, ascending in (space, start), disjoint in each space.

    ``space`` (int64) holds indexes into ``site.spaces``; ``start`` and ``end`` are int64 UTC ms, inside one opening
    of the space and within the states' window. ``gaps`` is how much of it (ms) is vacant time that was bridged.
    ``cut_before``: when it truly began is not known: the space was unknown before, or in use already when it opened or
    the window began; or less than the bridge of vacant time lies between it and such a moment within the opening.
    ``cut_after``: the same of its end. A session with either is censored: it lasted at least what is seen of it.
    """

    space: Whole
    start: Whole
    end: Whole
    gaps: Whole
    cut_before: Flags
    cut_after: Flags

    def __len__(self) -> int:
        return len(self.start)

    @property
    def length(self) -> Whole:
        """Length in ms, bridged gaps included."""
        return self.end - self.start

    @property
    def censored(self) -> Flags:
        """Whether begin or end is not known."""
        return self.cut_before | self.cut_after

    def only(self, kept: Flags | NDArray[np.intp]) -> "Sessions":
        """Return some of the sessions."""
        return Sessions(*(getattr(self, column)[kept] for column in self.__slots__))


def sessions(site: Site, states: SpaceStates, bridge: Millis | None = None) -> Sessions:
    """Return the sessions of all spaces over the states' window, inside opening hours.

    A vacant gap between two uses in one opening that is shorter than ``bridge`` (ms; ``default_bridges`` unless
    given) belongs to the session around it; an unknown gap, however short, never does.
    """
    bridges = default_bridges(site) if bridge is None else np.full(len(site.spaces), bridge, dtype=np.int64)
    parts = _parts(site, states)
    used, length = parts.used, parts.end - parts.start
    short = (parts.state == 0) & (length < bridges[parts.space])
    joined = short & parts.follows & _before(used, 0) & parts.goes_on & _after(used, 0)
    inside = used | joined
    first = np.flatnonzero(inside & ~(parts.follows & _before(inside, 0)))
    last = np.flatnonzero(inside & ~(parts.goes_on & _after(inside, 0)))
    gaps = np.concatenate([[0], np.cumsum(np.where(joined, length, 0))])
    before = parts.blurred_before | (parts.follows & _before(short & parts.blurred_before, 0))
    after = parts.blurred_after | (parts.goes_on & _after(short & parts.blurred_after, 0))
    return Sessions(
        space=parts.space[first],
        start=parts.start[first],
        end=parts.end[last],
        gaps=gaps[last + 1] - gaps[first],
        cut_before=before[first],
        cut_after=after[last],
    )


def default_bridges(site: Site) -> Whole:
    """Return the bridge (ms) of each space where none is asked for: 15 min for desks, 5 min for others."""
    return np.array([DESK_BRIDGE if space.kind == "desk" else ROOM_BRIDGE for space in site.spaces], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Parts:
    """States without their counts, cut at openings: n parts ascending in (space, start), neighbours differ."""

    space: Whole
    start: Whole
    end: Whole
    state: NDArray[np.int8]
    follows: Flags
    """Whether the part before it is of the same opening."""
    goes_on: Flags
    """Whether the part after it is."""
    blurred_before: Flags
    """Whether what comes right before it is unknown, or is use that went on into the opening or the window."""
    blurred_after: Flags

    @property
    def used(self) -> Flags:
        """Whether the space is in use."""
        used: Flags = self.state == 1
        return used


def _parts(site: Site, states: SpaceStates) -> _Parts:
    space, start, end, state = _uncounted(states)
    openings = Openings.of(site, states.window)
    row, opening, begin, finish = openings.cut(space, start, end)
    follows = opening == _before(opening, -1)
    goes_on = opening == _after(opening, -1)
    used, unknown, mine = state[row] == 1, state[row] == UNKNOWN, space[row]
    low, high = states.window
    # Use at an opening's edge: it begins or ends there only if the space was vacant on the other side. Vacant time
    # at the window's edge may go on outside of it, vacant time at an opening's edge ends with it.
    vacant_before = (begin == start[row]) & (_before(state, UNKNOWN)[row] == 0) & (begin > low)
    vacant_after = (finish == end[row]) & (_after(state, UNKNOWN)[row] == 0) & (finish < high)
    at_start = np.where(used, ~vacant_before, openings.start[opening] < low)
    at_end = np.where(used, ~vacant_after, openings.end[opening] > high)
    return _Parts(
        space=mine,
        start=begin,
        end=finish,
        state=state[row],
        follows=follows,
        goes_on=goes_on,
        blurred_before=np.where(follows, _before(unknown, 0), at_start),
        blurred_after=np.where(goes_on, _after(unknown, 0), at_end),
    )


def _uncounted(states: SpaceStates) -> tuple[Whole, Whole, Whole, NDArray[np.int8]]:
    """Return space, start, end and state of each run of one state: changes of the count are none of it."""
    fresh = np.ones(len(states), dtype=np.bool_)
    fresh[1:] = (np.diff(states.space) != 0) | (np.diff(states.occupied) != 0)
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(states))[: len(first)] - 1
    return states.space[first].astype(np.int64), states.start[first], states.end[last], states.occupied[first]


def _before(values: NDArray[Any], edge: int) -> NDArray[Any]:
    """Return of each entry the one before it."""
    return np.concatenate([np.full(min(len(values), 1), edge, dtype=values.dtype), values[:-1]])


def _after(values: NDArray[Any], edge: int) -> NDArray[Any]:
    """Return of each entry the one after it."""
    return np.concatenate([values[1:], np.full(min(len(values), 1), edge, dtype=values.dtype)])

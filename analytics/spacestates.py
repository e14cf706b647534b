"""States of spaces as step functions of time, from what sensors said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spaces.readings import Readings
from spaces.site import Site
from spaces.times import Millis

OCCUPIED, VACANT, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, slots=True)
class SpaceStates:
    """Step functions of a site's spaces over one window, as n pieces ascending in (space, start).

    ``spaces`` are the ids in the order of ``site.spaces``; ``space`` (int32) holds indexes into it. Every
    space is tiled completely over ``window`` = [start, end): unknown pieces are explicit, ``start`` and
    ``end`` are int64 UTC ms. ``occupied`` is int8: 1, 0 or -1 for unknown. ``people`` is int32: -1 where no
    count is known; an occupied desk without a count is 1, a vacant desk 0; a vacant space of another kind is
    0 where its sensors count and -1 where they do not. Neighbouring pieces differ in state or people.
    """

    spaces: tuple[str, ...]
    window: tuple[Millis, Millis]
    space: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    occupied: NDArray[np.int8]
    people: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True)
class StatesAt:
    """The state of each space at one moment, arrays of one entry a space in the order of ``spaces``.

    ``since`` is when that state and count began, no earlier than the window looked at.
    """

    spaces: tuple[str, ...]
    moment: Millis
    occupied: NDArray[np.int8]
    people: NDArray[np.int32]
    since: NDArray[np.int64]


def reach(site: Site) -> tuple[Millis, Millis]:
    """Return how far before and after a window readings still matter to it.

    Before: the longest silence limit. After: the longest vacancy delay.
    """
    return site.longest_silence, max((sensor.vacancy_delay for sensor in site.sensors), default=0)


def space_states(site: Site, readings: Readings, start: Millis, end: Millis) -> SpaceStates:
    """Return the states of all spaces of a site over [start, end).

    ``readings`` cover [start - before, end + after) with (before, after) of `reach`, but none later than now;
    ``end`` is at most now. Readings of sensors that no space claims are passed over.
    """
    raise NotImplementedError


def join(parts: Sequence[SpaceStates]) -> SpaceStates:
    """Join states of the same spaces over windows that follow one another without a gap.

    Raises:
        ValueError: if there are no parts, or they do not fit.
    """
    raise NotImplementedError


def split(states: SpaceStates, cuts: Sequence[Millis]) -> list[SpaceStates]:
    """Cut states at moments inside their window, ascending; `join` puts the parts together again."""
    raise NotImplementedError


def states_at(states: SpaceStates, moment: Millis) -> StatesAt:
    """Return the states at a moment within the window.

    Raises:
        ValueError: if the moment is outside the window.
    """
    raise NotImplementedError


def states_now(site: Site, readings: Readings, now: Millis) -> StatesAt:
    """Return the states at `now` from the newest reading of each sensor that is not later; `since` is `now`."""
    raise NotImplementedError

"""States of spaces as step functions of time, from what sensors said."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analytics.combining import Mapping, Steps, combine, melted
from analytics.sensorstates import sensor_pieces
from spaces.readings import Readings
from spaces.site import Site
from spaces.times import Millis


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
    return site.longest_silence, site.longest_delay


def space_states(site: Site, readings: Readings, start: Millis, end: Millis) -> SpaceStates:
    """Return the states of all spaces of a site over [start, end).

    ``readings`` cover [start - before, end + after) with (before, after) of `reach`, but none later than now;
    ``end`` is at most now. Readings of sensors that no space claims are passed over.

    A space is occupied if any known sensor of it is, vacant only if all mapped ones are known and vacant, else
    unknown. Its people are the sum over its sensors, unknown where one of them is unknown or does not count; an
    occupied desk that nobody counts is one person.
    """
    index = {space.id: number for number, space in enumerate(site.spaces)}
    entries = sorted((entry for entry in site.sensors if entry.space in index), key=lambda entry: index[entry.space])
    steps = combine(
        sensor_pieces(entries, readings),
        Mapping.of(entries, index),
        np.array([space.kind == "desk" for space in site.spaces], dtype=np.bool_),
        (start, end),
    )
    spaces = tuple(space.id for space in site.spaces)
    return SpaceStates(spaces, (start, end), steps.space, steps.start, _ends(steps, end), steps.occupied, steps.people)


def no_states(site: Site, moment: Millis) -> SpaceStates:
    """Return the states of no time at all."""
    nothing = np.zeros(0, dtype=np.int64)
    small, count = nothing.astype(np.int8), nothing.astype(np.int32)
    return SpaceStates(
        tuple(space.id for space in site.spaces), (moment, moment), count, nothing, nothing, small, count
    )


def join(parts: Sequence[SpaceStates]) -> SpaceStates:
    """Join states of the same spaces over windows that follow one another without a gap.

    Raises:
        ValueError: if there are no parts, or they do not fit.
    """
    if not parts:
        raise ValueError("there is nothing to join")
    for one, other in pairwise(parts):
        if one.window[1] != other.window[0] or one.spaces != other.spaces:
            raise ValueError(f"states over {one.window} and {other.window} do not fit together")
    space = np.concatenate([part.space for part in parts])
    order = _by_space(space, len(parts[0].spaces))
    steps = melted(
        Steps(
            space[order],
            np.concatenate([part.start for part in parts])[order],
            np.concatenate([part.occupied for part in parts])[order],
            np.concatenate([part.people for part in parts])[order],
        )
    )
    window = (parts[0].window[0], parts[-1].window[1])
    end = _ends(steps, window[1])
    return SpaceStates(parts[0].spaces, window, steps.space, steps.start, end, steps.occupied, steps.people)


def split(states: SpaceStates, cuts: Sequence[Millis]) -> list[SpaceStates]:
    """Cut states at moments inside their window, ascending; `join` puts the parts together again."""
    start, end = states.window
    inner = sorted({cut for cut in cuts if start < cut < end})
    return [_part(states, low, high) for low, high in pairwise([start, *inner, end])]


def states_at(states: SpaceStates, moment: Millis) -> StatesAt:
    """Return the states at a moment within the window.

    Raises:
        ValueError: if the moment is outside the window.
    """
    if not states.window[0] <= moment < states.window[1]:
        raise ValueError(f"{moment} is outside the window {states.window}")
    held = np.flatnonzero((states.start <= moment) & (moment < states.end))
    return StatesAt(states.spaces, moment, states.occupied[held], states.people[held], states.start[held])


def states_now(site: Site, readings: Readings, now: Millis) -> StatesAt:
    """Return the states at `now` from the newest reading of each sensor that is not later; `since` is `now`."""
    return states_at(space_states(site, readings, now, now + 1), now)


def _ends(steps: Steps, window_end: Millis) -> NDArray[np.int64]:
    """Return the end of each step: the next one's start, for the last of a space the window's end."""
    end = np.full(len(steps.start), window_end, dtype=np.int64)
    same = steps.space[1:] == steps.space[:-1]
    end[:-1][same] = steps.start[1:][same]
    return end


def _by_space(space: NDArray[np.int32], spaces: int) -> NDArray[np.intp]:
    """Return the stable order by space; numpy sorts 16-bit integers by radix, ten times faster than others."""
    return np.argsort(space.astype(np.uint16) if spaces <= 1 << 16 else space, kind="stable")


def _part(states: SpaceStates, low: Millis, high: Millis) -> SpaceStates:
    kept = np.flatnonzero((states.start < high) & (states.end > low))
    return SpaceStates(
        states.spaces,
        (low, high),
        states.space[kept],
        np.maximum(states.start[kept], low),
        np.minimum(states.end[kept], high),
        states.occupied[kept],
        states.people[kept],
    )

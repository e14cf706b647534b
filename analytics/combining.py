"""From sensors to spaces: several sensors on one space speak with one voice."""

from collections.abc import Mapping as Names
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.sensorstates import SensorPieces
from spaces.site import Sensor
from spaces.times import Millis

Counters = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which space (its index) each sensor entry reports on, over [since, until)."""

    space: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]

    @classmethod
    def of(cls, entries: Sequence[Sensor], index: Names[str, int]) -> "Mapping":
        """Return the columns of sensor entries."""
        return cls(
            np.array([index[entry.space] for entry in entries], dtype=np.int64),
            np.array([entry.since for entry in entries], dtype=np.int64),
            np.array([entry.until for entry in entries], dtype=np.int64),
        )


@dataclass(frozen=True, slots=True)
class Steps:
    """States of spaces, ascending in (space, start); each holds until the next step of its space."""

    space: NDArray[np.int32]
    start: NDArray[np.int64]
    occupied: NDArray[np.int8]
    people: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Tally:
    """How many sensors of a space are mapped, occupied, vacant, ... from each of n steps on."""

    mapped: Counters
    occupied: Counters
    vacant: Counters
    uncounted: Counters
    """Occupied and without a count."""
    counted: Counters
    """Occupied with a count, which is more than 0."""
    zeros: Counters
    """Vacant and counting."""
    people: Counters


def combine(pieces: SensorPieces, mapping: Mapping, desk: NDArray[np.bool_], window: tuple[Millis, Millis]) -> Steps:
    """Return the steps of every space (`desk`: whether each is one) over a window, the first at its start."""
    space, start, tally = _swept(pieces, mapping, len(desk), window)
    known_vacant = (tally.mapped > 0) & (tally.vacant == tally.mapped)
    occupied = np.where(tally.occupied > 0, 1, np.where(known_vacant, 0, -1)).astype(np.int8)
    return melted(Steps(space.astype(np.int32), start, occupied, _people(tally, occupied, desk[space])))


def melted(steps: Steps) -> Steps:
    """Return the steps without those that change nothing."""
    fresh = np.ones(len(steps.start), dtype=np.bool_)
    fresh[1:] = (
        (steps.space[1:] != steps.space[:-1])
        | (steps.occupied[1:] != steps.occupied[:-1])
        | (steps.people[1:] != steps.people[:-1])
    )
    return Steps(steps.space[fresh], steps.start[fresh], steps.occupied[fresh], steps.people[fresh])


def _people(tally: _Tally, occupied: NDArray[np.int8], desk: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return the people of each step, -1 where they are not known."""
    complete = (tally.uncounted == 0) & (tally.occupied + tally.vacant == tally.mapped)
    used = np.where(complete, tally.people, np.where(desk & (tally.counted == 0), 1, -1))
    empty = np.where(desk | (tally.zeros > 0), 0, -1)
    return np.where(occupied == 1, used, np.where(occupied == 0, empty, -1)).astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Sweep:
    """The starts and ends of all that holds, in order; what happens at one moment of one space is one step.

    Events are laid out as: one a space at the window's start, a start and an end for each mapping, a start and an
    end for each piece. All that begins ends at the window's end at the latest, so one running sum serves all spaces.
    """

    order: NDArray[np.intp]
    last: NDArray[np.intp]
    """Where in that order each step's last event stands."""
    space: NDArray[np.int64]
    start: NDArray[np.int64]

    @classmethod
    def over(cls, space: NDArray[np.int64], time: NDArray[np.int64], window: tuple[Millis, Millis]) -> "_Sweep":
        """Sort events; those at the window's end are no steps."""
        low, high = window
        span = high - low + 1
        key = space * span + (time - low)
        order = np.argsort(key, kind="stable")
        key = key[order]
        last = np.flatnonzero(np.append(key[1:] != key[:-1], True)[: len(key)])
        last = last[key[last] % span < high - low]
        return cls(order, last, key[last] // span, key[last] % span + low)

    def running(self, weight: NDArray[np.int32] | NDArray[np.bool_], first: int) -> Counters:
        """Return the sum of the weights of what holds at each step; their start events begin at `first`."""
        deltas = np.zeros(len(self.order), dtype=np.int64)
        rest = deltas[first : first + 2 * len(weight)]
        rest[::2] = weight
        rest[1::2] = -rest[::2]
        total: Counters = np.cumsum(deltas[self.order])
        return total[self.last]


def _swept(
    pieces: SensorPieces, mapping: Mapping, spaces: int, window: tuple[Millis, Millis]
) -> tuple[NDArray[np.int64], NDArray[np.int64], _Tally]:
    """Return space, start and tally of each step."""
    place = mapping.space[pieces.entry]
    space = (np.arange(spaces), np.repeat(mapping.space, 2), np.repeat(place, 2))
    time = (
        np.full(spaces, window[0]),
        _clipped(mapping.since, mapping.until, window),
        _clipped(pieces.start, pieces.end, window),
    )
    sweep = _Sweep.over(np.concatenate(space), np.concatenate(time), window)
    head = spaces + 2 * len(mapping.space)
    used, count = pieces.occupied == 1, pieces.people
    tally = _Tally(
        mapped=sweep.running(np.ones(len(mapping.space), dtype=np.bool_), spaces),
        occupied=sweep.running(used, head),
        vacant=sweep.running(~used, head),
        uncounted=sweep.running(used & (count < 0), head),
        counted=sweep.running(used & (count > 0), head),
        zeros=sweep.running(~used & (count == 0), head),
        people=sweep.running(np.maximum(count, 0), head),
    )
    return sweep.space, sweep.start, tally


def _clipped(start: NDArray[np.int64], end: NDArray[np.int64], window: tuple[Millis, Millis]) -> NDArray[np.int64]:
    """Return starts and ends in turn, moved into the window."""
    return np.clip(np.stack((start, end), axis=1).reshape(-1), *window)

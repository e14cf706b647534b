"""States of spaces, ready to be rolled up: within a window, with seats."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.seats import Seats
from analytics.spacestates import SpaceStates, split
from spaces.site import Site
from spaces.times import Millis

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pieces:
    """n pieces of states that tile a window for every space, ascending in (space, start), with constant `seats`."""

    space: NDArray[np.intp]
    start: Whole
    end: Whole
    occupied: NDArray[np.int8]
    people: Whole
    seats: Whole

    @property
    def opens(self) -> NDArray[np.bool_]:
        """Whether a piece is the first of its space."""
        first = np.ones(len(self.space), dtype=np.bool_)
        first[1:] = self.space[1:] != self.space[:-1]
        return first


def pieces_within(site: Site, states: SpaceStates, start: Millis, end: Millis) -> Pieces:
    """Return the pieces of [start, end), cut where the seats of a space change."""
    part = _part(states, start, end)
    seats = Seats.within(site, (start, end))
    columns: list[NDArray[Any]] = [
        part.space.astype(np.intp),
        part.start,
        part.end,
        part.occupied,
        part.people.astype(np.int64),
    ]
    for index, (moments, _) in seats.later.items():
        for moment in moments[1:].tolist():
            columns = _cut(columns, index, moment)
    space, begin, finish, occupied, people = columns
    return Pieces(space, begin, finish, occupied, people, seats.at(space, begin))


def _part(states: SpaceStates, start: Millis, end: Millis) -> SpaceStates:
    if (start, end) == states.window:
        return states
    if start == end:
        none = slice(0, 0)
        columns = (states.space, states.start, states.end, states.occupied, states.people)
        return SpaceStates(states.spaces, (start, end), *(column[none] for column in columns))  # type: ignore[arg-type]
    parts = split(states, (start, end))
    return next(part for part in parts if part.window[0] == start)


def _cut(columns: list[NDArray[Any]], index: int, moment: Millis) -> list[NDArray[Any]]:
    """Cut the piece of a space that holds over a moment in two."""
    space, start, end = columns[:3]
    found = np.flatnonzero((space == index) & (start < moment) & (end > moment))
    if not len(found):
        return columns
    row = int(found[0])
    twice = [np.insert(column, row, column[row]) for column in columns]
    twice[2][row] = twice[1][row + 1] = moment
    return twice

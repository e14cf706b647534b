"""Parties: how many people meet in a room at a time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.sessions import Sessions, sessions
from analytics.spacestates import SpaceStates
from spaces.site import Site
from spaces.times import MINUTE, Millis

HELD: Millis = 5 * MINUTE
"""A count must hold so long to be a party's: who looks in at the door is none of it."""

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Parties:
    """n parties, ascending in (space, start); two in one space do not overlap.

    ``space`` (int64) holds indexes into ``site.spaces``; ``start`` and ``end`` are int64 UTC ms. ``size`` is the
    largest count that held at least `HELD`, ``seats`` those of the room in force when the party began. ``censored``:
    its begin or end is not known. ``partly``: for a while nobody counted; it may have been larger.
    """

    space: Whole
    start: Whole
    end: Whole
    size: Whole
    seats: Whole
    censored: Flags
    partly: Flags

    def __len__(self) -> int:
        return len(self.start)

    def only(self, kept: Flags) -> "Parties":
        """Return some of the parties."""
        return Parties(*(getattr(self, column)[kept] for column in self.__slots__))


def parties(site: Site, states: SpaceStates, bridge: Millis | None = None) -> Parties:
    """Return the parties of the rooms that count people, one a session in which any count held long enough."""
    rooms = np.array([space.kind == "room" for space in site.spaces], dtype=np.bool_)
    found = sessions(site, states, bridge)
    found = found.only(rooms[found.space])
    of, start, end, people = _pieces(states, found)
    size = _largest_held(len(found), of, start, end, people)
    uncounted = np.bincount(of[people < 0], minlength=len(found)) > 0
    kept = size > 0
    seats = [site.spaces[space].capacity_at(begin) for space, begin in zip(found.space, found.start, strict=True)]
    return Parties(
        space=found.space[kept],
        start=found.start[kept],
        end=found.end[kept],
        size=size[kept],
        seats=np.array(seats, dtype=np.int64)[kept],
        censored=found.censored[kept],
        partly=uncounted[kept],
    )


def _pieces(states: SpaceStates, found: Sessions) -> tuple[Whole, Whole, Whole, Whole]:
    """Return session, start, end and people (-1: not counted) of each piece of use inside a session, in order."""
    used = np.flatnonzero(states.occupied == 1)
    low = states.window[0]
    span = states.window[1] - low + 1
    begins = found.space * span + found.start - low
    shift = states.space[used].astype(np.int64) * span - low
    # A piece may lie in several sessions where the room closes in between: it is cut at their edges.
    first = np.searchsorted(found.space * span + found.end - low, states.start[used] + shift, side="right")
    count = np.searchsorted(begins, states.end[used] + shift, side="left") - first
    row = np.repeat(used, count)
    of = np.arange(len(row)) + np.repeat(first + count - np.cumsum(count), count)
    start = np.maximum(states.start[row], found.start[of])
    return of, start, np.minimum(states.end[row], found.end[of]), states.people[row].astype(np.int64)


def _largest_held(count: int, of: Whole, start: Whole, end: Whole, people: Whole) -> Whole:
    """Return of each session the largest number that at least so many people were there without a break of it."""
    size = np.zeros(count, dtype=np.int64)
    for number in np.unique(people[people > 0]).tolist():
        enough = people >= number
        mine, begin, finish = of[enough], start[enough], end[enough]
        fresh = np.ones(len(mine), dtype=np.bool_)
        fresh[1:] = (mine[1:] != mine[:-1]) | (begin[1:] != finish[:-1])
        first = np.flatnonzero(fresh)
        last = np.append(first[1:], len(mine))[: len(first)] - 1
        size[mine[first[finish[last] - begin[first] >= HELD]]] = number
    return size

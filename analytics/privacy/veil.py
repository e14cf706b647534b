"""While few desks of a block of fixed desks are known, none of them is (see `analytics.privacy.disclosure`, rule 3)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analytics.privacy.blocks import FEWEST
from analytics.spacestates import SpaceStates, StatesAt
from spaces.readings import UNKNOWN

Blocks = Sequence[Collection[str]]
Pieces = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.int8], NDArray[np.int32]]


def veil(states: SpaceStates, blocks: Blocks) -> SpaceStates:
    """Return states in which a block's desks are unknown at every instant at which fewer than `FEWEST` are known."""
    veiled = np.zeros(len(states), dtype=bool)
    parts: list[Pieces] = []
    for desks in _indexes(states.spaces, blocks):
        inside = np.isin(states.space, desks)
        spans = _thin(states.start[inside], states.end[inside], states.occupied[inside] != UNKNOWN, states.window)
        if len(spans):
            veiled |= inside
            parts.append(_hidden(_pieces(states, inside), spans))
    if not parts:
        return states
    space, start, end, occupied, people = (
        np.concatenate(group) for group in zip(_pieces(states, ~veiled), *parts, strict=True)
    )
    order = np.lexsort((start, space))
    return _merged(states, (space[order], start[order], end[order], occupied[order], people[order]))


def veil_at(states: StatesAt, blocks: Blocks) -> StatesAt:
    """Return the states of one moment, veiled in the same way."""
    occupied, people = states.occupied.copy(), states.people.copy()
    for desks in _indexes(states.spaces, blocks):
        if np.count_nonzero(occupied[desks] != UNKNOWN) < FEWEST:
            occupied[desks], people[desks] = UNKNOWN, UNKNOWN
    return replace(states, occupied=occupied, people=people)


def _indexes(spaces: Sequence[str], blocks: Blocks) -> Iterator[NDArray[np.int64]]:
    index = {space: position for position, space in enumerate(spaces)}
    for block in blocks:
        yield np.array(sorted(index[space] for space in block), dtype=np.int64)


def _pieces(states: SpaceStates, chosen: NDArray[np.bool_]) -> Pieces:
    return (
        states.space[chosen],
        states.start[chosen],
        states.end[chosen],
        states.occupied[chosen],
        states.people[chosen],
    )


def _thin(
    start: NDArray[np.int64], end: NDArray[np.int64], known: NDArray[np.bool_], window: tuple[int, int]
) -> NDArray[np.int64]:
    """Return the spans, shape (n, 2), ascending, in which fewer than `FEWEST` of a block's pieces are known."""
    moments = np.concatenate(([window[0]], start[known], end[known]))
    steps = np.concatenate(([0], np.ones(known.sum(), np.int64), -np.ones(known.sum(), np.int64)))
    edges, place = np.unique(moments, return_inverse=True)
    level = np.cumsum(np.bincount(place, weights=steps, minlength=len(edges)))
    until = np.append(edges[1:], window[1])
    few = (level < FEWEST) & (edges < until)
    return np.stack((edges[few], until[few]), axis=1)


def _hidden(pieces: Pieces, spans: NDArray[np.int64]) -> Pieces:
    """Cut pieces at the edges of spans, and make unknown what lies inside one."""
    space, start, end, occupied, people = pieces
    cuts = np.unique(spans)
    first = np.searchsorted(cuts, start, side="right")
    count = np.searchsorted(cuts, end, side="left") - first + 1
    of = np.repeat(np.arange(len(start)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    begin = np.where(nth == 0, start[of], cuts[np.minimum(first[of] + nth - 1, len(cuts) - 1)])
    finish = np.where(nth == count[of] - 1, end[of], cuts[np.minimum(first[of] + nth, len(cuts) - 1)])
    span = np.searchsorted(spans[:, 0], begin, side="right") - 1
    inside = (span >= 0) & (begin < spans[np.maximum(span, 0), 1])
    return (
        space[of],
        begin,
        finish,
        np.where(inside, np.int8(UNKNOWN), occupied[of]),
        np.where(inside, np.int32(UNKNOWN), people[of]),
    )


def _merged(states: SpaceStates, pieces: Pieces) -> SpaceStates:
    """Return states of these pieces, neighbours of one space that are alike joined again."""
    space, start, end, occupied, people = pieces
    other = (np.diff(space) != 0) | (np.diff(occupied) != 0) | (np.diff(people) != 0)
    first = np.flatnonzero(np.append([True], other))
    last = np.append(first[1:], len(space)) - 1
    return replace(
        states, space=space[first], start=start[first], end=end[last], occupied=occupied[first], people=people[first]
    )

"""Rolling up: from states of spaces to sums, peaks and levels of each quarter-hour."""

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.crowds import crowds
from analytics.rollup.layout import Layout
from analytics.rollup.pieces import Pieces, pieces_within
from analytics.rollup.rolled import BY_SPACE, GROUPED, Columns, Rolled, Whole, quarter_marks
from analytics.spacestates import SpaceStates
from analytics.spread import Spread
from spaces.times import Millis


def roll(layout: Layout, states: SpaceStates, start: Millis, end: Millis) -> Rolled:
    """Roll up the (veiled) states of [start, end), all of it within their window; any moments will do.

    What a quarter-hour comes to depends on the states within it alone: rolled up one by one or a year at once,
    the numbers are the same.

    Raises:
        ValueError: the states do not cover it, or are of other spaces.
    """
    if not states.window[0] <= start <= end <= states.window[1]:
        raise ValueError(f"states over {states.window} do not cover [{start}, {end})")
    if states.spaces != tuple(space.id for space in layout.site.spaces):
        raise ValueError("the states are of other spaces than the layout")
    pieces = pieces_within(layout.site, states, start, end)
    marks = quarter_marks(start, end)
    crests, levels, runs = crowds(layout, pieces, marks)
    columns = _sums(layout, pieces, marks) | crests
    spaces = _spaces(len(layout.desk), pieces, marks)
    return Rolled(
        start,
        end,
        np.arange(len(layout.masks), dtype=np.int32),
        {name: columns[name].astype(kind) for name, kind in GROUPED.items()},
        spaces["most"][layout.counters].T >= 0,
        levels,
        runs,
        {name: spaces[name].astype(kind) for name, kind in BY_SPACE.items()},
    )


def _sums(layout: Layout, pieces: Pieces, marks: Whole) -> dict[str, Whole]:
    """Return the sums over time of each cohort: by atom first, which is a few numbers for thousands of spaces."""
    atoms = layout.made_of.shape[1]
    spread = Spread.over(marks, atoms, layout.atoms[pieces.space], pieces.start, pieces.end)
    counted, used = pieces.people >= 0, pieces.people > 0
    idle = (pieces.occupied == 0) & ~counted & ~layout.desk[pieces.space]
    weights = {
        "occupied": pieces.occupied == 1,
        "unknown": pieces.occupied < 0,
        "people": np.maximum(pieces.people, 0),
        "counted": counted,
        "seats_counted": counted * pieces.seats,
        "seats_used": used * pieces.seats,
        "idle": idle,
        "idle_seats": idle * pieces.seats,
    }
    made_of = layout.made_of.astype(np.int64)
    return {name: made_of @ spread.of(weight.astype(np.int64)) for name, weight in weights.items()}


def _spaces(count: int, pieces: Pieces, marks: Whole) -> Columns:
    """Return what is rolled up of each space."""
    spread = Spread.over(marks, count, pieces.space, pieces.start, pieces.end)
    used, counted = pieces.occupied == 1, pieces.people >= 0
    weights = {
        "occupied": used,
        "unknown": pieces.occupied < 0,
        "people": np.maximum(pieces.people, 0),
        "counted": counted,
    }
    sums = {name: spread.of(weight.astype(np.int64)) for name, weight in weights.items()}
    return sums | _most(sums["counted"], pieces, marks) | _uses(count, pieces, marks)


def _most(counted: Whole, pieces: Pieces, marks: Whole) -> dict[str, Whole]:
    """Return the largest count of each space and quarter-hour: -1 where none came."""
    most = np.where(counted > 0, 0, -1)
    rows = np.flatnonzero(pieces.people > 0)
    first = np.searchsorted(marks, pieces.start[rows], side="right") - 1
    reached = np.searchsorted(marks, pieces.end[rows], side="left") - first
    quarter = np.arange(reached.sum()) + np.repeat(first + reached - np.cumsum(reached), reached)
    np.maximum.at(most, (np.repeat(pieces.space[rows], reached), quarter), np.repeat(pieces.people[rows], reached))
    return {"most": most}


def _uses(count: int, pieces: Pieces, marks: Whole) -> dict[str, Whole]:
    """Return how often use of each space began within each quarter-hour, and whether it was in use at the ends."""
    used = pieces.occupied == 1
    follows = np.zeros(len(used), dtype=np.bool_)
    follows[1:] = used[:-1] & ~pieces.opens[1:]
    begun = np.zeros((count, len(marks) - 1), dtype=np.int64)
    quarter = np.searchsorted(marks, pieces.start, side="right") - 1
    rows = np.flatnonzero(used & ~follows & (pieces.start > marks[quarter]))
    np.add.at(begun, (pieces.space[rows], quarter[rows]), 1)
    space, start, end = pieces.space[used], pieces.start[used], pieces.end[used]
    edges, lasts = marks[:-1], marks[1:]
    return {
        "begun": begun,
        "used_first": _between(begun.shape, space, np.searchsorted(edges, start), np.searchsorted(edges, end)),
        "used_last": _between(
            begun.shape, space, np.searchsorted(lasts, start, "right"), np.searchsorted(lasts, end, "right")
        ),
    }


def _between(shape: tuple[int, ...], row: NDArray[np.intp], low: NDArray[np.intp], high: NDArray[np.intp]) -> Whole:
    """Return 1 from `low` to before `high` in each row, 0 elsewhere: stretches of one row do not overlap."""
    steps = np.zeros((shape[0], shape[1] + 1), dtype=np.int64)
    np.add.at(steps, (row, low), 1)
    np.add.at(steps, (row, high), -1)
    return np.cumsum(steps, axis=1)[:, :-1]

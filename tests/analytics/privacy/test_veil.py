"""The veil: while few desks of a block are known, none is. Against a slow oracle, moment by moment."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.privacy.blocks import FEWEST
from analytics.privacy.veil import veil, veil_at
from analytics.spacestates import SpaceStates, StatesAt
from spaces.readings import UNKNOWN

END = 12
BLOCKS = [frozenset({f"s{index}" for index in range(FEWEST)}), frozenset({f"s{index}" for index in range(6, 12)})]
"""Spaces 0-4 and 6-11 are blocks; 5 belongs to nobody."""
grids = st.lists(st.lists(st.sampled_from([-1, 0, 1, 1]), min_size=END, max_size=END), min_size=12, max_size=12)


def _states(grid: np.ndarray) -> SpaceStates:
    pieces = [
        (space, start, start + 1, grid[space, start], grid[space, start])
        for space in range(len(grid))
        for start in range(END)
    ]
    merged: list[list[int]] = []
    for piece in pieces:
        if merged and merged[-1][0] == piece[0] and merged[-1][3] == piece[3]:
            merged[-1][2] = piece[2]
        else:
            merged.append(list(piece))
    space, start, end, occupied, people = np.array(merged).T
    return SpaceStates(
        tuple(f"s{index}" for index in range(len(grid))),
        (0, END),
        space.astype(np.int32),
        start.astype(np.int64),
        end.astype(np.int64),
        occupied.astype(np.int8),
        people.astype(np.int32),
    )


def _grid(states: SpaceStates) -> np.ndarray:
    grid = np.full((len(states.spaces), END), 99)
    for space, start, end, occupied in zip(states.space, states.start, states.end, states.occupied, strict=True):
        assert (grid[space, start:end] == 99).all(), "pieces overlap"
        grid[space, start:end] = occupied
    return grid


def _veiled(grid: np.ndarray) -> np.ndarray:
    shown = grid.copy()
    for block in BLOCKS:
        desks = [int(name[1:]) for name in block]
        for moment in range(END):
            if (grid[desks, moment] != UNKNOWN).sum() < FEWEST:
                shown[desks, moment] = UNKNOWN
    return shown


@settings(deadline=None)
@given(grids)
def test_at_each_instant_a_block_is_known_in_numbers_or_not_at_all(rows: list[list[int]]) -> None:
    grid = np.array(rows)
    found = veil(_states(grid), BLOCKS)
    shown = _veiled(grid)
    assert (_grid(found) == shown).all()
    expected = _states(shown)
    for name in ("space", "start", "end", "occupied", "people"):
        assert (getattr(found, name) == getattr(expected, name)).all(), "neighbours that are alike are one piece"


@settings(deadline=None)
@given(grids)
def test_one_moment_is_veiled_like_a_window(rows: list[list[int]]) -> None:
    grid = np.array(rows)
    states = _states(grid)
    for moment in range(END):
        column = grid[:, moment]
        at = StatesAt(states.spaces, moment, column.astype(np.int8), column.astype(np.int32), np.zeros(12, np.int64))
        assert (veil_at(at, BLOCKS).occupied == _veiled(grid)[:, moment]).all()
        assert (veil_at(at, BLOCKS).people == _veiled(grid)[:, moment]).all()


def test_without_blocks_nothing_changes() -> None:
    states = _states(np.ones((12, END), dtype=np.int64))
    assert veil(states, []) is states
    assert veil(states, BLOCKS) is states

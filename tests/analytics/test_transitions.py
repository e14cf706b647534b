"""The fast path over transitions: equal to a walk through the moments, in any order and with any number of threads."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import transitions
from analytics.transitions import Grouping, TransitionFigures, group_transition_figures, transition_figures
from tests.analytics.houses import tried

EDGES = (0, 10, 20, 25, 40)
Transition = tuple[int, int]
"""Time and direction."""


def walked(rows: list[Transition], edges: tuple[int, ...], before: int) -> list[tuple[int, int]]:
    """Return occupied time and peak of each bucket, moment by moment."""
    found = []
    for low, high in pairwise(edges):
        levels = [before + sum(direction for time, direction in rows if time <= moment) for moment in range(low, high)]
        found.append((sum(levels), max(levels)))
    return found


def of(rows: list[Transition], before: int, threads: int = 1) -> TransitionFigures:
    time = np.array([time for time, _ in rows], dtype=np.int64)
    direction = np.array([direction for _, direction in rows], dtype=np.int8)
    return transition_figures(time, direction, np.array(EDGES), spaces=100, before=before, threads=threads)


@st.composite
def rows_of_desks(draw: st.DrawFn) -> tuple[list[Transition], int]:
    """Draw shuffled transitions of some desks, alternating at each, and how many are occupied before."""
    rows: list[Transition] = []
    before = 0
    for _ in range(draw(st.integers(0, 6))):
        times = sorted(draw(st.lists(st.integers(-5, 45), unique=True, max_size=8)))
        first = draw(st.sampled_from((1, -1)))
        before += first < 0
        rows += [(time, first if index % 2 == 0 else -first) for index, time in enumerate(times)]
    return draw(st.permutations(rows)), before


@tried(100)
@given(rows_of_desks(), st.sampled_from((1, 2, 3, 1 << 18)), st.sampled_from((1, 2, 3)))
def test_figures_equal_a_walk_through_the_moments(
    drawn: tuple[list[Transition], int], chunk: int, threads: int
) -> None:
    rows, before = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transitions, "CHUNK", chunk)
        found = of(rows, before, threads)
    assert list(zip(found.occupied.tolist(), found.peak.tolist(), strict=True)) == walked(rows, EDGES, before)
    assert found.utilisation.tolist() == (found.occupied / (100 * np.diff(EDGES))).tolist()


@tried(80)
@given(
    st.lists(rows_of_desks(), max_size=4), st.sampled_from((1, 2, 3, 1 << 18)), st.sampled_from((1, 2, 3)), st.data()
)
def test_groups_have_the_figures_of_their_own_transitions_and_the_whole_has_all(
    drawn: list[tuple[list[Transition], int]], chunk: int, threads: int, data: st.DataObject
) -> None:
    rows = [(*row, group) for group, (theirs, _) in enumerate(drawn) for row in theirs]
    rows = data.draw(st.permutations(rows))
    time, direction, group = (np.array([row[at] for row in rows], dtype=np.int64) for at in range(3))
    before = np.array([level for _, level in drawn], dtype=np.int64)
    sizes = np.arange(len(drawn))  # the first has no space of its own, the second one, ...
    of = np.repeat(np.arange(len(drawn)), np.maximum(sizes, 1)).astype(np.int32)
    space = np.searchsorted(of, group).astype(np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transitions, "CHUNK", chunk)
        whole, parts = group_transition_figures(
            time,
            direction.astype(np.int8),
            np.array(EDGES),
            Grouping(space, of, len(drawn)),
            before=before,
            threads=threads,
        )
    everything = [row for theirs, _ in drawn for row in theirs]
    assert list(zip(whole.occupied.tolist(), whole.peak.tolist(), strict=True)) == walked(
        everything, EDGES, int(before.sum())
    )
    for number, (theirs, level) in enumerate(drawn):
        found = zip(parts.occupied[number].tolist(), parts.peak[number].tolist(), strict=True)
        assert list(found) == walked(theirs, EDGES, level)
        shares = parts.occupied[number] / (max(number, 1) * np.diff(EDGES))
        assert parts.utilisation[number].tolist() == shares.tolist()


def test_a_group_without_spaces_has_no_utilisation() -> None:
    grouping = Grouping(np.zeros(2, dtype=np.int32), np.array([1], dtype=np.int32), 3)
    time, direction = np.array([3, 5]), np.array([1, -1], dtype=np.int8)
    _, parts = group_transition_figures(time, direction, np.array([0, 10]), grouping)
    assert parts.peak.tolist() == [[0], [1], [0]]
    assert parts.utilisation.ravel() == pytest.approx([np.nan, 0.2, np.nan], nan_ok=True)


def test_one_who_leaves_as_another_comes_makes_no_peak_of_two_even_at_an_edge() -> None:
    rows = [(2, 1), (10, -1), (10, 1), (15, -1), (15, 1), (20, -1)]
    assert of(rows, 0).peak.tolist() == [1, 1, 0, 0]


def test_times_of_today_do_not_overflow() -> None:
    start = 1_767_225_600_000
    time = np.repeat(np.array([start, start + 3_600_000]), 50_000)
    direction = np.repeat(np.array([1, -1], dtype=np.int8), 50_000)
    found = transition_figures(time, direction, np.array([start, start + 3_600_000]), spaces=50_000)
    assert (found.peak.tolist(), found.utilisation.tolist()) == ([50_000], [1.0])


@pytest.mark.parametrize("space", [-1, 2, 1_000])
def test_a_transition_of_a_space_without_a_group_is_refused(space: int) -> None:
    grouping = Grouping(np.array([0, space], dtype=np.int32), np.zeros(2, dtype=np.int32), 1)
    with pytest.raises(IndexError, match="no group"):
        group_transition_figures(np.array([3, 5]), np.array([1, -1], dtype=np.int8), np.array([0, 10]), grouping)

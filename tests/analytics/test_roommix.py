"""The mix of rooms: no cheaper one seats everybody at every moment, and the replay tells whether it works."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.roommix import Demand, at_once, cheapest_mix, unplaced, working_mix
from tests.analytics.houses import tried

stays = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6), st.integers(1, 5)), max_size=8)
prices = st.dictionaries(st.sampled_from((1, 2, 3, 5)), st.integers(1, 9), min_size=1)


def demand(rows: list[tuple[int, int, int]]) -> Demand:
    start, length, seats = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Demand(start, start + length, seats)


def seats_all(rows: list[tuple[int, int, int]], mix: dict[int, int]) -> bool:
    """Whether at every moment all who are there can be given rooms of their own, by trying: the largest first."""
    for moment in range(20):
        free = sorted(size for size, number in mix.items() for _ in range(number))
        for need in sorted((seats for start, length, seats in rows if start <= moment < start + length), reverse=True):
            if not free or free[-1] < need:
                return False
            free.pop()
    return True


@tried(60)
@given(stays, prices)
def test_no_cheaper_mix_seats_everybody_at_every_moment(
    rows: list[tuple[int, int, int]], costs: dict[int, int]
) -> None:
    assume(max((seats for _, _, seats in rows), default=0) <= max(costs))
    rows = rows[:5]
    mix = cheapest_mix(demand(rows), {size: float(cost) for size, cost in costs.items()})
    assert seats_all(rows, mix)
    least = min(
        sum(costs[size] * number for size, number in zip(costs, numbers, strict=True))
        for numbers in product(range(len(rows) + 1), repeat=len(costs))
        if seats_all(rows, dict(zip(costs, numbers, strict=True)))
    )
    assert sum(costs[size] * number for size, number in mix.items()) == least


@tried(60)
@given(stays, st.dictionaries(st.sampled_from((1, 2, 3, 5)), st.integers(0, 3)))
def test_the_replay_gives_each_the_smallest_free_room(rows: list[tuple[int, int, int]], rooms: dict[int, int]) -> None:
    """Looked at room by room: who holds which, from when to when."""
    held = {(size, number): 0 for size, count in rooms.items() for number in range(count)}
    lost = set()
    for start, length, seats, index in sorted(
        ((*row, index) for index, row in enumerate(rows)), key=lambda row: (row[0], -row[2], row[3])
    ):
        free = sorted(room for room, until in held.items() if until <= start and room[0] >= seats)
        if free:
            held[free[0]] = start + length
        else:
            lost.add(index)
    assert set(np.flatnonzero(unplaced(demand(rows), rooms)).tolist()) == lost


@tried(40)
@given(stays, prices)
def test_a_mix_that_works_has_no_fewer_rooms_than_the_lower_bound(
    rows: list[tuple[int, int, int]], costs: dict[int, int]
) -> None:
    assume(max((seats for _, _, seats in rows), default=0) <= max(costs))
    least = cheapest_mix(demand(rows), {size: float(cost) for size, cost in costs.items()})
    working = working_mix(demand(rows), {size: float(cost) for size, cost in costs.items()}, least)
    assert not unplaced(demand(rows), working).any()
    assert all(working[size] >= number for size, number in least.items())


def test_a_bound_that_does_not_work_is_found_out() -> None:
    """Two rooms for two and four would do at every moment, if the pair could change rooms when the four come."""
    rows = [(0, 2, 2), (1, 4, 2), (3, 2, 4)]
    mix = cheapest_mix(demand(rows), {2: 3.0, 4: 5.0})
    assert mix == {2: 1, 4: 1}
    assert unplaced(demand(rows), mix).tolist() == [False, False, True]
    assert working_mix(demand(rows), {2: 3.0, 4: 5.0}, mix) == {2: 1, 4: 2}


def test_who_leaves_makes_room_for_who_comes() -> None:
    one_after_another = demand([(0, 2, 2), (2, 2, 2)])
    assert at_once(one_after_another, 1) == 1
    assert not unplaced(one_after_another, {2: 1}).any()


def test_nobody_needs_no_rooms_and_a_party_too_large_is_said() -> None:
    assert cheapest_mix(demand([]), {2: 1.0}) == {2: 0}
    assert at_once(demand([]), 1) == 0
    with pytest.raises(ValueError, match="party of 5"):
        cheapest_mix(demand([(0, 1, 5)]), {2: 1.0})

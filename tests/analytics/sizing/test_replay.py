"""One pass over the stays says of every number of desks what a house with so many would have seen."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.sizing.days import OpenDays
from analytics.sizing.demand import Stays
from analytics.sizing.levels import time_at_levels
from analytics.sizing.replay import WAIT, WITHOUT, Needs, needs
from spaces.times import DAY, HOUR, MINUTE
from tests.analytics.houses import tried
from tests.analytics.sizing.oracle import Stay, live_through, there

FIRST = 20_000 * DAY
MOST = 8
_STEP = 5 * MINUTE


def stay_lists() -> st.SearchStrategy[list[Stay]]:
    """Stays of one day on a coarse grid, so that arrivals, departures and the end of patience often meet."""
    one = st.builds(
        lambda start, length: (start * _STEP, (start + length) * _STEP), st.integers(0, 30), st.integers(1, 24)
    )
    return st.lists(one, max_size=14)


def stays_of(days: Sequence[Sequence[Stay]]) -> Stays:
    """Return the stays of some days, of which each begins at midnight of UTC."""
    rows = [
        (day, FIRST + day * DAY + low, FIRST + day * DAY + high) for day, one in enumerate(days) for low, high in one
    ]
    return Stays.of(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)


def always(days: int) -> OpenDays:
    """Return so many days that are open round the clock."""
    index = np.arange(days, dtype=np.int64)
    return OpenDays(20_000 + 719_163 + index, index * 0, index, FIRST + index * DAY, FIRST + (index + 1) * DAY)


def found(days: Sequence[Sequence[Stay]]) -> tuple[list[list[Stay]], Needs, Stays]:
    """Return the stays of each day in order of arrival, and what they need."""
    stays = stays_of(days)
    return [sorted(one) for one in days], needs(stays, len(days)), stays


@tried(150)
@given(st.lists(stay_lists(), min_size=1, max_size=3))
def test_who_is_served_is_who_a_house_with_so_many_desks_serves(days: list[list[Stay]]) -> None:
    ordered, need, stays = found(days)
    for desks in range(1, MOST):
        for rule, patience in ((need.leave, 0), (need.wait, WAIT)):
            served = [who in live_through(one, desks, patience) for one in ordered for who in range(len(one))]
            assert (rule <= desks).tolist() == served
    assert stays.day.tolist() == [day for day, one in enumerate(ordered) for _ in one]


@tried(100)
@given(st.lists(stay_lists(), min_size=1, max_size=3))
def test_who_stays_on_is_refused_where_as_many_as_there_are_desks_came_before_and_are_there(
    days: list[list[Stay]],
) -> None:
    ordered, need, _ = found(days)
    ahead = [sum(end > one[who][0] for _, end in one[:who]) for one in ordered for who in range(len(one))]
    assert (need.overlay - 1).tolist() == ahead


@tried(100)
@given(st.lists(stay_lists(), min_size=1, max_size=3))
def test_a_day_needs_the_desks_with_which_nobody_sits_without_one_for_a_quarter_of_an_hour(
    days: list[list[Stay]],
) -> None:
    ordered, need, _ = found(days)
    for day, one in enumerate(ordered):
        for desks in range(1, MOST):
            got = live_through(one, desks, DAY)
            late = [who for who, (start, end) in enumerate(one) if min(got.get(who, end), end) - start >= WITHOUT]
            assert (need.day[day] > desks) == bool(late)


@tried(100)
@given(st.lists(stay_lists(), min_size=1, max_size=3))
def test_who_leaves_or_waits_is_refused_no_more_often_than_who_stays_on(days: list[list[Stay]]) -> None:
    _, need, _ = found(days)
    assert np.all(need.leave <= need.overlay)
    assert np.all(need.wait <= need.overlay)


@tried(100)
@given(st.lists(stay_lists(), min_size=1, max_size=3))
def test_time_at_a_level_is_what_one_counts_each_five_minutes(days: list[list[Stay]]) -> None:
    table = time_at_levels(stays_of(days), always(len(days)))
    for day, one in enumerate(days):
        counted = np.bincount([there(one, moment) for moment in range(0, DAY, _STEP)], minlength=table.shape[1])
        assert table[day].tolist() == (counted * _STEP).tolist()


def test_waiting_may_be_worse_for_those_who_come_later_than_leaving() -> None:
    """So the two are no bounds of each other: one who waits keeps a desk from many who come for an hour."""
    hours = [(0, 10), (9, 100), (13, 20), (21, 30), (31, 40)]
    stays = [(low * 6 * MINUTE, high * 6 * MINUTE) for low, high in hours]
    _, need, _ = found([stays])
    assert int((need.leave > 1).sum()) == 1
    assert int((need.wait > 1).sum()) == 3


def test_half_an_hour_is_waited_and_no_more() -> None:
    first = (0, HOUR)
    for late, served in ((30, True), (31, False)):
        _, need, _ = found([[first, (HOUR - late * MINUTE, 3 * HOUR)]])
        assert bool(need.wait[1] == 1) is served

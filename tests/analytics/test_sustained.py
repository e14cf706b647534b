"""What was in use for a quarter of an hour on end: equal to trying every moment, never above the peak."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.buckets import Bucket, edges
from analytics.groups import By, group_spaces
from analytics.levels import Measure
from analytics.peaks import peaks
from analytics.sustained import LONG, _minima
from spaces.site import Space
from spaces.times import MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import Oracle, _amount
from tests.analytics.test_figures import BUCKETS, GROUPINGS, shown, some_buckets
from tests.analytics.test_peaks import MIDNIGHT, found_in, space

MEASURES = get_args(Measure)


def level(oracle: Oracle, members: list[Space], moment: Millis, measure: str) -> int:
    """Return the sum of what is known at a moment, -1 where nothing is."""
    counting = {one.id for one in members if oracle.counts(one)}
    amounts = [_amount(oracle, one, moment, measure, counting) for one in members if oracle.is_open(one, moment)]
    sure = [amount for amount in amounts if amount is not None]
    return sum(sure) if sure else -1


def slowly(oracle: Oracle, members: list[Space], low: Millis, high: Millis, measure: str) -> tuple[int, Millis | None]:
    """Try each moment at which anything may change, and the bucket's begin, as the begin of a quarter of an hour."""
    steps = [*oracle.moments, oracle.end]
    levels = [level(oracle, members, moment, measure) for moment in oracle.moments]
    best: tuple[int, Millis | None] = (-1, None)
    for begin in sorted({low, *(moment for moment in oracle.moments if low < moment < high)}):
        if begin + LONG > high or begin < oracle.start or begin + LONG > oracle.end:
            continue
        over = [at for i, at in enumerate(levels) if steps[i] < begin + LONG and steps[i + 1] > begin]
        best = max(best, (min(over), begin), key=lambda found: found[0])
    return best


@tried(25)
@given(houses(), st.sampled_from(BUCKETS), st.sampled_from(GROUPINGS), st.sampled_from(MEASURES))
def test_sustained_peaks_equal_the_oracle(house: House, bucket: Bucket, by: By, measure: Measure) -> None:
    groups, marks = group_spaces(house.site, by), edges(house.site.tz, house.start, house.end, bucket)
    found, oracle = peaks(house.site, states_of(house), groups, marks, measure), house.oracle
    for group in range(len(groups.labels)):
        for place in some_buckets(len(marks) - 1):
            best, at = slowly(oracle, oracle.members(groups, group), marks[place], marks[place + 1], measure)
            assert shown(found.sustained[group, place]) == (None if best < 0 else best)
            assert found.sustained_at[group, place] == (-1 if best < 0 else at)


@tried(40)
@given(st.lists(st.integers(-1, 9), min_size=1, max_size=40), st.data())
def test_minima_of_ranges_are_those_of_slices(values: list[int], data: st.DataObject) -> None:
    pairs = data.draw(
        st.lists(
            st.integers(0, len(values) - 1).flatmap(lambda at: st.tuples(st.just(at), st.integers(at + 1, len(values))))
        )
    )
    low, high = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    assert _minima(np.array(values), low, high).tolist() == [min(values[a:b]) for a, b in pairs]


def test_ten_minutes_together_are_a_peak_and_not_a_sustained_one() -> None:
    rows = [("a", 0, True, None), ("b", 0, False, None), ("b", 20, True, None), ("b", 30, False, None)]
    found = found_in(rows, space("a"), space("b"))
    assert (found.peak.item(), found.sustained.item(), found.sustained_at.item()) == (2, 1, MIDNIGHT)


@pytest.mark.parametrize(("until", "kept"), [(35, 2), (34, 1)])
def test_fifteen_minutes_are_enough(until: int, kept: int) -> None:
    rows = [("a", 0, True, None), ("b", 0, False, None), ("b", 20, True, None), ("b", until, False, None)]
    found = found_in(rows, space("a"), space("b"))
    assert found.sustained.item() == kept
    assert found.sustained_at.item() == MIDNIGHT + (20 * MINUTE if kept == 2 else 0)


def test_what_is_unknown_in_between_is_no_quarter_of_an_hour() -> None:
    found = found_in([("a", 50, True, None)], space("a"))
    assert (found.peak.item(), found.sustained_at.item()) == (1, -1)
    assert np.isnan(found.sustained).all()

"""Planning peaks and sharing ratios: order statistics of the days that count, and members of whole pools."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.groups import Groups
from analytics.peaks import PeakFigures
from analytics.planning import NO_DATA, NOT_OVER, UNKNOWN, LeftOut, order_statistic, planning, upper_bound
from analytics.sharing import members_at, sharing
from spaces.site import Members, Site, Space
from spaces.times import BEGINNING, DAY
from tests.analytics.houses import tried

NAN = math.nan


def daily(peak: list[float], upper: list[float] | None = None, *, capacity: float = 100) -> PeakFigures:
    """Return the peaks of one group; NaN is a day without data, -1 one on which it is closed."""
    peaks = np.array([peak], dtype=np.float64)
    uppers = np.array([upper or peak], dtype=np.float64)
    coverage = np.where(peaks < 0, np.nan, np.where(np.isnan(peaks), 0, 1))
    known = np.where(peaks < 0, np.nan, peaks)
    nothing = np.full_like(peaks, -1, dtype=np.int64)
    seats = np.full_like(peaks, capacity)
    return PeakFigures(known, nothing, np.where(peaks < 0, np.nan, uppers), seats, coverage, known, nothing)


def weekdays(count: int) -> np.ndarray:
    return np.arange(count) % 7


@tried(100)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=150), st.sampled_from((90, 95)))
def test_an_order_statistic_is_numpys_inverted_cdf(values: list[int], percent: int) -> None:
    found = order_statistic(np.array(values, dtype=np.float64), percent)
    ascending = sorted(values)
    slow = next(one for i, one in enumerate(ascending) if 100 * (i + 1) >= percent * len(values))
    assert found == slow


@pytest.mark.parametrize(
    ("days", "rank"),
    [(58, None), (59, 59), (92, 92), (93, 92), (123, 122), (124, 122), (152, 150), (153, 150), (250, 244)],
)
def test_the_upper_bound_is_the_largest_of_59_and_comes_down_as_days_come_in(days: int, rank: int | None) -> None:
    """Against the binomial itself: the r-th of k bounds P95 if P(at most r - 1 of k lie below it) >= 0.95."""
    found = upper_bound(np.arange(1.0, days + 1))
    assert (None if math.isnan(found) else found) == rank
    enough = [r for r in range(1, days + 1) if below(r - 1, days) >= 0.95]
    assert (enough[0] if enough else None) == rank


def below(most: int, k: int) -> float:
    return sum(math.comb(k, j) * 0.95**j * 0.05 ** (k - j) for j in range(most + 1))


@tried(60)
@given(st.lists(st.sampled_from((-1.0, NAN, 0.0, 10.0, 55.0, 60.0)), min_size=1, max_size=90), st.data())
def test_days_are_counted_or_left_out_with_a_reason(peak: list[float], data: st.DataObject) -> None:
    size = len(peak)
    more = data.draw(st.lists(st.sampled_from((0, 10, 11)), min_size=size, max_size=size))
    over = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    found = planning(
        daily(peak, [a + b for a, b in zip(peak, more, strict=True)]), weekdays(size), np.array(over, dtype=np.bool_)
    )
    why = []
    for one, extra, past in zip(peak, more, over, strict=True):
        wrong = NO_DATA if math.isnan(one) else UNKNOWN if extra > 10 else None
        why.append("closed" if one < 0 else NOT_OVER if not past else wrong)
    mine = [one for one, reason in zip(peak, why, strict=True) if reason is None]
    assert found.days.tolist() == [len(mine)]
    assert found.left_out == tuple(
        LeftOut(0, day, reason) for day, reason in enumerate(why) if reason not in {None, "closed"}
    )
    assert found.days_left_out.tolist() == [len(found.left_out)]
    expected = order_statistic(np.array(mine), 95)
    assert found.planning_peak.tolist() == pytest.approx([expected], nan_ok=True)
    assert bool(np.isnan(found.upper[0])) == (len(mine) < 59)
    if mine:
        by_day = {day: [p for i, p in enumerate(peak) if i % 7 == day and why[i] is None] for day in range(7)}
        best = max((day for day in by_day if by_day[day]), key=lambda day: (np.mean(by_day[day]), -day))
        assert found.busiest_weekday.tolist() == [best]
        assert found.busiest_p90.tolist() == [order_statistic(np.array(by_day[best]), 90)]


def test_the_ninety_fifth_of_twenty_days_is_the_nineteenth() -> None:
    peaks = [float(n) for n in range(20, 0, -1)]
    found = planning(daily(peaks), weekdays(20), np.ones(20, dtype=np.bool_))
    assert (found.planning_peak.item(), found.p90.item(), found.busiest_weekday.item()) == (19, 18, 0)
    assert found.busiest_planning_peak.item() == 20


def test_no_group_has_no_figures() -> None:
    none = np.zeros((0, 3))
    empty = PeakFigures(none, none.astype(np.int64), none, none, none, none, none.astype(np.int64))
    assert planning(empty, weekdays(3), np.ones(3, dtype=np.bool_)).days.shape == (0,)


def house(*kinds: str, members: tuple[Members, ...] = ()) -> Site:
    """Return a site of fixed desks (x), flexible ones (f), rooms (r) and flexible desks to come (l)."""
    spaces = [
        Space(
            f"{kind}{number}",
            "",
            "room" if kind == "r" else "desk",
            "z",
            ((BEGINNING, 0), (9 * DAY, 1)) if kind == "l" else ((BEGINNING, 1),),
            {"x": "fixed", "f": "flexible", "l": "flexible", "r": None}[kind],
        )
        for number, kind in enumerate("".join(kinds))
    ]
    return Site("h", "H", "UTC", (), (), tuple(spaces), (), members=members)


MEMBERS = (Members(0, 3, 10), Members(5 * DAY, 4, 20))


def of(*groups: int) -> Groups:
    return Groups(tuple(map(str, range(max(groups) + 1))), np.array(groups, dtype=np.int32))


def test_members_are_those_of_the_date() -> None:
    site = house("f", members=MEMBERS)
    assert [members_at(site, "flexible", day * DAY) for day in (-1, 0, 4, 5, 99)] == [None, 10, 10, 20, 20]
    assert members_at(house("f"), "flexible", 0) is None


def test_a_ratio_is_of_a_whole_pool_whatever_stands_beside_it() -> None:
    site = house("xxffflr", members=MEMBERS)
    found = sharing(site, of(0, 0, 1, 1, 1, 1, 1), 5 * DAY)
    assert found.members.tolist() == [4, 20]
    assert found.sharing_ratio.tolist() == pytest.approx([2, 20 / 3])
    assert found.desks_per_member.tolist() == pytest.approx([0.5, 3 / 20])
    assert sharing(site, of(0, 0, 1, 1, 1, 1, 1), 9 * DAY).sharing_ratio.tolist() == [2, 5]


def test_part_of_a_pool_or_both_pools_have_none() -> None:
    site = house("xfff", members=MEMBERS)
    for groups in (of(0, 0, 0, 0), of(0, 1, 1, 2)):
        assert np.isnan(sharing(site, groups, 0).members[1:]).all()
    assert math.isnan(sharing(site, of(0, 0, 0, 0), 0).sharing_ratio.item())

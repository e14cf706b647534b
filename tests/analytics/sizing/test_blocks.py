"""Intervals hold what they claim to, about as often as they claim; and there are none where weeks are few."""

import numpy as np
import pytest

from analytics.sizing.blocks import FEWEST_WEEKS, LEVEL, Weeks, held, interval

CHANCES = np.array([0.6, 0.3, 0.1, 0.02])


def weeks_of(chance: np.random.Generator, weeks: int, *, sticky: float = 0.0) -> Weeks:
    """Return weeks of five days whose shortage has these chances; a sticky week is all short or all not."""
    days = chance.random((weeks, 5, 1))
    one = chance.random((weeks, 1, 1))
    drawn = np.where(chance.random((weeks, 1, 1)) < sticky, one, days)
    short = (drawn < CHANCES).reshape(-1, len(CHANCES))
    return Weeks.of(np.repeat(np.arange(weeks), 5), short)


@pytest.mark.parametrize("sticky", [0.0, 0.8])
def test_the_truth_lies_in_about_as_many_intervals_as_is_claimed(sticky: float) -> None:
    """Also where whole weeks are alike, which intervals from single days would take for five times as much news."""
    chance = np.random.default_rng(2)
    found = [interval(weeks_of(chance, 26, sticky=sticky), chance) for _ in range(60)]
    inside = np.mean([(low <= CHANCES) & (high >= CHANCES) for low, high in found], axis=0)
    assert np.all(inside > LEVEL - 0.1)


def test_an_interval_holds_what_was_measured_and_is_wider_of_fewer_weeks() -> None:
    chance = np.random.default_rng(3)
    weeks = weeks_of(chance, 52)
    low, high = interval(weeks, chance)
    assert np.all((low <= weeks.share) & (weeks.share <= high))
    short_low, short_high = interval(weeks.part(0, 13), chance)
    assert np.mean(short_high - short_low) > np.mean(high - low)


def test_what_never_happened_may_still_happen() -> None:
    never = Weeks.of(np.repeat(np.arange(20), 5), np.zeros((100, 1), dtype=np.bool_))
    low, high = interval(never, np.random.default_rng(1))
    assert low[0] == 0
    # At this share a hundred days pass without in one of twenty cases.
    assert (1 - high[0]) ** 100 == pytest.approx((1 - LEVEL) / 2)
    always = Weeks.of(np.repeat(np.arange(20), 5), np.ones((100, 1), dtype=np.bool_))
    low, high = interval(always, np.random.default_rng(1))
    assert (low[0] ** 100, high[0]) == (pytest.approx((1 - LEVEL) / 2), 1)


def test_few_weeks_give_no_interval() -> None:
    weeks = weeks_of(np.random.default_rng(1), FEWEST_WEEKS - 1)
    with pytest.raises(ValueError, match="11 weeks give no interval, 12 do"):
        interval(weeks, np.random.default_rng(1))


def test_a_back_test_finds_what_is_claimed_where_weeks_are_alike_and_less_where_they_are_not() -> None:
    chance = np.random.default_rng(7)
    steady = [held(weeks_of(chance, 52), chance) for _ in range(6)]
    assert np.mean([one for one in steady if one is not None]) > LEVEL - 0.12
    drifting = np.repeat(np.linspace(0, 1, 52) > np.linspace(0.1, 0.9, 9)[:, None], 5, axis=1).T
    found = held(Weeks.of(np.repeat(np.arange(52), 5), drifting), chance)
    assert found is not None
    assert found < 0.5


def test_a_back_test_needs_weeks_before_and_after() -> None:
    chance = np.random.default_rng(1)
    assert held(weeks_of(chance, 2 * FEWEST_WEEKS - 1), chance) is None
    assert held(weeks_of(chance, 2 * FEWEST_WEEKS), chance) is not None


def test_weeks_without_a_day_are_no_weeks() -> None:
    weeks = Weeks.of(np.array([0, 0, 3, 3, 9]), np.ones((5, 2), dtype=np.bool_))
    assert weeks.days.tolist() == [2, 2, 1]
    assert weeks.share.tolist() == [1, 1]

"""The forecast is what a slow, obvious computation gives; its interval holds what it says; it never looks ahead."""

from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from analytics.forecast import (
    ERROR_DAYS,
    HORIZON,
    MEDIAN_WEEKS,
    SHARE,
    back_test,
    by_local_hours,
    forecast,
    quiet_stretches,
    weeks_known,
)

Figures = NDArray[np.float64]
NAN = float("nan")


@st.composite
def histories(draw: st.DrawFn) -> Figures:
    """Draw up to 24 weeks of three hours a day, some closed or unknown."""
    days = draw(st.integers(0, 24 * 7))
    hours = draw(arrays(np.float64, (days, 3), elements=st.sampled_from([NAN, 0.0, 1.0, 2.5, 7.0, 30.0])))
    laid = np.full((1, days, 24), np.nan)
    laid[0, :, 9:12] = hours
    return laid


def slow_median(history: Figures, day: int, hour: int, gap: int) -> tuple[float, int]:
    known = []
    for week in range(MEDIAN_WEEKS):
        before = day - 7 * (gap + week)
        if 0 <= before < len(history) and history[before, hour] == history[before, hour]:
            known.append(history[before, hour])
    return (median(known), len(known)) if known else (NAN, 0)


def slow_interval(history: Figures, day: int, hour: int, gap: int) -> tuple[float, float]:
    errors = []
    for past in range(max(len(history) - ERROR_DAYS, 0), len(history)):
        found, count = slow_median(history, past, hour, gap)
        error = (history[past, hour] - found) / np.sqrt(found + 1)
        if count >= 4 and error == error:  # noqa: PLR0124
            errors.append(error)
    errors.sort()
    place = int((len(errors) + 1) * (1 - SHARE) / 2 + 1e-9)
    if not place:
        return NAN, NAN
    found, _ = slow_median(history, day, hour, gap)
    scale = np.sqrt(found + 1)
    return max(found + errors[place - 1] * scale, 0), max(found + errors[-place] * scale, 0)


@given(histories(), st.integers(0, HORIZON - 1), st.integers(9, 11))
def test_a_forecast_is_the_slow_one(history: Figures, ahead: int, hour: int) -> None:
    found = forecast(history)
    gap = 1 + ahead // 7
    day = history.shape[1] + ahead
    expected, _ = slow_median(history[0], day, hour, gap)
    assert found.median[0, ahead, hour] == pytest.approx(expected, nan_ok=True)
    interval = slow_interval(history[0], day, hour, gap) if found.weeks[0] >= 8 else (NAN, NAN)
    got = found.lo[0, ahead, hour], found.hi[0, ahead, hour]
    assert got == pytest.approx(interval, nan_ok=True)


def noisy(weeks: int, seed: int = 1) -> Figures:
    """Return weeks with a shape by weekday and hour, and noise in proportion to the root."""
    rng = np.random.default_rng(seed)
    level = np.full((7, 24), np.nan)
    level[:5, 8:20] = 20 + 15 * np.sin(np.arange(60).reshape(5, 12))
    tiled = np.tile(level, (weeks, 1))
    noise = rng.normal(0, 1, tiled.shape) * np.sqrt(np.where(np.isnan(tiled), 0, tiled) + 1)
    return np.asarray(np.maximum(tiled + noise, 0))


def test_the_interval_holds_what_it_says_and_beats_last_week() -> None:
    tested = back_test(noisy(80))
    assert [one.horizon for one in tested] == list(range(1, HORIZON + 1))
    for one in tested:
        assert one.ours is not None
        assert one.last_week is not None
        assert one.ours.coverage == pytest.approx(SHARE, abs=0.02)
        assert one.ours.score < 0.85 * one.last_week.score
        assert one.ours.width < one.last_week.width
        assert one.ours.error < one.last_week.error


def test_forecasts_do_not_know_what_comes_after() -> None:
    history = noisy(30)
    changed = history.copy()
    changed[20 * 7 :] = 99.0
    known, other = forecast(history[None, : 20 * 7]), forecast(changed[None, : 20 * 7])
    assert np.array_equal(known.hi, other.hi, equal_nan=True)
    before, after = back_test(history[: 22 * 7]), back_test(history[: 22 * 7].copy())
    assert before == after


def test_a_back_test_is_made_of_forecasts() -> None:
    history = noisy(9)
    (first, *_), found = back_test(history), []
    for origin in range(8 * 7, 9 * 7):
        made = forecast(history[None, :origin])
        true = history[origin]
        inside = (made.lo[0, 0] <= true) & (true <= made.hi[0, 0])
        found += inside[~np.isnan(true)].tolist()
    assert first.ours is not None
    assert first.hours == len(found)
    assert first.ours.coverage == pytest.approx(np.mean(found))


def test_the_same_every_week_is_forecast_without_doubt() -> None:
    history = np.tile(np.arange(7 * 24, dtype=np.float64).reshape(7, 24), (12, 1))[None]
    found = forecast(history)
    for figure in (found.median, found.lo, found.hi):
        assert np.array_equal(figure[0], history[0, :HORIZON])


def test_below_eight_weeks_there_is_a_median_alone_and_without_history_nothing() -> None:
    history = noisy(8)[None]
    assert forecast(history).weeks.tolist() == [8]
    assert not np.isnan(forecast(history).hi[0, 0, 8:20]).any()
    short = forecast(history[:, 7:])
    assert not np.isnan(short.median[0, 0, 8:20]).any()
    assert np.isnan(short.hi).all()
    for days in (0, 3):
        empty = forecast(np.full((2, days, 24), np.nan))
        assert np.isnan(empty.median).all()
        assert empty.weeks.tolist() == [0, 0]
    assert all(one.ours is None and one.hours == 0 for one in back_test(noisy(3)))


def test_silence_before_the_first_word_is_no_history() -> None:
    history = noisy(12)[None].copy()
    history[0, : 5 * 7] = np.nan
    assert weeks_known(history).tolist() == [7]


def test_closed_hours_have_no_forecast() -> None:
    found = forecast(noisy(12)[None])
    assert np.isnan(found.median[0, :, :8]).all()
    assert np.isnan(found.median[0, 5:7]).all()


def test_a_repeated_hour_is_the_mean_of_both_and_unknown_is_not_nought() -> None:
    values = np.array([[4.0, 8.0, NAN, 5.0]])
    laid = by_local_hours(values, np.array([0, 0, 0, 1]), np.array([2, 2, 3, 0]), 2)
    assert laid[0, 0, 2] == 6
    assert laid[0, 1, 0] == 5
    assert int((~np.isnan(laid)).sum()) == 2


def test_the_quietest_stretch_is_the_one_whose_fullest_hour_is_emptiest() -> None:
    history = np.full((1, 7 * 10, 24), np.nan)
    history[0, :, 8:13] = [3, 9, 2, 4, 4]
    history[0, 1::7, 8:13] = [1, 1, 1, 1, 1]
    seats = np.full((HORIZON, 24), 10.0)
    found = quiet_stretches(forecast(history), 0, seats, 3)
    assert found[:2] == [(1, 8, 0.1), (8, 8, 0.1)]
    assert found[2] == (0, 10, 0.4)
    assert len(found) == HORIZON
    assert quiet_stretches(forecast(history), 0, seats, 6) == []
    seats[1] = 1
    seats[8] = 0
    assert [day for day, _, _ in quiet_stretches(forecast(history), 0, seats, 3)] == [0, *range(2, 8), *range(9, 14), 1]

"""Drawn days have the attendance, the correlation, the arrivals and the stays that the scenario says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.scenariodays import WEEKS, DrawnDays, draw_days
from spaces.scenario import Arrivals, Event, Scenario, StayKind
from spaces.times import MINUTE

HOURS = {0: (480, 1200), 5: (600, 900)}


def scenario(**changed: object) -> Scenario:
    values: dict[str, object] = {
        "name": "test",
        "members": 120,
        "desks": None,
        "hours": HOURS,
        "attendance": (0.4, 0, 0, 0, 0, 0.1, 0),
        "rho": (0.0,) * 7,
        "arrivals": (Arrivals(480, 600, 30), Arrivals(600, 660, 70)),
        "stays": (StayKind(3, "gamma", 90, 30), StayKind(1, "fixed", 30, 0)),
    }
    return Scenario(**{**values, **changed})  # type: ignore[arg-type]


def drawn(years: int = 20, **changed: object) -> DrawnDays:
    return draw_days(scenario(**changed), years, np.random.default_rng(7))


def comers(days: DrawnDays, weekday: int = 0) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.bincount(days.day[~days.guest], minlength=len(days.weekday))[days.weekday == weekday]
    return counts


def test_days_are_whole_years_of_the_open_weekdays() -> None:
    days = drawn(3)
    assert len(days.weekday) == 3 * WEEKS * 2
    assert np.bincount(days.year).tolist() == [2 * WEEKS] * 3
    assert set(days.weekday.tolist()) == {0, 5}


@pytest.mark.parametrize("rho", [0.0, 0.05])
def test_comers_have_the_mean_and_the_variance_of_the_beta_binomial(rho: float) -> None:
    counts = comers(drawn(60, rho=(rho,) * 7))
    assert counts.mean() == pytest.approx(48, rel=0.03)
    assert counts.var() == pytest.approx(120 * 0.4 * 0.6 * (1 + 119 * rho), rel=0.1)
    assert comers(drawn(60), 5).mean() == pytest.approx(12, rel=0.05)


def test_a_margin_moves_whole_years_and_not_the_mean() -> None:
    still, moved = drawn(100), drawn(100, margin=0.1)
    means = [comers(one).reshape(100, WEEKS).mean(axis=1) for one in (still, moved)]
    assert means[1].mean() == pytest.approx(means[0].mean(), rel=0.05)
    assert means[1].std() == pytest.approx(120 * 0.1 / 1.645, rel=0.2)
    assert means[0].std() < 2


def test_arrivals_and_stays_are_within_the_hours() -> None:
    days = drawn()
    opening = np.array([HOURS[day][0] for day in days.weekday.tolist()])[days.day] * MINUTE
    closing = np.array([HOURS[day][1] for day in days.weekday.tolist()])[days.day] * MINUTE
    assert np.all((days.start >= opening) & (days.start < closing))
    assert np.all((days.end > days.start) & (days.end <= closing))
    monday = days.weekday[days.day] == 0
    early = days.start[monday] < 600 * MINUTE
    assert early.mean() == pytest.approx(0.3, abs=0.02)
    saturday = ~monday
    assert np.all(days.start[saturday] < 660 * MINUTE)
    lasting = (days.end - days.start)[monday] / MINUTE
    assert lasting.mean() == pytest.approx(0.75 * 90 + 0.25 * 30, rel=0.02)


@pytest.mark.parametrize(
    ("stay", "spread"),
    [(StayKind(1, "gamma", 60, 20), 20), (StayKind(1, "lognormal", 60, 20), 20), (StayKind(1, "fixed", 60, 0), 0)],
)
def test_each_shape_has_its_mean_and_spread(stay: StayKind, spread: float) -> None:
    days = drawn(stays=(stay,), hours={0: (480, 1440)})
    lasting = (days.end - days.start) / MINUTE
    assert lasting.mean() == pytest.approx(60, rel=0.02)
    assert lasting.std() == pytest.approx(spread, rel=0.03, abs=0.01)


def test_events_bring_guests_in_their_share_of_weeks_and_another_turnout() -> None:
    breakfast = Event("breakfast", 0, 540, 600, 25, 0.5, None)
    open_day = Event("open day", 5, 0, 0, 0, 1.0, 0.9)
    days = drawn(40, events=(breakfast, open_day))
    guests = np.bincount(days.day[days.guest], minlength=len(days.weekday))
    assert set(guests[days.weekday == 0].tolist()) == {0, 25}
    assert (guests[days.weekday == 0] > 0).mean() == pytest.approx(0.5, abs=0.05)
    assert not guests[days.weekday == 5].any()
    assert np.all(days.start[days.guest] == 540 * MINUTE)
    assert comers(days, 5).mean() == pytest.approx(108, rel=0.02)


def test_the_same_seed_draws_the_same_days() -> None:
    one, other = drawn(2), drawn(2)
    assert np.array_equal(one.start, other.start)
    assert np.array_equal(one.end, other.end)


def test_nobody_and_everybody_can_come() -> None:
    assert not len(drawn(1, attendance=(0.0,) * 7, rho=(0.5,) * 7).day)
    assert set(comers(drawn(1, attendance=(1.0,) * 7, rho=(0.5,) * 7)).tolist()) == {120}

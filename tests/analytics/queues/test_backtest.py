"""Fitted on days that a scenario drew, the model that made them wins; counted people are stays of the same crowd."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.queues.backtest import BEFORE, POOLED, TARGET, Measured, ModelError, back_test, fitted
from analytics.queues.crowd import people_stays
from analytics.queues.load import busiest_loads
from analytics.queues.models import MODELS
from analytics.sizing.days import open_days
from analytics.sizing.demand import Stays
from analytics.spacestates import SpaceStates
from simulator.scenariodays import draw_days
from spaces.scenario import Arrivals, Scenario, StayKind
from spaces.site import CalendarRule, Floor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, HOUR, MINUTE

MADE = Scenario(
    name="made",
    members=80,
    desks=None,
    hours=dict.fromkeys(range(5), (480, 1200)),
    attendance=(0.4, 0.6, 0.5, 0.5, 0.3, 0.0, 0.0),
    rho=(0.06,) * 7,
    arrivals=(Arrivals(480, 600, 60), Arrivals(600, 900, 40)),
    stays=(StayKind(1, "gamma", 300, 90),),
)


def drawn(years: int = 6) -> Measured:
    days = draw_days(MADE, years, np.random.default_rng(5))
    order = np.lexsort((days.end, days.start + days.day * DAY))
    day = days.day[order]
    stays = Stays(day, days.start[order] + day * DAY, days.end[order] + day * DAY)
    return Measured(days.weekday, np.full(len(days.weekday), MADE.members), stays)


@pytest.fixture(scope="module")
def errors() -> dict[tuple[str, str], ModelError]:
    return {(one.measure, one.model): one for one in back_test(drawn())}


def test_the_model_that_made_the_days_wins(errors: dict[tuple[str, str], ModelError]) -> None:
    short = {model: one for (measure, model), one in errors.items() if measure == "short"}
    assert short["beta-binomial"].off < 1.5
    assert short["binomial"].off > 2 * short["beta-binomial"].off
    assert short["beta-binomial"].met == pytest.approx(TARGET, abs=0.03)
    assert short["binomial"].met > 2 * TARGET
    assert (short["binomial"].desks or 0) < (short["beta-binomial"].desks or 0)


def test_every_model_and_the_first_half_are_tried(errors: dict[tuple[str, str], ModelError]) -> None:
    assert errors.keys() == {(model.measure, model.name) for model in MODELS} | {
        (measure, BEFORE) for measure in ("short", "refused", "refused_day")
    }
    for one in errors.values():
        assert one.off >= abs(one.bias) - 1e-9
        assert 0 <= one.met <= 1


def test_what_is_fitted_is_what_the_days_were_drawn_from() -> None:
    measured = drawn()
    load, made = fitted(measured.only(measured.weekday == 1)), busiest_loads(MADE)[1][0]
    assert load.members == made.members
    assert load.peak == pytest.approx(made.peak, rel=0.05)
    assert load.variance == pytest.approx(made.variance, rel=0.25)
    assert load.mean.max() == pytest.approx(made.mean.max(), rel=0.05)
    assert load.arriving.sum() == pytest.approx(made.arriving.sum(), rel=0.05)
    assert abs(load.opening + load.busiest - made.opening - made.busiest) < 60


def test_few_weeks_are_taken_together_and_too_few_refused() -> None:
    measured = drawn(1)
    fortnight = measured.only(np.arange(len(measured.weekday)) < 10)
    assert len(back_test(fortnight)) == len(MODELS) + 3
    with pytest.raises(ValueError, match="each half needs 4 days"):
        back_test(measured.only(np.arange(len(measured.weekday)) < 6))
    assert POOLED not in range(7)


def test_days_left_out_are_gone_and_the_others_keep_their_stays() -> None:
    measured = drawn(1)
    kept = measured.weekday == 2
    some = measured.only(kept)
    assert len(some.weekday) == kept.sum()
    of_day = np.bincount(measured.stays.day, minlength=len(kept))[kept]
    assert np.bincount(some.stays.day, minlength=len(some.weekday)).tolist() == of_day.tolist()
    clock = some.stays.start - some.stays.day * DAY
    assert np.all((clock >= 8 * HOUR) & (clock < 15 * HOUR))


def test_a_house_that_is_always_empty_can_be_tried() -> None:
    none = np.zeros(0, dtype=np.int64)
    empty = Measured(np.tile(np.arange(5), 10), np.full(50, 9), Stays(none, none, none))
    # Without a desk whoever came would be refused, said of nobody.
    assert all(one.off < 1.001 and one.desks in {0, 1} and one.met == 0 for one in back_test(empty))


ROOMS = Site(
    id="s",
    name="S",
    timezone="Europe/Berlin",
    floors=(Floor("f", "F", 0),),
    zones=(Zone("z", "Z", "f"),),
    spaces=tuple(Space(name, name, "room", "z", ((BEGINNING, 9),)) for name in ("a", "b")),
    sensors=(),
    calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ((0, 1440),))),),
)
START = 1_767_567_600_000
"""2026-01-05T00:00+01:00."""
COUNTS = st.lists(st.integers(-1, 4), min_size=8, max_size=8)


def counted(counts: list[list[int]]) -> SpaceStates:
    """Return two days of states: a count each six hours, -1 unknown."""
    people = np.array(counts, dtype=np.int32).reshape(-1)
    start = np.tile(START + np.arange(8) * 6 * HOUR, 2)
    return SpaceStates(
        ("a", "b"),
        (START, START + 2 * DAY),
        np.repeat(np.array([0, 1], dtype=np.int32), 8),
        start,
        start + 6 * HOUR,
        np.sign(people).astype(np.int8),
        people,
    )


@given(COUNTS, COUNTS)
def test_as_many_stay_as_were_counted(first: list[int], second: list[int]) -> None:
    days = open_days(ROOMS, ROOMS.spaces, START, START + 2 * DAY)
    stays, known = people_stays(counted([first, second]), ROOMS.spaces, days)
    for index in range(8):
        moment = START + index * 6 * HOUR + MINUTE
        there = int(((stays.start <= moment) & (moment < stays.end)).sum())
        assert there == max(first[index], 0) + max(second[index], 0)
    assert np.all(stays.end - stays.start <= DAY)
    told = [sum(count >= 0 for count in first[low : low + 4] + second[low : low + 4]) / 8 for low in (0, 4)]
    assert known.tolist() == pytest.approx(told)


def lengths(counts: NDArray[np.int64]) -> list[float]:
    days = open_days(ROOMS, ROOMS.spaces, START, START + 2 * DAY)
    stays, _ = people_stays(counted([counts.tolist(), [0] * 8]), ROOMS.spaces, days)
    return sorted(((stays.end - stays.start) / HOUR).tolist())


def test_who_comes_first_leaves_first_and_nobody_stays_over_night() -> None:
    assert lengths(np.array([1, 2, 1, 0, 0, 0, 0, 0])) == [12, 12]
    assert lengths(np.array([0, 0, 0, 2, 2, 0, 0, 0])) == [6, 6, 6, 6]

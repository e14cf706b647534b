"""Dwell and turnover: the estimate equals its definition in fractions, and days are those of the calendar."""

import math
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.dwell import begun, dwell, over_bridges, space_days
from analytics.groups import group_spaces
from analytics.sessions import sessions
from analytics.spacestates import space_states, split
from analytics.survival import Survival, survival
from spaces.calendar import local_days, open_intervals
from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.site import CalendarRule, Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, HOUR, Millis
from tests.analytics.houses import House, houses, states_of, tried

seen = st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=30)


def estimated(pairs: list[tuple[int, bool]]) -> Survival:
    length, ended = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return survival(length, ended.astype(np.bool_))


def product_limit(pairs: list[tuple[int, bool]], moment: int) -> Fraction:
    """Kaplan and Meier's product over the ends up to a moment."""
    share = Fraction(1)
    for at in sorted({length for length, ended in pairs if ended and length <= moment}):
        lasted = sum(length >= at for length, _ in pairs)
        share *= 1 - Fraction(sum(ended and length == at for length, ended in pairs), lasted)
    return share


@tried(60)
@given(seen)
def test_the_estimate_is_the_product_over_the_ends(pairs: list[tuple[int, bool]]) -> None:
    found = estimated(pairs)
    moments = np.arange(14)
    for moment, share, lo, hi in zip(
        moments.tolist(), *(row.tolist() for row in found.longer_than(moments)), strict=True
    ):
        expected = product_limit(pairs, moment)
        if math.isnan(share):
            assert expected > 0
            assert moment > max((length for length, _ in pairs), default=0)
        else:
            assert share == pytest.approx(float(expected), abs=1e-12)
            assert math.isnan(lo) == math.isnan(hi) == (expected == 0)
            assert expected == 0 or 0 <= lo <= share + 1e-12
            assert expected == 0 or share - 1e-12 <= hi <= 1


@tried(60)
@given(st.lists(st.integers(1, 1000), min_size=1), st.sampled_from((0.5, 0.9, 0.95)))
def test_where_every_end_was_seen_it_is_plain_statistics(lengths: list[int], part: float) -> None:
    found = estimated([(length, True) for length in lengths])
    assert found.quantile(part) == np.quantile(lengths, part, method="inverted_cdf")
    assert found.mean() == pytest.approx(sum(lengths) / len(lengths))


def test_limits_are_those_of_a_published_example() -> None:
    """The 6-MP group of Freireich et al. (1963), which textbooks take: S(6) = 0.857, limits 0.620 and 0.952."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    lost = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = estimated([(week, True) for week in ended] + [(week, False) for week in lost])
    share, lo, hi = (row.round(3).tolist() for row in found.longer_than(np.array([6, 10, 23])))
    assert share == [0.857, 0.753, 0.448]
    assert (lo[0], hi[0]) == (0.620, 0.952)
    assert (lo[2], hi[2]) == (0.188, 0.680)
    assert found.quantile(0.5) == 23
    assert math.isnan(found.quantile(0.9))


def test_nothing_seen_is_no_figure() -> None:
    found = estimated([])
    assert math.isnan(found.mean())
    assert math.isnan(found.quantile(0.5))
    assert np.isnan(found.longer_than(np.array([1]))[0]).all()


@tried(20)
@given(houses())
def test_days_watched_are_known_time_over_open_time_of_each_opening_that_begins(house: House) -> None:
    states = states_of(house)
    found = space_days(house.site, states)
    for number, space in enumerate(house.site.spaces):
        expected = 0.0
        for opening, closing in _openings(house.site, space, states.window):
            mine = (states.space == number) & (states.occupied >= 0)
            start, end = np.maximum(states.start[mine], opening), np.minimum(states.end[mine], closing)
            if house.start <= opening < house.end:
                expected += float(np.maximum(end - start, 0).sum()) / (min(closing, house.end) - opening)
        assert found[number] == pytest.approx(expected)


def _openings(site: Site, space: Space, window: tuple[Millis, Millis]) -> list[tuple[Millis, Millis]]:
    """Openings around a window; those longer than a day in pieces between the midnights of local days."""
    found = []
    for opening, closing in open_intervals(site, space, window[0] - 2 * DAY, window[1] + 2 * DAY).tolist():
        marks = [site.midnight(day) for day in local_days(site, opening, closing)] if closing - opening > DAY else []
        cuts = [opening, *(mark for mark in marks if opening < mark < closing), closing]
        found += list(pairwise(cuts))
    return found


@tried(20)
@given(houses(), st.integers())
def test_sessions_of_two_windows_are_those_of_both_together(house: House, cut: int) -> None:
    """None is counted twice, wherever use is cut; a bridge over the cut would be another matter."""
    states = states_of(house)
    middle = house.start + 1 + cut % (house.end - house.start - 1)
    assume(middle not in states.start)
    assume(all(middle not in open_intervals(house.site, space, *states.window) for space in house.site.spaces))
    apart = [begun(sessions(house.site, part, 0), part.window) for part in split(states, [middle])]
    whole = begun(sessions(house.site, states, 0), states.window)
    assert sum(len(found) for found in apart) == len(whole)


SITE = Site(
    "h",
    "House",
    "UTC",
    (Floor("f", "F", 0),),
    (Zone("z", "Z", "f"),),
    tuple(Space(name, name, "desk", "z", ((BEGINNING, 1),)) for name in ("a", "b")),
    tuple(Sensor(f"x-{name}", name, silence=30 * HOUR) for name in ("a", "b")),
    calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ((480, 1200),))),),
)


def said(*hours: float, space: str = "a") -> list[Reading]:
    """A desk is taken and left again in turn at these hours; vacant at midnight."""
    times = [0, *(round(hour * HOUR) for hour in hours)]
    return [Reading("h", f"x-{space}", time, time, occupied=bool(turn % 2)) for turn, time in enumerate(times)]


def test_numbers_are_those_worked_out_by_hand() -> None:
    rows = [*said(9, 10, 12, 14, 18, 22), *said(11, 11.5, space="b")]
    states = space_states(SITE, readings_from(rows), 0, DAY)
    both, each = (dwell(SITE, states, group_spaces(SITE, by), sessions(SITE, states)) for by in ("kind", "space"))
    assert (both.sessions.tolist(), both.censored.tolist(), both.spaces_used.tolist()) == ([4], [1], [2])
    assert both.space_days.tolist() == [2.0]
    assert both.turnover.tolist() == [2.0]
    assert each.turnover.tolist() == [3.0, 1.0]
    # Of 30, 60, 120 and at least 120 minutes: the shares left are 3/4, 1/2, 1/4.
    assert (both.median[0], both.mean[0]) == (60, 30 + 22.5 + 30)
    assert np.isnan(both.p90[0])


def test_a_half_known_day_is_half_a_day() -> None:
    rows = [Reading("h", "x-a", hour * HOUR, hour * HOUR, occupied=False) for hour in (0, 1)]
    site = replace(SITE, sensors=(Sensor("x-a", "a", silence=13 * HOUR), Sensor("x-b", "b")))
    states = space_states(site, readings_from(rows), 0, DAY)
    assert space_days(site, states).tolist() == [0.5, 0]
    found = dwell(site, states, group_spaces(site, "space"), sessions(site, states))
    assert found.turnover[0] == 0
    assert np.isnan(found.turnover[1])
    assert np.isnan(found.median).all()


def test_a_house_that_never_closes_has_days() -> None:
    site = replace(SITE, calendars=(), timezone="Europe/Berlin")
    start, end = site.midnight(date(2026, 10, 24)), site.midnight(date(2026, 10, 26))
    rows = [Reading("h", "x-a", start + hour * HOUR, start, occupied=False) for hour in (0, 20, 40)]
    states = space_states(site, readings_from(rows), start, end)
    assert end - start == 49 * HOUR
    assert space_days(site, states).tolist() == [2, 0]


def test_longer_bridges_make_fewer_and_longer_sessions() -> None:
    rows = said(9, 9.5, 9.7, 10, 10.4, 11)
    states = space_states(SITE, readings_from(rows), 0, DAY)
    found = over_bridges(SITE, states, group_spaces(SITE, "site"))
    assert [figures.sessions.tolist() for figures in found] == [[3], [3], [3], [2], [2], [1]]
    assert [figures.mean.round(1).tolist() for figures in found] == [[28], [28], [28], [48], [48], [120]]

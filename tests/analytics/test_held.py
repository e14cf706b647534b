"""Held time: equal to a slow reading of its definition, and to what can be reckoned in the head."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.buckets import Bucket, edges
from analytics.groups import By, Groups, group_spaces
from analytics.held import HELD, held_gaps, held_hours, held_time
from analytics.spacestates import split
from spaces.calendar import open_intervals
from spaces.reading import Reading
from spaces.site import CalendarRule, Sensor, Site, Space
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis, to_datetime
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import Oracle
from tests.analytics.test_figures import BUCKETS, GROUPINGS

MIDNIGHT: Millis = 20_000 * DAY


def flexible(house: House) -> House:
    """Return the house with every desk flexible."""
    spaces = [replace(one, assignment="flexible" if one.kind == "desk" else None) for one in house.site.spaces]
    return replace(house, site=replace(house.site, spaces=tuple(spaces)))


def held_slowly(oracle: Oracle, space: Space, longest: Millis) -> list[tuple[Millis, int]]:
    """Return (moment, length) of the held time of a space, looking both ways from each open, vacant moment."""
    if space.assignment != "flexible":
        return []
    steps = oracle.lengths(lambda moment: oracle.is_open(space, moment))
    states = [oracle.state(space, moment)[0] for moment, _ in steps]
    found = []
    for index, (moment, length) in enumerate(steps):
        before = next((i for i in range(index - 1, -1, -1) if states[i] is not False), None)
        after = next((i for i in range(index + 1, len(steps)) if states[i] is not False), None)
        if states[index] is not False or before is None or after is None or not (states[before] and states[after]):
            continue
        left, back = sum(steps[before]), steps[after][0]
        if back - left <= longest and open_day(oracle.site, space, left - 1) == open_day(oracle.site, space, back):
            found.append((moment, length))
    return found


def open_day(site: Site, space: Space, moment: Millis) -> object:
    """Return the local date on which the opening began in which a moment lies."""
    for low, high in open_intervals(site, space, moment - 3 * DAY, moment + 3 * DAY).tolist():
        if low <= moment < high:
            return to_datetime(moment if high - low > DAY else low).astimezone(site.tz).date()
    raise AssertionError


@tried(30)
@given(houses(), st.sampled_from((HELD, 15 * MINUTE, 6 * HOUR)))
def test_held_gaps_equal_the_oracle(house: House, longest: Millis) -> None:
    house = flexible(house)
    oracle, gaps = house.oracle, held_gaps(house.site, states_of(house), longest)
    for index, space in enumerate(house.site.spaces):
        mine = [(low, high) for at, low, high in zip(gaps.space, gaps.start, gaps.end, strict=True) if at == index]
        slow = held_slowly(oracle, space, longest)
        assert sum(high - low for low, high in mine) == sum(length for _, length in slow)
        assert all(any(low <= moment < high for low, high in mine) for moment, _ in slow)


@tried(15)
@given(houses(), st.sampled_from(BUCKETS), st.sampled_from(GROUPINGS))
def test_buckets_of_held_time_are_its_parts(house: House, bucket: Bucket, by: By) -> None:
    house = flexible(house)
    states, marks = states_of(house), edges(house.site.tz, house.start, house.end, bucket)
    found, gaps = held_time(house.site, states, group_spaces(house.site, by), marks), held_gaps(house.site, states)
    assert found.sum() == (gaps.end - gaps.start).sum()


@tried(20)
@given(houses(), st.integers(0, 3 * HOUR), st.integers(0, 3 * HOUR))
def test_states_of_ninety_minutes_about_a_window_are_enough(house: House, early: Millis, late: Millis) -> None:
    house = flexible(house)
    states, groups = states_of(house), group_spaces(house.site, "space")
    cut = np.array([house.start + early, max(house.end - late, house.start + early)])
    parts = split(states, [cut[0] - HELD, cut[1] + HELD])
    inner = next(part for part in parts if part.window[0] <= cut[0] < part.window[1] or part is parts[-1])
    assert held_time(house.site, inner, groups, cut).tolist() == held_time(house.site, states, groups, cut).tolist()


def gaps_of(
    rows: Sequence[tuple[float, bool | None]], hours: tuple[tuple[int, int], ...] = ((480, 1200),)
) -> list[float]:
    """Return the hours of day 0 at which held gaps of one desk begin and end; rows are (hour, occupied)."""
    desk = Space("a", "A", "desk", "z", ((BEGINNING, 1),), "flexible")
    rule = CalendarRule(weekly=dict.fromkeys(range(7), hours))
    site = Site("h", "H", "UTC", (), (), (desk,), (Sensor("a", "a", silence=DAY),), calendars=(rule,))
    said = [Reading("h", "a", MIDNIGHT + round(at * HOUR), 0, occupied=used, people=None) for at, used in rows]
    gaps = held_gaps(site, states_of(House(site, said, MIDNIGHT, MIDNIGHT + 2 * DAY)))
    found: list[float] = ((np.stack((gaps.start, gaps.end), axis=1).reshape(-1) - MIDNIGHT) / HOUR).tolist()
    return found


def test_lunch_is_held_and_an_afternoon_is_not() -> None:
    assert gaps_of([(9, True), (12, False), (13.5, True), (14, False), (15.75, True), (16, False)]) == [12, 13.5]


def test_what_is_unknown_between_two_uses_holds_nothing() -> None:
    assert gaps_of([(9, True), (12, False), (12.25, None), (12.5, False), (13, True), (14, False)]) == []


def test_nothing_is_held_overnight_but_an_evening_that_passes_midnight_is_one_day() -> None:
    late = [(23, True), (23.75, False), (24.5, True), (25, False)]
    assert gaps_of(late, ((1080, 1560),)) == [23.75, 24.5]
    assert gaps_of(late, ((0, 1440),)) == []


def test_a_gap_over_a_break_is_held_while_the_house_is_open() -> None:
    assert gaps_of([(9, True), (11.75, False), (12.75, True), (14, False)], ((480, 720), (750, 1200))) == pytest.approx(
        [11.75, 12, 12.5, 12.75]
    )


def test_only_flexible_desks_hold() -> None:
    kinds = (("desk", "flexible"), ("desk", "fixed"), ("desk", None), ("room", None))
    spaces = tuple(
        Space(str(i), "", kind, "z", ((BEGINNING, 1),), assignment)  # type: ignore[arg-type]
        for i, (kind, assignment) in enumerate(kinds)
    )
    site = Site("h", "H", "UTC", (), (), spaces, tuple(Sensor(one.id, one.id, silence=DAY) for one in spaces))
    said = [
        Reading("h", one.id, MIDNIGHT + at * HOUR, 0, occupied=at != 2, people=None)
        for one in spaces
        for at in (1, 2, 3)
    ]
    states = states_of(House(site, said, MIDNIGHT, MIDNIGHT + 4 * HOUR))
    groups = Groups(("x", "y"), np.array([0, 0, 1, 1], dtype=np.int32))
    marks = np.array([MIDNIGHT, MIDNIGHT + 4 * HOUR])
    assert held_time(site, states, groups, marks).tolist() == [[HOUR], [0]]
    hours = held_hours(site, states, groups, np.array([MIDNIGHT, MIDNIGHT + HOUR, MIDNIGHT + 3 * HOUR]))
    assert hours.ravel() == pytest.approx([math.nan, 1, math.nan, math.nan], nan_ok=True)

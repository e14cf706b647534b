"""A larger house, with more calendars than are rolled up in every combination, and what roll-ups leave to states."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest

from analytics.availability import availability
from analytics.buckets import edges
from analytics.groups import By, group_spaces
from analytics.heatmap import heatmap
from analytics.peaks import peaks
from analytics.rollup import figures
from analytics.rollup.layout import Layout
from analytics.rollup.opened import NotRolledUpError
from analytics.rollup.rolled import Rolled
from analytics.rollup.rolling import roll
from analytics.spacestates import SpaceStates, no_states, space_states
from analytics.utilisation import utilisation
from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.site import CalendarRule, Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis
from tests.analytics.rollup.oracle import BYS, assert_equal
from tests.analytics.test_figures import BUCKETS

ZONES = 5
HOURS = [((420, 1320),), ((480, 1080),), ((540, 1020),), ((600, 780), (840, 1200)), ((1080, 1560),)]
ASKED: list[dict[str, Any]] = [{}, {"kind": "desk"}, {"assignment": "flexible"}]
MONDAY: Millis = 20_577 * DAY


def house(calendars: int = ZONES) -> Site:
    """Return a house of desks and rooms in five zones, so many of which have hours of their own."""
    places = [
        (kind, zone, n) for zone in range(ZONES) for kind, count in (("desk", 7), ("room", 2)) for n in range(count)
    ]
    spaces = tuple(
        Space(
            f"{kind}-{zone}-{n}", "", kind, f"z{zone}", ((BEGINNING, 1 if kind == "desk" else 6),),
            ("fixed" if n < 3 else "flexible") if kind == "desk" else None,
        )
        for kind, zone, n in places
    )  # fmt: skip
    rules = [CalendarRule(zone=f"z{n}", weekly=dict.fromkeys(range(7), HOURS[n])) for n in range(calendars)]
    rules.append(CalendarRule(weekly=dict.fromkeys(range(7), ((480, 1200),))))
    return Site(
        "big", "Big", "Europe/Berlin", (Floor("f0", "", 0), Floor("f1", "", 1)),
        tuple(Zone(f"z{n}", "", f"f{n % 2}") for n in range(ZONES)), spaces,
        tuple(Sensor(f"s-{space.id}", space.id, silence=4 * HOUR) for space in spaces), calendars=tuple(rules),
    )  # fmt: skip


def lived(site: Site, days: int = 2, seed: int = 1) -> SpaceStates:
    """Return states of some days in which spaces are used at random; one room of two is counted."""
    random, rows = Random(seed), list[Reading]()
    for space in site.spaces:
        time, used = MONDAY, False
        while (time := time + random.randrange(5, 200) * MINUTE + random.randrange(1000)) < MONDAY + days * DAY:
            used = not used
            people = random.randrange(1, 9) if space.id.startswith("room") and space.id.endswith("1") and used else None
            rows.append(Reading("big", f"s-{space.id}", time, time, occupied=used, people=people))
    return space_states(site, readings_from(rows), MONDAY, MONDAY + days * DAY)


def rolled_up(site: Site) -> tuple[Layout, SpaceStates, Rolled]:
    layout, states = Layout.of(site, ()), lived(site)
    return layout, states, roll(layout, states, *states.window)


@pytest.mark.parametrize("calendars", [0, 2, ZONES])
@pytest.mark.parametrize("by", BYS)
def test_all_figures_equal_those_from_states(calendars: int, by: By) -> None:
    site = house(calendars)
    layout, states, rolled = rolled_up(site)
    for asked in ASKED:
        groups = group_spaces(site, by, **asked)
        for bucket in BUCKETS[1:3]:
            marks = edges(site.tz, *states.window, bucket)
            found = figures.utilisation(layout, rolled, groups, marks)
            assert_equal(found, utilisation(site, states, groups, marks))
            assert_equal(figures.peaks(layout, rolled, groups, marks), peaks(site, states, groups, marks))
            left = figures.availability(layout, rolled, groups, marks)
            assert_equal(left, availability(site, states, groups, marks))
            assert asked or np.nansum(left.at_target) > 0, "there are enough spaces for targets"
        assert_equal(figures.heatmap(layout, rolled, groups), heatmap(site, states, groups))


def test_a_day_on_which_other_calendars_meet_than_usual_is_left_to_states() -> None:
    usual = house()
    late = CalendarRule(zone="z0", exceptions={date(2026, 5, 4): ((60, 120), (1320, 1410))})
    early = CalendarRule(zone="z1", exceptions={date(2026, 5, 4): ((60, 120),)})
    site = replace(usual, calendars=(late, early, *usual.calendars))
    layout, states, rolled = rolled_up(site)
    groups, marks = group_spaces(site, "site"), edges(site.tz, *states.window, "1d")
    with pytest.raises(NotRolledUpError):
        figures.peaks(layout, rolled, groups, marks)
    found = figures.utilisation(layout, rolled, groups, marks)
    assert_equal(found, utilisation(site, states, groups, marks))  # sums add up, whatever is open together


@pytest.mark.parametrize(
    "ask",
    [
        lambda layout, rolled, site: figures.wanted(
            layout, group_spaces(site, "space", kind="desk"), rolled.start, rolled.end
        ),
        lambda layout, rolled, site: figures.peaks(
            layout, rolled, group_spaces(site, "site"), np.array([MONDAY, MONDAY + 7 * MINUTE, MONDAY + DAY])
        ),
        lambda layout, rolled, site: figures.peaks(
            layout, replace(rolled, runs=None), group_spaces(site, "site"), np.array([MONDAY, MONDAY + DAY])
        ),
        lambda layout, rolled, site: figures.availability(
            layout, replace(rolled, levels=None), group_spaces(site, "site"), np.array([MONDAY, MONDAY + DAY])
        ),
    ],
    ids=["single desks", "buckets off the quarter-hour", "no running minima", "no levels"],
)
def test_what_is_not_rolled_up_is_said_to_be(ask: Callable[[Layout, Rolled, Site], object]) -> None:
    layout, _, rolled = rolled_up(house(0))
    with pytest.raises(NotRolledUpError):
        ask(layout, rolled, layout.site)


def test_opening_hours_off_the_quarter_hour_are_left_to_states() -> None:
    site = replace(house(0), calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ((485, 1200),))),))
    layout, _, rolled = rolled_up(site)
    with pytest.raises(NotRolledUpError, match="opens or closes"):
        figures.heatmap(layout, rolled, group_spaces(site, "site"))


def test_a_house_that_is_always_closed_and_a_window_of_no_time_have_figures_of_nothing() -> None:
    site = replace(house(0), calendars=(CalendarRule(weekly={}),))
    layout, states, rolled = rolled_up(site)
    groups, marks = group_spaces(site, "zone"), edges(site.tz, *states.window, "1d")
    assert_equal(figures.peaks(layout, rolled, groups, marks), peaks(site, states, groups, marks))
    nothing = roll(layout, no_states(site, MONDAY), MONDAY, MONDAY)
    assert_equal(
        figures.utilisation(layout, nothing, groups, marks),
        utilisation(site, no_states(site, MONDAY), groups, marks),
    )


def test_states_that_do_not_cover_the_window_or_are_of_other_spaces_are_refused() -> None:
    layout, states, _ = rolled_up(house(0))
    with pytest.raises(ValueError, match="cover"):
        roll(layout, states, MONDAY - 1, MONDAY + HOUR)
    with pytest.raises(ValueError, match="other spaces"):
        roll(layout, replace(states, spaces=states.spaces[::-1]), MONDAY, MONDAY + HOUR)

"""Stays are use and what a jacket holds, inside opening hours; days are whole; what is unknown is neither."""

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given

from analytics.held import held_gaps
from analytics.sizing.censoring import FEW, censored_times
from analytics.sizing.days import OpenDays, open_days, stretches
from analytics.sizing.demand import Demand, demand, join_demand, no_demand, pool_of
from analytics.spacestates import SpaceStates, split
from spaces.calendar import open_intervals
from spaces.site import CalendarRule, Hours, Site, Space
from spaces.times import BEGINNING, DAY, HOUR, MINUTE
from tests.analytics.houses import House, houses, states_of, tried


def flexible(house: House) -> tuple[Site, SpaceStates, list[Space]]:
    """Return a house in which every space is a flexible desk of one calendar, its states and its desks."""
    spaces = tuple(replace(space, kind="desk", assignment="flexible") for space in house.site.spaces)
    rules = tuple(rule for rule in house.site.calendars if rule.zone is None and rule.space is None)
    site = replace(house.site, spaces=spaces, calendars=rules)
    return site, states_of(replace(house, site=site)), pool_of(site, "flexible")


def measured(site: Site, states: SpaceStates, desks: list[Space]) -> Demand:
    """Return the demand over the states' window."""
    return demand(site, states, desks, open_days(site, desks, *states.window))


def present(demanded: Demand, moment: int) -> int:
    """Return how many stays are there at a moment."""
    stays = demanded.stays
    return int(((stays.start <= moment) & (moment < stays.end)).sum())


def state_at(states: SpaceStates, index: int, moment: int) -> int:
    """Return the state of a space at a moment."""
    here = (states.space == index) & (states.start <= moment) & (moment < states.end)
    return int(states.occupied[here][0])


@tried(40)
@given(houses())
def test_at_any_moment_of_a_whole_day_demand_is_what_is_occupied_or_held(house: House) -> None:
    site, states, desks = flexible(house)
    found = measured(site, states, desks)
    gaps = held_gaps(site, states)
    index = [site.spaces.index(desk) for desk in desks]
    for low, high in zip(found.days.start.tolist(), found.days.end.tolist(), strict=True):
        for moment in range(low, high, 17 * MINUTE):
            used = sum(state_at(states, number, moment) == 1 for number in index)
            held = int(((gaps.start <= moment) & (moment < gaps.end)).sum())
            assert present(found, moment) == used + held


@tried(40)
@given(houses())
def test_coverage_is_known_time_of_desks_with_a_sensor(house: House) -> None:
    site, states, desks = flexible(house)
    found = measured(site, states, desks)
    entries = {desk.id: [one for one in site.sensors if one.space == desk.id] for desk in desks}
    for day, coverage in enumerate(found.coverage.tolist()):
        known = could = 0
        here = found.days.day == day
        for low, high in zip(found.days.start[here].tolist(), found.days.end[here].tolist(), strict=True):
            for moment in range(low, high, 5 * MINUTE):
                for desk in desks:
                    if any(one.since <= moment < one.until for one in entries[desk.id]):
                        could += 1
                        known += state_at(states, site.spaces.index(desk), moment) >= 0
        # Moments of five minutes, so that what begins or ends between two of them is a little off.
        assert np.isnan(coverage) if not could else abs(coverage - known / could) < 0.1


@tried(40)
@given(houses())
def test_a_window_measured_in_parts_is_the_window(house: House) -> None:
    site, states, desks = flexible(house)
    days = open_days(site, desks, *states.window)
    whole = demand(site, states, desks, days)
    cuts = [low for low, _ in stretches(days, 1)]
    parts = [demand(site, part, desks, days) for part in split(states, cuts)]
    joined = join_demand([no_demand(days, len(desks)), *parts])
    for name in ("day", "start", "end"):
        assert getattr(joined.stays, name).tolist() == getattr(whole.stays, name).tolist()
    assert np.allclose(joined.coverage, whole.coverage, equal_nan=True)
    assert joined.desks == whole.desks


@tried(40)
@given(houses())
def test_demand_is_censored_while_hardly_a_known_desk_is_vacant(house: House) -> None:
    site, states, desks = flexible(house)
    found = measured(site, states, desks)
    censored = censored_times(found).times
    index = [site.spaces.index(desk) for desk in desks]
    for low, high in zip(found.days.start.tolist(), found.days.end.tolist(), strict=True):
        for moment in range(low, high, 17 * MINUTE):
            known = sum(state_at(states, number, moment) >= 0 for number in index)
            full = known > 0 and known - present(found, moment) <= max(1, FEW * known)
            inside = bool(((censored.start <= moment) & (moment < censored.end)).any())
            assert inside == full


@tried(40)
@given(houses())
def test_open_days_are_whole_and_hold_all_open_time_of_theirs(house: House) -> None:
    site, states, desks = flexible(house)
    if not desks:
        return
    days = open_days(site, desks, *states.window)
    opened = open_intervals(site, desks[0], *states.window)
    assert np.all(days.start[1:] >= days.end[:-1])
    for low, high in zip(days.start.tolist(), days.end.tolist(), strict=True):
        assert any(a <= low and high <= b for a, b in opened.tolist())
    for day in range(len(days)):
        begins = site.midnight(date.fromordinal(int(days.date[day])))
        assert begins <= days.opens[day] < begins + 26 * HOUR


HOURS: dict[str, tuple[dict[int, Hours], list[tuple[date, int]]]] = {
    "passes midnight": ({4: ((18 * 60, 26 * 60),)}, [(date(2026, 5, 8), 8 * HOUR)]),
    "round the clock": (
        dict.fromkeys(range(7), ((0, 1440),)),
        [(date(2026, 5, day), DAY) for day in range(4, 11)],
    ),
    "two spans": ({0: ((480, 720), (780, 1200))}, [(date(2026, 5, 4), 11 * HOUR)]),
}


def test_an_opening_belongs_to_the_day_on_which_it_begins() -> None:
    for weekly, expected in HOURS.values():
        desk = Space("d", "D", "desk", "z", ((BEGINNING, 1),), "flexible")
        site = Site("s", "S", "Europe/Berlin", (), (), (desk,), (), calendars=(CalendarRule(weekly=weekly),))
        days = open_days(site, [desk], site.midnight(date(2026, 5, 4)), site.midnight(date(2026, 5, 11)))
        found = [
            (date.fromordinal(day), lasts)
            for day, lasts in zip(days.date.tolist(), days.open_time.tolist(), strict=True)
        ]
        assert found == expected


def test_days_at_the_windows_edges_that_are_not_whole_are_none() -> None:
    desk = Space("d", "D", "desk", "z", ((BEGINNING, 1),), "flexible")
    site = Site("s", "S", "Europe/Berlin", (), (), (desk,), (), calendars=(CalendarRule(weekly={0: ((480, 1200),)}),))
    monday = site.midnight(date(2026, 5, 4))
    assert len(open_days(site, [desk], monday + 8 * HOUR, monday + 20 * HOUR)) == 1
    assert len(open_days(site, [desk], monday + 8 * HOUR + 1, monday + 20 * HOUR)) == 0
    assert len(open_days(site, [desk], monday + 8 * HOUR, monday + 20 * HOUR - 1)) == 0
    assert isinstance(open_days(site, [desk], monday, monday), OpenDays)

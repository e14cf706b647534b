"""Parties and rooms' figures: equal to a slow look, and to what can be worked out by hand."""

from dataclasses import replace

import numpy as np
from hypothesis import given

from analytics.groups import group_spaces
from analytics.parties import HELD, Parties, parties
from analytics.rooms import RoomFigures, room_figures
from analytics.sessions import sessions
from analytics.spacestates import space_states
from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.site import Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, HOUR, Millis
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import Oracle


def in_rooms(house: House) -> House:
    """The same house, all of whose spaces are rooms."""
    rooms = tuple(replace(space, kind="room") for space in house.site.spaces)
    return replace(house, site=replace(house.site, spaces=rooms))


def largest_held(oracle: Oracle, space: Space, start: Millis, end: Millis) -> int:
    """Try every number of people: was it reached for long enough without a break?"""
    best = 0
    for number in range(1, 20):
        since: Millis | None = None
        for moment, length in oracle.lengths(lambda at: start <= at < end):
            people = oracle.state(space, moment)[1]
            since = (moment if since is None else since) if people is not None and people >= number else None
            if since is not None and moment + length - since >= HELD:
                best = number
    return best


@tried(25)
@given(houses())
def test_parties_equal_the_slow_look(house: House) -> None:
    house = in_rooms(house)
    states, oracle = states_of(house), house.oracle
    found = parties(house.site, states)
    expected = []
    all_sessions = sessions(house.site, states)
    for number, start, end in zip(
        *(column.tolist() for column in (all_sessions.space, all_sessions.start, all_sessions.end)), strict=True
    ):
        space = house.site.spaces[number]
        size = largest_held(oracle, space, start, end)
        inside = oracle.lengths(lambda at, low=start, high=end: low <= at < high)  # type: ignore[misc]  # the default
        partly = any(oracle.state(space, moment)[:2] == (True, None) for moment, _ in inside)
        if size:
            expected.append((number, start, end, size, space.capacity_at(start), partly))
    columns = (found.space, found.start, found.end, found.size, found.seats, found.partly)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected


@tried(25)
@given(houses())
def test_shares_of_occupied_time_equal_the_slow_look(house: House) -> None:
    house = in_rooms(house)
    states, oracle = states_of(house), house.oracle
    groups = group_spaces(house.site, "space")
    found = room_figures(house.site, states, groups, parties(house.site, states))
    for number, space in enumerate(house.site.spaces):
        total, alone, over = 0, 0, 0
        for moment, length in oracle.lengths(lambda at, space=space: oracle.is_open(space, at)):  # type: ignore[misc]
            people = oracle.state(space, moment)[1]
            if people:
                total += length
                alone += length * (people == 1)
                over += length * (people > space.capacity_at(moment))
        assert shown(found.solo[number]) == (alone / total if total else None)
        assert shown(found.over[number]) == (over / total if total else None)


def shown(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def site(*seats: int) -> Site:
    rooms = tuple(Space(f"r{number}", "R", "room", "z", ((BEGINNING, of),)) for number, of in enumerate(seats))
    sensors = tuple(Sensor(f"x{number}", f"r{number}", silence=DAY) for number in range(len(seats)))
    return Site("h", "H", "UTC", (Floor("f", "F", 0),), (Zone("z", "Z", "f"),), rooms, sensors)


def counted(room: int, *steps: tuple[float, int | None]) -> list[Reading]:
    """From each hour on so many people, None: occupied and not counted."""
    return [
        Reading("h", f"x{room}", round(hour * HOUR), 0, occupied=people != 0, people=people)
        for hour, people in [(0, 0), *steps]
    ]


def seen(house: Site, *rows: Reading) -> tuple[Parties, RoomFigures]:
    states = space_states(house, readings_from(rows), 0, DAY)
    found = parties(house, states)
    return found, room_figures(house, states, group_spaces(house, "space"), found)


def test_who_looks_in_at_the_door_is_no_party_and_makes_none_larger() -> None:
    found, figures = seen(
        site(4), *counted(0, (9, 2), (9.5, 3), (9.5 + 4 / 60, 2), (10, 0), (12, 1), (12 + 4.9 / 60, 0))
    )
    assert (found.size.tolist(), found.seats.tolist()) == ([2], [4])
    assert (figures.parties.tolist(), figures.largest_party.tolist()) == ([1], [2])


def test_numbers_are_those_worked_out_by_hand() -> None:
    house = site(4, 2, 6)
    rows = [*counted(0, (9, 1), (10, 6), (10.5, 2), (11, 0)), *counted(1, (9, None), (12, 0), (13, 1), (14, 0))]
    found, figures = seen(house, *rows)
    assert found.size.tolist() == [6, 1]
    assert figures.counted.tolist() == [True, True, False]
    assert figures.utilisation[:2].tolist() == [2 / 24, 4 / 24]
    assert figures.fill[:2].tolist() == [(1 + 3 + 1) / 8, 0.5]
    assert figures.solo[:2].tolist() == [0.5, 1]
    assert figures.over[:2].tolist() == [0.25, 0]
    assert np.isnan(figures.fill[2])
    assert np.isnan(figures.median_party[2])
    assert figures.coverage.tolist() == [1, 1, 0]


def test_a_room_that_only_knows_that_it_is_in_use_has_no_parties() -> None:
    rows = [Reading("h", "x0", hour * HOUR, 0, occupied=hour == 9) for hour in range(24)]
    found, figures = seen(site(4), *rows)
    assert len(found) == 0
    assert figures.counted.tolist() == [False]
    assert (figures.utilisation[0], shown(figures.solo[0]), shown(figures.fill[0])) == (1 / 24, None, None)


def test_a_party_that_was_not_counted_for_a_while_may_have_been_larger() -> None:
    found, _ = seen(site(4), *counted(0, (9, 2), (9.5, None), (9.6, 1), (10, 0)))
    assert (found.size.tolist(), found.partly.tolist()) == ([2], [True])


def test_the_median_party_is_one_that_met() -> None:
    hours = [
        (hour + minute, people)
        for hour, size in ((8, 1), (9, 2), (10, 5), (11, 6))
        for minute, people in ((0, size), (0.5, 0))
    ]
    _, figures = seen(site(8), *counted(0, *hours))
    assert (figures.parties[0], figures.median_party[0], figures.largest_party[0]) == (4, 2, 6)

"""States from a moment on need few of the readings before it, and those few are enough."""

from dataclasses import fields

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.bearing import bearing, before
from analytics.spacestates import SpaceStates, reach, space_states
from spaces.reading import Reading
from spaces.readings import Readings, followed_by, readings_from
from spaces.site import Floor, Sensor, Site, Space, Zone
from spaces.times import HOUR, Millis
from tests.analytics.houses import House, houses, states_of, ticks, tried


def between(rows: list[Reading], start: Millis, end: Millis) -> Readings:
    return readings_from([row for row in rows if start <= row.time < end])


def same(one: SpaceStates, other: SpaceStates) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))


@tried(60)
@given(houses(), st.data())
def test_what_bears_on_a_moment_gives_its_states(house: House, data: st.DataObject) -> None:
    delay = reach(house.site)[1]
    moment = data.draw(ticks(house.start - 3 * HOUR, house.start))
    known = bearing(between(house.rows, house.start - 3 * 24 * HOUR, moment + delay), moment)
    every = followed_by(known, between(house.rows, moment + delay, house.end + delay))
    start = max(house.start, moment + delay)
    if start < house.end:
        expected = states_of(House(house.site, house.rows, start, house.end))
        assert same(space_states(house.site, every, start, house.end), expected)


@tried(60)
@given(houses())
def test_what_came_before_is_read_no_further_back_than_it_matters(house: House) -> None:
    silence, delay = reach(house.site)
    asked: list[tuple[Millis, Millis]] = []

    def read(start: Millis, end: Millis) -> Readings:
        asked.append((start, end))
        return between(house.rows, start, end)

    found = before(house.site, read, house.start)
    every = followed_by(found, between(house.rows, house.start, house.end + delay))
    assert same(space_states(house.site, every, house.start, house.end), states_of(house))
    assert [end for _, end in asked] == [house.start, *(start for start, _ in asked)][: len(asked)]
    assert all(start >= house.start - silence for start, _ in asked)


def test_a_house_in_which_all_have_spoken_just_now_is_not_read_further() -> None:
    rows = [Reading("h", sensor, time, time, occupied=True) for time in range(0, HOUR, 1_000) for sensor in "ab"]
    spaces = tuple(Space(name, name, "desk", "z", ((0, 1),), "fixed") for name in "ab")
    sensors = tuple(Sensor(name, name) for name in "ab")
    site = Site("h", "House", "Europe/Berlin", (Floor("f", "F", 0),), (Zone("z", "Z", "f"),), spaces, sensors)
    asked: list[Millis] = []

    def read(start: Millis, end: Millis) -> Readings:
        asked.append(end - start)
        return between(rows, start, end)

    assert before(site, read, HOUR).time.tolist() == [HOUR - 1_000] * 2
    assert sum(asked) == 60_000

"""States of sensors and spaces: equal to the oracle, whatever the order, repetition and loss of readings."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.spacestates import SpaceStates, join, space_states, split, states_at, states_now
from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.site import Sensor, Site, Space
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import State


def columns(states: SpaceStates) -> list[list[int]]:
    return [getattr(states, name).tolist() for name in ("space", "start", "end", "occupied", "people")]


def at(states: SpaceStates, moment: Millis) -> list[State]:
    found = states_at(states, moment)
    return [
        (None if occupied < 0 else bool(occupied), None if people < 0 else people)
        for occupied, people in zip(found.occupied.tolist(), found.people.tolist(), strict=True)
    ]


@tried(60)
@given(houses())
def test_states_equal_the_oracle_in_every_moment(house: House) -> None:
    oracle, states = house.oracle, states_of(house)
    for moment in oracle.moments:
        assert at(states, moment) == [oracle.state(space, moment) for space in house.site.spaces], moment


@tried(40)
@given(houses())
def test_every_space_is_tiled_and_neighbours_differ(house: House) -> None:
    states = states_of(house)
    for index in range(len(states.spaces)):
        mine = states.space == index
        start, end = states.start[mine], states.end[mine]
        assert start[0] == house.start
        assert end[-1] == house.end
        assert (start[1:] == end[:-1]).all()
        assert (start < end).all()
        state = np.stack((states.occupied[mine], states.people[mine]))
        assert (state[:, 1:] != state[:, :-1]).any(axis=0).all()
    assert (np.diff(states.space) >= 0).all()


@tried(40)
@given(houses(), st.randoms(use_true_random=False))
def test_shuffled_and_repeated_readings_change_nothing(house: House, chance: Random) -> None:
    again = house.rows + chance.sample(house.rows, len(house.rows) // 2)
    chance.shuffle(again)
    assert columns(states_of(replace(house, rows=again))) == columns(states_of(house))


@tried(40)
@given(houses(), st.data())
def test_dropped_readings_never_turn_unknown_into_vacant(house: House, data: st.DataObject) -> None:
    """But for those that say "I do not know": they are the word of an honest sensor."""
    honest = [row for row in house.rows if row.occupied is None]
    others = [row for row in house.rows if row.occupied is not None]
    kept = data.draw(st.lists(st.sampled_from(others), unique_by=id) if others else st.just([]))
    whole, less = states_of(house), states_of(replace(house, rows=honest + kept))
    for moment in house.oracle.moments:
        for before, after in zip(at(whole, moment), at(less, moment), strict=True):
            assert not (before[0] is None and after[0] is False)


@tried(40)
@given(houses(), st.data())
def test_states_cut_into_days_and_joined_are_the_same(house: House, data: st.DataObject) -> None:
    states = states_of(house)
    cuts = data.draw(st.lists(st.integers(house.start - 10, house.end + 10), max_size=3))
    parts = split(states, sorted(cuts))
    assert columns(join(parts)) == columns(states)
    apart = [states_of(replace(house, start=part.window[0], end=part.window[1])) for part in parts]
    assert [columns(part) for part in apart] == [columns(part) for part in parts]
    assert columns(join(apart)) == columns(states)


def test_parts_that_do_not_follow_one_another_are_not_joined() -> None:
    site = lone()
    one, other = (space_states(site, readings_from([]), start, start + HOUR) for start in (0, 2 * HOUR))
    with pytest.raises(ValueError, match="do not fit"):
        join([one, other])
    with pytest.raises(ValueError, match="nothing to join"):
        join([])
    with pytest.raises(ValueError, match="outside"):
        states_at(one, HOUR)


def lone(kind: str = "desk", **sensor: Millis) -> Site:
    """A site of one space with one sensor."""
    space = Space("s", "S", kind, "z", ((BEGINNING, 4),))
    return Site("h", "House", "UTC", (), (), (space,), (Sensor("x", "s", **sensor),))  # type: ignore[arg-type]  # only times


def say(minute: int, occupied: bool | None, people: int | None = None) -> Reading:  # noqa: FBT001 - a word of a sensor
    return Reading("h", "x", minute * MINUTE, minute * MINUTE, occupied=occupied, people=people)


def pieces(site: Site, *rows: Reading, minutes: int = 180) -> list[tuple[int, int]]:
    """Return (start in minutes, state) of the pieces of the only space."""
    states = space_states(site, readings_from(rows), 0, minutes * MINUTE)
    return list(zip((states.start // MINUTE).tolist(), states.occupied.tolist(), strict=True))


def test_a_reading_holds_until_the_silence_limit_then_nothing_is_known() -> None:
    assert pieces(lone(silence=HOUR), say(10, True)) == [(0, -1), (10, 1), (70, -1)]


def test_heartbeats_vanish_and_keep_the_state_known() -> None:
    rows = [say(minute, True) for minute in range(0, 180, 30)]
    assert pieces(lone(silence=HOUR), *rows) == [(0, 1)]


def test_a_late_vacant_takes_back_the_delay_but_not_more_than_the_run() -> None:
    site = lone(vacancy_delay=20 * MINUTE)
    assert pieces(site, say(0, True), say(60, False)) == [(0, 1), (40, 0)]
    assert pieces(site, say(0, False), say(50, True), say(60, False)) == [(0, 0)]


def test_a_sensor_that_never_says_vacant_means_it_after_its_pulse() -> None:
    site = lone(silence=2 * HOUR, pulse=10 * MINUTE)
    assert pieces(site, say(0, True), say(5, True), say(60, True)) == [(0, 1), (15, 0), (60, 1), (70, 0)]
    assert pieces(lone(silence=5 * MINUTE, pulse=10 * MINUTE), say(0, True)) == [(0, 1), (5, -1)]


def test_who_speaks_at_changes_alone_is_believed_longer_when_it_says_vacant() -> None:
    site = lone(silence=DAY, occupied_at_most=HOUR)
    assert pieces(site, say(0, True), say(90, False)) == [(0, 1), (60, -1), (90, 0)]


def test_a_vacant_after_silence_takes_nothing_back() -> None:
    site = lone(silence=30 * MINUTE, vacancy_delay=20 * MINUTE)
    assert pieces(site, say(0, True), say(40, False)) == [(0, 1), (30, -1), (40, 0), (70, -1)]


def test_a_vacant_just_after_the_window_takes_back_inside_it() -> None:
    assert pieces(lone(vacancy_delay=20 * MINUTE), say(0, True), say(70, False), minutes=60) == [(0, 1), (50, 0)]


def test_a_remapped_sensor_speaks_for_each_space_in_its_time() -> None:
    spaces = tuple(Space(name, name, "desk", "z", ((BEGINNING, 1),)) for name in "ab")
    sensors = (Sensor("x", "a", until=30 * MINUTE), Sensor("x", "b", since=30 * MINUTE))
    site = Site("h", "House", "UTC", (), (), spaces, sensors)
    states = space_states(site, readings_from([say(0, True), say(40, False)]), 0, HOUR)
    found = zip(states.space.tolist(), (states.start // MINUTE).tolist(), states.occupied.tolist(), strict=True)
    assert list(found) == [(0, 0, 1), (0, 30, -1), (1, 0, -1), (1, 40, 0)]


@pytest.mark.parametrize(
    ("kind", "one", "other", "people"),
    [
        ("room", 2, 3, 5),
        ("room", 2, None, -1),
        ("desk", None, None, 1),
        ("desk", 2, None, -1),
        ("desk", None, 0, 1),
    ],
)
def test_people_of_several_sensors_are_summed_and_unknown_where_one_is(
    kind: str, one: int | None, other: int | None, people: int
) -> None:
    site = replace(lone(kind), sensors=(Sensor("x", "s"), Sensor("y", "s")))
    rows = [
        Reading("h", "x", 0, 0, occupied=True, people=one),
        Reading("h", "y", 0, 0, occupied=other != 0, people=other),
    ]
    states = space_states(site, readings_from(rows), 0, HOUR)
    assert states.occupied.tolist() == [1]
    assert states.people.tolist() == [people]


def test_a_space_without_a_sensor_and_a_sensor_without_a_space_are_unknown_and_passed_over() -> None:
    site = replace(lone(), sensors=())
    assert pieces(site, say(0, True)) == [(0, -1)]
    assert len(space_states(replace(site, spaces=()), readings_from([say(0, True)]), 0, HOUR)) == 0


@tried(40)
@given(houses())
def test_the_newest_readings_alone_tell_the_states_now(house: House) -> None:
    until_now = [row for row in house.rows if row.time <= house.end]
    newest = {row.sensor: row.time for row in sorted(until_now, key=lambda row: row.time)}
    last = readings_from(row for row in until_now if newest[row.sensor] == row.time)
    now = states_now(house.site, last, house.end)
    longer = states_at(space_states(house.site, readings_from(until_now), house.end, house.end + 1), house.end)
    assert now.occupied.tolist() == longer.occupied.tolist()
    assert now.people.tolist() == longer.people.tolist()

"""Utilisation, people and the heat map: equal to the oracle, and to what can be reckoned in the head."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.buckets import Bucket, edges
from analytics.groups import By, Groups, group_spaces
from analytics.heatmap import heatmap
from analytics.spacestates import SpaceStates, join, split
from analytics.utilisation import UtilisationFigures, utilisation
from spaces.reading import Reading
from spaces.site import CalendarRule, Sensor, Site, Space
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import figures, local_cell

COUNTED = ("occupied_hours", "people_hours", "open_hours", "known_hours")
BUCKETS: Sequence[Bucket] = ("15m", "1h", "1d", "1w")
GROUPINGS: Sequence[By] = ("site", "zone", "kind", "space")


def shown(found: NDArray[np.float64]) -> float | None:
    value = float(found)
    return None if math.isnan(value) else value


def agree(got: float | None, expected: float | None) -> bool:
    """Sums and single ratios agree to the bit; products of ratios to the last digits."""
    return got is expected or (got is not None and expected is not None and math.isclose(got, expected, rel_tol=1e-12))


def within(low: Millis, high: Millis) -> Callable[[Millis], bool]:
    return lambda moment: low <= moment < high


def shows(house: House, cell: tuple[int, int]) -> Callable[[Millis], bool]:
    return lambda moment: local_cell(house.site, moment) == cell


def some_buckets(count: int) -> list[int]:
    """A dozen of many buckets are enough for a slow look."""
    return sorted({*range(0, count, max(count // 12, 1)), count - 1})


@tried(40)
@given(houses(), st.sampled_from(BUCKETS), st.sampled_from(GROUPINGS))
def test_utilisation_equals_the_oracle(house: House, bucket: Bucket, by: By) -> None:
    groups, marks = group_spaces(house.site, by), edges(house.site.tz, house.start, house.end, bucket)
    found, oracle = utilisation(house.site, states_of(house), groups, marks), house.oracle
    for group in range(len(groups.labels)):
        members = oracle.members(groups, group)
        for place in some_buckets(len(marks) - 1):
            expected = figures(oracle, members, within(marks[place], marks[place + 1]))
            for name, value in expected.items():
                assert agree(shown(getattr(found, name)[group, place]), value), (name, groups.labels[group], place)
            assert found.spaces[group, place] == len(members)


@tried(30)
@given(houses(), st.sampled_from(GROUPINGS))
def test_the_heat_map_equals_the_oracle(house: House, by: By) -> None:
    groups, oracle = group_spaces(house.site, by), house.oracle
    found = heatmap(house.site, states_of(house), groups)
    cells = {local_cell(house.site, moment) for moment in oracle.moments}
    for group in range(len(groups.labels)):
        for cell in cells:
            expected = figures(oracle, oracle.members(groups, group), shows(house, cell))
            for name in ("utilisation", "average_occupancy", "occupied_hours", "known_hours", "open_hours", "coverage"):
                assert agree(shown(getattr(found, name)[group, *cell]), expected[name]), (name, cell)
        others = np.ones((7, 24), dtype=np.bool_)
        others[tuple(np.array(sorted(cells)).T)] = False
        assert not found.open_hours[group][others].any()


@tried(30)
@given(houses(), st.integers(), st.sampled_from(GROUPINGS))
def test_pieces_cut_at_any_moment_give_figures_identical_to_the_bit(house: House, cut: int, by: By) -> None:
    states = states_of(house)
    parts = split(states, [house.start + cut % (house.end - house.start)])
    space, start, end, occupied, people = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("space", "start", "end", "occupied", "people")
    )
    cut_up = SpaceStates(states.spaces, states.window, space, start, end, occupied, people)
    groups, marks = group_spaces(house.site, by), edges(house.site.tz, house.start, house.end, "1h")
    assert as_bytes(utilisation(house.site, cut_up, groups, marks)) == as_bytes(
        utilisation(house.site, states, groups, marks)
    )
    assert as_bytes(utilisation(house.site, join(parts), groups, marks)) == as_bytes(
        utilisation(house.site, states, groups, marks)
    )


def as_bytes(found: UtilisationFigures) -> list[bytes]:
    return [getattr(found, name).tobytes() for name in found.__slots__]


@tried(30)
@given(houses(most_spaces=1), st.integers(1, 9))
def test_capacity_utilisation_is_time_utilisation_times_fill_when_used(house: House, seats: int) -> None:
    """For constant seats, where people are known whenever the state is."""
    site = replace(
        house.site, spaces=tuple(replace(space, kind="room", capacity=((0, seats),)) for space in house.site.spaces)
    )
    counted = [row for row in house.rows if row.people is not None or row.occupied is None]
    states = states_of(replace(house, site=site, rows=counted))
    found = utilisation(site, states, group_spaces(site, "site"), edges(site.tz, house.start, house.end, "1d"))
    used = ~np.isnan(found.fill_when_used) & (found.people_coverage == found.coverage)
    assert found.capacity_utilisation[used] == pytest.approx((found.utilisation * found.fill_when_used)[used])


@tried(30)
@given(houses())
def test_bounds_enclose_the_figure_and_coverage_is_a_share(house: House) -> None:
    groups = group_spaces(house.site, "site")
    found = utilisation(house.site, states_of(house), groups, edges(house.site.tz, house.start, house.end, "1h"))
    known = found.known_hours > 0
    assert (found.lo[known] <= found.utilisation[known]).all()
    assert (found.utilisation[known] <= found.hi[known]).all()
    assert (found.coverage[known] <= 1).all()
    assert np.isnan(found.utilisation[~known]).all()


@tried(30)
@given(houses(), st.sampled_from(BUCKETS))
def test_buckets_add_up_to_the_window(house: House, bucket: Bucket) -> None:
    states, groups = states_of(house), group_spaces(house.site, "kind")
    marks = edges(house.site.tz, house.start, house.end, bucket)
    fine, whole = (utilisation(house.site, states, groups, np.asarray(at)) for at in (marks, marks[[0, -1]]))
    for name in COUNTED:
        total = np.nansum(getattr(fine, name), axis=1)
        assert total == pytest.approx(np.nan_to_num(getattr(whole, name)[:, 0]))


def small(*spaces: Space, zone: str = "Europe/Berlin", calendars: tuple[CalendarRule, ...] = ()) -> Site:
    return Site(
        "h",
        "House",
        zone,
        (),
        (),
        spaces,
        tuple(Sensor(f"x-{space.id}", space.id, silence=DAY) for space in spaces),
        calendars=calendars,
    )


def room(name: str, seats: int, kind: str = "room") -> Space:
    return Space(name, name, kind, "z", ((BEGINNING, seats),))


def say(space: str, time: Millis, people: int | None, *, used: bool = True) -> Reading:
    return Reading("h", f"x-{space}", time, time, occupied=used, people=people)


def over(site: Site, rows: list[Reading], start: Millis, end: Millis, *, by: By = "site") -> UtilisationFigures:
    groups: Groups = replace(group_spaces_by(site, by))
    return utilisation(site, states_of(House(site, rows, start, end)), groups, np.array([start, end]))


def group_spaces_by(site: Site, by: By) -> Groups:
    """Group without floors and zones, which these small sites lack."""
    labels = (site.id,) if by == "site" else tuple(space.id for space in site.spaces)
    of = np.zeros(len(site.spaces)) if by == "site" else np.arange(len(site.spaces))
    return Groups(labels, of.astype(np.int32))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 4), 24)])
def test_a_local_day_in_use_lasts_as_long_as_it_truly_does(day: date, hours: int) -> None:
    site = small(room("a", 1, "desk"))
    start = site.midnight(day)
    marks = edges(site.tz, start, start + 20 * HOUR, "1d")
    house = House(site, [say("a", at, None) for at in range(start, start + 26 * HOUR, HOUR)], start, int(marks[1]))
    found = utilisation(site, states_of(house), group_spaces_by(site, "site"), marks)
    assert found.occupied_hours.tolist() == found.open_hours.tolist() == [[hours]]
    assert heatmap(site, states_of(house), group_spaces_by(site, "site")).occupied_hours[
        0, day.weekday(), 2:4
    ].tolist() == pytest.approx({23: [math.nan, 1], 25: [2, 1], 24: [1, 1]}[hours], nan_ok=True)


def test_more_people_than_seats_are_shown_as_they_are() -> None:
    found = over(small(room("a", 32)), [say("a", 0, 35)], 0, HOUR)
    assert found.capacity_utilisation.tolist() == found.fill_when_used.tolist() == [[1.09375]]
    assert found.people_hours.tolist() == [[35]]


def test_a_room_that_nobody_counts_has_no_people_figures_but_others_beside_it_do() -> None:
    site = small(room("a", 8), room("b", 4))
    rows = [say("a", 0, None), say("b", 0, 0, used=False), say("b", 30 * MINUTE, 2)]
    found = over(site, rows, 0, HOUR, by="space")
    for name in ("people_hours", "capacity_utilisation", "fill_when_used", "average_people"):
        assert math.isnan(getattr(found, name)[0, 0])
    assert found.people_hours[1, 0] == 1
    assert found.people_coverage[:, 0].tolist() == [0, 1]
    together = over(site, rows, 0, HOUR)
    assert together.capacity_utilisation.tolist() == [[0.25]]
    assert together.people_coverage.tolist() == [[0.5]]


def test_seats_are_those_in_force() -> None:
    space = Space("a", "a", "room", "z", ((BEGINNING, 2), (HOUR, 6)))
    found = over(small(space), [say("a", 0, 2)], 0, 2 * HOUR)
    assert found.capacity.tolist() == [[4]]
    assert found.capacity_utilisation.tolist() == [[0.5]]


def test_average_occupancy_is_of_the_spaces_that_are_open() -> None:
    """While only the cafe is open, the house's average is the cafe's."""
    cafe_hours = CalendarRule(space="cafe", weekly=dict.fromkeys(range(7), ((0, 1440),)))
    closed = CalendarRule(weekly=dict.fromkeys(range(7), ()))
    site = small(room("a", 1), room("cafe", 60, "cafe"), calendars=(closed, cafe_hours))
    found = over(site, [say("a", 0, None), say("cafe", 0, None), say("cafe", 30 * MINUTE, None, used=False)], 0, HOUR)
    assert found.average_occupancy.tolist() == found.utilisation.tolist() == [[0.5]]
    assert found.spaces.tolist() == [[2]]


def test_nothing_known_is_null_and_nothing_open_has_no_coverage() -> None:
    site = small(room("a", 1), calendars=(CalendarRule(weekly={3: ((0, 1440),)}),))
    found = over(site, [], 0, 2 * DAY)
    assert found.open_hours.tolist() == [[23]]
    assert found.coverage.tolist() == [[0]]
    assert np.isnan([found.utilisation, found.lo, found.hi, found.occupied_hours, found.average_occupancy]).all()
    assert np.isnan(over(site, [], 2 * DAY, 3 * DAY).coverage).all()


def test_no_group_and_no_space_give_empty_figures() -> None:
    site = small()
    found = over(site, [], 0, HOUR)
    assert found.open_hours.tolist() == [[0]]
    none = Groups((), np.full(1, -1, dtype=np.int32))
    one = small(room("a", 1))
    states = states_of(House(one, [], 0, HOUR))
    assert utilisation(one, states, none, np.array([0, HOUR])).utilisation.shape == (0, 1)
    assert heatmap(one, states, none).utilisation.shape == (0, 7, 24)

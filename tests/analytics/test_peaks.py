"""Simultaneous peaks: equal to the oracle; departures before arrivals, never clipped, never a sum of separate peaks."""

import math
from collections.abc import Sequence
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.buckets import Bucket, edges
from analytics.groups import By, Groups, group_spaces
from analytics.levels import Measure
from analytics.peaks import PeakFigures, peaks
from spaces.reading import Reading
from spaces.site import CalendarRule, Sensor, Site, Space
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import figures, peak
from tests.analytics.test_figures import BUCKETS, GROUPINGS, agree, shown, some_buckets, within

MEASURES: Sequence[Measure] = get_args(Measure)
MIDNIGHT: Millis = 20_000 * DAY


@tried(60)
@given(houses(), st.sampled_from(BUCKETS), st.sampled_from(GROUPINGS), st.sampled_from(MEASURES))
def test_peaks_equal_the_oracle(house: House, bucket: Bucket, by: By, measure: Measure) -> None:
    groups, marks = group_spaces(house.site, by), edges(house.site.tz, house.start, house.end, bucket)
    found, oracle = peaks(house.site, states_of(house), groups, marks, measure), house.oracle
    for group in range(len(groups.labels)):
        members = oracle.members(groups, group)
        for place in some_buckets(len(marks) - 1):
            inside = within(marks[place], marks[place + 1])
            expected = peak(oracle, members, inside, measure)
            at = int(found.peak_at[group, place])
            got = [shown(found.peak[group, place]), None if at < 0 else at, shown(found.peak_upper[group, place])]
            assert got == expected, (groups.labels[group], place)
            share = figures(oracle, members, inside)["people_coverage" if measure == "people" else "coverage"]
            assert agree(shown(found.coverage[group, place]), share)
            moment = int(marks[place]) if at < 0 else at
            seats = sum(space.capacity_at(moment) if measure == "people" else 1 for space in members)
            assert found.capacity[group, place] == seats


@tried(30)
@given(houses(), st.sampled_from(MEASURES))
def test_a_whole_is_at_least_its_largest_part_and_at_most_their_sum(house: House, measure: Measure) -> None:
    states, marks = states_of(house), edges(house.site.tz, house.start, house.end, "1d")
    whole = peaks(house.site, states, group_spaces(house.site, "site"), marks, measure)
    parts = peaks(house.site, states, group_spaces(house.site, "space"), marks, measure)
    known = ~np.isnan(whole.peak[0])
    part = np.nan_to_num(parts.peak[:, known])
    assert (part.max(axis=0) <= whole.peak[0, known]).all()
    assert (whole.peak[0, known] <= part.sum(axis=0)).all()
    assert (whole.peak[0, known] <= whole.peak_upper[0, known]).all()


def found_in(
    rows: Sequence[tuple[str, int, bool, int | None]], *spaces: Space, measure: Measure = "spaces"
) -> PeakFigures:
    """Return the peaks of one hour; rows are (space, minute, occupied, people)."""
    calendar = CalendarRule(weekly=dict.fromkeys(range(7), ((0, 1440),)))
    site = Site(
        "h",
        "House",
        "UTC",
        (),
        (),
        spaces,
        tuple(Sensor(space.id, space.id) for space in spaces),
        calendars=(calendar,),
    )
    said = [
        Reading("h", name, MIDNIGHT + minute * MINUTE, 0, occupied=occupied, people=people)
        for name, minute, occupied, people in rows
    ]
    house = House(site, said, MIDNIGHT, MIDNIGHT + HOUR)
    groups = Groups(("all",), np.zeros(len(spaces), dtype=np.int32))
    return peaks(site, states_of(house), groups, np.array([MIDNIGHT, MIDNIGHT + HOUR]), measure)


def space(name: str, seats: int = 1, kind: str = "desk") -> Space:
    return Space(name, name, kind, "z", ((BEGINNING, seats),))


def test_one_who_leaves_as_another_comes_makes_no_peak_of_two() -> None:
    rows = [("a", 0, True, None), ("b", 0, False, None), ("a", 30, False, None), ("b", 30, True, None)]
    found = found_in(rows, space("a"), space("b"))
    assert found.peak.tolist() == [[1]]
    assert found.peak_at.tolist() == [[MIDNIGHT]]


def test_the_time_is_the_first_moment_of_the_peak() -> None:
    rows = [("a", 0, False, None), ("a", 10, True, None), ("a", 20, False, None), ("a", 40, True, None)]
    assert found_in(rows, space("a")).peak_at.tolist() == [[MIDNIGHT + 10 * MINUTE]]


def test_what_is_unknown_is_added_to_the_upper_bound_alone() -> None:
    found = found_in([("a", 0, True, None), ("b", 20, False, None)], space("a"), space("b"))
    assert (found.peak.item(), found.peak_upper.item()) == (1, 2)
    people = found_in([("a", 0, True, 3)], space("a", 4, "room"), space("b", 8, "room"), measure="people")
    assert (people.peak.item(), people.peak_upper.item(), people.capacity.item()) == (3, 11, 12)


def test_a_room_in_use_that_nobody_counts_may_be_full() -> None:
    rows = [("a", 0, True, 3), ("b", 0, False, None), ("b", 30, True, None)]
    found = found_in(rows, space("a", 4, "room"), space("b", 8, "room"), measure="people")
    assert (found.peak.item(), found.peak_upper.item(), found.coverage.item()) == (3, 11, 0.5)


def test_thirty_five_people_of_thirty_two_seats_are_not_clipped() -> None:
    found = found_in([("a", 0, True, 35)], space("a", 32, "room"), measure="people")
    assert found.peak.item() / found.capacity.item() == pytest.approx(1.094, abs=0.0005)
    assert found.peak_upper.item() == 35


def test_nothing_known_is_null_and_a_known_vacancy_is_nought() -> None:
    found = found_in([], space("a"))
    assert math.isnan(found.peak.item())
    assert math.isnan(found.peak_upper.item())
    assert found.peak_at.tolist() == [[-1]]
    vacant = found_in([("a", 30, False, None)], space("a"))
    assert (vacant.peak.item(), vacant.peak_at.item()) == (0, MIDNIGHT + 30 * MINUTE)


def test_no_group_gives_empty_figures() -> None:
    site = Site("h", "House", "UTC", (), (), (space("a"),), ())
    none = Groups((), np.full(1, -1, dtype=np.int32))
    states = states_of(House(site, [], MIDNIGHT, MIDNIGHT + HOUR))
    assert peaks(site, states, none, np.array([MIDNIGHT, MIDNIGHT + HOUR])).peak.shape == (0, 1)

"""What was left: equal to a slow reading of its definition, and to what can be reckoned in the head."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.availability import AvailabilityFigures, availability
from analytics.buckets import Bucket, edges
from analytics.groups import By, Groups, group_spaces
from analytics.levels import Measure
from spaces.site import Sensor, Site, Space
from spaces.times import DAY, HOUR, MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import Oracle, _amount, figures
from tests.analytics.test_figures import BUCKETS, GROUPINGS, agree, say, shown, some_buckets, within
from tests.analytics.test_peaks import space
from tests.analytics.test_sustained import MEASURES

SHARES = ("sold_out", "sold_out_possible", "below_target", "at_target", "above_target")


def slowly(
    oracle: Oracle, members: list[Space], inside: Callable[[Millis], bool], measure: str
) -> dict[str, float | None]:
    """Return the figures of some spaces, moment by moment."""
    times = dict.fromkeys([*SHARES, "known", "banded"], 0)
    least: list[int] = []
    most: list[int] = []
    counting = {one.id for one in members if measure == "spaces" or oracle.counts(one)}
    for moment, length in oracle.lengths(inside):
        opened = [one for one in members if oracle.is_open(one, moment) and one.id in counting]
        amounts = {one.id: _amount(oracle, one, moment, measure, counting) for one in opened}
        seats = {one.id: one.capacity_at(moment) if measure == "people" else 1 for one in opened}
        known = [one for one, amount in amounts.items() if amount is not None]
        if not known:
            continue
        used, there = sum(amounts[one] or 0 for one in known), sum(seats[one] for one in known)
        maybe = sum(seats.values()) - there
        least, most = [*least, there - used], [*most, there - used + maybe]
        times["known"] += length
        times["sold_out"] += length * (there <= used and maybe == 0)
        times["sold_out_possible"] += length * (there <= used)
        if there >= 5:
            times["banded"] += length
            band = "above_target" if used > there else "at_target" if used >= 0.6 * there else "below_target"
            times[band] += length
    under = {name: times["known" if "sold" in name else "banded"] for name in SHARES}
    shares = {name: float(Fraction(times[name], under[name])) if under[name] else None for name in SHARES}
    return {**shares, "minimum_surplus": min(least, default=None), "minimum_surplus_hi": min(most, default=None)}


@tried(30)
@given(houses(), st.sampled_from(BUCKETS), st.sampled_from(GROUPINGS), st.sampled_from(MEASURES))
def test_availability_equals_the_oracle(house: House, bucket: Bucket, by: By, measure: Measure) -> None:
    groups, marks = group_spaces(house.site, by), edges(house.site.tz, house.start, house.end, bucket)
    found, oracle = availability(house.site, states_of(house), groups, marks, measure), house.oracle
    for group in range(len(groups.labels)):
        members = oracle.members(groups, group)
        for place in some_buckets(len(marks) - 1):
            inside = within(marks[place], marks[place + 1])
            for name, value in slowly(oracle, members, inside, measure).items():
                assert agree(shown(getattr(found, name)[group, place]), value), (name, groups.labels[group], place)
            share = figures(oracle, members, inside)["people_coverage" if measure == "people" else "coverage"]
            assert agree(shown(found.coverage[group, place]), share)


@tried(15)
@given(houses(), st.sampled_from(MEASURES))
def test_what_is_certain_is_possible_and_shares_of_time_add_up(house: House, measure: Measure) -> None:
    marks = edges(house.site.tz, house.start, house.end, "1h")
    found = availability(house.site, states_of(house), group_spaces(house.site, "kind"), marks, measure)
    known = ~np.isnan(found.sold_out)
    assert (found.sold_out[known] <= found.sold_out_possible[known]).all()
    assert (found.minimum_surplus[known] <= found.minimum_surplus_hi[known]).all()
    total = found.below_target + found.at_target + found.above_target
    assert total[~np.isnan(total)] == pytest.approx(1)


def hour_of(*used: int | None, seats: int = 0) -> AvailabilityFigures:
    """Return the figures of an hour in which so many of six desks are in use in each ten minutes (None: silence).

    With `seats`, it is people in one room of so many.
    """
    desks = [space(str(i)) for i in range(6)]
    spaces = tuple([space("room", seats, "room")] if seats else desks)
    sensors = tuple(Sensor(f"x-{one.id}", one.id, silence=10 * MINUTE) for one in spaces)
    site = Site("h", "House", "UTC", (), (), spaces, sensors)
    said = []
    for step, count in enumerate(used):
        for i, one in enumerate(spaces):
            if count is not None:
                people = count if seats else None
                said.append(say(one.id, DAY + step * 10 * MINUTE, people, used=count > i))
    groups = Groups(("all",), np.zeros(len(spaces), dtype=np.int32))
    states = states_of(House(site, said, DAY, DAY + HOUR))
    return availability(site, states, groups, np.array([DAY, DAY + HOUR]), "people" if seats else "spaces")


def of(found: AvailabilityFigures) -> dict[str, float | None]:
    return {name: shown(getattr(found, name)[0, 0]) for name in found.__slots__}


def test_an_hour_worked_out_by_hand() -> None:
    found = of(hour_of(2, 4, 6, 6, 3, None))
    assert (found["minimum_surplus"], found["minimum_surplus_hi"]) == (0, 0)
    assert found["sold_out"] == found["sold_out_possible"] == pytest.approx(2 / 5)
    assert [found[name] for name in SHARES[2:]] == pytest.approx([2 / 5, 3 / 5, 0])
    assert found["coverage"] == pytest.approx(5 / 6)


def test_more_people_than_seats_leave_less_than_none() -> None:
    found = of(hour_of(10, 35, 20, 20, 20, 20, seats=32))
    assert found["minimum_surplus"] == -3
    assert [found[name] for name in SHARES[2:]] == pytest.approx([1 / 6, 4 / 6, 1 / 6])


def test_fewer_than_five_have_no_target() -> None:
    found = of(hour_of(1, 1, 1, 4, 1, 1, seats=4))
    assert [found[name] for name in SHARES[2:]] == [None, None, None]
    assert found["sold_out"] == pytest.approx(1 / 6)


def test_nothing_known_is_null() -> None:
    found = of(hour_of(None, None))
    assert {found[name] for name in found if name != "coverage"} == {None}
    assert found["coverage"] == 0

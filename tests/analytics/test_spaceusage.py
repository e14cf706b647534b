"""Space usage: equal to looking at every space in every hour."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import spaceusage
from analytics.buckets import Bucket, edges
from analytics.groups import By, Groups, group_spaces
from analytics.spaceusage import space_usage
from spaces.site import Space
from spaces.times import HOUR, MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import Oracle
from tests.analytics.test_figures import GROUPINGS, agree, room, say, shown, small, within

LONGER: tuple[Bucket, ...] = ("1h", "1d", "1w")


def seen(oracle: Oracle, space: Space, low: Millis, high: Millis) -> tuple[bool, bool]:
    """Return whether a space counts in an hour, and whether it is used in it."""
    steps = [(at, long) for at, long in oracle.lengths(within(low, high)) if oracle.is_open(space, at)]
    states = [(oracle.state(space, at)[0], long) for at, long in steps]
    known = sum(long for state, long in states if state is not None)
    used = sum(long for state, long in states if state)
    return known >= 45 * MINUTE, known >= 45 * MINUTE and used >= 15 * MINUTE


@tried(25)
@given(houses(), st.sampled_from(LONGER), st.sampled_from(GROUPINGS), st.booleans())
def test_space_usage_equals_the_oracle(house: House, bucket: Bucket, by: By, one_by_one: bool) -> None:  # noqa: FBT001
    groups = group_spaces(house.site, by)
    marks = edges(house.site.tz, house.start, house.end, bucket)
    hours = edges(house.site.tz, int(marks[0]), int(marks[-1]), "1h")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spaceusage, "_CELLS", 1 if one_by_one else 1 << 21)
        found = space_usage(house.site, states_of(house), groups, marks, hours)
    pairs = list(pairwise(hours.tolist()))
    oracle = house.oracle
    for group in range(len(groups.labels)):
        members = oracle.members(groups, group)
        for place in range(len(marks) - 1):
            mine = [pair for pair in pairs if marks[place] <= pair[0] < marks[place + 1]]
            cells = [seen(oracle, space, *pair) for space in members for pair in mine if pair[1] > house.start]
            known, used = sum(known for known, _ in cells), sum(used for _, used in cells)
            assert agree(shown(found[group, place]), float(Fraction(used, known)) if known else None)


def test_a_quarter_of_an_hour_in_pieces_is_use_and_fourteen_minutes_are_not() -> None:
    site = small(*(room(name, 1, "desk") for name in "abc"))
    rows = [say(name, 0, None, used=False) for name in "abc"]
    for name, minutes in (("a", 15), ("b", 14)):
        rows += [say(name, 10 * MINUTE, None), say(name, 17 * MINUTE, None, used=False)]
        rows += [say(name, 40 * MINUTE, None), say(name, (33 + minutes) * MINUTE, None, used=False)]
    groups = Groups(("h",), np.zeros(3, dtype=np.int32))
    hour = np.array([0, HOUR])
    states = states_of(House(site, rows, 0, HOUR))
    assert space_usage(site, states, groups, hour, hour).tolist() == [[1 / 3]]


def test_a_space_known_for_less_than_three_quarters_of_the_hour_does_not_count() -> None:
    site = small(room("a", 1, "desk"), room("b", 1, "desk"))
    rows = [say("a", 16 * MINUTE, None), say("b", 15 * MINUTE, None, used=False)]
    hour, groups = np.array([0, HOUR]), Groups(("h",), np.zeros(2, dtype=np.int32))
    assert space_usage(site, states_of(House(site, rows, 0, HOUR)), groups, hour, hour).tolist() == [[0]]

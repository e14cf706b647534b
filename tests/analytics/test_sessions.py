"""Sessions: equal to a slow walk through every moment, and to what can be worked out by hand."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.sessions import DESK_BRIDGE, ROOM_BRIDGE, Sessions, sessions
from analytics.spacestates import space_states
from spaces.calendar import open_intervals
from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.site import CalendarRule, Sensor, Site, Space
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, tried
from tests.analytics.oracle import Oracle


class Run(NamedTuple):
    """A time in which a space of one opening is in one state."""

    start: Millis
    end: Millis
    used: bool | None


def runs_of(oracle: Oracle, space: Space, low: Millis, high: Millis) -> list[Run]:
    """Walk through [low, high) moment by moment and put together what follows one another in one state."""
    found: list[Run] = []
    for moment, length in oracle.lengths(lambda at: at < high):
        begin, end, used = max(moment, low), min(moment + length, high), oracle.state(space, moment)[0]
        if begin >= end:
            continue
        if found and found[-1].used is used:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Run(begin, end, used))
    return found


def slow(oracle: Oracle, number: int, bridge: Millis) -> list[tuple[int, Millis, Millis, Millis, bool, bool]]:
    """Return the sessions of a space as (space, start, end, bridged, cut before, cut after)."""
    space, found = oracle.site.spaces[number], []
    for opening, closing in open_intervals(oracle.site, space, oracle.start - 1, oracle.end + 1).tolist():
        low, high = max(opening, oracle.start), min(closing, oracle.end)
        used = [run for run in runs_of(oracle, space, low, high) if run.used]
        while used:
            mine = [used.pop(0)]
            while used and _vacant(oracle, space, mine[-1].end, used[0].start) and _near(mine[-1], used[0], bridge):
                mine.append(used.pop(0))
            start, end = mine[0].start, mine[-1].end
            before = _doubt(oracle, space, start, max(low, start - bridge), -1, edge=(opening, low, bridge))
            after = _doubt(oracle, space, end, min(high, end + bridge), 1, edge=(closing, high, bridge))
            gaps = sum(later.start - earlier.end for earlier, later in pairwise(mine))
            found.append((number, start, end, gaps, before, after))
    return found


def _near(one: Run, other: Run, bridge: Millis) -> bool:
    return other.start - one.end < bridge


def _vacant(oracle: Oracle, space: Space, low: Millis, high: Millis) -> bool:
    return all(run.used is False for run in runs_of(oracle, space, low, high))


def _doubt(
    oracle: Oracle, space: Space, at: Millis, reach: Millis, way: int, *, edge: tuple[Millis, Millis, Millis]
) -> bool:
    """Whether a session may go on beyond what is seen; `edge`: of the opening, of what is seen of it; the bridge."""
    opening, inside, bridge = edge
    if at == inside:
        if not oracle.start < at < oracle.end:
            return True
        return oracle.state(space, _moment(oracle, at, way))[0] is not False
    touched = runs_of(oracle, space, *sorted((at, reach)))
    if any(run.used is None for run in touched) or oracle.state(space, _moment(oracle, at, way))[0] is None:
        return True
    return abs(at - inside) < bridge and opening != inside


def _moment(oracle: Oracle, at: Millis, way: int) -> Millis:
    """Return a looked-at moment whose state holds right after `at` or right before it."""
    return at if way > 0 else max(moment for moment in oracle.moments if moment < at)


def listed(found: Sessions) -> list[tuple[int, ...]]:
    columns = (found.space, found.start, found.end, found.gaps, found.cut_before, found.cut_after)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@tried(40)
@given(houses(), st.sampled_from((None, 0, 1, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE)))
def test_sessions_equal_the_slow_walk(house: House, bridge: Millis | None) -> None:
    usual = [DESK_BRIDGE if space.kind == "desk" else ROOM_BRIDGE for space in house.site.spaces]
    expected = []
    for number in range(len(house.site.spaces)):
        expected += slow(house.oracle, number, usual[number] if bridge is None else bridge)
    assert listed(sessions(house.site, states_of(house), bridge)) == expected


SITE = Site(
    "h",
    "House",
    "UTC",
    (),
    (),
    (Space("s", "S", "desk", "z", ((BEGINNING, 1),)),),
    (Sensor("x", "s", silence=HOUR),),
    calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ((480, 1200),))),),
)


def by_hand(*said: tuple[float, bool | None], until: float = 24, bridge: Millis | None = None) -> list[tuple[int, ...]]:
    """Return the sessions of the desk, open 8 to 20, whose sensor repeats each minute what it said at an hour.

    As (start, end) in minutes, gaps in minutes, and whether each end is in doubt.
    """
    times = [round(hour * 60) for hour, _ in said] + [round(until * 60)]
    rows = [
        Reading("h", "x", minute * MINUTE, minute * MINUTE, used)
        for (low, high), (_, used) in zip(pairwise(times), said, strict=True)
        for minute in range(low, high)
    ]
    states = space_states(SITE, readings_from(rows), 0, round(until * HOUR))
    found = sessions(SITE, states, bridge)
    minutes = [(column // MINUTE).tolist() for column in (found.start, found.end, found.gaps)]
    return list(zip(*minutes, found.cut_before.tolist(), found.cut_after.tolist(), strict=True))


def test_a_gap_shorter_than_the_bridge_is_closed_and_one_as_long_is_not() -> None:
    day = [(7.0, False), (9.0, True), (10.0, False), (10.24, True), (11.0, False)]
    assert by_hand(*day) == [(540, 660, 14, False, False)]
    assert by_hand(*day, bridge=14 * MINUTE) == [(540, 600, 0, False, False), (614, 660, 0, False, False)]


def test_an_unknown_gap_is_never_closed_and_leaves_both_sides_in_doubt() -> None:
    assert by_hand((7, False), (9, True), (10, None), (10.1, True), (11, False)) == [
        (540, 600, 0, False, True),
        (606, 660, 0, True, False),
    ]
    assert by_hand((7, False), (9, True), (10, False), (10.1, None), (11, False)) == [(540, 600, 0, False, True)]


def test_use_over_closing_is_cut_there_and_one_that_ends_before_is_whole() -> None:
    assert by_hand((7, True), (9, False), (19, True), (21, False)) == [
        (480, 540, 0, True, False),
        (1140, 1200, 0, False, True),
    ]
    assert by_hand((7, False), (8, True), (9, False), (19, True), (19.9, False)) == [
        (480, 540, 0, False, False),
        (1140, 1194, 0, False, False),
    ]


def test_who_left_just_now_may_come_back() -> None:
    assert by_hand((7, False), (9, True), (10, False), until=10.2) == [(540, 600, 0, False, True)]
    assert by_hand((7, False), (9, True), (10, False), until=10.25) == [(540, 600, 0, False, False)]
    assert by_hand((7, False), (9, True), until=10.2) == [(540, 612, 0, False, True)]


def test_no_time_and_no_spaces_have_no_sessions() -> None:
    states = space_states(SITE, readings_from([]), DAY, 2 * DAY)
    assert len(sessions(SITE, states)) == 0
    empty = Site("h", "House", "UTC", (), (), (), ())
    assert len(sessions(empty, space_states(empty, readings_from([]), 0, DAY))) == 0


@tried(20)
@given(houses(), st.integers(0, 40))
def test_a_longer_bridge_only_joins(house: House, minutes: int) -> None:
    one, other = (sessions(house.site, states_of(house), bridge * MINUTE) for bridge in (minutes, minutes + 5))
    assert len(other) <= len(one)
    assert int((one.length - one.gaps).sum()) == int((other.length - other.gaps).sum())
    assert set(other.start.tolist()) <= set(one.start.tolist())
    assert np.all(other.length >= other.gaps)

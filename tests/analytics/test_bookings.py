"""What became of bookings: equal to a slow look at every moment, and to what can be worked out by hand."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.bookings import (
    EARLY,
    GRACE,
    KEPT,
    LEFT_EARLY,
    NO_SHOW,
    UNDECIDED,
    Booked,
    BookingFigures,
    booking_figures,
    judge,
)
from analytics.groups import group_spaces
from analytics.spacestates import space_states
from spaces.calendar import open_intervals
from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.site import CalendarRule, Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, ticks, tried
from tests.analytics.oracle import Oracle

Row = tuple[int, Millis, Millis]


@st.composite
def booked_houses(draw: st.DrawFn) -> tuple[House, list[Row]]:
    """Draw a house and bookings of its spaces, in the window and around it."""
    house = draw(houses())
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(ticks(house.start - 3 * HOUR, house.end + HOUR))
        end = start + draw(st.sampled_from((5, 10, 30, 60, 90, 600))) * MINUTE
        rows.append((draw(st.integers(0, len(house.site.spaces) - 1)), start, end))
    return house, rows


def booked(rows: list[Row]) -> Booked:
    space, start, end = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Booked(space, start, end)


def parts_of(house: House, row: Row) -> list[Row]:
    """Cut a booking at opening hours; without what had begun before the window, or still runs at its end."""
    number, start, end = row
    found = []
    space = house.site.spaces[number]
    for opening, closing in open_intervals(house.site, space, house.start - 1, house.end + 1).tolist():
        low, high = max(start, opening), min(end, closing)
        if house.start <= low < high <= house.end:
            found.append((number, low, high))
    return found


def states(oracle: Oracle, row: Row) -> list[tuple[Millis, Millis, bool | None]]:
    number, start, end = row
    found = []
    for moment, length in oracle.lengths(lambda _: True):
        low, high = max(moment, start), min(moment + length, end)
        if low < high:
            found.append((low, high, oracle.state(oracle.site.spaces[number], moment)[0]))
    return found


def outcome(oracle: Oracle, row: Row) -> tuple[int, Millis]:
    """Say what became of a booking, and from when on it could have been given away."""
    number, start, end = row
    first = [state for *_, state in states(oracle, (number, start, min(start + GRACE, end)))]
    if True not in first:
        return (UNDECIDED, end) if None in first else (NO_SHOW, min(start + GRACE, end))
    pieces = states(oracle, row)
    used_until = max(high for _, high, state in pieces if state)
    vacant_from = max(high for _, high, state in pieces if state is not False)
    if end - vacant_from >= EARLY:
        return LEFT_EARLY, vacant_from
    return (UNDECIDED if end - used_until >= EARLY else KEPT), end


@tried(40)
@given(booked_houses())
def test_outcomes_equal_the_slow_look(drawn: tuple[House, list[Row]]) -> None:
    house, rows = drawn
    found = judge(house.site, states_of(house), booked(rows))
    columns = (found.booked.space, found.booked.start, found.booked.end, found.outcome, found.free)
    expected = [(*part, *outcome(house.oracle, part)) for row in rows for part in parts_of(house, row)]
    assert sorted(zip(*(column.tolist() for column in columns), strict=True)) == sorted(expected)


@tried(25)
@given(booked_houses())
def test_hours_equal_the_slow_look(drawn: tuple[House, list[Row]]) -> None:
    """Moment by moment: is it booked, is it known, could it have been given away?"""
    house, rows = drawn
    groups = group_spaces(house.site, "space")
    found = booking_figures(house.site, states_of(house), groups, booked(rows))
    parts = {part for row in rows for part in parts_of(house, row)}
    for number in range(len(house.site.spaces)):
        mine = [(part, outcome(house.oracle, part)[1]) for part in parts if part[0] == number]
        cuts = sorted({house.start, house.end, *(at for (_, *ends), free in mine for at in (*ends, free))})
        total = {"booked": 0, "known": 0, "recoverable": 0}
        for low, high in pairwise(cuts):
            if any(start <= low < end for (_, start, end), _ in mine):
                free = any(from_ <= low < end for (_, _, end), from_ in mine)
                for begin, finish, state in states(house.oracle, (number, low, high)):
                    total["booked"] += finish - begin
                    total["known"] += (finish - begin) * (state is not None)
                    total["recoverable"] += (finish - begin) * (state is False and free)
        assert {name: getattr(found, name)[number] for name in total} == total


SITE = Site(
    "h",
    "House",
    "UTC",
    (Floor("f", "F", 0),),
    (Zone("z", "Z", "f"),),
    (Space("elbe", "E", "room", "z", ((BEGINNING, 4),)),),
    (Sensor("x", "elbe", silence=DAY),),
    calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ((480, 1200),))),),
)


def by_hand(bookings: list[tuple[float, float]], *said: tuple[float, bool | None], now: float = 24) -> BookingFigures:
    """Return the figures of a room, open 8 to 20, that is booked for some hours and used as its sensor says."""
    rows = [Reading("h", "x", round(hour * HOUR), 0, used) for hour, used in [(0, False), *said]]
    found = space_states(SITE, readings_from(rows), 0, round(now * HOUR))
    times = booked([(0, round(start * HOUR), round(end * HOUR)) for start, end in bookings])
    return booking_figures(SITE, found, group_spaces(SITE, "site"), times)


def shown(found: BookingFigures) -> tuple[int, ...]:
    """Return bookings, judged ones, no-shows, left early, uses without booking."""
    columns = (found.bookings, found.judged, found.no_shows, found.left_early, found.used_unbooked)
    return tuple(int(column[0]) for column in columns)


def test_who_comes_after_ten_minutes_is_a_no_show_and_who_comes_before_is_none() -> None:
    late = by_hand([(9, 10)], (9 + 10 / 60, True), (10, False))
    assert shown(late) == (1, 1, 1, 0, 0)
    assert late.recoverable[0] == 0, "they used what was left of it"
    assert shown(by_hand([(9, 10)], (9 + 9 / 60, True), (10, False))) == (1, 1, 0, 0, 0)
    never = by_hand([(9, 10)])
    assert (shown(never), never.recoverable[0]) == ((1, 1, 1, 0, 0), 50 * MINUTE)


def test_a_quarter_of_an_hour_at_the_end_is_left_early() -> None:
    early = by_hand([(9, 10)], (9, True), (9.75, False))
    assert (shown(early), early.recoverable[0]) == ((1, 1, 0, 1, 0), 15 * MINUTE)
    assert shown(by_hand([(9, 10)], (9, True), (9.76, False))) == (1, 1, 0, 0, 0)
    assert shown(by_hand([(9, 10)], (9, True), (9.5, False), (9.9, True), (10, False))) == (1, 1, 0, 0, 0)


def test_what_is_unknown_decides_nothing() -> None:
    assert shown(by_hand([(9, 10)], (9.1, None), (9.2, False))) == (1, 0, 0, 0, 0)
    assert shown(by_hand([(9, 10)], (9.0, True), (9.5, None), (9.8, False))) == (1, 0, 0, 0, 0)
    unsure = by_hand([(9, 10)], (9.0, True), (9.5, None), (9.75, False))
    assert (shown(unsure), unsure.known[0]) == ((1, 1, 0, 1, 0), 45 * MINUTE)


def test_use_without_a_booking_is_counted_unless_somebody_only_looks_in() -> None:
    found = by_hand([(9, 10)], (9, True), (10.2, False), (12, True), (13, False), (14, True), (14.08, False))
    assert shown(found) == (1, 1, 0, 0, 1)


def test_only_past_bookings_in_opening_hours_are_judged() -> None:
    assert shown(by_hand([(6, 7), (21, 22)])) == (0, 0, 0, 0, 0)
    assert by_hand([(7, 9)]).booked[0] == HOUR
    assert shown(by_hand([(9, 11)], now=10)) == (0, 0, 0, 0, 0)
    assert shown(by_hand([(9, 10)], now=10)) == (1, 1, 1, 0, 0)
    assert shown(by_hand([(8, 9), (18, 21)], (8, True), (9, False), now=19)) == (1, 1, 0, 0, 0)


def test_hours_that_are_booked_twice_count_once() -> None:
    found = by_hand([(9, 11), (10, 12)])
    assert (shown(found), found.booked[0], found.recoverable[0]) == ((2, 2, 2, 0, 0), 3 * HOUR, 170 * MINUTE)

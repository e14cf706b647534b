"""Opening hours on the time line: clock changes, midnight, holidays, exceptions and hire."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.calendar import local_days, open_intervals
from spaces.site import CalendarRule, Floor, Hours, Site, Space, Zone
from spaces.times import DAY, HOUR, MINUTE, Millis, to_millis

NINE_TO_FIVE: Hours = ((540, 1020),)
HALL = Space("d1", "d1", "desk", "hall", ((0, 1),))
BAR = Space("b1", "b1", "lounge", "bar", ((0, 40),))


def house(*calendars: CalendarRule, timezone: str = "Europe/Berlin") -> Site:
    return Site(
        "house",
        "A house",
        timezone,
        floors=(Floor("g", "Ground", 0),),
        zones=(Zone("hall", "Hall", "g"), Zone("bar", "Bar", "g")),
        spaces=(HALL, BAR),
        sensors=(),
        calendars=calendars,
    )


def every_day(hours: Hours) -> CalendarRule:
    return CalendarRule(weekly=dict.fromkeys(range(7), hours))


def at(text: str) -> Millis:
    return to_millis(datetime.fromisoformat(text))


def spans(site: Site, space: Space | None, start: str, end: str) -> list[tuple[Millis, Millis]]:
    return [(int(a), int(b)) for a, b in open_intervals(site, space, at(start), at(end))]


def test_a_site_without_calendars_is_always_open() -> None:
    start, end = at("2026-05-04T00:00:00+02:00"), at("2026-05-06T00:00:00+02:00")
    assert open_intervals(house(), None, start, end).tolist() == [[start, end]]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-05-04", 24)])
def test_a_day_that_is_always_open_lasts_as_long_as_it_truly_does(day: str, hours: int) -> None:
    site = house(every_day(((0, 1440),)))
    start = site.midnight(date.fromisoformat(day))
    end = site.midnight(date.fromisoformat(day) + timedelta(days=1))
    assert open_intervals(site, None, start, end).tolist() == [[start, end]]
    assert end - start == hours * HOUR


def test_hours_over_the_skipped_hour_are_an_hour_shorter() -> None:
    site = house(every_day(((60, 300),)))
    [(a, b)] = spans(site, None, "2026-03-29T00:00:00+01:00", "2026-03-29T12:00:00+02:00")
    assert b - a == 3 * HOUR


def test_hours_over_the_repeated_hour_are_an_hour_longer() -> None:
    site = house(every_day(((60, 300),)))
    [(a, b)] = spans(site, None, "2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00+01:00")
    assert b - a == 5 * HOUR


def test_an_opening_in_the_skipped_hour_begins_at_the_jump() -> None:
    site = house(every_day(((150, 240),)))
    found = spans(site, None, "2026-03-29T00:00:00+01:00", "2026-03-29T12:00:00+02:00")
    assert found == [(at("2026-03-29T03:00:00+02:00"), at("2026-03-29T04:00:00+02:00"))]


def test_a_close_in_the_repeated_hour_is_its_second_showing() -> None:
    site = house(every_day(((60, 150),)))
    found = spans(site, None, "2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00+01:00")
    assert found == [(at("2026-10-25T01:00:00+02:00"), at("2026-10-25T02:30:00+01:00"))]


def test_an_evening_past_midnight_belongs_to_the_day_it_opens() -> None:
    site = house(every_day(NINE_TO_FIVE), CalendarRule(zone="bar", weekly={4: ((540, 1020), (1080, 1560))}))
    friday_night = spans(site, BAR, "2026-05-09T00:00:00+02:00", "2026-05-09T08:00:00+02:00")
    assert friday_night == [(at("2026-05-09T00:00:00+02:00"), at("2026-05-09T02:00:00+02:00"))]
    assert spans(site, HALL, "2026-05-09T00:00:00+02:00", "2026-05-09T08:00:00+02:00") == []
    assert spans(site, BAR, "2026-05-07T18:00:00+02:00", "2026-05-08T08:00:00+02:00") == []


def test_holidays_close_and_exceptions_come_before_them() -> None:
    rule = CalendarRule(
        weekly=dict.fromkeys(range(7), NINE_TO_FIVE),
        holidays="DE-BE",
        exceptions={date(2026, 12, 25): ((600, 720),), date(2026, 12, 24): ()},
    )
    found = spans(house(rule), None, "2026-12-24T00:00:00+01:00", "2026-12-27T00:00:00+01:00")
    assert found == [(at("2026-12-25T10:00:00+01:00"), at("2026-12-25T12:00:00+01:00"))]
    womens_day = spans(house(rule), None, "2026-03-08T00:00:00+01:00", "2026-03-09T00:00:00+01:00")
    assert womens_day == [], "8 March is a holiday in Berlin"


def test_private_hire_takes_its_hours_out() -> None:
    rule = replace(every_day(NINE_TO_FIVE), hire={date(2026, 5, 4): ((720, 840),)})
    found = spans(house(rule), None, "2026-05-04T00:00:00+02:00", "2026-05-05T00:00:00+02:00")
    assert found == [
        (at("2026-05-04T09:00:00+02:00"), at("2026-05-04T12:00:00+02:00")),
        (at("2026-05-04T14:00:00+02:00"), at("2026-05-04T17:00:00+02:00")),
    ]


def test_a_space_differs_from_its_zone_which_differs_from_the_site() -> None:
    site = house(
        every_day(NINE_TO_FIVE),
        CalendarRule(zone="bar", weekly={0: ((600, 660),)}),
        CalendarRule(space="b1", weekly={0: ((720, 780),)}),
    )
    monday = ("2026-05-04T00:00:00+02:00", "2026-05-05T00:00:00+02:00")
    assert spans(site, BAR, *monday) == [(at("2026-05-04T12:00:00+02:00"), at("2026-05-04T13:00:00+02:00"))]
    tuesday = spans(site, BAR, "2026-05-05T00:00:00+02:00", "2026-05-06T00:00:00+02:00")
    assert tuesday[0][1] - tuesday[0][0] == 8 * HOUR


ZONES = st.sampled_from(
    ["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"]
)
QUARTERS = st.integers(0, 95)


@given(
    timezone=ZONES,
    first=st.integers(at("2025-01-01T00:00:00Z"), at("2027-12-01T00:00:00Z")),
    days=st.integers(0, 40),
    opening=QUARTERS,
    length=st.integers(1, 120),
)
def test_intervals_agree_with_asking_every_quarter_hour(
    timezone: str, first: Millis, days: int, opening: int, length: int
) -> None:
    """The slow way: what does the clock on the wall show, and is that within the hours?"""
    length = min(length, 96)
    hours = ((opening * 15, (opening + length) * 15),)
    site = house(every_day(hours), timezone=timezone)
    first = first // (15 * MINUTE) * (15 * MINUTE)
    last = first + days * DAY
    found = open_intervals(site, None, first, last)
    asked = np.arange(first, last, 15 * MINUTE)
    inside = np.zeros(len(asked), dtype=bool)
    for a, b in found:
        inside |= (asked >= a) & (asked < b)
    for moment, is_open in zip(asked.tolist(), inside.tolist(), strict=True):
        if not _near_a_clock_change(site, moment):
            assert is_open == _wall_clock_says_open(site, moment, hours[0])


def _near_a_clock_change(site: Site, moment: Millis) -> bool:
    zone = ZoneInfo(site.timezone)
    offsets = {
        datetime.fromtimestamp((moment + shift) / 1000, zone).utcoffset()
        for shift in range(-26 * HOUR, 27 * HOUR, HOUR)
    }
    return len(offsets) > 1


def _wall_clock_says_open(site: Site, moment: Millis, span: tuple[int, int]) -> bool:
    local = datetime.fromtimestamp(moment / 1000, ZoneInfo(site.timezone))
    minutes = local.hour * 60 + local.minute
    return any(span[0] <= minutes + shift < span[1] for shift in (0, 1440))


def test_local_days_are_those_that_a_window_touches() -> None:
    days = local_days(house(), at("2026-05-04T23:59:59+02:00"), at("2026-05-06T00:00:00+02:00"))
    assert days == [date(2026, 5, 4), date(2026, 5, 5)]

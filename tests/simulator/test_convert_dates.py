"""Dates for numbered days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.convert.dates import NumberedDays, clock_changes

ZONES = ("Europe/Copenhagen", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "UTC")
starts = st.dates(date(1980, 1, 1), date(2040, 1, 1))
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=80).map(
    lambda pairs: [(str(day), weekday) for day, weekday in dict(pairs).items()]
)


@given(starts, zones, days)
def test_a_day_keeps_its_weekday_and_meets_no_clock_change(
    start: date, zone: ZoneInfo, numbered: list[tuple[str, int]]
) -> None:
    rule = NumberedDays(start, zone)
    for day, weekday in numbered:
        given_date = rule.date_of(day, weekday)
        assert given_date >= start
        assert given_date.weekday() == weekday
        midnights = [
            datetime(d.year, d.month, d.day, tzinfo=zone) for d in (given_date, given_date + timedelta(days=1))
        ]
        assert midnights[1].timestamp() - midnights[0].timestamp() == 86_400


@given(starts, zones, days)
def test_a_day_has_one_date_and_no_two_days_share_one(
    start: date, zone: ZoneInfo, numbered: list[tuple[str, int]]
) -> None:
    rule = NumberedDays(start, zone)
    first = [rule.date_of(day, weekday) for day, weekday in numbered]
    again = [rule.date_of(day, weekday) for day, weekday in reversed(numbered)]
    assert first == again[::-1]
    assert len(set(first)) == len(numbered)


def test_dates_are_as_early_as_they_can_be() -> None:
    rule = NumberedDays(date(2017, 3, 20), ZoneInfo("Europe/Copenhagen"))
    assert [rule.date_of(str(day), 6) for day in range(2)] == [date(2017, 4, 2), date(2017, 4, 9)]  # not 26 March
    assert [rule.date_of(str(day), day % 7) for day in range(7, 14)] == [
        date(2017, 3, 20 + day) for day in range(6)
    ] + [date(2017, 4, 16)]


def test_a_day_with_two_weekdays_is_refused() -> None:
    rule = NumberedDays(date(2017, 2, 6), ZoneInfo("UTC"))
    rule.date_of("3", 0)
    with pytest.raises(ValueError, match="day '3' was a monday in an earlier row and is a sunday here"):
        rule.date_of("3", 6)


@pytest.mark.parametrize(
    ("zone", "changing"),
    [
        ("Europe/Copenhagen", date(2017, 10, 29)),
        ("Africa/Cairo", date(2023, 4, 28)),
        ("Australia/Lord_Howe", date(2023, 4, 2)),
    ],
)
def test_days_of_clock_changes_are_known(zone: str, changing: date) -> None:
    assert clock_changes(changing, ZoneInfo(zone))
    assert not clock_changes(changing + timedelta(days=2), ZoneInfo(zone))

"""The page's own arithmetic of local time agrees with Python's zoneinfo, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page

from spaces.times import HOUR, to_millis
from tests.web.served import Served

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
]
ROUND = 90
"""Minutes between the moments tried: prime to nothing, so that every quarter of an hour comes round."""


@pytest.fixture(scope="module")
def zone_page(browser: Browser, bare: Served) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"{bare.url}static/icon.svg")
    yield page
    page.close()


def _call(page: Page, function: str, zone: str, moments: list[int], more: int | None = None) -> list[int]:
    script = """async ([name, zone, moments, more]) => {
        const module = await import(new URL('zone.js', location.href));
        return moments.map((moment) => module[name](zone, moment, ...(more === null ? [] : [more])));
    }"""
    found: list[int] = page.evaluate(script, [function, zone, moments, more])
    return found


def _year(zone: str) -> list[int]:
    start = to_millis(datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)))
    return [start + step * (ROUND * 60_000 + 1_234) for step in range(365 * 24 * 60 // ROUND)]


def _wall(zone: str, moment: int) -> int:
    local = datetime.fromtimestamp(moment / 1000, ZoneInfo(zone))
    return to_millis(local.replace(tzinfo=UTC))


@pytest.mark.parametrize("zone", ZONES)
def test_the_wall_clock_is_right_all_year(zone_page: Page, zone: str) -> None:
    moments = _year(zone)
    assert _call(zone_page, "wall", zone, moments) == [_wall(zone, moment) for moment in moments]


@pytest.mark.parametrize("zone", ZONES)
def test_a_wall_clock_time_is_found_even_where_the_clock_leaps_or_repeats(zone_page: Page, zone: str) -> None:
    shown = [_wall(zone, moment) // 60_000 * 60_000 for moment in _year(zone)]
    # Every quarter-hour around every change of the clock of the year besides.
    for change in _changes(zone):
        shown += [_wall(zone, change) + quarter * 900_000 for quarter in range(-16, 17)]
    expected = [to_millis(datetime.fromtimestamp(wall / 1000, UTC).replace(tzinfo=ZoneInfo(zone))) for wall in shown]
    assert _call(zone_page, "instant", zone, shown) == expected


@pytest.mark.parametrize("zone", ZONES)
def test_local_days_begin_where_python_says(zone_page: Page, zone: str) -> None:
    moments = _year(zone)
    days = [datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).date() for moment in moments]
    for ahead in (0, 1, -27):
        expected = [_midnight(zone, day.toordinal() + ahead) for day in days]
        assert _call(zone_page, "midnight", zone, moments, ahead) == expected


def test_a_day_in_berlin_has_23_24_or_25_hours(zone_page: Page) -> None:
    noons = [to_millis(datetime(2026, month, day, 11, tzinfo=UTC)) for month, day in ((3, 29), (7, 1), (10, 25))]
    starts = _call(zone_page, "midnight", "Europe/Berlin", noons)
    ends = _call(zone_page, "midnight", "Europe/Berlin", noons, 1)
    assert [(end - start) // HOUR for start, end in zip(starts, ends, strict=True)] == [23, 24, 25]


def _midnight(zone: str, ordinal: int) -> int:
    day = datetime.fromordinal(ordinal)
    return to_millis(day.replace(tzinfo=ZoneInfo(zone)))


def _changes(zone: str) -> list[int]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=hour) for hour in range(365 * 24)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [to_millis(hours[i]) for i in range(1, len(hours)) if offsets[i] != offsets[i - 1]]


def test_zones_that_change_their_clocks_are_among_those_tried() -> None:
    assert sum(bool(_changes(zone)) for zone in ZONES) >= 3

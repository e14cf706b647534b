"""Figures over whole days of houses in odd states: always closed, silent, with sensors that moved, mistaken counts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spaces.reading import Reading
from spaces.site import CalendarRule, Sensor, Site
from spaces.times import DAY, HOUR, Millis, rfc3339, to_millis
from tests.api.office import NOW, Office, office, week

PATHS = ("sessions", "sessions/dwell", "sessions/bridges", "rooms", "rooms/parties", "rooms/mix", "bookings")
MIDNIGHT: Millis = to_millis(datetime(2026, 11, 17, 23, tzinfo=UTC))
YESTERDAY = {"from": rfc3339(MIDNIGHT), "to": rfc3339(MIDNIGHT + DAY)}
FREE = {"reason", "group", "minutes", "bridge", "spaces", "space", "name", "capacity", "counted", "seats", "rooms_now"}
"""Columns that say nothing of use."""


def figures_of(rows: list[dict[str, Any]]) -> set[Any]:
    """Return every value of a figure, without the sums of what there was to look at."""
    return {value for row in rows for name, value in row.items() if name not in FREE | {"space_days", "coverage"}}


@pytest.mark.parametrize("path", PATHS)
def test_a_house_that_is_always_closed_has_no_figures_and_says_so(tmp_path: Path, path: str) -> None:
    closed = replace(office({}), calendars=(CalendarRule(weekly={}),))
    with Office(tmp_path, list(week(closed)), site=closed) as house:
        rows = house.ask(path, **YESTERDAY)
        assert figures_of(rows) == {None}
        assert {row["reason"] for row in rows} <= {"closed", "no calendar"}


@pytest.mark.parametrize("path", PATHS)
def test_a_house_that_was_silent_has_no_figures_and_says_so(tmp_path: Path, path: str) -> None:
    with Office(tmp_path, site=office({})) as house:
        rows = house.ask(path, **YESTERDAY)
        assert figures_of(rows) == {None}
        assert {row["reason"] for row in rows} <= {"no data", "no calendar"}


@pytest.mark.parametrize("path", PATHS)
def test_a_year_of_which_a_week_is_known_is_answered(house: Office, path: str) -> None:
    rows = house.ask(path, **{"from": rfc3339(NOW - 390 * DAY)})
    assert rows
    for row in rows:
        assert all(value == value for value in row.values()), "no NaN"  # noqa: PLR0124 - only NaN differs from itself


def moved() -> Site:
    """The office whose one sensor left its desk for another at noon of yesterday."""
    noon = MIDNIGHT + 12 * HOUR
    sensors = (Sensor("s", "mixed-0", until=noon), Sensor("s", "mixed-1", since=noon))
    return replace(office({}), sensors=tuple(replace(entry, silence=DAY) for entry in sensors))


def in_use() -> Iterator[Reading]:
    for hour in range(8, 20):
        yield Reading("office", "s", MIDNIGHT + hour * HOUR, MIDNIGHT, occupied=9 <= hour < 17)


def test_a_session_ends_in_doubt_where_its_sensor_was_taken_away(tmp_path: Path) -> None:
    with Office(tmp_path, list(in_use()), site=moved()) as house:
        rows = {row["group"]: row for row in house.ask("sessions", group="space", zone="mixed", **YESTERDAY)}
        for desk in ("mixed-0", "mixed-1"):
            assert (rows[desk]["sessions"], rows[desk]["censored"]) == (1, 1)
            assert 0.3 < rows[desk]["space_days"] < 0.7
        assert (rows["mixed-2"]["sessions"], rows["mixed-2"]["reason"]) == (None, "no data")


def test_a_count_above_all_seats_is_shown_and_finds_its_room(tmp_path: Path) -> None:
    site = replace(office({}), sensors=(Sensor("s-elbe", "elbe", silence=DAY),))
    rows = [
        Reading("office", "s-elbe", MIDNIGHT + hour * HOUR, MIDNIGHT, occupied=people > 0, people=people)
        for hour, people in ((8, 0), (9, 9), (10, 0))
    ]
    with Office(tmp_path, rows, site=site) as house:
        (elbe,) = house.ask("rooms", space="elbe", **YESTERDAY)
        assert (elbe["over_capacity"], elbe["fill_when_used"], elbe["largest_party"]) == (1, 1.5, 9)
        mix = {row["seats"]: row for row in house.ask("rooms/mix", space="elbe", **YESTERDAY)}
        assert {seats: row["right_sized"] for seats, row in mix.items()} == {6: 0, 9: 1}
        assert mix[9]["censored"] is None, "there is no room so large that could have been full"

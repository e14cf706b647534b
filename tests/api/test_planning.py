"""What was left, planning peaks, held time and space usage: over HTTP, and worked out by hand."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.privacy.disclosure import FEW
from spaces.reading import Reading
from spaces.site import CalendarRule, Members, Sensor, Site, Space
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis, rfc3339, to_millis
from tests.api.office import NOW, Office, office, said
from tests.api.shapes import assert_problem

FIRST = date(2026, 8, 10)
"""A Monday in Berlin's summer."""
WEEKS = 14
DESKS = 10


def members() -> tuple[Members, ...]:
    return Members(0, 0, 20), Members(to_millis(datetime(2026, 11, 1, tzinfo=UTC)), 0, 30)


def lab() -> Site:
    """Return an office of ten flexible desks and a room, open 8 to 20 on weekdays, a late bar on Thursdays."""
    desks = [Space(f"d{n}", "", "desk", "team", ((BEGINNING, 1),), "flexible") for n in range(DESKS)]
    others = [Space("hall", "Hall", "room", "meet", ((BEGINNING, 30),)), Space("bar", "Bar", "cafe", "bar", ((0, 40),))]
    spaces = (*desks, *others)
    late = CalendarRule(zone="bar", weekly={**dict.fromkeys(range(7), ()), 3: ((18 * 60, 26 * 60),)})
    base = office({})
    return replace(
        base,
        zones=(*base.zones, replace(base.zones[0], id="bar", name="Bar")),
        spaces=spaces,
        sensors=tuple(Sensor(f"s-{space.id}", space.id, silence=DAY) for space in spaces),
        calendars=(*base.calendars, late),
        members=members(),
    )


def used_on(day: date) -> int:
    """How many desks are in use at ten o'clock of a day: more and more, most on Tuesdays."""
    return 1 + (day - FIRST).days // 7 % 8 + (day.weekday() == 1)


def life(site: Site, start: date = FIRST, days: int = WEEKS * 7) -> Iterator[Reading]:
    """Give each day's readings: all is vacant at 8, some desks are in use 10 to 11, the bar on Thursdays to 01:00."""
    for day in (start + timedelta(days=n) for n in range(days)):
        at = site.midnight(day)
        for number in range(DESKS):
            for hour, used in ((7, False), (10, number < used_on(day)), (11, False)):
                yield said(site, site.space_by_id[f"d{number}"], at + hour * HOUR, used=used)
        yield Reading("office", "s-hall", at + 7 * HOUR, at, occupied=False, people=0)
        for hour, people in ((17, 0), (23, 25), (25, 0)) if day.weekday() == 3 else ((17, 0),):
            yield Reading("office", "s-bar", at + hour * HOUR, at, occupied=people > 0, people=people)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Fourteen weeks of it."""
    site = lab()
    with Office(tmp_path_factory.mktemp("lab"), list(life(site)), site=site) as opened:
        yield opened


def window(house: Office, weeks: int = WEEKS) -> dict[str, str]:
    start = house.site.midnight(FIRST)
    return {"from": rfc3339(start), "to": rfc3339(house.site.midnight(FIRST + timedelta(weeks=weeks)))}


def test_planning_peaks_are_order_statistics_of_the_days_that_count(house: Office) -> None:
    answer = house.answer("planning", assignment="flexible", **window(house))
    (row,) = answer["rows"]
    days = [FIRST + timedelta(days=n) for n in range(WEEKS * 7) if (FIRST + timedelta(days=n)).weekday() < 5]
    peaks = sorted(map(used_on, days))
    assert (row["days"], row["days_left_out"], answer["meta"]["left_out"]) == (70, 0, [])
    assert (row["planning_peak"], row["p90"]) == (peaks[67 - 1], peaks[63 - 1])
    tuesdays = sorted(used_on(day) for day in days if day.weekday() == 1)
    assert (row["busiest_weekday"], row["busiest_planning_peak"], row["busiest_p90"]) == (1, tuesdays[13], tuesdays[12])
    assert row["upper"] == peaks[-1]
    assert (row["capacity"], row["members"], row["sharing_ratio"], row["reason"]) == (DESKS, 30, 3, None)
    assert row["desks_per_member"] == pytest.approx(1 / 3)
    assert "order" in answer["meta"]["definition"]
    assert answer["meta"]["bucket"] == "1d"


def test_members_are_those_at_the_end_of_the_window_and_of_whole_pools_alone(house: Office) -> None:
    (early,) = house.ask("planning", assignment="flexible", **window(house, 4))
    assert (early["members"], early["sharing_ratio"], early["upper"], early["days"]) == (20, 2, None, 20)
    by_kind = {row["group"]: row for row in house.ask("planning", group="kind", **window(house))}
    assert (by_kind["desk"]["members"], by_kind["room"]["members"]) == (30, None)


def test_an_evening_that_passes_midnight_is_its_own_day(house: Office) -> None:
    (row,) = house.ask("planning", kind="cafe", measure="people", **window(house))
    assert (row["days"], row["planning_peak"], row["busiest_weekday"], row["capacity"]) == (WEEKS, 25, 3, 40)


def test_thirteen_weeks_are_the_window_unless_told(house: Office) -> None:
    house.now = house.site.midnight(FIRST + timedelta(weeks=WEEKS)) - 4 * HOUR
    answer = house.answer("planning", assignment="flexible")
    house.now = NOW
    assert answer["meta"]["window"]["to"] == rfc3339(house.site.midnight(FIRST + timedelta(weeks=WEEKS)))
    assert answer["rows"][0]["days"] >= 65


def test_days_left_out_are_listed_with_the_reason(tmp_path: Path) -> None:
    site = lab()
    monday = date(2026, 11, 16)
    rows = [row for row in life(site, monday, 3) if row.sensor not in {"s-d0", "s-d1"} or row.time % DAY < 9 * HOUR]
    rows = [row for row in rows if row.sensor != "s-hall"]
    short = replace(site, sensors=tuple(replace(one, silence=5 * HOUR) for one in site.sensors))
    with Office(tmp_path, rows, site=short) as house:
        house.now = site.midnight(monday + timedelta(days=2)) + 12 * HOUR
        days = {"from": rfc3339(site.midnight(monday - timedelta(days=3))), "to": rfc3339(NOW + DAY)}
        answer = house.answer("planning", kind="desk", **days)
        assert [(one["date"], one["reason"]) for one in answer["meta"]["left_out"]] == [
            ("2026-11-13", "no data"),
            ("2026-11-16", "too much unknown"),
            ("2026-11-17", "too much unknown"),
            ("2026-11-18", "not over yet"),
        ]
        (row,) = answer["rows"]
        assert (row["days"], row["days_left_out"], row["planning_peak"]) == (0, 4, None)
        assert row["reason"] == "too much unknown"
        (hall,) = house.ask("planning", kind="room", **{**days, "to": rfc3339(site.midnight(monday))})
        assert (hall["planning_peak"], hall["reason"]) == (None, "no data")


def test_what_was_left_is_told_by_the_hour(house: Office) -> None:
    tuesday = house.site.midnight(FIRST + timedelta(days=1))
    hours = {"from": rfc3339(tuesday + 9 * HOUR), "to": rfc3339(tuesday + 11 * HOUR)}
    nine, ten = house.ask("availability", kind="desk", **hours)
    assert (nine["minimum_surplus"], ten["minimum_surplus"]) == (10, 8)
    assert [ten[name] for name in ("sold_out", "sold_out_possible", "below_target", "at_target", "above_target")] == [
        0,
        0,
        1,
        0,
        0,
    ]
    late = {"from": rfc3339(tuesday + (2 * 24 + 23) * HOUR), "to": rfc3339(tuesday + (2 * 24 + 25) * HOUR)}
    rows = house.ask("availability", kind="cafe", measure="people", **late)
    assert [row["minimum_surplus"] for row in rows] == [15, 15]
    assert [(row["at_target"], row["coverage"]) for row in rows] == [(1, 1), (1, 1)]
    (only,) = house.ask("availability", space="d0", bucket="1d", **hours)
    assert (only["sold_out"], only["below_target"], only["reason"]) == (0.083333, None, None)
    wide = house.ask("availability", group="kind", shape="wide", **hours)
    assert [row["desk"] for row in wide] == [10, 8]


def test_held_time_and_space_usage_stand_beside_use(tmp_path: Path) -> None:
    site = lab()
    at = site.midnight(date(2026, 11, 18))
    desk = site.space_by_id["d0"]
    rows = [said(site, site.space_by_id[f"d{n}"], at + 7 * HOUR, used=False) for n in range(DESKS)]
    rows += [
        said(site, desk, at + round(hour * HOUR), used=used)
        for hour, used in ((9, True), (10.5, False), (11.5, True), (12, False))
    ]
    with Office(tmp_path, rows, site=site) as house:
        day = {"from": rfc3339(at + 9 * HOUR), "to": rfc3339(at + 12 * HOUR)}
        hours = house.ask("utilisation", kind="desk", usage=True, **day)
        assert [row["held_hours"] for row in hours] == [0, 0.5, 0.5]
        assert [row["occupied_hours"] for row in hours] == [1, 0.5, 0.5]
        assert [row["space_usage"] for row in hours] == [0.1, 0.1, 0.1]
        assert [row["average_occupancy_lo"] for row in hours] == [1, 0.5, 0.5]
        (whole,) = house.ask("utilisation", kind="desk", bucket="1d", usage=True, **day)
        assert (whole["held_hours"], whole["space_usage"]) == (1, pytest.approx(3 / 120))
        quarters = house.ask("utilisation", kind="desk", bucket="15m", usage=True, **day)
        assert {row["space_usage"] for row in quarters} == {None}
        (room,) = house.ask("utilisation", kind="room", bucket="1d", usage=True, **day)
        assert (room["held_hours"], room["space_usage"], room["reason"]) == (None, None, "no data")
        (without,) = house.ask("utilisation", kind="desk", bucket="1d", **day)
        assert (without["held_hours"], without["space_usage"]) == (None, None)


def test_a_sustained_peak_stands_beside_the_peak(tmp_path: Path) -> None:
    site = lab()
    at = site.midnight(date(2026, 11, 18)) + 9 * HOUR
    rows = [said(site, site.space_by_id[f"d{n}"], at + n * 5 * MINUTE, used=True) for n in range(3)]
    rows += [said(site, site.space_by_id[f"d{n}"], at + 20 * MINUTE, used=False) for n in range(3)]
    with Office(tmp_path, rows, site=site) as house:
        (row,) = house.ask("peaks", kind="desk", **{"from": rfc3339(at), "to": rfc3339(at + HOUR)})
    assert (row["peak"], row["sustained"], row["sustained_at"]) == (3, 2, rfc3339(at + 5 * MINUTE))


def test_days_of_few_fixed_desks_are_not_told_in_the_frame(tmp_path: Path) -> None:
    """Whether a day counts hangs on the use of the desk."""
    site = office({"team": 2})
    start: Millis = site.midnight(date(2026, 11, 18))
    for used in (True, False):
        rows = [said(site, site.space_by_id["team-own-0"], start + 9 * HOUR, used=used)]
        with Office(tmp_path / str(used), rows, site=site) as house:
            answer = house.answer("planning", group="zone", **{"from": rfc3339(start - 7 * DAY)})
            team = next(row for row in answer["rows"] if row["group"] == "team")
            assert (team["planning_peak"], team["days"], team["reason"]) == (None, None, FEW)
            assert {one["group"] for one in answer["meta"]["left_out"]} == {"mixed", "meet"}


ROUTES = ("utilisation", "peaks", "availability", "heatmap", "planning")
WINDOWS: dict[str, dict[str, Any]] = {
    "before any data": {"from": "2020-01-06T00:00:00Z", "to": "2020-01-13T00:00:00Z"},
    "in the future": {"from": rfc3339(NOW + DAY), "to": rfc3339(NOW + 8 * DAY)},
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("where", WINDOWS)
def test_windows_without_data_are_null_with_a_reason(house: Office, route: str, where: str) -> None:
    rows = house.ask(route, **WINDOWS[where])
    assert rows
    mains = {"planning": "planning_peak", "availability": "sold_out", "peaks": "peak"}
    assert {row[mains.get(route, "utilisation")] for row in rows} == {None}
    future = {"heatmap": {"closed", "no data"}}.get(route, {"not yet"})
    assert {row["reason"] for row in rows} <= ({"no data", "closed"} if where == "before any data" else future)


@pytest.mark.parametrize("route", ROUTES)
def test_windows_that_are_none_are_problems(house: Office, route: str) -> None:
    at = rfc3339(NOW)
    for query, hint in (
        ({"from": at, "to": rfc3339(NOW - DAY)}, "not before"),
        ({"from": at, "to": at}, "not before"),
        ({"from": rfc3339(NOW - 3653 * DAY), "to": at}, "the limit is 400"),
        ({"from": "yesterday"}, "yesterday"),
        ({"from": "1000-01-01T00:00:00Z"}, "before"),
        ({"group": "team"}, "group"),
        ({"zone": "tema"}, "did you mean team"),
        ({"measure": "hats"}, "measure"),
    ):
        if route == "heatmap" and "measure" in query:
            continue
        assert hint in assert_problem(house.get(f"v1/sites/office/{route}", **query), 422)["detail"]
    assert_problem(house.get(f"v1/sites/offise/{route}"), 404)


@pytest.mark.parametrize("route", ROUTES)
def test_a_site_that_is_always_closed_says_so(tmp_path: Path, route: str) -> None:
    shut = replace(lab(), calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ())),))
    with Office(tmp_path, list(life(shut, date(2026, 11, 16), 3)), site=shut) as house:
        rows = house.ask(route, **{"from": rfc3339(NOW - 3 * DAY), "to": rfc3339(NOW)})
        assert {row["reason"] for row in rows} == {"closed"}
        assert house.ask(route, kind="workshop")[0]["reason"] == "no such space"


def test_a_sensor_that_is_silent_all_the_window_is_unknown_and_never_vacant(house: Office) -> None:
    """Its space is no vacancy in what was left, no day of a planning peak, and in nobody's average."""
    gone = {"from": rfc3339(NOW + 0 * DAY - 2 * HOUR), "to": rfc3339(NOW)}
    (row,) = house.ask("availability", kind="desk", bucket="1d", **gone)
    assert (row["minimum_surplus"], row["sold_out"], row["coverage"], row["reason"]) == (None, None, 0, "no data")
    (use,) = house.ask("utilisation", kind="desk", bucket="1d", **gone)
    assert (use["held_hours"], use["space_usage"], use["average_occupancy_lo"]) == (None, None, None)
    (planned,) = house.ask("planning", kind="desk", **{"from": rfc3339(NOW - DAY), "to": gone["to"]})
    assert (planned["planning_peak"], planned["days"]) == (None, 0)


def test_more_people_than_seats_are_shown_as_they_are(tmp_path: Path) -> None:
    site = lab()
    at = site.midnight(date(2026, 11, 18)) + 9 * HOUR
    rows = [Reading("office", "s-hall", at, at, occupied=True, people=35)]
    with Office(tmp_path, rows, site=site) as house:
        day = {"from": rfc3339(at), "to": rfc3339(at + HOUR), "kind": "room", "measure": "people"}
        (left,) = house.ask("availability", **day)
        assert (left["minimum_surplus"], left["above_target"], left["sold_out"]) == (-5, 1, 1)
        (peak,) = house.ask("peaks", **day)
        assert (peak["peak"], peak["sustained"], peak["capacity"]) == (35, 35, 30)
        (planned,) = house.ask("planning", **day)
        assert (planned["planning_peak"], planned["capacity"]) == (35, 30)


def test_a_window_across_a_change_of_the_mapping_is_of_what_was_mapped_then(tmp_path: Path) -> None:
    """One device moves from one desk to the other at ten: the first is unknown from then on, the second before."""
    site = lab()
    at = site.midnight(date(2026, 11, 18))
    moved = at + 10 * HOUR
    sensors = (Sensor("m", "d0", silence=DAY, until=moved), Sensor("m", "d1", silence=DAY, since=moved))
    rows = [Reading("office", "m", at + hour * HOUR, at, occupied=True) for hour in (9, 10)]
    with Office(tmp_path, rows, site=replace(site, sensors=sensors)) as house:
        day = {"from": rfc3339(at + 9 * HOUR), "to": rfc3339(at + 11 * HOUR), "group": "space", "kind": "desk"}
        found = [
            (row["group"], row["utilisation"], row["reason"])
            for row in house.ask("utilisation", **day)
            if row["group"] in {"d0", "d1"}
        ]
        assert found == [("d0", 1, None), ("d1", None, "no data"), ("d0", None, "no data"), ("d1", 1, None)]
        (both,) = house.ask("availability", kind="desk", bucket="1d", **{k: day[k] for k in ("from", "to")})
        assert (both["minimum_surplus"], both["sold_out"], both["sold_out_possible"]) == (0, 0, 1)

"""/forecast: what every week had is what is to come, nothing of closed hours, and never a word on a few fixed desks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.privacy.disclosure import FEW, OWN
from dashboards.answers.forecast import COLUMNS
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import DAY, HOUR, MINUTE, Millis, parse_instant, rfc3339
from tests.api.office import NOW, Office, office
from tests.api.shapes import assert_instant, assert_problem

LAST = date(2026, 11, 19)
"""NOW is 10:30 of it, a Thursday."""
HOURS = {"from": rfc3339(NOW - 7 * DAY), "to": rfc3339(NOW)}


def patient() -> Site:
    """Return the office with sensors that speak twice a day."""
    site = office()
    return replace(site, sensors=tuple(replace(sensor, silence=14 * HOUR) for sensor in site.sensors))


def used(site: Site, weeks: int) -> Iterator[Reading]:
    """Yield weeks that are all alike: each space is in use from an hour of its own for some hours, longer each day."""
    for days in range(weeks * 7):
        day = LAST - timedelta(days=days)
        midnight = site.midnight(day)
        for index, space in enumerate(site.spaces):
            begin = midnight + (8 + index % 3) * HOUR + 7 * index * MINUTE
            end = begin + (1 + day.weekday()) * HOUR
            for time, occupied in ((midnight, False), (begin, True), (end, False), (midnight + 22 * HOUR, False)):
                if time <= NOW and space.id != "attic":
                    yield Reading(site.id, f"s-{space.id}", time, time, occupied=occupied)


def opened(folder: Path, weeks: int) -> Office:
    site = patient()
    return Office(folder, list(used(site, weeks)), site=site)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office with twelve weeks of readings; not to be changed."""
    with opened(tmp_path_factory.mktemp("forecast"), 12) as office_:
        yield office_


def after(row: dict[str, Any], time: Millis) -> str:
    return rfc3339(parse_instant(row["time"]) + time)


def test_what_every_week_had_is_what_is_to_come(house: Office) -> None:
    whole = [row for row in house.ask("utilisation", group="kind", **HOURS) if not row["partial"]]
    past = {(after(row, 7 * DAY), row["group"]): row for row in whole}
    rows = house.ask("forecast", group="kind")
    compared = [(row, past[row["time"], row["group"]]) for row in rows if (row["time"], row["group"]) in past]
    assert len(compared) > 400
    for row, was in compared:
        assert list(row) == list(COLUMNS)
        assert row["median"] == row["lo"] == row["hi"] == was["average_occupancy"]
        assert row["reason"] == ("no data" if row["group"] == "lounge" and row["capacity"] else was["reason"])


def test_rows_are_every_hour_from_this_one_to_the_end_of_the_fourteenth_day(house: Office) -> None:
    answer = house.answer("forecast")
    rows, meta = answer["rows"], answer["meta"]
    assert rows[0]["time"] == meta["window"]["from"] == "2026-11-19T09:00:00Z"
    assert meta["window"]["to"] == rfc3339(house.site.midnight(LAST + timedelta(days=14)))
    assert len(rows) == 14 * 24 - 10
    assert {row["reason"] for row in rows} == {None, "closed"}
    closed = [row for row in rows if row["reason"] == "closed"]
    assert {(row["median"], row["lo"], row["hi"], row["capacity"]) for row in closed} == {(None, None, None, 0)}
    assert (meta["weeks"], meta["share"], meta["simulated"]) == ({"office": 11}, 0.8, True)


def test_the_best_times_are_quiet_stretches_of_the_next_days(house: Office) -> None:
    meta = house.answer("forecast", kind="desk", assignment="flexible", stay=2)["meta"]
    assert len(meta["best"]) == 3
    rows = {row["time"]: row for row in house.ask("forecast", kind="desk", assignment="flexible")}
    for best in meta["best"]:
        for name in ("from", "to"):
            assert_instant(best[name])
        begin, end = parse_instant(best["from"]), parse_instant(best["to"])
        assert NOW - HOUR < begin < end == begin + 2 * HOUR < NOW + 8 * DAY
        inside = [rows[rfc3339(hour)] for hour in range(begin, end, HOUR)]
        assert best["hi"] == pytest.approx(max(row["hi"] for row in inside), abs=0.01)
        assert best["capacity"] == min(row["capacity"] for row in inside)
        assert best["share"] == pytest.approx(max(row["hi"] / row["capacity"] for row in inside), abs=0.001)
    assert [best["share"] for best in meta["best"]] == sorted(best["share"] for best in meta["best"])
    assert house.answer("forecast", stay=12)["meta"]["best"] != []


def test_below_eight_weeks_there_is_a_median_alone(tmp_path: Path) -> None:
    with opened(tmp_path, 4) as young:
        answer = young.answer("forecast", kind="desk", assignment="flexible")
        open_hours = [row for row in answer["rows"] if row["reason"] != "closed"]
        assert {(row["lo"], row["hi"], row["reason"]) for row in open_hours} == {(None, None, "under 8 weeks")}
        assert all(row["median"] is not None for row in open_hours)
        assert [best["hi"] for best in answer["meta"]["best"]] == [None] * 3


def test_without_readings_there_is_no_data_and_a_late_reading_is_seen(tmp_path: Path) -> None:
    with Office(tmp_path, [], site=patient()) as empty:
        answer = empty.answer("forecast", kind="desk", assignment="flexible")
        assert {row["reason"] for row in answer["rows"]} == {"no data", "closed"}
        assert {row["median"] for row in answer["rows"]} == {None}
        assert answer["meta"]["best"] == []
        empty.note(*used(empty.site, 2))
        again = empty.answer("forecast", kind="desk", assignment="flexible")
        assert "under 8 weeks" in {row["reason"] for row in again["rows"]}


def test_groups_that_are_not_shown_have_no_forecast_and_no_best_time(house: Office) -> None:
    for group, reason in (("zone", FEW), ("space", OWN)):
        answer = house.answer("forecast", group=group, kind="desk")
        hidden = {row["group"] for row in answer["rows"] if row["reason"] == reason}
        assert hidden
        assert {row["median"] for row in answer["rows"] if row["group"] in hidden} == {None}
        assert not hidden & {best["group"] for best in answer["meta"]["best"]}
        assert not hidden & set(answer["meta"]["weeks"])


@pytest.mark.parametrize(
    ("query", "parameter"),
    [({"stay": 0}, "stay"), ({"stay": 13}, "stay"), ({"group": "week"}, "group"), ({"zone": "x"}, "zone")],
)
def test_what_is_wrong_is_said(house: Office, query: dict[str, Any], parameter: str) -> None:
    body = assert_problem(house.get("v1/sites/office/forecast", **query), 422)
    assert [error["parameter"] for error in body["errors"]] == [parameter]


def test_it_is_a_table_too(house: Office) -> None:
    text = house.get("v1/sites/office/forecast", format="csv").text
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert len(text.splitlines()) == 14 * 24 - 10 + 1

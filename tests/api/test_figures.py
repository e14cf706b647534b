"""Figures of windows: defaults, edges, reasons for what is null, and numbers worked out by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spaces.times import DAY, HOUR, MINUTE, Millis, rfc3339, to_millis
from tests.api.office import NOW, Office, office, said

MIDNIGHT: Millis = to_millis(datetime(2026, 11, 18, 23, tzinfo=UTC))
"""Local midnight of the day of NOW."""
OPENING = MIDNIGHT + 8 * HOUR


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One desk and two rooms, today: the desk used 9 to 10, the room 9:30 to 10 by three people."""
    site = office({})
    desk, room, other = (site.space_by_id[name] for name in ("mixed-0", "elbe", "havel"))
    at = [OPENING + minutes * MINUTE for minutes in range(0, 150, 30)]
    readings = [said(site, desk, time, used=used == 1) for time, used in zip(at, (0, 0, 1, 1, 0), strict=True)]
    readings += [said(site, room, time, used=used == 1) for time, used in zip(at, (0, 0, 0, 1, 0), strict=True)]
    readings += [said(site, other, time, used=used == 1) for time, used in zip(at, (0, 0, 1, 1, 0), strict=True)]
    with Office(tmp_path_factory.mktemp("quiet"), readings, site=site) as opened:
        yield opened


def test_numbers_are_those_worked_out_by_hand(quiet: Office) -> None:
    hours = {row["time"]: row for row in quiet.ask("utilisation", space="mixed-0")}
    nine = hours[rfc3339(OPENING + HOUR)]
    assert (nine["utilisation"], nine["occupied_hours"], nine["known_hours"], nine["coverage"]) == (1, 1, 1, 1)
    assert (nine["spaces"], nine["capacity"], nine["average_occupancy"], nine["people_hours"]) == (1, 1, 1, 1)
    (day,) = quiet.ask("utilisation", space="mixed-0", bucket="1d")
    assert (day["utilisation"], day["occupied_hours"], day["open_hours"]) == (0.4, 1, 2.5)
    (room,) = quiet.ask("utilisation", space="elbe", bucket="1d", measure="people")
    assert (room["capacity_utilisation"], room["fill_when_used"], room["people_hours"]) == (0.1, 0.5, 1.5)
    (peak,) = quiet.ask("peaks", floor="f2", bucket="1d")
    assert (peak["peak"], peak["peak_at"], peak["reason"]) == (2, rfc3339(OPENING + 90 * MINUTE), None)
    assert (peak["peak_upper"], peak["capacity"]) == (4, 4), "the cafe and the attic are unknown"
    (people,) = quiet.ask("peaks", space="elbe", bucket="1d", measure="people")
    assert (people["peak"], people["peak_upper"], people["capacity"]) == (3, 3, 6)
    cells = {(row["weekday"], row["hour"]): row for row in quiet.ask("heatmap", space="mixed-0")}
    assert (cells[3, 9]["utilisation"], cells[3, 8]["utilisation"], cells[3, 7]["utilisation"]) == (1, 0, None)


def test_unless_asked_otherwise_it_is_today_until_now(quiet: Office) -> None:
    answer = quiet.answer("utilisation")
    assert answer["meta"]["window"] == {"from": rfc3339(MIDNIGHT), "to": rfc3339(MIDNIGHT + 11 * HOUR)}
    assert (answer["meta"]["bucket"], len(answer["rows"])) == ("1h", 11)
    assert [row["partial"] for row in answer["rows"]] == [False] * 10 + [True]
    of_day = quiet.answer("utilisation", to=rfc3339(MIDNIGHT - 3 * DAY))["meta"]["window"]
    assert of_day == {"from": rfc3339(MIDNIGHT - 4 * DAY), "to": rfc3339(MIDNIGHT - 3 * DAY)}


def test_what_is_null_says_why_and_is_never_nought(quiet: Office) -> None:
    query = {"from": rfc3339(MIDNIGHT - DAY), "to": rfc3339(MIDNIGHT + DAY), "space": "mixed-0"}
    for path, main in (("utilisation", "utilisation"), ("peaks", "peak")):
        rows = {row["time"]: row for row in quiet.ask(path, **query)}
        assert len(rows) == 48
        why = {hour: rows[rfc3339(MIDNIGHT + hour * HOUR)]["reason"] for hour in (-13, 7, 8, 10, 11, 23)}
        assert why == {-13: "no data", 7: "closed", 8: None, 10: None, 11: "not yet", 23: "not yet"}
        for row in rows.values():
            assert (row[main] is None) == (row["reason"] is not None)
    (row,) = quiet.ask("utilisation", space="havel", bucket="1d", measure="people")
    assert (row["capacity_utilisation"], row["reason"]) == (None, "not counted")
    assert row["utilisation"] is not None
    (row,) = quiet.ask("peaks", space="havel", bucket="1d", measure="people")
    assert (row["peak"], row["reason"]) == (None, "not counted")
    cells = {(row["weekday"], row["hour"]): row["reason"] for row in quiet.ask("heatmap", space="attic")}
    assert (cells[3, 9], cells[3, 7], cells[6, 9]) == ("no data", "closed", "closed")


def test_filters_that_leave_nothing_give_rows_that_say_so(quiet: Office) -> None:
    query = {"kind": "workshop", "bucket": "1d"}
    for path in ("utilisation", "peaks", "heatmap"):
        rows = quiet.ask(path, **{key: value for key, value in query.items() if path != "heatmap" or key == "kind"})
        assert {row["reason"] for row in rows} == {"no such space"}
    assert quiet.ask("peaks", group="space", **query) == []
    assert quiet.ask("status", kind="workshop") == []
    assert quiet.get("v1/sites/office/peaks", group="zone", format="csv", **query).text.count("\r\n") == 1


def test_windows_are_widened_to_local_edges(quiet: Office) -> None:
    query = {"from": "2026-10-25T10:00:00+01:00", "to": "2026-10-25T10:01:00 01:00"}
    window = quiet.answer("utilisation", bucket="1d", **query)["meta"]["window"]
    assert window == {"from": "2026-10-24T22:00:00Z", "to": "2026-10-25T23:00:00Z"}, "the day of the clock change"
    hours = quiet.ask("utilisation", **{"from": "2026-10-24T22:00:00Z", "to": "2026-10-25T23:00:00Z"})
    assert len(hours) == 25, "the repeated hour is two rows"
    week = quiet.answer("peaks", bucket="1w", **query)
    assert week["meta"]["window"] == {"from": "2026-10-18T22:00:00Z", "to": "2026-10-25T23:00:00Z"}
    assert (
        quiet.answer("peaks", **{**query, "from": "1792915200000"})["meta"]["window"]["from"] == "2026-10-25T08:00:00Z"
    )


def test_auto_is_the_finest_bucket_within_the_points(quiet: Office) -> None:
    month = {"from": rfc3339(NOW - 28 * DAY), "bucket": "auto"}
    found = {most: quiet.answer("utilisation", max_points=most, **month)["meta"]["bucket"] for most in (5, 40, 800)}
    assert found == {5: "1w", 40: "1d", 800: "1h"}
    assert quiet.answer("utilisation", bucket="auto")["meta"]["bucket"] == "15m"


def test_a_group_of_spaces_weighs_them_by_their_known_time(quiet: Office) -> None:
    (site,) = quiet.ask("utilisation", bucket="1d")
    assert site["occupied_hours"] == 1 + 1 + 0.5
    assert site["utilisation"] == pytest.approx(2.5 / 7.5)
    assert (site["spaces"], site["coverage"]) == (8, pytest.approx(3 / 8))
    assert site["lo"] == pytest.approx(2.5 / 20)
    assert site["hi"] == pytest.approx(15 / 20)


def test_a_window_of_a_year_is_answered(tmp_path: Path) -> None:
    with Office(tmp_path) as empty:
        rows = empty.ask("utilisation", bucket="1w", **{"from": rfc3339(NOW - 390 * DAY)})
        assert len(rows) == 57
        assert {row["reason"] for row in rows} == {"no data"}

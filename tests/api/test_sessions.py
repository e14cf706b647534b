"""Sessions over HTTP: numbers worked out by hand, reasons, whole days, and no figure of one person."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.privacy.disclosure import FEW, OWN
from dashboards.answers.sessions import BRIDGE_COLUMNS, DWELL_COLUMNS, FEW_SESSIONS, GRID, NO_SESSION, SESSION_COLUMNS
from spaces.reading import Reading
from spaces.times import DAY, HOUR, MINUTE, Millis, rfc3339, to_millis
from tests.api.office import NOW, Office, office, said
from tests.api.shapes import assert_problem

MIDNIGHT: Millis = to_millis(datetime(2026, 11, 18, 23, tzinfo=UTC))
OPENING = MIDNIGHT + 8 * HOUR
YESTERDAY = {"from": rfc3339(MIDNIGHT - DAY), "to": rfc3339(MIDNIGHT)}


def day(name: str, *hours: float) -> Iterator[Reading]:
    """What the sensor of a space says yesterday each half hour, taken and left again at these hours of the clock."""
    space = office().space_by_id[name]
    for step in range(8 * 60, 20 * 60, 10):
        used = sum(hour * 60 <= step for hour in hours) % 2 == 1
        yield said(office(), space, MIDNIGHT - DAY + step * MINUTE, used=used)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Yesterday: four flexible desks with six sessions of one to four hours, and one of six fixed desks."""
    rows = [*day("mixed-0", 9, 10, 11, 13), *day("mixed-1", 9, 12), *day("mixed-2", 10, 14, 15, 16)]
    rows += [*day("mixed-3", 18), *day("team-own-0", 9, 17)]
    rows += [row for desk in range(1, 6) for row in day(f"team-own-{desk}")]
    with Office(tmp_path_factory.mktemp("used"), rows, site=office({"team": 6})) as opened:
        yield opened


def test_numbers_are_those_worked_out_by_hand(used: Office) -> None:
    (row,) = used.ask("sessions", zone="mixed", **YESTERDAY)
    assert row.keys() == SESSION_COLUMNS.keys()
    assert (row["sessions"], row["censored"], row["space_days"], row["turnover"]) == (6, 1, 4, 1.5)
    # 60, 60, 120, at least 120, 180, 240 minutes.
    assert (row["dwell_median"], row["dwell_p90"], row["reason"]) == (120, 240, None)
    assert row["dwell_mean"] == round(60 + 60 * 4 / 6 + 60 / 2 + 60 / 4)
    assert (row["spaces"], row["coverage"]) == (4, 1)


def test_the_distribution_has_the_same_minutes_whatever_there_is(used: Office) -> None:
    rows = used.ask("sessions/dwell", group="zone", **YESTERDAY)
    for zone in ("mixed", "meet", "team"):
        mine = [row for row in rows if row["group"] == zone]
        assert [row["minutes"] for row in mine] == GRID.tolist()
        assert {frozenset(row) for row in mine} == {frozenset(DWELL_COLUMNS)}
    mixed = {row["minutes"]: row for row in rows if row["group"] == "mixed"}
    assert [mixed[at]["share_longer"] for at in (0, 45, 60, 120, 180, 240)] == [1, 1, 0.666667, 0.5, 0.25, 0]
    assert mixed[60]["lo"] < 0.666667 < mixed[60]["hi"]


def test_a_table_of_bridges(used: Office) -> None:
    rows = used.ask("sessions/bridges", zone="mixed", group="site", **YESTERDAY)
    assert [row["bridge"] for row in rows] == [0, 5, 10, 15, 20, 30]
    assert {frozenset(row) for row in rows} == {frozenset(BRIDGE_COLUMNS)}
    assert {row["sessions"] for row in rows} == {6}
    (wide,) = used.ask("sessions", zone="mixed", bridge=61, **YESTERDAY)
    assert wide["sessions"] == 4
    assert used.answer("sessions", bridge=61)["meta"]["bridge"] == {"all": 61}
    assert used.answer("sessions")["meta"]["bridge"] == {"desk": 15, "other": 5}


def test_one_member_among_a_block_of_fixed_desks_has_no_dwell_of_their_own(used: Office) -> None:
    (block,) = used.ask("sessions", assignment="fixed", **YESTERDAY)
    assert (block["sessions"], block["turnover"]) == (1, pytest.approx(1 / 6, abs=1e-6))
    assert (block["dwell_median"], block["dwell_mean"], block["reason"]) == (None, None, FEW_SESSIONS)
    (whole,) = used.ask("sessions", kind="desk", **YESTERDAY)
    assert (whole["sessions"], whole["dwell_median"], whole["reason"]) == (7, None, FEW_SESSIONS)
    shares = used.ask("sessions/dwell", assignment="fixed", **YESTERDAY)
    assert {(row["share_longer"], row["reason"]) for row in shares} == {(None, FEW_SESSIONS)}
    (alone,) = used.ask("sessions", space="team-own-0", group="space", **YESTERDAY)
    assert (alone["sessions"], alone["turnover"], alone["reason"]) == (None, None, OWN)


def test_few_fixed_desks_are_hidden_row_by_row(house: Office) -> None:
    query = {"from": rfc3339(NOW - 7 * DAY), "to": rfc3339(NOW)}
    rows = {row["group"]: row for row in house.ask("sessions", group="zone", **query)}
    assert {zone: row["reason"] for zone, row in rows.items()} == {
        "team": FEW,
        "mixed": FEW,
        "corner": FEW,
        "meet": None,
    }
    assert rows["team"]["sessions"] is rows["team"]["space_days"] is rows["team"]["coverage"] is None
    shares = [row for row in house.ask("sessions/dwell", group="zone", **query) if row["group"] == "team"]
    assert [row["minutes"] for row in shares] == GRID.tolist()
    assert {row["share_longer"] for row in shares} == {None}
    listed = [row for row in house.ask("sessions/bridges", group="zone", **query) if row["group"] == "team"]
    assert [(row["bridge"], row["sessions"]) for row in listed] == [(bridge, None) for bridge in (0, 5, 10, 15, 20, 30)]


def test_what_is_null_says_why(used: Office) -> None:
    rows = {row["group"]: row for row in used.ask("sessions", group="space", **YESTERDAY)}
    assert (rows["attic"]["sessions"], rows["attic"]["reason"]) == (None, "no data")
    assert (rows["mixed-0"]["sessions"], rows["mixed-0"]["dwell_median"]) == (2, None)
    assert rows["mixed-0"]["reason"] == FEW_SESSIONS
    (idle,) = used.ask("sessions", zone="meet", kind="room", **YESTERDAY)
    assert (idle["sessions"], idle["reason"]) == (None, "no data")
    sunday = {"from": rfc3339(MIDNIGHT - 4 * DAY), "to": rfc3339(MIDNIGHT - 4 * DAY + HOUR)}
    (closed,) = used.ask("sessions", **sunday)
    assert (closed["turnover"], closed["reason"]) == (None, "closed")
    (later,) = used.ask("sessions", **{"from": rfc3339(NOW + 3 * DAY), "to": rfc3339(NOW + 4 * DAY)})
    assert later["reason"] == "not yet"
    (none,) = used.ask("sessions", kind="workshop", **YESTERDAY)
    assert none["reason"] == "no such space"
    assert {row["reason"] for row in used.ask("sessions/dwell", kind="workshop", **YESTERDAY)} == {"no such space"}


def test_a_desk_that_nobody_took_was_taken_no_time(tmp_path: Path) -> None:
    with Office(tmp_path, list(day("mixed-0"))) as quiet:
        (row,) = quiet.ask("sessions", space="mixed-0", **YESTERDAY)
        assert (row["sessions"], row["turnover"], row["dwell_median"], row["reason"]) == (0, 0, None, NO_SESSION)


def test_windows_are_whole_local_days(used: Office) -> None:
    assert used.answer("sessions")["meta"]["window"] == {"from": rfc3339(MIDNIGHT), "to": rfc3339(MIDNIGHT + DAY)}
    part = {"from": rfc3339(MIDNIGHT - 5 * HOUR), "to": rfc3339(MIDNIGHT - 4 * HOUR)}
    assert used.answer("sessions", **part)["meta"]["window"] == YESTERDAY


@pytest.mark.parametrize("path", ["sessions", "sessions/dwell"])
@pytest.mark.parametrize("bridge", [-1, 241, "long", "1.5"])
def test_a_bridge_that_is_none_is_refused(used: Office, path: str, bridge: object) -> None:
    body = assert_problem(used.get(f"v1/sites/office/{path}", bridge=bridge), 422)
    assert body["errors"][0]["parameter"] == "bridge"

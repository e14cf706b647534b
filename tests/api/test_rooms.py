"""Rooms over HTTP: numbers worked out by hand, reasons, the mix of rooms, and real counts."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboards.answers.roommix import MIX_COLUMNS
from dashboards.answers.rooms import NO_PARTY, NOT_COUNTED, PARTY_COLUMNS, ROOM_COLUMNS
from spaces.reading import Reading
from spaces.site import Sensor, Site, Space
from spaces.sitefile import load_site
from spaces.times import BEGINNING, DAY, MINUTE, Millis, rfc3339, to_millis
from tests.api.office import Office, office
from tests.api.shapes import assert_problem
from tests.docs.papers import read, table
from tests.programs import shared

MIDNIGHT: Millis = to_millis(datetime(2026, 11, 17, 23, tzinfo=UTC))
"""Local midnight of the day before NOW."""
YESTERDAY = {"from": rfc3339(MIDNIGHT), "to": rfc3339(MIDNIGHT + DAY)}
SEATS = {"spree": 8, "havel": 4, "panke": 4, "dahme": 2}
AREAS = {"spree": 28.0, "havel": 18.0, "panke": 18.0, "dahme": 13.0}


def rooms_only() -> Site:
    """The office with four rooms that count, and one that does not."""
    rooms = [Space(name, name, "room", "meet", ((BEGINNING, of),), area=AREAS[name]) for name, of in SEATS.items()]
    rooms.append(Space("booth", "booth", "room", "meet", ((BEGINNING, 1),), area=4.0))
    sensors = tuple(Sensor(f"s-{room.id}", room.id, silence=DAY) for room in rooms)
    return replace(office({}), spaces=tuple(rooms), sensors=sensors)


def met(room: str, *meetings: tuple[float, float, int]) -> Iterator[Reading]:
    """People come at an hour of the local clock and leave at another; a room without meetings is empty."""
    yield said(room, 0.0, 0)
    for start, end, people in meetings:
        yield said(room, start, people)
        yield said(room, end, 0)


def said(room: str, hour: float, people: int) -> Reading:
    time = MIDNIGHT + round(hour * 60) * MINUTE
    return Reading("office", f"s-{room}", time, time, occupied=people > 0, people=people if room != "booth" else None)


@pytest.fixture(scope="module")
def met_yesterday(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One alone in the room for eight, four in rooms for four at once, a pair, five on two seats, a booth in use."""
    rows = [
        *met("spree", (9, 11, 1), (13, 14, 3)),
        *met("havel", (9, 10, 4), (10.5, 11, 2)),
        *met("panke", (9.5, 10, 4)),
    ]
    rows += [*met("dahme", (12, 13, 2), (15, 15.5, 5)), *met("booth", (9, 12, 1))]
    with Office(tmp_path_factory.mktemp("met"), rows, site=rooms_only()) as opened:
        yield opened


def test_numbers_are_those_worked_out_by_hand(met_yesterday: Office) -> None:
    rows = {row["space"]: row for row in met_yesterday.ask("rooms", **YESTERDAY)}
    assert list(rows) == [*SEATS, "booth"]
    assert {frozenset(row) for row in rows.values()} == {frozenset(ROOM_COLUMNS)}
    spree, dahme = rows["spree"], rows["dahme"]
    assert (spree["capacity"], spree["counted"], spree["utilisation"], spree["occupied_hours"]) == (8, True, 0.25, 3)
    assert (spree["fill_when_used"], spree["solo"], spree["over_capacity"]) == (round(5 / 24, 6), 0.666667, 0)
    assert (spree["parties"], spree["median_party"], spree["largest_party"], spree["reason"]) == (2, 1, 3, None)
    assert (dahme["over_capacity"], dahme["fill_when_used"], dahme["largest_party"]) == (0.333333, 1.5, 5)


def test_a_room_that_does_not_count_says_so(met_yesterday: Office) -> None:
    (booth,) = met_yesterday.ask("rooms", space="booth", **YESTERDAY)
    assert (booth["counted"], booth["utilisation"], booth["reason"]) == (False, 0.25, NOT_COUNTED)
    assert booth["solo"] is booth["parties"] is booth["largest_party"] is booth["fill_when_used"] is None
    for path in ("rooms/parties", "rooms/mix"):
        (row,) = met_yesterday.ask(path, space="booth", **YESTERDAY)
        assert row["reason"] == NOT_COUNTED
        assert {value for name, value in row.items() if name not in {"capacity", "seats", "rooms_now", "reason"}} == {
            None
        }


def test_parties_by_the_rooms_they_met_in(met_yesterday: Office) -> None:
    rows = met_yesterday.ask("rooms/parties", **YESTERDAY)
    assert {frozenset(row) for row in rows} == {frozenset(PARTY_COLUMNS)}
    found = {(row["capacity"], row["size"]): (row["parties"], row["hours"]) for row in rows if row["parties"]}
    assert found == {
        (8, 1): (1, 2),
        (8, 3): (1, 1),
        (4, 4): (2, 1.5),
        (4, 2): (1, 0.5),
        (2, 2): (1, 1),
        (2, 5): (1, 0.5),
    }
    assert [row["size"] for row in rows if row["capacity"] == 8] == [1, 2, 3]
    assert [(row["size"], row["reason"]) for row in rows if row["capacity"] == 1] == [(None, NOT_COUNTED)]


def test_the_mix_that_would_have_served(met_yesterday: Office) -> None:
    answer = met_yesterday.answer("rooms/mix", **YESTERDAY)
    rows = {row["seats"]: row for row in answer["rows"]}
    assert {frozenset(row) for row in rows.values()} == {frozenset(MIX_COLUMNS)}
    now, used, right = (
        {size: row[name] for size, row in rows.items()} for name in ("rooms_now", "as_used", "right_sized")
    )
    assert now == {2: 1, 4: 2, 8: 1}
    # At half past nine rooms of 8, 4 and 4 were taken, by 1, 4 and 4; five once met in a room for two.
    assert used == {2: 0, 4: 2, 8: 1}
    assert right == {2: 1, 4: 1, 8: 1}
    assert {size: row["censored"] for size, row in rows.items()} == {2: False, 4: True, 8: True}
    assert rows[4]["full_hours"] == 0.5
    assert rows[8]["full_hours"] == 3
    meta = answer["meta"]
    assert (meta["lower_bound"], meta["parties"], meta["censored"], meta["not_counted"]) == (True, 7, True, ["booth"])
    assert meta["unplaced"] == {"as_used": 0, "right_sized": 0}
    assert meta["cost"] == "8.0 m2 a room and 2.5 m2 a seat, a line through the rooms' areas"


def test_other_sizes_may_be_chosen_from(met_yesterday: Office) -> None:
    rows = {row["seats"]: row for row in met_yesterday.ask("rooms/mix", sizes="1, 5", **YESTERDAY)}
    assert {size: row["right_sized"] for size, row in rows.items()} == {1: 1, 2: 0, 4: 0, 5: 2, 8: 0}
    assert rows[1]["full_hours"] is not None
    body = assert_problem(met_yesterday.get("v1/sites/office/rooms/mix", sizes="1,2", **YESTERDAY), 422)
    assert "party of 5" in body["detail"]


@pytest.mark.parametrize("sizes", ["", "0", "2;4", "-3", "two", "2,,4", ",".join(map(str, range(1, 60))), "99999"])
def test_sizes_that_are_none_are_refused(met_yesterday: Office, sizes: str) -> None:
    body = assert_problem(met_yesterday.get("v1/sites/office/rooms/mix", sizes=sizes), 422)
    assert body["errors"][0]["parameter"] == "sizes"


def test_what_is_null_says_why(met_yesterday: Office) -> None:
    sunday = {"from": rfc3339(MIDNIGHT - 3 * DAY), "to": rfc3339(MIDNIGHT - 2 * DAY)}
    later = {"from": rfc3339(MIDNIGHT + 9 * DAY), "to": rfc3339(MIDNIGHT + 10 * DAY)}
    before = {"from": rfc3339(MIDNIGHT - 5 * DAY), "to": rfc3339(MIDNIGHT - 4 * DAY)}
    for query, reason in ((sunday, "closed"), (later, "not yet"), (before, "no data")):
        for path in ("rooms", "rooms/parties", "rooms/mix"):
            assert {row["reason"] for row in met_yesterday.ask(path, **query)} == {reason}
    assert met_yesterday.ask("rooms", kind="desk", **YESTERDAY) == []
    (none,) = met_yesterday.ask("rooms/mix", kind="desk", **YESTERDAY)
    assert (none["seats"], none["reason"]) == (None, "no such space")


def test_rooms_that_stood_empty_had_no_party(tmp_path: Path) -> None:
    with Office(tmp_path, list(met("spree")), site=rooms_only()) as empty:
        (row,) = empty.ask("rooms", space="spree", **YESTERDAY)
        assert (row["parties"], row["solo"], row["utilisation"], row["reason"]) == (0, None, 0, NO_PARTY)
        (mix,) = empty.ask("rooms/mix", space="spree", **YESTERDAY)
        assert (mix["rooms_now"], mix["as_used"], mix["right_sized"], mix["reason"]) == (1, None, None, NO_PARTY)


DOCS = Path(__file__).parents[2] / "docs/real-data"
MONDAY: Millis = to_millis(datetime(2017, 2, 5, 23, tzinfo=UTC))


@pytest.fixture(scope="module")
def counted() -> dict[str, list[list[int]]]:
    """Real counts, minute by minute, of four rooms on 15 days."""
    found = {}
    for number in range(1, 5):
        days: defaultdict[str, list[int]] = defaultdict(list)
        with (shared("data/sdu") / f"occ_data_room_{number}.csv").open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                days[row["DayId"]].append(round(float(row[f"Room {number}"])))
        found[f"room-{number}"] = [days[str(day)] for day in range(15)]
    return found


@pytest.fixture(scope="module")
def odense(tmp_path_factory: pytest.TempPathFactory, counted: dict[str, list[list[int]]]) -> Iterator[Office]:
    """The building, its days one after another."""
    site = load_site(DOCS / "odense")
    rows = [
        Reading("odense", f"counter-{room[-1]}", time, time, people=people)
        for room, days in counted.items()
        for place, people in enumerate(count for day in days for count in day)
        for time in (MONDAY + place * MINUTE,)
    ]
    with Office(tmp_path_factory.mktemp("odense"), rows, site=site) as opened:
        yield opened


def test_figures_of_real_rooms_are_those_of_the_minutes(odense: Office, counted: dict[str, list[list[int]]]) -> None:
    rows = {row["space"]: row for row in odense.ask("rooms", **fortnight())}
    for room, days in counted.items():
        minutes = Counter(count for day in days for count in day)
        used = sum(number for people, number in minutes.items() if people)
        seats = rows[room]["capacity"]
        assert rows[room]["solo"] == pytest.approx(minutes[1] / used, abs=1e-6)
        over = sum(number for people, number in minutes.items() if people > seats)
        assert rows[room]["over_capacity"] == pytest.approx(over / used, abs=1e-6)
        people = sum(people * number for people, number in minutes.items())
        assert rows[room]["fill_when_used"] == pytest.approx(people / used / seats, abs=1e-6)
        held = max(min(run) for run in five_minutes(days))
        assert rows[room]["largest_party"] == held <= max(minutes)
    assert rows["room-3"]["over_capacity"] > 0
    assert [rows[room]["over_capacity"] for room in ("room-1", "room-4")] == [0, 0]


def test_real_rooms_for_84_would_do_with_fewer_seats(odense: Office) -> None:
    answer = odense.answer("rooms/mix", sizes="4,8,16,32,48,84", **fortnight())
    right = {row["seats"]: row["right_sized"] for row in answer["rows"]}
    assert sum(right.values()) == 4
    assert right[84] == 1, "67 people met in one of them"
    assert answer["meta"]["unplaced"]["right_sized"] >= 0


def test_the_page_on_real_data_says_what_the_figures_are(odense: Office) -> None:
    page = read("docs/real-data.md")
    columns = ("capacity", "fill_when_used", "solo", "over_capacity", "parties", "median_party", "largest_party")
    found = {row["space"]: [round(row[name], 3) for name in columns] for row in odense.ask("rooms", **fortnight())}
    shown = table(page, "room", "seats", "fill when used")
    assert {room: [float(cell) for cell in cells] for room, *cells in shown} == found
    bridges = odense.ask("sessions/bridges", **fortnight())
    *most, last = [str(row["sessions"]) for row in bridges]
    assert f"have {', '.join(most)} and {last} sessions" in page.replace("\n", " ")
    (first,) = odense.ask("sessions", space="room-1", **fortnight())
    assert (first["dwell_median"], first["dwell_p90"]) == (12, 631)
    mix = odense.ask("rooms/mix", sizes="4,8,16,32,48,84", **fortnight())
    right = {row["seats"]: row["right_sized_replayed"] for row in mix}
    assert {size: number for size, number in right.items() if number} == {32: 2, 48: 1, 84: 1}


def fortnight() -> dict[str, Any]:
    return {"from": rfc3339(MONDAY), "to": rfc3339(MONDAY + 15 * DAY)}


def five_minutes(days: list[list[int]]) -> Iterator[tuple[int, ...]]:
    line = [count for day in days for count in day]
    yield from zip(*(line[shift:] for shift in range(5)), strict=False)

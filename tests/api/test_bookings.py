"""Bookings over HTTP: numbers worked out by hand, reasons, and broken calendars."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboards.answers.bookings import BOOKING_COLUMNS, BROKEN, NO_BOOKING, NO_CALENDAR, NOT_KNOWN
from spaces.bookings import read_bookings
from spaces.site import Sensor, Site, Space
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis, rfc3339, to_millis
from tests.api.office import Office, office
from tests.api.test_rooms import met
from tests.spaces.test_bookings import write

MIDNIGHT: Millis = to_millis(datetime(2026, 11, 17, 23, tzinfo=UTC))
YESTERDAY = {"from": rfc3339(MIDNIGHT), "to": rfc3339(MIDNIGHT + DAY)}
ROOMS = ("spree", "havel", "panke", "dahme", "jungfern")


def event(start: int, end: int, *more: str, day: int = 18) -> tuple[str, ...]:
    zone = "TZID=Europe/Berlin"
    return (f"DTSTART;{zone}:202611{day}T{start:04}00", f"DTEND;{zone}:202611{day}T{end:04}00", *more)


def booked_site(folder: Path) -> Site:
    """The office with five rooms: three have calendars, of which one is empty, one cannot be read, one has none."""
    rooms = tuple(Space(name, name.title(), "room", "meet", ((BEGINNING, 4),)) for name in ROOMS)
    sensors = tuple(Sensor(f"s-{room.id}", room.id, silence=DAY) for room in rooms)
    weekly = event(900, 1000, "RRULE:FREQ=WEEKLY;COUNT=3", day=11)
    write(folder, weekly, event(1100, 1200), event(1400, 1600), event(1800, 2200), name="spree")
    write(folder, event(1000, 1100, "STATUS:CANCELLED"), name="havel")
    write(folder, ("DTSTART;TZID=Mars:20261118T090000",), name="panke")
    write(folder, event(900, 1000), name="jungfern")
    bookings, mistakes = read_bookings(folder, ROOMS, ZoneInfo("Europe/Berlin"))
    assert len(mistakes) == 1
    return replace(office({}), spaces=rooms, sensors=sensors, bookings=bookings)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Spree: 9 to 10 kept, 11 to 12 nobody, 14 to 16 left at 15:15, 18 to 20 kept; at 13 used without a booking."""
    folder = tmp_path_factory.mktemp("booked")
    rows = [*met("spree", (9, 10, 2), (13, 13.5, 3), (14.1, 15.25, 4), (18, 20, 2)), *met("havel", (9, 10, 1))]
    rows += [*met("panke", (9, 10, 1)), *met("dahme", (9, 10, 1))]
    with Office(folder, rows, site=booked_site(folder)) as opened:
        yield opened


def test_numbers_are_those_worked_out_by_hand(house: Office) -> None:
    (row,) = house.ask("bookings", space="spree", **YESTERDAY)
    assert row.keys() == BOOKING_COLUMNS.keys()
    assert (row["bookings"], row["judged"], row["no_shows"], row["left_early"]) == (4, 4, 1, 1)
    assert (row["used_without_booking"], row["booked_hours"], row["coverage"]) == (1, 1 + 1 + 2 + 2, 1)
    assert row["recoverable_hours"] == pytest.approx(50 / 60 + 0.75, abs=1e-6)
    assert (row["name"], row["capacity"], row["reason"]) == ("Spree", 4, None)


def test_each_room_says_why_it_has_no_figures(house: Office) -> None:
    rows = {row["space"]: row for row in house.ask("bookings", **YESTERDAY)}
    assert {room: row["reason"] for room, row in rows.items()} == {
        "spree": None,
        "havel": NO_BOOKING,
        "panke": BROKEN,
        "dahme": NO_CALENDAR,
        "jungfern": "no data",
    }
    assert (rows["havel"]["bookings"], rows["havel"]["no_shows"], rows["havel"]["used_without_booking"]) == (0, None, 1)
    assert (rows["jungfern"]["bookings"], rows["jungfern"]["judged"], rows["jungfern"]["coverage"]) == (1, 0, 0)
    for room in ("panke", "dahme"):
        shown = {name for name, value in rows[room].items() if value is not None}
        assert shown == {"space", "name", "capacity", "reason"}


def test_other_days_are_asked_for_by_the_window(house: Office) -> None:
    week = {"from": rfc3339(MIDNIGHT - 7 * DAY), "to": rfc3339(MIDNIGHT - 6 * DAY)}
    (before,) = house.ask("bookings", space="spree", **week)
    assert (before["bookings"], before["judged"], before["reason"]) == (1, 0, "no data")
    later = {"from": rfc3339(MIDNIGHT + 7 * DAY), "to": rfc3339(MIDNIGHT + 8 * DAY)}
    (after,) = house.ask("bookings", space="spree", **later)
    assert (after["bookings"], after["reason"]) == (0, "not yet")
    sunday = {"from": rfc3339(MIDNIGHT - 3 * DAY), "to": rfc3339(MIDNIGHT - 2 * DAY)}
    (closed,) = house.ask("bookings", space="spree", **sunday)
    assert (closed["bookings"], closed["reason"]) == (0, "closed")


def test_desks_have_no_bookings(house: Office) -> None:
    assert house.ask("bookings", kind="cafe", **YESTERDAY) == []


@pytest.mark.parametrize(
    ("checked", "known", "said"),
    [
        (MIDNIGHT + 2 * DAY, True, False),
        (MIDNIGHT + DAY - HOUR, True, False),
        (MIDNIGHT + DAY - HOUR - MINUTE, True, True),
        (MIDNIGHT, True, True),
        (MIDNIGHT - MINUTE, False, True),
        (None, False, False),
    ],
)
def test_figures_of_bookings_stand_as_far_as_their_address_has_told(
    tmp_path: Path, checked: Millis | None, *, known: bool, said: bool
) -> None:
    site = booked_site(tmp_path)
    calendars = {room: one for room, one in site.bookings.calendars.items() if room != "spree" or checked is not None}
    site = replace(site, bookings=replace(site.bookings, calendars=calendars, checked={"spree": checked}))
    with Office(tmp_path / "store", list(met("spree", (9, 10, 2))), site=site) as house:
        (row,) = house.ask("bookings", space="spree", **YESTERDAY)
    no_figures = {"space", "name", "capacity", "reason", "bookings_as_of"}
    figures = {row[name] for name in BOOKING_COLUMNS if name not in no_figures}
    assert (row["reason"], figures == {None}) == ((None, False) if known else (NOT_KNOWN, True))
    assert row["bookings_as_of"] == (rfc3339(checked) if said and checked is not None else None)

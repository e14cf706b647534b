"""Free rooms: vacant, open and not booked; as rows, and as a calendar that other programs read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest

from spaces.bookings import Bookings, read_calendar
from spaces.calendarfile import CalendarFile
from spaces.reading import Reading
from spaces.site import CalendarRule
from spaces.times import DAY, HOUR, MINUTE, Millis, rfc3339, to_datetime
from tests.api.office import FORMULA, NOW, Office, office, said
from tests.api.shapes import assert_problem

CLOSING: Millis = NOW + 9 * HOUR + 30 * MINUTE
"""20:00 in Berlin."""
OPENING: Millis = NOW - 2 * HOUR - 30 * MINUTE
_EVENT = "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDTEND:{end}\r\nEND:VEVENT\r\n"


def readings() -> Iterator[Reading]:
    """Elbe was left at ten, Havel is in use, and a desk is vacant."""
    site = office()
    elbe, havel, desk = (site.space_by_id[name] for name in ("elbe", "havel", "mixed-0"))
    yield said(site, elbe, OPENING - HOUR, used=True)
    yield said(site, elbe, NOW - 30 * MINUTE, used=False)
    yield said(site, elbe, NOW - 10 * MINUTE, used=False)
    yield said(site, havel, NOW - 20 * MINUTE, used=True)
    yield said(site, desk, NOW - 20 * MINUTE, used=False)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Office(tmp_path_factory.mktemp("rooms"), list(readings())) as opened:
        yield opened


def test_a_free_room_says_since_when_and_until_when(rooms: Office) -> None:
    (row,) = rooms.ask("rooms/free")
    assert row == {
        "time": rfc3339(NOW),
        "space": "elbe",
        "name": FORMULA,
        "capacity": 6,
        "floor": "f2",
        "zone": "meet",
        "since": rfc3339(NOW - 30 * MINUTE),
        "until": rfc3339(CLOSING),
        "minutes": 570,
        "bookings": "no calendar",
        "bookings_as_of": None,
    }


def test_filters_and_wishes_leave_rooms_out(rooms: Office) -> None:
    assert rooms.ask("rooms/free", floor="f1") == []
    assert rooms.ask("rooms/free", zone="meet", space="elbe", seats=6, minutes=570)
    assert rooms.ask("rooms/free", seats=7) == rooms.ask("rooms/free", minutes=571) == []
    assert "did you mean elbe" in assert_problem(rooms.get("v1/sites/office/rooms/free", space="elb"), 422)["detail"]
    assert_problem(rooms.get("v1/sites/office/rooms/free", format="ical"), 422)
    assert_problem(rooms.get("v1/sites/offise/rooms/free"), 404)


def test_programs_that_read_calendars_read_it(rooms: Office) -> None:
    response = rooms.get("v1/sites/office/rooms/free", format="ics")
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    calendar = icalendar.Calendar.from_ical(response.text)
    (event,) = calendar.walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (to_datetime(NOW - 30 * MINUTE), to_datetime(CLOSING))
    assert str(event["summary"]) == f"{FORMULA}: free, 6 seats (simulated)"
    assert (str(event["uid"]), str(event["location"])) == ("office.elbe@free.ledig", "f2, meet")
    assert response.text.endswith("END:VCALENDAR\r\n")
    read = CalendarFile(Path("free.ics"), response.content, rooms.site.tz)
    assert (len(read.events), read.mistakes) == (1, [])


def test_no_free_room_is_an_empty_calendar(tmp_path: Path) -> None:
    with Office(tmp_path) as house:
        text = house.get("v1/sites/office/rooms/free", format="ics").text
        assert icalendar.Calendar.from_ical(text).walk("VEVENT") == []
        assert house.ask("rooms/free") == [], "what is unknown is not free"


def booked(folder: Path, *times: tuple[Millis, Millis]) -> Bookings:
    events = [
        _EVENT.format(uid=number, start=_stamp(low), end=_stamp(high)) for number, (low, high) in enumerate(times)
    ]
    file = folder / "elbe.ics"
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
    file.write_text(head + "".join(events) + "END:VCALENDAR\r\n", encoding="utf-8", newline="")
    calendar, mistakes = read_calendar(file, office().tz)
    assert calendar is not None, mistakes
    return Bookings({"elbe": calendar})


@pytest.mark.parametrize(
    ("age", "said", "as_of"),
    [
        (HOUR, None, None),
        (HOUR + MINUTE, "bookings as of 09:29", NOW - HOUR - MINUTE),
        (11 * HOUR, "bookings as of 2026-11-18 23:30", NOW - 11 * HOUR),
        (DAY, "bookings as of 2026-11-18 10:30", NOW - DAY),
        (DAY + MINUTE, "bookings not known", NOW - DAY - MINUTE),
        (None, "bookings not known", None),
    ],
)
def test_a_free_room_says_how_old_its_bookings_are(
    tmp_path: Path, age: Millis | None, said: str | None, as_of: Millis | None
) -> None:
    found = booked(tmp_path, (NOW + HOUR, NOW + 2 * HOUR))
    checked = None if age is None else NOW - age
    calendars = {} if checked is None else found.calendars
    site = replace(office(), bookings=replace(found, calendars=calendars, checked={"elbe": checked}))
    with Office(tmp_path / "store", list(readings()), site=site) as house:
        (row,) = house.ask("rooms/free")
        (event,) = icalendar.Calendar.from_ical(house.get("v1/sites/office/rooms/free", format="ics").text).walk(
            "VEVENT"
        )
    assert (row["bookings"], row["bookings_as_of"]) == (said, None if as_of is None else rfc3339(as_of))
    assert row["until"] == rfc3339(CLOSING if age is None else NOW + HOUR), "what was booked is kept in mind"
    assert str(event["summary"]) == f"{FORMULA}: free, 6 seats{f', {said}' if said else ''} (simulated)"


def test_a_free_room_whose_calendar_cannot_be_read_says_so(tmp_path: Path) -> None:
    site = replace(office(), bookings=Bookings(unread=frozenset({"elbe"})))
    with Office(tmp_path, list(readings()), site=site) as house:
        (row,) = house.ask("rooms/free")
    assert row["bookings"] == "bookings not known"


def _stamp(moment: Millis) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


@pytest.mark.parametrize(
    ("times", "until"),
    [
        ([(NOW + HOUR, NOW + 2 * HOUR), (NOW + 30 * MINUTE, NOW + 40 * MINUTE)], NOW + 30 * MINUTE),
        ([(NOW - HOUR, NOW), (CLOSING + HOUR, CLOSING + 2 * HOUR)], CLOSING),
        ([(NOW - HOUR, NOW + MINUTE)], None),
    ],
)
def test_a_booking_ends_what_is_free(tmp_path: Path, times: list[tuple[Millis, Millis]], until: Millis | None) -> None:
    site = replace(office(), bookings=booked(tmp_path, *times))
    with Office(tmp_path / "store", list(readings()), site=site) as house:
        found = [row["until"] for row in house.ask("rooms/free")]
    assert found == ([] if until is None else [rfc3339(until)])


def test_a_room_that_is_always_open_has_no_end_within_a_day(tmp_path: Path) -> None:
    site = replace(office(), calendars=())
    with Office(tmp_path, list(readings()), site=site) as house:
        (row,) = house.ask("rooms/free")
        assert (row["until"], row["minutes"]) == (None, None)
        event = icalendar.Calendar.from_ical(house.get("v1/sites/office/rooms/free", format="ics").text).walk("VEVENT")[
            0
        ]
        assert event.decoded("dtend") == to_datetime(NOW + DAY)


def test_a_closed_room_is_not_free(tmp_path: Path) -> None:
    site = replace(office(), calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ())),))
    with Office(tmp_path, list(readings()), site=site) as house:
        assert house.ask("rooms/free") == []


def test_a_room_is_free_from_its_opening_at_the_earliest(tmp_path: Path) -> None:
    site = office()
    elbe = site.space_by_id["elbe"]
    rows = [said(site, elbe, OPENING - 3 * HOUR + step * HOUR, used=False) for step in range(6)]
    with Office(tmp_path, rows) as house:
        (row,) = house.ask("rooms/free")
        assert row["since"] == rfc3339(OPENING)

"""Calendars of rooms: what is a booking and when, and every mistake with its line."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from spaces.bookings import Booking, read_bookings, read_calendar
from spaces.sitebook import SiteBook
from spaces.times import HOUR, to_millis

BERLIN = ZoneInfo("Europe/Berlin")
WINDOW = (to_millis(datetime(2026, 10, 1, tzinfo=UTC)), to_millis(datetime(2026, 12, 1, tzinfo=UTC)))
HOURS = "DTSTART;TZID=Europe/Berlin:20261118T090000", "DTEND;TZID=Europe/Berlin:20261118T100000"
NEW_YORK = """BEGIN:VTIMEZONE
TZID:Our New York
BEGIN:STANDARD
DTSTART:19701101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE"""


def write(folder: Path, *events: tuple[str, ...], before: str = "", name: str = "elbe") -> Path:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *before.splitlines()]
    for number, event in enumerate(events):
        uid = () if any(line.startswith("UID") for line in event) else (f"UID:{number}",)
        lines += ["BEGIN:VEVENT", *uid, *event, "END:VEVENT"]
    path = folder / f"{name}.ics"
    path.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]), encoding="utf-8", newline="")
    return path


def booked(folder: Path, *events: tuple[str, ...], before: str = "") -> list[tuple[str, float]]:
    """Return the bookings of autumn 2026 as (begin in UTC, hours)."""
    calendar, mistakes = read_calendar(write(folder, *events, before=before), BERLIN)
    assert not mistakes
    assert calendar is not None
    return [shown(booking) for booking in calendar.between(*WINDOW)]


def shown(booking: Booking) -> tuple[str, float]:
    begin = datetime.fromtimestamp(booking.start / 1000, UTC)
    return f"{begin:%d.%m. %H:%M}", (booking.end - booking.start) / HOUR


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (HOURS, ("18.11. 08:00", 1)),
        (("DTSTART:20261118T090000Z", "DURATION:PT90M"), ("18.11. 09:00", 1.5)),
        (("DTSTART:20261118T090000", "DTEND:20261118T093000"), ("18.11. 08:00", 0.5)),
        (("DTSTART;TZID=W. Europe Standard Time:20261118T090000", "DURATION:PT1H"), ("18.11. 08:00", 1)),
        (("DTSTART;VALUE=DATE:20261118",), ("17.11. 23:00", 24)),
        (("DTSTART;VALUE=DATE:20261024", "DTEND;VALUE=DATE:20261026"), ("23.10. 22:00", 49)),
        (("DTSTART;TZID=Our New York:20261118T090000", "DURATION:PT1H"), ("18.11. 14:00", 1)),
    ],
    ids=["zone", "utc", "floating", "outlook", "day", "days over a clock change", "own zone"],
)
def test_an_event_books_the_time_it_says(tmp_path: Path, event: tuple[str, ...], expected: tuple[str, float]) -> None:
    assert booked(tmp_path, event, before=NEW_YORK) == [expected]


def test_cancelled_and_free_events_and_moments_book_nothing(tmp_path: Path) -> None:
    assert booked(tmp_path, (*HOURS, "STATUS:CANCELLED"), (*HOURS, "TRANSP:TRANSPARENT"), (HOURS[0],)) == []


def test_the_same_time_twice_is_one_booking(tmp_path: Path) -> None:
    assert booked(tmp_path, HOURS, HOURS) == [("18.11. 08:00", 1)]


def test_a_series_keeps_its_local_hour_over_a_clock_change(tmp_path: Path) -> None:
    event = ("DTSTART;TZID=Europe/Berlin:20261020T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3")
    assert booked(tmp_path, event) == [("20.10. 07:00", 1), ("27.10. 08:00", 1), ("03.11. 08:00", 1)]


def test_a_series_has_its_exceptions(tmp_path: Path) -> None:
    zone = "TZID=Europe/Berlin"
    series = (
        f"DTSTART;{zone}:20261102T090000",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;COUNT=5",
        f"EXDATE;{zone}:20261103T090000",
    )
    moved = (f"RECURRENCE-ID;{zone}:20261104T090000", f"DTSTART;{zone}:20261104T150000", "DURATION:PT2H")
    dropped = (
        f"RECURRENCE-ID;{zone}:20261105T090000",
        f"DTSTART;{zone}:20261105T090000",
        "DURATION:PT1H",
        "STATUS:CANCELLED",
    )
    rows = booked(tmp_path, *(("UID:series", *event) for event in (series, moved, dropped)), HOURS)
    assert rows == [("02.11. 08:00", 1), ("04.11. 14:00", 2), ("06.11. 08:00", 1), ("18.11. 08:00", 1)]


def test_a_series_without_end_is_laid_out_where_it_is_asked_for(tmp_path: Path) -> None:
    event = ("DTSTART;TZID=Europe/Berlin:20200106T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE")
    assert len(booked(tmp_path, event)) == 17


@pytest.mark.parametrize(
    ("event", "line", "said"),
    [
        (("DTSTART;TZID=Europe/Berlinn:20261118T090000",), 6, "did you mean Europe/Berlin?"),
        (("DTSTART;TZID=Nirgendwo:20261118T090000",), 6, "'Nirgendwo' is no time zone"),
        (
            (*HOURS, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE;TZID=No/Where:20261119T090000"),
            9,
            "EXDATE: 'No/Where' is no time zone",
        ),
        ((HOURS[0], "DTEND;TZID=Moon:20261118T100000"), 7, "DTEND: 'Moon' is no time zone"),
        (("DTSTART:20261118T09000",), 6, "DTSTART: cannot be read"),
        (("DTSTART:20261118T090000+0100",), 6, "DTSTART: cannot be read"),
        (("DTSTART:090000",), 6, "is no date"),
        (("DTSTART:00010101T000000",), 6, "the year 1 is none"),
        (("DTSTART:99991231T000000Z", "DURATION:P9D"), 6, "the year 9999 is none"),
        (("SUMMARY:Hello",), 4, "has no DTSTART"),
        (("DTSTART:20261118T090000Z", "DTSTART:20261118T100000Z"), 6, "stands twice"),
        (("DTSTART:20261118T090000Z", "DTEND:20261118T080000Z"), 7, "lies before its begin"),
        ((HOURS[0], "DURATION:-PT1H"), 7, "lies before its begin"),
        ((HOURS[0], "DURATION:XX"), 7, "DURATION: cannot be read"),
        ((*HOURS, "RRULE:FREQ=SOMETIMES"), 8, "RRULE: cannot be read"),
        ((*HOURS, "RRULE:FREQ=SECONDLY"), 8, "FREQ=SECONDLY is none of"),
        ((*HOURS, "RRULE:FREQ=DAILY;INTERVAL=0"), 8, "INTERVAL must be at least 1"),
        ((*HOURS, "RRULE:FREQ=DAILY;BYMONTH=13"), 8, "BYMONTH=13"),
        ((*HOURS, "RRULE:FREQ=DAILY;BYMONTH=2,4;BYMONTHDAY=31"), 8, "no month of BYMONTH has a day"),
    ],
)
def test_a_mistake_is_said_with_its_file_and_line(tmp_path: Path, event: tuple[str, ...], line: int, said: str) -> None:
    path = write(tmp_path, event)
    calendar, mistakes = read_calendar(path, BERLIN)
    assert calendar is None
    assert [(mistake.file, mistake.line) for mistake in mistakes] == [(path, line)]
    assert said in mistakes[0].message


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, HOURS, ("SUMMARY:no time",), ("DTSTART;TZID=Atlantis:20261118T090000",))
    _, mistakes = read_calendar(path, BERLIN)
    assert [mistake.line for mistake in mistakes] == [9, 15]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "no calendar"),
        ("hello", 1, "no calendar"),
        ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nwhat is this\r\nEND:VCALENDAR\r\n", 3, "no calendar"),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", 1, "no calendar"),
        (
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VTIMEZONE\nTZID:Mine\nEND:VTIMEZONE\nEND:VCALENDAR\n",
            4,
            "time zone",
        ),
        (
            "BEGIN:VCALENDAR\n" + NEW_YORK.replace("-0400", "+zz") + "\nEND:VCALENDAR\n",
            2,
            "VTIMEZONE: the time zone cannot be read",
        ),
    ],
)
def test_what_is_no_calendar_says_where(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "elbe.ics"
    path.write_text(text, newline="")
    calendar, mistakes = read_calendar(path, BERLIN)
    assert calendar is None
    assert [mistake.line for mistake in mistakes] == [line]
    assert said in mistakes[0].message


def test_calendars_are_found_by_the_rooms_names(tmp_path: Path) -> None:
    write(tmp_path, HOURS)
    write(tmp_path, HOURS, name="havl")
    (tmp_path / "spree.ics").write_bytes(b"\xff\xfe")
    (tmp_path / "notes.txt").write_text("no calendar")
    found, mistakes = read_bookings(tmp_path, ["elbe", "havel", "spree"], BERLIN)
    assert (list(found.calendars), list(found.unread)) == (["elbe"], ["spree"])
    assert [str(mistake).removeprefix(f"{tmp_path}/") for mistake in mistakes] == [
        "havl.ics:1: there is no room 'havl'; did you mean havel?",
        "spree.ics:1: is not UTF-8 at byte 0",
    ]
    nothing, none = read_bookings(tmp_path / "nowhere", ["elbe"], BERLIN)
    assert (nothing.calendars, none) == ({}, [])


def a_site(folder: Path) -> Path:
    """Write a site with one room, and a calendar of it."""
    (folder / "bookings").mkdir(parents=True)
    (folder / "site.toml").write_text(
        '[site]\nid = "h"\ntimezone = "Europe/Berlin"\n[[floor]]\nid = "f"\n[[zone]]\nid = "z"\nfloor = "f"\n'
        '[[space]]\nid = "elbe"\nkind = "room"\nzone = "z"\ncapacity = 4\n'
    )
    write(folder / "bookings", HOURS)
    return folder


def test_calendars_are_read_again_when_they_change_and_a_bad_one_keeps_the_old(tmp_path: Path) -> None:
    ticks = iter(range(0, 100, 2)).__next__
    book = SiteBook([a_site(tmp_path)], monotonic=ticks)

    def now() -> list[tuple[str, float]]:
        calendars = book.current()["h"].bookings.calendars
        return [shown(booking) for room in calendars for booking in calendars[room].between(*WINDOW)]

    before = book.current()["h"]
    assert now() == [("18.11. 08:00", 1)]
    write(tmp_path / "bookings", HOURS, ("DTSTART:20261119T090000Z", "DURATION:PT1H"))
    assert now() == [("18.11. 08:00", 1), ("19.11. 09:00", 1)]
    assert book.current()["h"] == before, "no state hangs on it"
    write(tmp_path / "bookings", ("DTSTART;TZID=Mars/Base:20261118T090000",))
    assert len(now()) == 2
    assert [
        "elbe.ics:6: DTSTART: 'Mars/Base' is no time zone" in str(mistake) for mistake in book.wrong_bookings()
    ] == [True]
    assert book.mistakes() == []
    (tmp_path / "bookings/elbe.ics").unlink()
    assert not now()
    assert not book.wrong_bookings()


def test_a_broken_calendar_holds_no_house_up(tmp_path: Path) -> None:
    path = a_site(tmp_path)
    write(path / "bookings", ("DTSTART;TZID=Mars/Base:20261118T090000",))
    book = SiteBook([path])
    assert book.current()["h"].bookings.unread == {"elbe"}
    assert len(book.wrong_bookings()) == 1


def test_calendars_may_lie_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, HOURS)
    site = a_site(tmp_path / "site")
    (site / "bookings/elbe.ics").unlink()
    assert list(SiteBook([site], bookings=tmp_path).current()["h"].bookings.calendars) == ["elbe"]

"""Calendars as RFC 5545 and 5546 have them, and as programs write them: each case with what is right."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from spaces.bookings import RoomCalendar, parse_calendar, read_calendar
from spaces.times import to_millis
from tests.spaces.test_bookings import BERLIN, HOURS, shown, write

ZONE = "TZID=Europe/Berlin"
DAILY = (f"DTSTART;{ZONE}:20261102T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4")
"""From Monday to Thursday, 2 to 5 November 2026, at 08:00 UTC."""
DAYS = [("02.11. 08:00", 1), ("03.11. 08:00", 1), ("04.11. 08:00", 1), ("05.11. 08:00", 1)]
Booked = list[tuple[str, float]]


def outlook(name: str = "Customized Time Zone", standard: str = "+0100", summer: str = "+0200") -> str:
    """Return a zone as Outlook defines it: from 1601 on, by rules."""
    return (
        f"BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:{summer}\n"
        f"TZOFFSETTO:{standard}\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\n"
        f"DTSTART:16010101T020000\nTZOFFSETFROM:{standard}\nTZOFFSETTO:{summer}\n"
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE"
    )


def calendar(folder: Path, *events: tuple[str, ...], before: str = "", zone: ZoneInfo = BERLIN) -> RoomCalendar:
    found, mistakes = read_calendar(write(folder, *events, before=before), zone)
    assert found is not None, mistakes
    return found


def rows(found: RoomCalendar, year: int = 2026) -> Booked:
    low, high = (to_millis(datetime(when, 1, 1, tzinfo=UTC)) for when in (year, year + 1))
    return [shown(booking) for booking in found.between(low, high)]


def one_uid(*events: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [("UID:one", *event) for event in events]


def differing(day: int, *lines: str, future: bool = False) -> tuple[str, ...]:
    """Return an event in place of the one at nine of a day in November."""
    return (f"RECURRENCE-ID{';RANGE=THISANDFUTURE' if future else ''};{ZONE}:202611{day:02}T090000", *lines)


@pytest.mark.parametrize(
    ("zone", "lines", "expected"),
    [
        (
            "America/New_York",
            ("DTSTART:20261123T143000", "DTEND:20261123T163000", "RRULE:FREQ=DAILY;COUNT=2"),
            [("23.11. 19:30", 2), ("24.11. 19:30", 2)],
        ),
        ("Asia/Tokyo", ("DTSTART:20261118T160000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=1"), [("18.11. 07:00", 1)]),
        (
            "Pacific/Auckland",
            ("DTSTART;VALUE=DATE:20261118", "RRULE:FREQ=DAILY;COUNT=2"),
            [("17.11. 11:00", 24), ("18.11. 11:00", 24)],
        ),
        (
            "Europe/Berlin",
            ("DTSTART:20261102T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261103T080000Z"),
            [("02.11. 08:00", 1)],
        ),
        (
            "Europe/Berlin",
            ("DTSTART:20261102T090000", "DURATION:PT1H", "RDATE:20261104T100000Z"),
            [("02.11. 08:00", 1), ("04.11. 10:00", 1)],
        ),
    ],
)
def test_times_without_a_zone_are_the_sites(
    tmp_path: Path, zone: str, lines: tuple[str, ...], expected: Booked
) -> None:
    found = calendar(tmp_path, lines, zone=ZoneInfo(zone))
    assert rows(found) == expected
    for begin, _ in expected:
        moment = to_millis(datetime.strptime(f"2026.{begin}+0000", "%Y.%d.%m. %H:%M%z"))
        assert len(found.between(moment, moment + 1)) == 1, "in the narrowest window as in a wide one"
        assert not any(booking.end > moment for booking in found.between(moment - 1, moment))


@pytest.mark.parametrize(
    ("offset", "expected"), [("-0500", "18.11. 14:00"), ("+0100", "18.11. 08:00"), ("+0530", "18.11. 03:30")]
)
def test_zones_of_one_file_stay_in_it(tmp_path: Path, offset: str, expected: str) -> None:
    event = ('DTSTART;TZID="Customized Time Zone":20261118T090000', "DURATION:PT1H")
    assert rows(calendar(tmp_path, event, before=outlook(standard=offset, summer=offset))) == [(expected, 1)]
    _, (mistake,) = read_calendar(write(tmp_path, event, name="other"), BERLIN)
    assert mistake.line == 6
    assert "the file defines none" in mistake.message


def test_outlooks_zone_has_the_hours_of_the_named_one(tmp_path: Path) -> None:
    lines = ("DURATION:PT30M", "RRULE:FREQ=DAILY;COUNT=400")
    own = calendar(tmp_path, ("DTSTART;TZID=Mine:20260101T023000", *lines), before=outlook("Mine"))
    assert rows(own) == rows(calendar(tmp_path, (f"DTSTART;{ZONE}:20260101T023000", *lines)))


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Berlin",
        '"Europe/Berlin"',
        "W. Europe Standard Time",
        "/freeassociation.sourceforge.net/Europe/Berlin",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
        "/Europe/Berlin",
    ],
)
def test_a_zone_has_many_names(tmp_path: Path, name: str) -> None:
    assert rows(calendar(tmp_path, (f"DTSTART;TZID={name}:20261118T090000", "DURATION:PT1H"))) == [("18.11. 08:00", 1)]


def test_a_definition_goes_before_windows_names_and_ianas_before_a_definition(tmp_path: Path) -> None:
    windows, iana = "W. Europe Standard Time", "Europe/Berlin"
    for name, expected in ((windows, "18.11. 14:00"), (iana, "18.11. 08:00")):
        event = (f"DTSTART;TZID={name}:20261118T090000", "DURATION:PT1H")
        found = calendar(tmp_path, event, before=outlook(name, "-0500", "-0400"))
        assert rows(found) == [(expected, 1)]
        assert bool(found.warnings) == (name == iana)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # 02:30 of 29 March is skipped: the offset before the gap holds. That of 25 October is the first of two.
        (("DTSTART;{}:20260329T023000", "DURATION:PT1H"), [("29.03. 01:30", 1)]),
        (("DTSTART;{}:20261025T023000", "DURATION:PT1H"), [("25.10. 00:30", 1)]),
        (("DTSTART;{}:20260329T023000", "DTEND;{}:20260329T030000"), [("29.03. 01:30", 0.5)]),
        (("DTSTART;{}:20261025T013000", "DTEND;{}:20261025T033000"), [("24.10. 23:30", 3)]),
        (
            ("DTSTART;{}:20260328T023000", "DURATION:PT30M", "RRULE:FREQ=DAILY;COUNT=3"),
            [("28.03. 01:30", 0.5), ("29.03. 01:30", 0.5), ("30.03. 00:30", 0.5)],
        ),
        # Days are those of a calendar, hours those of a stopwatch; so is what DTEND says of the first of a series.
        (("DTSTART;{}:20261024T120000", "DURATION:P1D"), [("24.10. 10:00", 25)]),
        (("DTSTART;{}:20261024T120000", "DURATION:PT24H"), [("24.10. 10:00", 24)]),
        (("DTSTART;{}:20261024T120000", "DURATION:P1W"), [("24.10. 10:00", 7 * 24 + 1)]),
        (("DTSTART;{}:20261024T120000", "DURATION:P1DT2H"), [("24.10. 10:00", 27)]),
        (
            ("DTSTART;{}:20261017T220000", "DTEND;{}:20261018T220000", "RRULE:FREQ=WEEKLY;COUNT=2"),
            [("17.10. 20:00", 24), ("24.10. 20:00", 24)],
        ),
    ],
)
@pytest.mark.parametrize("own", [False, True], ids=["named", "own zone"])
def test_clock_changes(tmp_path: Path, lines: tuple[str, ...], expected: Booked, *, own: bool) -> None:
    event = tuple(line.format("TZID=Mine" if own else ZONE) for line in lines)
    assert rows(calendar(tmp_path, event, before=outlook("Mine"))) == expected


@pytest.mark.parametrize(
    ("lines", "expected", "said"),
    [
        (
            (f"DTSTART;{ZONE}:20261102T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20261103"),
            DAYS[:2],
            "UNTIL is a day",
        ),
        (("DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261102"), [("01.11. 23:00", 24)], "the day of DTSTART"),
        (("DTSTART;VALUE=DATE:20261102", "DURATION:P0D"), [("01.11. 23:00", 24)], "taken as a whole"),
        (("DTSTART;VALUE=DATE:20261102", "DURATION:PT24H"), [("01.11. 23:00", 24)], "counts hours"),
        (("DTSTART:20261102",), [("01.11. 23:00", 24)], "it has no time"),
        (("DTSTART;VALUE=DATE:20261102", "DTEND:20261102T120000"), [("01.11. 23:00", 12)], "days begin at midnight"),
        ((f"DTSTART;{ZONE}:20261102T080000Z", "DURATION:PT1H"), DAYS[:1], "taken as UTC"),
        ((*DAILY, "DTEND:20261102T103000"), [(begin, 1.5) for begin, _ in DAYS], "there is a DTEND"),
        ((*DAILY[:2], "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261130T000000Z"), DAYS[:2], "COUNT and UNTIL together"),
        ((*DAILY[:2], "RRULE:FREQ=DAILY;COUNT=-1;UNTIL=20261103T080000Z"), DAYS[:2], "COUNT below 0"),
        ((*DAILY[:2], "RRULE:FREQ=DAILY;UNTIL=20261101T080000Z"), [], "UNTIL lies before DTSTART"),
        ((*DAILY[:2], "RRULE:FREQ=DAILY;BYDAY=WE,TH;COUNT=3"), [DAYS[0], *DAYS[2:]], "does not name DTSTART"),
        ((*DAILY, "EXDATE;VALUE=DATE:20261104"), [*DAYS[:2], DAYS[3]], "EXDATE"),
        ((*DAILY[:2], "RDATE;VALUE=DATE:20261104"), [DAYS[0], DAYS[2]], "RDATE is a day"),
        ((*DAILY, "SEQUENCE:first"), DAYS, "SEQUENCE: is no number"),
        ((*DAILY, "STATUS:CONFIRMED", "STATUS:TENTATIVE"), DAYS, "STATUS: stands twice"),
        ((f"DTSTART;{ZONE}:20260329T023000", f"DTEND;{ZONE}:20260329T030000"), [("29.03. 01:30", 0.5)], "clock change"),
        ((*DAILY[:2], "RRULE:FREQ=WEEKLY;BYMONTHDAY=2;COUNT=1"), DAYS[:1], "BYMONTHDAY is no part of FREQ=WEEKLY"),
        ((*DAILY[:2], "RRULE:FREQ=DAILY;BYDAY=1MO;COUNT=1"), DAYS[:1], "a number before a weekday"),
        (
            ("DTSTART;TZID=/x.org/Europe/Berlin:20261102T090000", "DURATION:PT1H"),
            DAYS[:1],
            "is taken for Europe/Berlin",
        ),
    ],
)
def test_what_is_bent_into_shape_is_said(tmp_path: Path, lines: tuple[str, ...], expected: Booked, said: str) -> None:
    found = calendar(tmp_path, lines)
    assert rows(found) == expected
    assert any(said in warning.message and warning.line >= 4 for warning in found.warnings), found.warnings


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((*DAILY, f"EXDATE;{ZONE}:20261103T090000,20261104T090000"), [DAYS[0], DAYS[3]]),
        ((*DAILY, f"EXDATE;{ZONE}:20261103T090000", "EXDATE:20261104T080000Z"), [DAYS[0], DAYS[3]]),
        ((*DAILY, "EXDATE;TZID=America/New_York:20261103T030000"), [DAYS[0], *DAYS[2:]]),
        ((*DAILY, f"EXDATE;{ZONE}:20261102T090000"), DAYS[1:]),
        ((*DAILY, f"EXDATE;{ZONE}:20261102T100000"), DAYS),
        ((*DAILY[:2], f"RDATE;{ZONE}:20261104T090000,20261105T090000"), [DAYS[0], *DAYS[2:]]),
        (
            (*DAILY[:2], "RDATE;VALUE=PERIOD:20261103T080000Z/20261103T110000Z,20261104T080000Z/PT30M"),
            [DAYS[0], ("03.11. 08:00", 3), ("04.11. 08:00", 0.5)],
        ),
        ((*DAILY, f"RDATE;{ZONE}:20261103T090000"), DAYS),
        ((*DAILY, "EXRULE:FREQ=DAILY;INTERVAL=2"), [DAYS[1], DAYS[3]]),
        ((*DAILY[:2], "RRULE:FREQ=DAILY;UNTIL=20261103T080000Z"), DAYS[:2]),
        ((*DAILY[:2], "RRULE:FREQ=DAILY;UNTIL=20261103T075959Z"), DAYS[:1]),
        ((*DAILY[:2], "RRULE:FREQ=DAILY;UNTIL=20261103T090000"), DAYS[:2]),
        (
            ("DTSTART;VALUE=DATE:20261102", "RRULE:FREQ=DAILY;UNTIL=20261103"),
            [("01.11. 23:00", 24), ("02.11. 23:00", 24)],
        ),
        (
            ("DTSTART;VALUE=DATE:20261102", "RRULE:FREQ=DAILY;UNTIL=20261102T230000Z"),
            [("01.11. 23:00", 24), ("02.11. 23:00", 24)],
        ),
        (("DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261104"), [("01.11. 23:00", 48)]),
        ((*DAILY, "TRANSP:TRANSPARENT"), []),
        ((*DAILY, "STATUS:cancelled"), []),
        ((*DAILY[:1], "DURATION:PT0S"), []),
        ((*DAILY, "BEGIN:VALARM", "DURATION:PT5M", "DTSTART:garbage", "END:VALARM"), DAYS),
        (("SUMMARY:a", "DTSTART;", f" {ZONE}:2026110", "\t2T090000", "DURATION:PT1H"), DAYS[:1]),
    ],
)
def test_series_and_their_exceptions(tmp_path: Path, lines: tuple[str, ...], expected: Booked) -> None:
    assert rows(calendar(tmp_path, lines)) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            [DAILY, differing(3, f"DTSTART;{ZONE}:20261120T100000", "DURATION:PT2H")],
            [DAYS[0], *DAYS[2:], ("20.11. 09:00", 2)],
        ),
        ([DAILY, differing(3, "STATUS:CANCELLED")], [DAYS[0], *DAYS[2:]]),
        (
            [DAILY, differing(3, f"DTSTART;{ZONE}:20261103T090000", "DURATION:PT1H", "TRANSP:TRANSPARENT")],
            [DAYS[0], *DAYS[2:]],
        ),
        ([differing(3, f"DTSTART;{ZONE}:20261103T090000", "DURATION:PT2H")], [("03.11. 08:00", 2)]),
        (
            [DAILY, ("RECURRENCE-ID:20261103T080000Z", "DTSTART:20261103T120000Z", "DURATION:PT1H")],
            [DAYS[0], ("03.11. 12:00", 1), *DAYS[2:]],
        ),
        (
            [DAILY, ("RECURRENCE-ID;VALUE=DATE:20261103", "DTSTART:20261103T120000Z", "DURATION:PT1H")],
            [DAYS[0], ("03.11. 12:00", 1), *DAYS[2:]],
        ),
        ([DAILY, differing(4, "STATUS:CANCELLED", future=True)], DAYS[:2]),
        (
            [DAILY, differing(4, f"DTSTART;{ZONE}:20261104T110000", "DURATION:PT2H", future=True)],
            [*DAYS[:2], ("04.11. 10:00", 2), ("05.11. 10:00", 2)],
        ),
        (
            [
                DAILY,
                differing(3, f"DTSTART;{ZONE}:20261103T110000", "DURATION:PT2H", future=True),
                differing(4, f"DTSTART;{ZONE}:20261104T200000", "DURATION:PT3H"),
                differing(5, "STATUS:CANCELLED", future=True),
            ],
            [DAYS[0], ("03.11. 10:00", 2), ("04.11. 19:00", 3)],
        ),
        # Versions: the greater SEQUENCE, then the later DTSTAMP, whatever their order.
        ([("SEQUENCE:2", *DAILY), ("SEQUENCE:1", DAILY[0], "DURATION:PT9H")], DAYS),
        ([("SEQUENCE:9", DAILY[0], "DURATION:PT9H"), ("SEQUENCE:10", *DAILY)], DAYS),
        ([("DTSTAMP:20260102T000000Z", *DAILY), ("DTSTAMP:20260101T000000Z", DAILY[0], "DURATION:PT9H")], DAYS),
        ([("SEQUENCE:1", *DAILY), ("SEQUENCE:2", DAILY[0], "STATUS:CANCELLED")], []),
        ([("SEQUENCE:2", *DAILY), ("SEQUENCE:1", DAILY[0], "STATUS:CANCELLED")], DAYS),
        ([("SEQUENCE:1", "STATUS:CANCELLED"), differing(3, DAILY[0], "DURATION:PT1H")], []),
        (
            [DAILY, ("SEQUENCE:1", *differing(3, "STATUS:CANCELLED")), differing(3, DAILY[0], "DURATION:PT9H")],
            [DAYS[0], *DAYS[2:]],
        ),
        # The series no longer has the day that an older version moved; a newer one stands for itself.
        (
            [("SEQUENCE:2", *DAILY), ("SEQUENCE:1", *differing(9, f"DTSTART;{ZONE}:20261109T100000", "DURATION:PT1H"))],
            DAYS,
        ),
        (
            [("SEQUENCE:2", *DAILY), ("SEQUENCE:3", *differing(9, f"DTSTART;{ZONE}:20261109T100000", "DURATION:PT1H"))],
            [*DAYS, ("09.11. 09:00", 1)],
        ),
        # Neither of two is the newer: both are booked.
        ([DAILY, (f"DTSTART;{ZONE}:20261118T090000", "DURATION:PT1H")], [*DAYS, ("18.11. 08:00", 1)]),
        ([DAILY, DAILY], DAYS),
    ],
)
def test_versions_cancellations_and_what_differs(
    tmp_path: Path, events: list[tuple[str, ...]], expected: Booked
) -> None:
    assert rows(calendar(tmp_path, *one_uid(*events))) == expected
    assert rows(calendar(tmp_path, *one_uid(*reversed(events)))) == expected


@pytest.mark.parametrize(("method", "expected"), [("CANCEL", []), ("REQUEST", DAYS), ("COUNTER", []), ("REPLY", [])])
def test_what_a_calendar_is_sent_for_counts(tmp_path: Path, method: str, expected: Booked) -> None:
    assert rows(calendar(tmp_path, DAILY, before=f"METHOD:{method}")) == expected


def parsed(data: bytes) -> tuple[Booked, list[str]]:
    found, mistakes = parse_calendar(data, Path("elbe.ics"), BERLIN, 2031)
    return rows(found) if found else [], [str(mistake) for mistake in mistakes]


def test_calendars_of_one_file_have_zones_and_reasons_of_their_own(tmp_path: Path) -> None:
    text = "".join(
        write(tmp_path, event, before=before).read_text().replace("\r", "")
        for event, before in (
            (("UID:a", "DTSTART;TZID=Mine:20261118T090000", "DURATION:PT1H"), outlook("Mine", "-0500", "-0500")),
            (("UID:b", "DTSTART;TZID=Mine:20261118T090000", "DURATION:PT1H"), outlook("Mine")),
            (("UID:c", *HOURS), ""),
            (("UID:c", "SEQUENCE:1"), "METHOD:CANCEL"),
        )
    )
    assert parsed(text.encode()) == ([("18.11. 08:00", 1), ("18.11. 14:00", 1)], [])


@pytest.mark.parametrize(
    "how",
    [
        lambda text: text.replace("\r\n", "\n"),
        lambda text: text.replace("\r\n", "\r"),
        lambda text: text.replace("\r\n", "\r\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.rstrip(),
        lambda text: text.replace("\r\n", "\r\n\r\n"),
        lambda text: (
            text.lower().replace("europe/berlin", "Europe/Berlin").replace("t090000", "T090000").replace("pt1h", "PT1H")
        ),
        lambda text: "\r\n".join("\r\n ".join(line) for line in text.split("\r\n")),
    ],
)
def test_lines_end_and_fold_as_they_like(tmp_path: Path, how: object) -> None:
    text = write(tmp_path, (f"DTSTART;{ZONE}:20261102T090000", "DURATION:PT1H")).read_bytes().decode()
    assert callable(how)
    assert parsed(how(text).encode()) == (DAYS[:1], [])


def test_titles_are_nobodys_business_whatever_they_are_written_in() -> None:
    head, tail = (
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261102T080000Z\nDURATION:PT1H\n",
        b"\nEND:VEVENT\nEND:VCALENDAR",
    )
    for title in (
        b"SUMMARY:B\xfcro",
        b"SUMMARY:B\xc3\n \xbcro",
        b'ATTENDEE;CN="a;b:c";X=:mailto:x',
        b"X-A;B;C:d",
        b"SUMMARY:\x00",
    ):
        assert parsed(head + title + tail) == (DAYS[:1], [])


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ((HOURS[0], f"DTEND;{ZONE}:20260511T240000"), 7, "DTEND: cannot be read: '20260511T240000'"),
        (("DTSTART:20261118T235960Z",), 6, "DTSTART: cannot be read"),
        (("DTSTART;VALUE=DATE:20261131",), 6, "DTSTART: cannot be read"),
        ((f"DTSTART;{ZONE}:garbage",), 6, "DTSTART: cannot be read"),
        ((*HOURS, f"RECURRENCE-ID;{ZONE}:garbage"), 8, "RECURRENCE-ID: cannot be read"),
        ((*HOURS, f"EXDATE;{ZONE}:20261118T090000,garbage"), 8, "EXDATE: cannot be read"),
        ((*HOURS, f"RDATE;{ZONE}:20261131T090000"), 8, "RDATE: cannot be read"),
        ((*HOURS, "RDATE;VALUE=PERIOD:20261118T090000Z/garbage"), 8, "RDATE: cannot be read"),
        ((*HOURS, "RDATE;VALUE=PERIOD:20261118T090000Z/20261118T080000Z"), 8, "ends before its begin"),
        ((*HOURS, "RDATE:00010101T000000Z"), 8, "the year 1 is none"),
        ((HOURS[0], "DURATION:PT1H", "DURATION:PT1H"), 7, "DURATION: stands twice"),
        ((HOURS[0], "DURATION:P999999999W"), 7, "lies beyond all calendars"),
        ((HOURS[0], "DURATION:P"), 7, "is no duration"),
        (("DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261101"), 7, "lies before its begin"),
        ((*HOURS, "RECURRENCE-ID;RANGE=THISANDPRIOR:20261118T080000Z"), 8, "RANGE=THISANDPRIOR is not understood"),
        ((*HOURS, "RRULE:FREQ=DAILY;COUNT=0"), 8, "COUNT must be at least 1"),
        ((*HOURS, "RRULE:FREQ=DAILY;COUNT=many"), 8, "'MANY' is no whole number"),
        ((*HOURS, "RRULE:FREQ=DAILY;BYEASTER=1"), 8, "is no part of a rule"),
        ((*HOURS, "RRULE:FREQ=DAILY;FREQ=DAILY"), 8, "FREQ stands twice"),
        ((*HOURS, "RRULE:FREQ=DAILY;UNTIL=20261131"), 8, "RRULE: cannot be read"),
        ((*HOURS, "RRULE:FREQ=DAILY;BYDAY=XX"), 8, "'XX' is no weekday"),
        ((*HOURS, "RRULE:FREQ=DAILY;BYHOUR=24"), 8, "BYHOUR=24 is outside 0 to 23"),
        ((*HOURS, "RRULE:"), 8, "FREQ=nothing is none of"),
        ((*HOURS, 'DTSTART;X="open:20261118T090000'), 8, "has a parameter that cannot be read"),
    ],
)
def test_what_cannot_be_read_is_a_mistake_with_its_line(
    tmp_path: Path, lines: tuple[str, ...], line: int, said: str
) -> None:
    found, mistakes = read_calendar(write(tmp_path, lines), BERLIN)
    assert found is None
    assert [mistake.line for mistake in mistakes] == [line]
    assert said in mistakes[0].message


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"<!DOCTYPE html>\n<html>", 1, "no calendar"),
        (b"\xff\xfeB\x00E\x00G\x00", 1, "not UTF-8"),
        (b"BEGIN:VCARD\nEND:VCARD\n", 1, "stands outside of BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VEVENT\nEND:VEVENT\nEND:VEVENT\nEND:VCALENDAR", 3, "stands in VEVENT"),
        (b"BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR", 2, "END:VEVENT has no BEGIN"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261118T090000Z\n", 1, "BEGIN:VEVENT of line 2 has no END"),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=\xfc:20261118T090000\nEND:VEVENT\nEND:VCALENDAR",
            3,
            "not UTF-8",
        ),
        (b"BEGIN:VCALENDAR\n" * 100_000, 2, "stands in VCALENDAR"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100_000, 1, "has no END"),
        (
            outlook("Mine").replace("BYMONTH=3", "BYMONTH=13").join(["BEGIN:VCALENDAR\n", "\nEND:VCALENDAR"]).encode(),
            2,
            "VTIMEZONE",
        ),
        (
            outlook("Mine")
            .replace("FREQ=YEARLY", "FREQ=DAILY")
            .replace(";BYDAY=-1SU;BYMONTH=3", "")
            .join(["BEGIN:VCALENDAR\n", "\nEND:VCALENDAR"])
            .encode(),
            2,
            "VTIMEZONE",
        ),
        (f"BEGIN:VCALENDAR\n{outlook()}\n{outlook(standard='-0500')}\nEND:VCALENDAR".encode(), 17, "defined twice"),
    ],
)
def test_what_is_no_calendar_is_one_mistake(data: bytes, line: int, said: str) -> None:
    found, mistakes = parse_calendar(data, Path("elbe.ics"), BERLIN, 2031)
    assert found is None
    assert [mistake.line for mistake in mistakes] == [line]
    assert said in mistakes[0].message


def test_other_components_book_nothing() -> None:
    free = "BEGIN:VFREEBUSY\nDTSTART:garbage\nFREEBUSY:20261118T080000Z/PT1H\nEND:VFREEBUSY\n"
    todo = "BEGIN:VTODO\nDTSTART:20261118T080000Z\nDURATION:PT1H\nEND:VTODO\n"
    assert parsed(f"BEGIN:VCALENDAR\n{free}{todo}END:VCALENDAR".encode()) == ([], [])


def test_letters_of_values_may_be_small(tmp_path: Path) -> None:
    """RFC 5545 takes its literals from RFC 5234, where case does not matter."""
    small = ("dtstart:20261102t080000z", "duration:pt1h", "rdate;value=period:20261105t100000z/pt2h")
    assert rows(calendar(tmp_path, small)) == [("02.11. 08:00", 1), ("05.11. 10:00", 2)]

"""What a calendar may cost: laid out once, bounded, and asked from memory."""

import resource
from pathlib import Path
from time import process_time

import pytest

from spaces.bookings import RoomCalendar, parse_calendar
from spaces.calendarfile import MOST, MOST_RULES
from spaces.mistakes import Mistake
from spaces.times import DAY, HOUR
from tests.spaces.test_bookings import BERLIN, WINDOW
from tests.spaces.test_calendar_cases import outlook

ALL = ";".join(
    f"{name}={','.join(map(str, range(most)))}" for name, most in (("BYHOUR", 24), ("BYMINUTE", 60), ("BYSECOND", 60))
)


def parse(*events: str, before: str = "", through: int = 2031) -> tuple[RoomCalendar | None, list[Mistake]]:
    text = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    data = f"BEGIN:VCALENDAR\n{before}{text}END:VCALENDAR\n".encode()
    found, mistakes = parse_calendar(data, Path("elbe.ics"), BERLIN, through)
    return found, list(mistakes)


def test_a_rule_that_spells_out_every_second_is_refused_at_once() -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, process_time()
    found, (mistake,) = parse(f"DTSTART:20261102T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;{ALL}")
    assert found is None
    assert (mistake.line, "86,400 times a day; at most 200" in mistake.message) == (6, True)
    assert process_time() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000, "KB"


def test_at_most_200_a_day_are_taken_and_the_next_refused_with_its_line() -> None:
    quarters = "BYHOUR=0,1,2,3,4;BYMINUTE=" + ",".join(map(str, range(40)))
    rule = f"DTSTART:20261102T000000\nDURATION:PT1M\nRRULE:FREQ=DAILY;COUNT=400;{quarters}"
    assert parse(rule)[1] == []
    found, (mistake,) = parse(rule, "DTSTART:20261118T200000\nDURATION:PT1M", "DTSTART:20261103T200000\nDURATION:PT1M")
    assert found is None
    assert (mistake.line, mistake.message) == (13, "event: 2026-11-03 has more than 200 bookings")


def test_at_most_100000_of_a_file_are_taken_and_the_next_refused_with_its_line() -> None:
    often = ",".join(map(str, range(0, 60, 2)))
    rule = f"DTSTART:20200101T000000\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYHOUR=0,1,2;BYMINUTE={often};COUNT="
    found, mistakes = parse(f"{rule}{MOST}")
    assert (found is not None, mistakes) == (True, [])
    assert found is not None
    assert len(found.times) == MOST
    assert found.times.nbytes < 2_000_000
    for events, line in (((f"{rule}{MOST + 1}",), 2), ((f"{rule}{MOST}", "DTSTART:20261118T200000\nDURATION:PT1M"), 8)):
        found, (mistake,) = parse(*events)
        assert found is None
        assert (mistake.line, "more than 100,000 times" in mistake.message) == (line, True)
    found, (mistake,) = parse(rule.replace("COUNT=", "UNTIL=21000101T000000Z"), through=2100)
    assert (mistake.line, "more than 100,000 times" in mistake.message) == (6, True)


def test_so_many_rules_are_more_than_a_room_has() -> None:
    rule = "RRULE:FREQ=YEARLY;BYMONTH=12;BYYEARDAY=1"
    for events in (
        [f"DTSTART:20200101T000000\n{rule}"] * (MOST_RULES + 1),
        ["DTSTART:20200101T000000" + f"\n{rule}" * 5_001],
    ):
        _, (mistake,) = parse(*events)
        assert "more than 5,000" in mistake.message


def test_definitions_of_zones_are_laid_out_once_and_so_many_are_refused() -> None:
    one = f"BEGIN:VCALENDAR\n{outlook()}\nEND:VCALENDAR\n"
    assert parse_calendar((one * 600).encode(), Path("x"), BERLIN, 2031)[1] == []
    others = "".join(one.replace("+0200", f"+02{number // 60:02}{number % 60:02}") for number in range(600))
    _, mistakes = parse_calendar(others.encode(), Path("x"), BERLIN, 2031)
    assert "more than 1,000 rules of time zones" in mistakes[0].message


def test_what_is_wrong_a_thousand_times_is_not_told_a_thousand_times() -> None:
    _, mistakes = parse(*["DTSTART;TZID=Mars:20261118T090000"] * 1_000)
    assert (len(mistakes), mistakes[-1].message) == (101, "and 900 more mistakes after this one")


@pytest.mark.parametrize("text", ["BEGIN:VEVENT\nUID:1\nDTSTART:20200101T000000Z\nRRULE:FREQ=DAILY\n"])
def test_many_exceptions_cost_no_more_than_their_lines(text: str) -> None:
    days = "".join(
        f"EXDATE;VALUE=DATE:{2020 + day // 300}{day % 12 + 1:02}{day % 25 + 1:02}\n" for day in range(20_000)
    )
    began = process_time()
    found, _ = parse_calendar(
        f"BEGIN:VCALENDAR\n{text}DURATION:PT1H\n{days}END:VEVENT\nEND:VCALENDAR".encode(), Path("x"), BERLIN, 2031
    )
    assert found is not None
    assert process_time() - began < 5


def test_a_question_is_answered_from_memory_whatever_the_zone() -> None:
    weekly = "DTSTART;TZID={}:20200106T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    for name in ("Europe/Berlin", "Customized Time Zone"):
        found, _ = parse(*[weekly.format(name)] * 10, before=outlook() + "\n")
        assert found is not None
        began = process_time()
        for number in range(1_000):
            found.between(WINDOW[0] + number * HOUR, WINDOW[0] + number * HOUR + DAY)
        assert process_time() - began < 1


def test_a_series_without_end_is_laid_out_through_a_year_and_one_with_an_end_no_further() -> None:
    for rule in ("FREQ=DAILY", "FREQ=DAILY;COUNT=9000", "FREQ=DAILY;UNTIL=20990101"):
        found, _ = parse(
            f"DTSTART:20261102T090000Z\nDURATION:PT1H\nRRULE:{rule}", "DTSTART:20900101T090000Z\nDURATION:PT1H"
        )
        assert found is not None
        days = found.times[:, 0] // DAY
        assert (len(found.times), (days[-2] + 1) * DAY) == (29 + 31 + 5 * 365 + 1 + 1, 1_956_528_000_000)


def test_what_lasts_long_is_found_behind_what_is_short() -> None:
    found, _ = parse("DTSTART:20260101T000000Z\nDTEND:20270101T000000Z", "DTSTART:20260601T080000Z\nDURATION:PT1H")
    assert found is not None
    low = 1_780_300_800_000
    assert [len(found.between(low, low + HOUR)), len(found.between(low + 365 * DAY, low + 366 * DAY))] == [2, 0]

"""Calendars as another reader lays them out: `recurring-ical-events`, which is slow and keeps to the same papers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces.bookings import parse_calendar
from spaces.times import to_millis
from tests.spaces.test_calendar_cases import outlook

FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
FORM = "%Y%m%dT%H%M%S"
RULES = ("FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;WKST=SU", "FREQ=MONTHLY", "FREQ=YEARLY")
ENDS = ("", ";COUNT=5", ";COUNT=40", ";UNTIL=20261101T120000Z")
STARTS = st.datetimes(datetime(2025, 10, 1), datetime(2026, 12, 1)).map(  # noqa: DTZ001
    lambda when: when.replace(minute=when.minute // 15 * 15, second=0, microsecond=0)
)


@st.composite
def events(draw: st.DrawFn) -> str:
    """Draw a series with days left out, added, moved and called off."""
    zone = "TZID=" + draw(st.sampled_from(["Europe/Berlin", "America/New_York", "Mine"]))
    start, rule, end = draw(STARTS), draw(st.sampled_from(RULES)), draw(st.sampled_from(ENDS))
    step = timedelta(days={"D": 3, "W": 7, "M": 31, "Y": 365}[rule[5]])
    hours = draw(st.integers(1, 30))
    lines = [f"DTSTART;{zone}:{start:{FORM}}", f"DURATION:PT{hours}H", f"RRULE:{rule}{end}"]
    lines += [
        f"EXDATE;{zone}:{start + step * number:{FORM}}" for number in draw(st.sets(st.integers(0, 9), max_size=2))
    ]
    other = [["UID:a", f"RECURRENCE-ID;{zone}:{start + step * 2:{FORM}}", *more] for more in draw(
        st.sampled_from([[], [["STATUS:CANCELLED"]], [[f"DTSTART;{zone}:{start + step:{FORM}}", "DURATION:PT45M"]]])
    )]  # fmt: skip
    if draw(st.booleans()):
        lines.append(f"RDATE;{zone}:{start + timedelta(hours=5):{FORM}}")
    if rule.startswith(("FREQ=M", "FREQ=Y")):
        other = []  # where there is no such occurrence we say what we do, and it is not what everybody does
    parts = [
        ["UID:a", *lines],
        *([*one, f"DTSTART;{zone}:{start:{FORM}}"] if "STATUS:CANCELLED" in one else one for one in other),
    ]
    text = "".join("BEGIN:VEVENT\n" + "\n".join(part) + "\nEND:VEVENT\n" for part in parts)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{outlook('Mine')}\n{text}END:VCALENDAR\n"


def expected(text: str) -> set[tuple[int, int]]:
    """Return what the other reader finds within the year."""
    calendar = icalendar.Calendar.from_ical(text)
    found = set()
    for event in recurring_ical_events.of(calendar).between(FROM, UNTIL):
        start = event["DTSTART"].dt.replace(fold=0)
        begin = to_millis(start)
        lasting = event["DURATION"].dt if "DURATION" in event else event["DTEND"].dt - event["DTSTART"].dt
        if str(event.get("STATUS")) != "CANCELLED" and lasting:
            found.add((begin, begin + lasting // timedelta(milliseconds=1)))
    return found


@given(text=events())
@settings(max_examples=60)
def test_another_reader_finds_the_same(text: str) -> None:
    found, mistakes = parse_calendar(text.encode(), Path("elbe.ics"), ZoneInfo("Europe/Berlin"), 2031)
    assert found is not None, mistakes
    low, high = to_millis(FROM), to_millis(UNTIL)
    ours = {tuple(booking) for booking in found.between(low, high) if low < booking.start and booking.end < high}
    assert ours == {(begin, end) for begin, end in expected(text) if low < begin and end < high}

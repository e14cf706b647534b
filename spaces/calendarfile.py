"""iCalendar files read with care: what is wrong with an event is said with its line, not passed over."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import icalendar

from spaces.mistakes import Mistake, did_you_mean
from spaces.times import Millis, to_millis

Event = Any
"""An `icalendar.Event`; its types say of every property that it may be any of thirty."""
EARLIEST = 1970
LATEST = 2200
"""Years in which an event may begin: beyond are slips."""
REPEATS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")
_WITHIN = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_QUOTED = re.compile(r": '(.*?)'")


class CalendarLines:
    r"""Line numbers of an iCalendar text's events and their properties.

    >>> lines = CalendarLines("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nBEGIN:VEVENT\nUID:2\n")
    >>> lines.of(0, "UID"), lines.of(1, "UID"), lines.of(1, "DTSTART")
    (3, 6, 5)
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[int, str], int] = {}
        event = -1
        for number, line in enumerate(text.splitlines(), 1):
            name = re.split("[;:]", line, maxsplit=1)[0].upper()
            if line.upper().startswith("BEGIN:VEVENT"):
                event, name = event + 1, ""
            if event >= 0 and not line.startswith((" ", "\t")):
                self._lines.setdefault((event, name), number)

    def of(self, event: int, name: str = "") -> int:
        """Return the line of a property, of the event where it has none of that name, or 1."""
        return self._lines.get((event, name), self._lines.get((event, ""), 1))


class CalendarFile:
    """The events of one iCalendar file and what is wrong with them; times without a zone are those of `zone`."""

    def __init__(self, file: Path, text: str, zone: ZoneInfo) -> None:
        self.mistakes: list[Mistake] = []
        self._file = file
        self._zone = zone
        self._lines = CalendarLines(text)
        try:
            calendar = icalendar.Calendar.from_ical(text)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            self.events: Sequence[Event] = ()
            self.mistakes += _unreadable(file, text, error)
            return
        self.events = calendar.walk("VEVENT")
        for number, event in enumerate(self.events):
            for name, message in self._wrong(event):
                self.mistakes.append(Mistake(file, self._lines.of(number, name), f"{name or 'event'}: {message}"))

    def line(self, event: Event) -> int:
        """Return the line of an event."""
        return self._lines.of([id(other) for other in self.events].index(id(event)))

    def span(self, event: Event) -> tuple[Millis, Millis]:
        """Return when an event without mistakes begins and ends, in UTC ms; a series, its first time."""
        return span_of(event, self._zone)

    def _wrong(self, event: Event) -> Iterator[tuple[str, str]]:
        """Yield (property, what is wrong with it)."""
        broken = [(str(name), f"cannot be read: {message}") for name, message in event.errors]
        broken += [(name, "stands twice") for name in ("DTSTART", "DTEND") if isinstance(event.get(name), list)]
        broken += list(_unknown_zones(event))
        if not broken and "DTSTART" not in event:
            broken.append(("", "has no DTSTART: when does it begin?"))
        yield from broken or self._out_of_order(event)

    def _out_of_order(self, event: Event) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with times that can be read."""
        start = event["DTSTART"].dt
        if not isinstance(start, date):
            yield "DTSTART", f"{start} is no date"
            return
        if not EARLIEST <= start.year < LATEST:
            yield "DTSTART", f"the year {start.year} is none from {EARLIEST} to {LATEST}"
            return
        yield from _wrong_rule(event)
        try:
            begins, ends = self.span(event)
        except (TypeError, OverflowError, ValueError) as error:
            yield "DTEND", f"fits its begin in no way: {error}"
            return
        if ends < begins:
            yield "DTEND" if "DTEND" in event else "DURATION", "lies before its begin"


def span_of(event: Event, zone: ZoneInfo) -> tuple[Millis, Millis]:
    """Return when an event begins and ends, in UTC ms; without an end, a day lasts a day and a moment no time.

    Raises:
        TypeError: the end is none that such a begin may have.
        OverflowError: it lies beyond all calendars.
    """
    start = event["DTSTART"].dt
    if "DTEND" in event:
        return _moment(start, zone), _moment(event["DTEND"].dt, zone)
    lasting = event["DURATION"].dt if "DURATION" in event else timedelta(0 if isinstance(start, datetime) else 1)
    if not isinstance(lasting, timedelta):
        raise TypeError(f"{lasting} is no duration")
    if isinstance(start, datetime):
        return _moment(start, zone), _moment(start, zone) + lasting // timedelta(milliseconds=1)
    return _moment(start, zone), _moment(start + lasting, zone)


def is_repeated(event: Event) -> bool:
    """Whether an event is a series, or one of a series that differs from it."""
    return any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def is_booked(event: Event) -> bool:
    """Whether an event takes up its time: it was not cancelled, and does not leave it free."""
    return str(event.get("STATUS", "")).upper() != "CANCELLED" and str(event.get("TRANSP", "")).upper() != "TRANSPARENT"


def _moment(when: Any, zone: ZoneInfo) -> Millis:
    if isinstance(when, datetime):
        return to_millis(when if when.tzinfo else when.replace(tzinfo=zone))
    if not isinstance(when, date):
        raise TypeError(f"{when} is no date")
    return to_millis(datetime.combine(when, time(), zone))


def _unknown_zones(event: Event) -> Iterator[tuple[str, str]]:
    """Yield the times whose zone is neither known nor defined in the file."""
    for name in _TIMES:
        found = event.get(name)
        for part in found if isinstance(found, list) else [found] if found is not None else []:
            zone = getattr(part, "params", {}).get("TZID")
            if zone and not all(_is_aware(when) for when in _whens(part)):
                hint = did_you_mean(str(zone), sorted(available_timezones()))
                near = hint if "did you mean" in hint else ""
                yield name, f"{str(zone)[:60]!r} is no time zone, and the file defines none of this name{near}"


def _whens(part: Any) -> list[Any]:
    return [item.dt for item in part.dts] if hasattr(part, "dts") else [getattr(part, "dt", None)]


def _is_aware(when: Any) -> bool:
    return not isinstance(when, datetime) or when.tzinfo is not None


def _wrong_rule(event: Event) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a rule: some that say nonsense would be followed for ever."""
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        repeat = str(next(iter(rule.get("FREQ", [])), "nothing")).upper()
        if repeat not in REPEATS:
            yield "RRULE", f"FREQ={repeat} is none of {', '.join(REPEATS)}"
        if any(step < 1 for step in rule.get("INTERVAL", [])):
            yield "RRULE", "INTERVAL must be at least 1"
        for name, most in _WITHIN.items():
            for value in rule.get(name, []):
                if not 1 <= abs(int(value)) <= most:
                    yield "RRULE", f"{name}={value} is outside 1 to {most}"
        if _never(rule):
            yield "RRULE", "no month of BYMONTH has a day of BYMONTHDAY"


def _never(rule: Any) -> bool:
    """Whether a rule asks for days that its months do not have: it would be followed until the year 9999."""
    months, days = rule.get("BYMONTH", []), rule.get("BYMONTHDAY", [])
    longest = max((monthrange(2024, int(month))[1] for month in months if 1 <= int(month) <= 12), default=31)
    return bool(months and days) and all(abs(int(day)) > longest for day in days)


def _unreadable(file: Path, text: str, error: Exception) -> Iterator[Mistake]:
    """Yield why a file is no calendar at all: its broken time zones, or else what the reader stumbled over."""
    zones = list(_broken_zones(file, text))
    quoted = _QUOTED.search(str(error))
    lines = text.splitlines()
    line = lines.index(quoted[1]) + 1 if quoted and quoted[1] in lines else 1
    message = str(error).partition("\n")[0].partition(": BEGIN:")[0]
    yield from zones or [Mistake(file, line, f"is no calendar that can be read: {message[:120]}")]


def _broken_zones(file: Path, text: str) -> Iterator[Mistake]:
    """Yield the definitions of time zones that cannot be read, each at its line."""
    block: list[str] = []
    begin = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.upper().startswith("BEGIN:VTIMEZONE"):
            block, begin = [], number
        if begin:
            block.append(line)
        if begin and line.upper().startswith("END:VTIMEZONE"):
            if message := _wrong_zone("\r\n".join(block) + "\r\n"):
                yield Mistake(file, begin, message)
            begin = 0


def _wrong_zone(block: str) -> str | None:
    try:
        zone: Any = icalendar.Timezone.from_ical(block)
        zone.to_tz()
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        return f"VTIMEZONE: the time zone cannot be read: {str(error)[:120]}"
    return None

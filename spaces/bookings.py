"""Bookings of rooms, from iCalendar files (RFC 5545) that lie beside the site file: `bookings/ROOM.ics`.

Of an event only its times are taken: who booked, and for what, is nobody's business here. Events that were cancelled,
or that leave their time free, are none. Times without a zone are those of the site; a whole day is one of its days.

Like mistakes of site files, those of calendars are reported all at once, each with its file and line; a calendar
with mistakes is not used.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from spaces.calendarfile import CalendarFile, Event, is_booked, is_repeated, span_of
from spaces.mistakes import Mistake, did_you_mean
from spaces.times import DAY, Millis, to_datetime

FOLDER = "bookings"
SUFFIX = ".ics"
LARGEST = 20_000_000
"""Bytes of a calendar that are read: some 50,000 events."""


class Booking(NamedTuple):
    """A time that a room is booked for: [start, end) in UTC ms."""

    start: Millis
    end: Millis


@dataclass(frozen=True, eq=False)
class RoomCalendar:
    """The bookings of one room: single ones, and series that are laid out for the window that is asked for."""

    room: str
    zone: ZoneInfo
    once: tuple[Booking, ...]
    series: icalendar.Calendar

    def between(self, start: Millis, end: Millis) -> list[Booking]:
        """Return the bookings that touch [start, end), ascending, none twice."""
        return sorted(
            {booking for booking in (*self.once, *self._repeated(start, end)) if _touches(booking, start, end)}
        )

    def _repeated(self, start: Millis, end: Millis) -> Iterator[Booking]:
        if self.series.subcomponents and start < end:
            # A series that cannot be laid out was reported when the file was read; here it must not be in the way.
            query = recurring_ical_events.of(self.series, skip_bad_series=True)
            yield from _booked(query.between(to_datetime(start), to_datetime(end)), self.zone)


@dataclass(frozen=True, eq=False)
class Bookings:
    """The calendars of a site's rooms by the rooms' ids, and the rooms whose calendar cannot be read."""

    calendars: Mapping[str, RoomCalendar] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


def files_in(folder: Path) -> list[Path]:
    """Return the calendars in a folder, ascending."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def read_bookings(
    folder: Path, rooms: Collection[str], zone: ZoneInfo, before: Bookings | None = None
) -> tuple[Bookings, list[Mistake]]:
    """Return the calendars of a site's rooms, and all that is wrong in their files.

    In place of a calendar that cannot be read stays the one that was in force `before`.
    """
    found: dict[str, RoomCalendar] = {}
    unread: set[str] = set()
    mistakes: list[Mistake] = []
    old = before.calendars if before else {}
    for file in files_in(folder):
        if file.stem not in rooms:
            hint = did_you_mean(file.stem, sorted(rooms))
            mistakes.append(Mistake(file, 1, f"there is no room {file.stem!r}{hint if 'did you mean' in hint else ''}"))
            continue
        calendar, wrong = read_calendar(file, zone)
        mistakes += wrong
        calendar = calendar or old.get(file.stem)
        if calendar is None:
            unread.add(file.stem)
        else:
            found[file.stem] = calendar
    return Bookings(found, frozenset(unread)), mistakes


def read_calendar(file: Path, zone: ZoneInfo) -> tuple[RoomCalendar | None, Sequence[Mistake]]:
    """Read the calendar of one room, or all that is wrong with it; a file that has not changed is not read again."""
    try:
        stat = file.stat()
        if stat.st_size > LARGEST:
            return None, [Mistake(file, 1, f"is larger than {LARGEST // 1_000_000} MB; export fewer years")]
        return _read(file, zone, (stat.st_mtime_ns, stat.st_size))
    except UnicodeDecodeError as error:
        return None, [Mistake(file, 1, f"is not UTF-8 at byte {error.start}")]
    except OSError as error:
        return None, [Mistake(file, 1, f"cannot be read: {error.strerror}")]


@lru_cache(maxsize=256)
def _read(file: Path, zone: ZoneInfo, _stamp: tuple[int, int]) -> tuple[RoomCalendar | None, Sequence[Mistake]]:
    text = file.read_text(encoding="utf-8-sig")
    read = CalendarFile(file, text, zone)
    if read.mistakes:
        return None, read.mistakes
    repeated = [event for event in read.events if is_repeated(event)]
    series = {str(event.get("UID")) for event in repeated}
    mine = [event for event in read.events if is_repeated(event) or str(event.get("UID")) in series]
    theirs = {id(event) for event in mine}
    single = [event for event in read.events if id(event) not in theirs]
    wrong = [Mistake(file, read.line(event), f"RRULE: {said}") for event in repeated if (said := _not_laid_out(event))]
    if wrong:
        return None, wrong
    return RoomCalendar(file.stem, zone, tuple(_booked(single, zone)), _calendar_of(mine)), []


def _booked(events: Iterable[Event], zone: ZoneInfo) -> Iterator[Booking]:
    for event in events:
        if is_booked(event):
            booking = Booking(*span_of(event, zone))
            if booking.start < booking.end:
                yield booking


def _calendar_of(events: Iterable[Event]) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    for event in events:
        calendar.add_component(event)
    return calendar


def _not_laid_out(event: Event) -> str | None:
    """Return why a series cannot be laid out, None where it can."""
    calendar = _calendar_of([event])
    start = event["DTSTART"].dt
    try:
        recurring_ical_events.of(calendar).between(start, start + (to_datetime(DAY) - to_datetime(0)))
    except (ValueError, TypeError, AttributeError, OverflowError, recurring_ical_events.InvalidCalendar) as error:
        return f"its times cannot be laid out: {str(error)[:120]}"
    return None


def _touches(booking: Booking, start: Millis, end: Millis) -> bool:
    return booking.start < end and booking.end > start

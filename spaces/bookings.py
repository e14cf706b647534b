"""Bookings of rooms, from iCalendar files (RFC 5545): `bookings/ROOM.ics` beside the site file, or as fetched.

Of an event only its times are taken: who booked, and for what, is nobody's business here. Events that were cancelled,
or that leave their time free, are none. Times without a zone are those of the site; a whole day is one of its days.

A calendar is laid out once, when its file has changed, and asked from memory. Like mistakes of site files, those of
calendars are reported all at once, each with its file and line; a calendar with mistakes is not used.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from spaces.calendarfile import CalendarFile
from spaces.fetched import Fetched
from spaces.guard import one_mistake, read_file
from spaces.ics.clocks import LATEST
from spaces.mistakes import FileError, Mistake, near
from spaces.times import DAY, HOUR, Millis

FOLDER = "bookings"
SUFFIX = ".ics"
YEARS_AHEAD = 5
"""Series are laid out through the end of so many years after this one. Nobody is asked further ahead than a day."""
OLD: Millis = HOUR
"""When the address of a calendar has not answered for so long, it is said as of when its bookings are."""
UNKNOWN: Millis = DAY
"""When it has not answered for so long, bookings are not known."""
Stamp = tuple[int, ...]


class Booking(NamedTuple):
    """A time that a room is booked for: [start, end) in UTC ms."""

    start: Millis
    end: Millis


@dataclass(frozen=True, eq=False)
class RoomCalendar:
    """The bookings of one room: rows of [start, end) in UTC ms, ascending, none twice; and what is said of them."""

    room: str
    times: NDArray[np.int64]
    warnings: tuple[Mistake, ...] = ()

    def between(self, start: Millis, end: Millis) -> list[Booking]:
        """Return the bookings that touch [start, end), ascending."""
        first = int(np.searchsorted(self._ended, start, side="right"))
        rows = self.times[first : int(np.searchsorted(self.times[:, 0], end, side="left"))]
        return [Booking(*row) for row in rows[rows[:, 1] > start].tolist()]

    @cached_property
    def _ended(self) -> NDArray[np.int64]:
        """By when a booking and all before it have ended."""
        return np.maximum.accumulate(self.times[:, 1])


class Reading(NamedTuple):
    """What came of reading a file as it was at a stamp; kept, so that a file that has not changed is not read again."""

    stamp: Stamp
    zone: ZoneInfo
    through: int
    calendar: RoomCalendar | None
    mistakes: Sequence[Mistake]


@dataclass(frozen=True, eq=False)
class Bookings:
    """The calendars of a site's rooms by the rooms' ids, and the rooms whose calendar cannot be read."""

    calendars: Mapping[str, RoomCalendar] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    readings: Mapping[Path, Reading] = field(default_factory=dict)
    checked: Mapping[str, Millis | None] = field(default_factory=dict)
    """When the address of each room that has one last answered well (UTC ms); None where it never did."""

    def as_of(self, room: str, moment: Millis) -> Millis | None:
        """Return when the address of a room last answered, None where that is not long before a moment, or has none."""
        checked = self.checked.get(room)
        return checked if checked is not None and moment - checked > OLD else None

    def are_known(self, room: str, moment: Millis) -> bool:
        """Whether it is known what a room is booked for at a moment: from a file, or lately from its address."""
        checked = self.checked.get(room)
        lately = room not in self.checked or (checked is not None and moment - checked <= UNKNOWN)
        return lately and room in self.calendars

    @property
    def warnings(self) -> list[Mistake]:
        """What was taken otherwise than it is written in the files, as they are now."""
        read = [reading.calendar for reading in self.readings.values()]
        return [warning for calendar in read if calendar is not None for warning in calendar.warnings]


def horizon() -> int:
    """Return the year through which series are laid out now."""
    return min(time.gmtime().tm_year + YEARS_AHEAD, LATEST)


def files_in(folder: Path) -> list[Path]:
    """Return the calendars in a folder, ascending; of a folder that is not there, none.

    Raises:
        OSError: the folder cannot be read.
    """
    try:
        return sorted(file for file in folder.iterdir() if file.name.endswith(SUFFIX))
    except FileNotFoundError:
        return []


def read_bookings(  # noqa: PLR0913, PLR0917 - what calendars hang on
    folder: Path,
    rooms: Collection[str],
    zone: ZoneInfo,
    before: Bookings | None = None,
    through: int | None = None,
    fetched: Fetched | None = None,
) -> tuple[Bookings, list[Mistake]]:
    """Return the calendars of a site's rooms, and all that is wrong in their files.

    A room with an address has the calendar that was `fetched` from there, whatever lies in the folder.

    In place of a calendar that cannot be read stays the one that was in force `before`, and so do all where the folder
    cannot. Series are laid out through the end of the year `through`, see `horizon`.
    """
    before, fetched = before or Bookings(), fetched or Fetched()
    try:
        files = files_in(folder)
    except OSError as error:
        return before, [Mistake(folder, 1, f"cannot be read: {error.strerror}")]
    notes = fetched.notes()
    mistakes = [_no_room(file, rooms) for file in files if file.stem not in rooms] + fetched.mistakes(notes)
    mistakes += [_twice(file) for file in files if file.stem in notes]
    taken = [file for file in files if file.stem in rooms and file.stem not in notes]
    taken += [fetched.file(room) for room, note in notes.items() if note.checked is not None]
    readings = {file: _reading(file, zone, before.readings.get(file), through or horizon()) for file in taken}
    # What was in force may be from another address.
    old = {room: calendar for room, calendar in before.calendars.items() if room not in notes}
    found = {file.stem: one.calendar or old.get(file.stem) for file, one in readings.items()}
    mistakes += [mistake for one in readings.values() for mistake in one.mistakes]
    calendars = {room: calendar for room, calendar in found.items() if calendar is not None}
    checked = {room: note.checked for room, note in notes.items()}
    return Bookings(calendars, frozenset(found.keys() - calendars.keys()), readings, checked), sorted(mistakes)


def read_calendar(
    file: Path, zone: ZoneInfo, through: int | None = None
) -> tuple[RoomCalendar | None, Sequence[Mistake]]:
    """Read the calendar of one room, or all that is wrong with it."""
    try:
        with one_mistake(file):
            return parse_calendar(read_file(file), file, zone, through or horizon())
    except FileError as error:
        return None, error.mistakes


def parse_calendar(
    data: bytes, file: Path, zone: ZoneInfo, through: int
) -> tuple[RoomCalendar | None, Sequence[Mistake]]:
    """Make the calendar of one room from what its file holds, or say all that is wrong with it."""
    read = CalendarFile(file, data, zone)
    times = read.times(through)
    return (None, read.mistakes) if read.mistakes else (RoomCalendar(file.stem, times, read.warnings), [])


def stamp_of(file: Path) -> Stamp:
    """Return what is another after each change of a file, as far as file systems tell; of none, nothing."""
    try:
        stat = file.stat()
    except OSError:
        return ()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _reading(file: Path, zone: ZoneInfo, before: Reading | None, through: int) -> Reading:
    stamp = stamp_of(file)
    if before is not None and (before.stamp, before.zone, before.through) == (stamp, zone, through):
        return before
    return Reading(stamp, zone, through, *read_calendar(file, zone, through))


def _twice(file: Path) -> Mistake:
    return Mistake(file, 1, f"room {file.stem} has an address in the site file, and that holds; take one of them away")


def _no_room(file: Path, rooms: Collection[str]) -> Mistake:
    return Mistake(file, 1, f"there is no room {file.stem!r}{near(file.stem, sorted(rooms))}")

"""iCalendar files read with care: what is wrong with an event is said with its line, not passed over."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from spaces.ics.clocks import LATEST, Clocks, Definitions, NamedClock
from spaces.ics.events import Event, read_event
from spaces.ics.layout import TooManyError
from spaces.ics.notes import Notes
from spaces.ics.rules import MOST_A_DAY
from spaces.ics.series import Placed, place, too_many
from spaces.ics.stream import Component, StreamError, parse_stream
from spaces.mistakes import Mistake
from spaces.times import DAY, SECOND

MOST = 100_000
"""Times that one file may book."""
MOST_RULES = 5_000
"""Rules of one file: following one costs some milliseconds at most, whether anything comes of it or not."""
BOOKING_METHODS = ("", "PUBLISH", "REQUEST", "ADD", "CANCEL")
"""What a calendar may be sent for (RFC 5546) so that it says when something is; others ask, answer and propose."""


class CalendarFile:
    """The events of one iCalendar file, what is wrong with them, and what was bent into shape.

    Times without a zone are those of `zone`.
    """

    def __init__(self, file: Path, data: bytes, zone: ZoneInfo) -> None:
        self._notes = Notes(file)
        self._zone = zone
        self.events: tuple[Event, ...] = ()
        try:
            calendars = parse_stream(data)
        except StreamError as error:
            self._notes.refuse(error.line, str(error))
            return
        self._warn_of_text(data)
        definitions = Definitions()
        self.events = tuple(event for calendar in calendars for event in self._read(calendar, definitions))
        lines = [line for event in self.events for _, line in (*event.rules, *event.excluded_rules)]
        if len(lines) > MOST_RULES:
            self._notes.refuse(lines[MOST_RULES], f"RRULE: there are more than {MOST_RULES:,}; export fewer years")

    @property
    def mistakes(self) -> list[Mistake]:
        """What is wrong: with any, the file is not taken."""
        return self._notes.mistakes

    @property
    def warnings(self) -> tuple[Mistake, ...]:
        """What is taken otherwise than it is written."""
        return self._notes.warnings

    def times(self, through: int) -> NDArray[np.int64]:
        """Return what is booked, a row of [start, end) in UTC ms for each time, ascending, none twice.

        Series are laid out through the end of a year, `through`. There are none where there are mistakes; that there
        are too many is one.
        """
        if self.mistakes:
            return _NOTHING
        last = int(np.datetime64(f"{min(through, LATEST)}-12-31", "D").astype(np.int64))
        placed: list[Placed] = []
        for events in self._of_one_name():
            placed += self._place(events, last)
            if len(placed) > MOST:
                self._notes.refuse(events[-1].line, too_many(MOST))
            if self.mistakes:
                return _NOTHING
        found = np.array(placed, dtype=np.int64).reshape(-1, 3)
        self._look_at_days(found)
        return _NOTHING if self.mistakes else np.unique(found[:, :2], axis=0)

    def _place(self, events: Sequence[Event], last: int) -> list[Placed]:
        try:
            return list(place(events, last, MOST, self._notes))
        except OverflowError:
            self._notes.refuse(events[0].line, "event: lies beyond all calendars")
        except TooManyError:
            pass
        return []

    def _warn_of_text(self, data: bytes) -> None:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._notes.warn(line, f"is not UTF-8 at byte {error.start}: in titles or names, which are not read")

    def _read(self, calendar: Component, definitions: Definitions) -> Iterator[Event]:
        method = calendar.first("METHOD")
        word = method.value.upper() if method else ""
        if method and word not in BOOKING_METHODS:
            self._notes.warn(method.line, f"METHOD: a calendar of {word[:20]} books nothing, and is left out")
            return
        clocks = Clocks(calendar, self._zone, definitions, self._notes)
        for part in calendar.parts:
            if part.name == "VEVENT":
                event = read_event(part, clocks, self._notes, word)
                if event is not None:
                    yield event

    def _of_one_name(self) -> list[list[Event]]:
        """Return the events of each UID; without one an event is its own."""
        named: dict[object, list[Event]] = {}
        for number, event in enumerate(self.events):
            named.setdefault(number if event.uid is None else event.uid, []).append(event)
        return list(named.values())

    def _look_at_days(self, placed: NDArray[np.int64]) -> None:
        """Refuse days on which more is booked than anybody can have meant."""
        _, counts = np.unique(placed[:, 0] // DAY, return_counts=True)
        # A day of the site's lies on three of UTC's at most.
        if counts.max(initial=0) * 3 <= MOST_A_DAY:
            return
        clock = NamedClock(self._zone)
        days = np.array([clock.wall(start) for start in placed[:, 0].tolist()]) // (DAY // SECOND)
        number, counts = np.unique(days, return_counts=True)
        for day in number[counts > MOST_A_DAY][:1]:
            line = int(np.sort(placed[days == day, 2])[MOST_A_DAY])
            self._notes.refuse(line, f"event: {np.datetime64(int(day), 'D')} has more than {MOST_A_DAY} bookings")


_NOTHING: NDArray[np.int64] = np.empty((0, 2), dtype=np.int64)

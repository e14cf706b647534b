"""Events as they stand in a file (VEVENT): their times read, and all that is wrong with them noted by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from spaces.ics.clocks import EARLIEST, LATEST, Clocks
from spaces.ics.notes import Notes
from spaces.ics.properties import PropertyReader
from spaces.ics.rules import Rule, parse_rule
from spaces.ics.stream import Component, Property
from spaces.ics.values import DAY, Lasting, Moment, UnreadableError, parse_duration, year_of
from spaces.mistakes import shown
from spaces.times import SECOND, Millis

_ONCE = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")
_ONE_OF = ("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "STATUS", "TRANSP")
_LAST: Millis = (9999 - EARLIEST) * 365 * DAY * SECOND
"""No event ends later."""
ONE_DAY = Lasting(1, 0)


class Version(NamedTuple):
    """Which version of an event is the newer: the greater (RFC 5546, 2.1.5); of equals the cancelled one."""

    sequence: int
    stamp: Millis
    modified: Millis
    cancelled: bool


class Extra(NamedTuple):
    """A further occurrence (RDATE): when it begins, and how long it lasts where it says so itself."""

    moment: Moment
    lasting: Lasting | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event without mistakes. Only a cancelled one may be without a start.

    `differs` is the occurrence of a series in whose place the event stands (RECURRENCE-ID), with `onwards` in that of
    all that follow too.
    """

    uid: str | None
    line: int
    version: Version
    booked: bool
    start: Moment | None
    lasting: Lasting
    differs: Moment | None
    onwards: bool
    rules: Sequence[tuple[Rule, int]] = ()
    excluded_rules: Sequence[tuple[Rule, int]] = ()
    extras: Sequence[Extra] = ()
    excluded: Sequence[Moment] = ()

    @property
    def cancelled(self) -> bool:
        """Whether it was called off."""
        return self.version.cancelled

    @property
    def times(self) -> tuple[object, ...]:
        """All that says when it is."""
        return self.start, self.lasting, self.rules, self.excluded_rules, self.extras, self.excluded, self.booked


def read_event(component: Component, clocks: Clocks, notes: Notes, method: str = "") -> Event | None:
    """Read an event of a calendar that is sent for a reason, its method. Mistakes are noted, and None comes back."""
    before = notes.refused
    event = _Reader(component, clocks, notes, method).event()
    return event if notes.refused == before else None


class _Reader(PropertyReader):
    """One reading of one event."""

    def __init__(self, component: Component, clocks: Clocks, notes: Notes, method: str) -> None:
        super().__init__(component, clocks, notes)
        self._line = component.line
        self._method = method

    def event(self) -> Event:
        """Return the event, of which nothing may be used where mistakes were noted."""
        self._check_once()
        version = self._version()
        start = self._start(cancelled=version.cancelled)
        differs = self.read_first("RECURRENCE-ID", self.moment)
        return Event(
            # What is added has no other version: it is an event of its own (RFC 5546, 3.2.4).
            uid=self.word("UID", as_written=True) if self._method != "ADD" else None,
            line=self._line,
            version=version,
            booked=not version.cancelled and self.word("TRANSP") != "TRANSPARENT",
            start=start,
            lasting=self._lasting(start),
            differs=differs,
            onwards=self._onwards(),
            rules=self._rules("RRULE", used=differs is None),
            excluded_rules=self._rules("EXRULE", used=differs is None),
            extras=self._extras(),
            excluded=tuple(self.read_lists("EXDATE", self.moment)),
        )

    def _check_once(self) -> None:
        for name in _ONCE:
            if len(found := self.each(name)) > 1:
                self.refuse(found[0], "stands twice")
        for name in _ONE_OF:
            found = self.each(name)
            if any(one.value != found[0].value for one in found[1:]):
                self.warn(found[0], "stands twice; the first is taken")

    def _start(self, *, cancelled: bool) -> Moment | None:
        start = self.read_first("DTSTART", self.moment)
        if not self.each("DTSTART") and not cancelled:
            self._notes.refuse(self._line, "event: has no DTSTART: when does it begin?")
        if start is not None and not EARLIEST <= (year := year_of(start.wall)) < LATEST:
            self.refuse(self.first("DTSTART"), f"the year {year} is none from {EARLIEST} to {LATEST}")
        return start

    def _lasting(self, start: Moment | None) -> Lasting:
        """Return how long the event lasts; without an end a day lasts a day, and a moment no time."""
        end, duration = (
            self.read_first("DTEND", self.moment),
            self.read_first("DURATION", lambda _, word: parse_duration(word)),
        )
        if start is None:
            return Lasting(0, 0)
        if end is not None:
            if duration is not None:
                self.warn(self.first("DURATION"), "is left out: there is a DTEND")
            return self._until(start, end)
        if duration is None:
            return ONE_DAY if start.dated else Lasting(0, 0)
        return self._duration(start, duration)

    def _until(self, start: Moment, end: Moment) -> Lasting:
        one = self.first("DTEND")
        days, short = divmod(end.wall - start.wall, DAY)
        if start.dated and end.dated:
            if days == 0:
                self.warn(one, "is the day of DTSTART, which is taken as a whole")
            return self._not_negative(one, Lasting(days or 1, 0))
        if start.dated or end.dated:
            self.warn(one, "is a day and DTSTART a time, or the other way round: days begin at midnight")
        exact = end.instant - start.instant
        if exact < 0 <= days and start.clock == end.clock:
            self.warn(one, "lies before DTSTART, which a clock change skips: taken as long as the clocks say")
            exact = (days * DAY + short) * SECOND
        return self._not_negative(one, Lasting(0, exact))

    def _duration(self, start: Moment, duration: Lasting) -> Lasting:
        one = self.first("DURATION")
        if start.dated and duration.millis:
            self.warn(one, "counts hours, and DTSTART is a day: it begins at midnight")
        if start.dated and duration == (0, 0):
            self.warn(one, "is nothing, and DTSTART a day, which is taken as a whole")
            return ONE_DAY
        return self._not_negative(one, duration)

    def _not_negative(self, one: Property, lasting: Lasting) -> Lasting:
        if lasting.days * DAY * SECOND + lasting.millis < 0:
            self.refuse(one, "lies before its begin")
        elif lasting.days * DAY * SECOND + lasting.millis > _LAST:
            self.refuse(one, "lies beyond all calendars")
        return lasting

    def _rules(self, name: str, *, used: bool) -> tuple[tuple[Rule, int], ...]:
        found = []
        for one in self.each(name):
            rule = parse_rule(one.value, partial(self.refuse, one), partial(self.warn, one))
            if not used:
                self.warn(one, "is left out: the event is one of a series")
            elif rule is not None:
                found.append((rule, one.line))
        return tuple(found)

    def _extras(self) -> tuple[Extra, ...]:
        return tuple(self.read_lists("RDATE", self._extra))

    def _extra(self, one: Property, word: str) -> Extra:
        begin, slash, rest = word.partition("/")
        moment = self.moment(one, begin)
        if not EARLIEST <= (year := year_of(moment.wall)) < LATEST:
            raise UnreadableError(f"the year {year} is none from {EARLIEST} to {LATEST}")
        if not slash:
            return Extra(moment, None)
        ends = None if "P" in rest.upper() else self.moment(one, rest)
        lasting = Lasting(0, ends.instant - moment.instant) if ends else parse_duration(rest)
        if lasting.days < 0 or not 0 <= lasting.millis <= _LAST:
            raise UnreadableError(f"{shown(word)!r} ends before its begin")
        return Extra(moment, lasting)

    def _onwards(self) -> bool:
        """Return whether what differs stands for all that follow too."""
        found = self.each("RECURRENCE-ID")
        word = found[0].parameters.get("RANGE", "").upper() if found else ""
        if word not in ("", "THISANDFUTURE"):
            self.refuse(found[0], f"RANGE={shown(word)} is not understood; THISANDFUTURE is")
        return word == "THISANDFUTURE"

    def _version(self) -> Version:
        cancelled = self._method == "CANCEL" or self.word("STATUS") == "CANCELLED"
        word = self.word("SEQUENCE") or "0"
        whole = word.isascii() and word.isdecimal() and len(word) < 19
        if not whole:
            self.warn(self.first("SEQUENCE"), "is no number, and left out")
        return Version(int(word) if whole else 0, self.stamp("DTSTAMP"), self.stamp("LAST-MODIFIED"), cancelled)

"""From events to the times that they book: versions of one event, what was cancelled, series and what differs in them.

Events of one UID are one event (RFC 5546, 2.1.5): its newest version holds, and so does that of each occurrence that
differs. Where neither of two versions is the newer both book their times: a room that is offered while it is booked is
worse than one that is not offered.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from spaces.ics.clocks import UTC_CLOCK
from spaces.ics.events import Event
from spaces.ics.layout import TooManyError, lay_out
from spaces.ics.notes import Notes
from spaces.ics.rules import MOST_A_DAY, Rule
from spaces.ics.values import DAY, Lasting, Moment, Wall
from spaces.times import SECOND, Millis

LEFT_OUT = "event: differs from an occurrence that its series no longer has, and is left out"
ALONE = "event: differs from an occurrence of a series that the file does not have, and stands for itself"


class Placed(NamedTuple):
    """A time that is booked, [start, end) in UTC ms, and the line of its event."""

    start: Millis
    end: Millis
    line: int


class Occurrence(NamedTuple):
    """One time of a series: what the clocks of its zone show, and how long it lasts."""

    wall: Wall
    lasting: Lasting


def place(events: Iterable[Event], last: int, most: int, notes: Notes) -> Iterator[Placed]:
    """Yield what all versions of one event book. Series are laid out up to the day `last` (days since 1970).

    Raises:
        TooManyError: a series has more than `most` occurrences; the mistake is noted.
    """
    of_all: list[Event] = []
    of_one: dict[tuple[Millis, bool], list[Event]] = {}
    for event in events:
        if event.differs is None:
            of_all.append(event)
        else:
            of_one.setdefault((event.differs.instant, event.onwards), []).append(event)
    masters = _newest(of_all, notes)
    differing = [event for found in of_one.values() for event in _newest(found, notes)]
    if masters and masters[0].cancelled:
        differing = [event for event in differing if event.version.sequence > masters[0].version.sequence]
        masters = []
    met: set[Event] = set()
    for master in masters:
        series = _Series(master, last, most, notes)
        yield from series.with_differing(differing)
        met |= series.met
    yield from _alone([event for event in differing if event not in met], masters, last, notes)


def _newest(events: Sequence[Event], notes: Notes) -> list[Event]:
    """Return the newest version: several where none is the newer, and they are not of the same times."""
    newest = max((event.version for event in events), default=None)
    found: dict[object, Event] = {}
    for event in events:
        if event.version == newest:
            found.setdefault(event.times, event)
    if len(found) > 1:
        line = list(found.values())[1].line
        notes.warn(line, "event: has the UID of another one, and neither is the newer: both are taken")
    return list(found.values())


def _alone(events: Sequence[Event], masters: Sequence[Event], last: int, notes: Notes) -> Iterator[Placed]:
    """Yield the times of events that differ from no occurrence that was laid out."""
    newest = max((master.version.sequence for master in masters), default=-1)
    for event in events:
        if event.cancelled or event.start is None or event.differs is None:
            continue
        laid_out = event.differs.instant < last * DAY * SECOND
        if laid_out and event.version.sequence < newest:
            notes.warn(event.line, LEFT_OUT)
            continue
        if laid_out or not masters:
            notes.warn(event.line, ALONE)
        yield from _placed(event, event.start, Occurrence(event.start.wall, event.lasting))


def _placed(event: Event, by: Moment, occurrence: Occurrence) -> Iterator[Placed]:
    """Yield a booked time by the clock of a moment; what lasts no time books nothing."""
    start, end = by.clock.instant(occurrence.wall), occurrence.lasting.end(occurrence.wall, by.clock)
    if event.booked and start < end:
        yield Placed(start, end, event.line)


class _Series:
    """A series (or an event that happens once) laid out: its occurrences by their begins in UTC ms."""

    def __init__(self, master: Event, last: int, most: int, notes: Notes) -> None:
        assert master.start is not None
        self._master = master
        self._start: Moment = master.start
        self._last = last
        self._most = most
        self._notes = notes
        self._occurrences = self._with_extras(self._walls())
        self.met: set[Event] = set()
        for moment in master.excluded:
            for begin in self._same(moment):
                del self._occurrences[begin]

    def with_differing(self, events: Sequence[Event]) -> Iterator[Placed]:
        """Yield the booked times, with events that differ in the place of others; these are noted as `met`."""
        onwards = sorted((self._place_of(event), event.line, event) for event in events if event.onwards)
        self.met.update(event for since, _, event in onwards if since in self._occurrences)
        for event in events:
            if not event.onwards:
                yield from self._replaced(event)
        begins = [since for since, _, _ in onwards]
        for begin, occurrence in self._occurrences.items():
            later = bisect_right(begins, begin)
            if later:
                since, _, event = onwards[later - 1]
                yield from _shifted(event, since, begin)
            elif self._master.booked:
                yield from self._unshifted(begin, occurrence)

    def _unshifted(self, begin: Millis, occurrence: Occurrence) -> Iterator[Placed]:
        wall, lasting = occurrence
        end = lasting.end(wall, self._start.clock) if lasting.days else begin + lasting.millis
        if begin < end:
            yield Placed(begin, end, self._master.line)

    def _replaced(self, event: Event) -> Iterator[Placed]:
        """Take out the occurrence that an event stands for; yield what it books in its place."""
        assert event.differs is not None
        found = self._same(event.differs)
        for begin in found:
            del self._occurrences[begin]
        if found:
            self.met.add(event)
            if event.start is not None:
                yield from _placed(event, event.start, Occurrence(event.start.wall, event.lasting))

    def _place_of(self, event: Event) -> Millis:
        """Return the begin of the occurrence that an event stands for; where there is none, what it says."""
        assert event.differs is not None
        return min(self._same(event.differs), default=event.differs.instant)

    def _same(self, moment: Moment) -> list[Millis]:
        """Return the begins of the occurrences that a moment names: of a day where only one of both is a date."""
        if moment.dated == self._start.dated:
            return [moment.instant] if moment.instant in self._occurrences else []
        day = moment.wall if moment.dated else moment.day_by(self._start.clock)
        found = [begin for begin in self._by_day.get(day, ()) if begin in self._occurrences]
        if found:
            what = "a day, and DTSTART a time" if moment.dated else "a time, and DTSTART a day"
            self._notes.warn(self._master.line, f"event: EXDATE or RECURRENCE-ID is {what}: taken for all of that day")
        return found

    @cached_property
    def _by_day(self) -> dict[Wall, list[Millis]]:
        found: dict[Wall, list[Millis]] = {}
        for begin, occurrence in self._occurrences.items():
            found.setdefault(occurrence.wall // DAY * DAY, []).append(begin)
        return found

    def _walls(self) -> set[Wall]:
        """Return what the clocks show when an occurrence begins, without those that are added one by one."""
        rules = self._master.rules
        walls = {wall for rule, line in rules for wall in self._due(rule, line)} if rules else {self._start.wall}
        if not walls:
            self._notes.warn(self._master.line, "event: UNTIL lies before DTSTART: the series books nothing")
        for rule, line in self._master.excluded_rules:
            walls.difference_update(self._named(rule, line, self._until(rule, line)))
        return walls

    def _with_extras(self, walls: Iterable[Wall]) -> dict[Millis, Occurrence]:
        clock, lasting = self._start.clock, self._master.lasting
        found = {clock.instant(wall): Occurrence(wall, lasting) for wall in walls}
        for moment, own in self._master.extras:
            wall = self._wall_of_extra(moment)
            found[clock.instant(wall)] = Occurrence(wall, own or lasting)
        return found

    def _wall_of_extra(self, moment: Moment) -> Wall:
        if moment.dated and not self._start.dated:
            self._notes.warn(self._master.line, "event: RDATE is a day, and taken at the time of DTSTART")
            return moment.wall + self._start.wall % DAY
        return self._start.clock.wall(moment.instant)

    def _due(self, rule: Rule, line: int) -> list[Wall]:
        """Return what the clocks show at the occurrences of a rule: DTSTART is the first, whatever the rule says."""
        start = self._start.wall
        until = self._until(rule, line)
        if until is not None and until < self._start.instant:
            return []
        walls = self._named(rule, line, until)
        if walls[:1] == [start]:
            return walls
        self._notes.warn(line, "RRULE: does not name DTSTART, which is taken as the first occurrence")
        return [start, *walls][: rule.count]

    def _named(self, rule: Rule, line: int, until: Millis | None) -> list[Wall]:
        """Return what the clocks show when a rule is due, from DTSTART on.

        Raises:
            TooManyError: it is due too often.
        """
        clock = self._start.clock
        last = self._last if until is None else min(self._last, clock.wall(until) // DAY)
        try:
            walls = lay_out(rule, self._start.wall, last, self._most + 4 * MOST_A_DAY).tolist()
        except TooManyError:
            self._notes.refuse(line, too_many(self._most))
            raise
        return [wall for wall in walls if until is None or clock.instant(wall) <= until]

    def _until(self, rule: Rule, line: int) -> Millis | None:
        """Return the last moment at which an occurrence may begin, None where a series does not end."""
        if rule.until is None:
            return None
        (wall, form), clock = rule.until, self._start.clock
        if form == "date" and not self._start.dated:
            self._notes.warn(line, "RRULE: UNTIL is a day and DTSTART a time: that day is taken with it")
            return clock.instant(wall + DAY) - 1
        if form == "utc" and self._start.dated:
            wall = Moment(wall, UTC_CLOCK, dated=False).day_by(clock)
        return wall * SECOND if form == "utc" and not self._start.dated else clock.instant(wall)


def _shifted(event: Event, since: Millis, begin: Millis) -> Iterator[Placed]:
    """Yield an occurrence as an event has it that stands for the one at `since` and all that follow."""
    if event.start is not None:
        clock = event.start.clock
        moved = event.start.wall - clock.wall(since)
        yield from _placed(event, event.start, Occurrence(clock.wall(begin) + moved, event.lasting))


def too_many(most: int) -> str:
    """Return what is said of a file that books more than `most` times."""
    return f"RRULE: more than {most:,} times are booked in this file; export fewer years"

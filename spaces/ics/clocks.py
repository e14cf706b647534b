"""Time zones of one file: those that it defines (VTIMEZONE), and those that everybody knows by name.

A definition holds for the calendar that it stands in and nowhere else: two files may call two zones by one name, as
Outlook does with "Customized Time Zone". A name of IANA's is IANA's zone, whose rules are kept up to date; definitions
go before the names of Windows.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from spaces.ics.layout import TooManyError, lay_out
from spaces.ics.notes import Notes
from spaces.ics.rules import Rule, parse_rule
from spaces.ics.stream import Component, Property
from spaces.ics.values import DAY, Clock, UnknownZoneError, UnreadableError, Wall, parse_time
from spaces.mistakes import near, shown
from spaces.times import SECOND, Millis, to_datetime

EARLIEST = 1970
LATEST = 2200
"""Years in which an event may begin: beyond are slips."""
MOST_RULES = 1_000
"""Rules of all zones that a file defines: each is followed through all those years."""
MOST_CHANGES = 2_000
"""Changes of a zone's clocks in all those years: more are no zone's."""
_FIRST_DAY, _LAST_DAY = -365, (LATEST - EARLIEST) * 366
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # of a clock on the wall
_MILLI = timedelta(milliseconds=1)


@cache
def zone_names() -> frozenset[str]:
    """Return the names of IANA's zones; to ask for them goes through a folder."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class NamedClock:
    """A zone of IANA's."""

    zone: ZoneInfo

    def instant(self, wall: Wall) -> Millis:
        """Return when the clocks show this."""
        offset = self.zone.utcoffset(_EPOCH + timedelta(seconds=wall))
        assert offset is not None
        return wall * SECOND - offset // _MILLI

    def wall(self, instant: Millis) -> Wall:
        """Return what the clocks show then."""
        return (to_datetime(instant).astimezone(self.zone).replace(tzinfo=None) - _EPOCH) // timedelta(seconds=1)


UTC_CLOCK = NamedClock(ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class _Part:
    """Standard or summer time: offsets in seconds before and from its onsets on."""

    start: Wall
    before: int
    after: int
    rules: tuple[Rule, ...]
    extra: tuple[Wall, ...]

    def onsets(self) -> set[Wall]:
        walls = {self.start, *self.extra}
        for rule in self.rules:
            last = _LAST_DAY if rule.until is None else min(_LAST_DAY, rule.until.wall // DAY + 1)
            found = lay_out(rule, self.start, last, MOST_CHANGES, since=_FIRST_DAY).tolist()
            walls.update(wall for wall in found if rule.until is None or self._until(rule, wall))
        return walls

    def _until(self, rule: Rule, wall: Wall) -> bool:
        assert rule.until is not None
        if rule.until.form == "date":
            return wall < rule.until.wall + DAY
        return wall - (self.before if rule.until.form == "utc" else 0) <= rule.until.wall


class DefinedClock:
    """A zone that a file defines. Its changes are laid out when it is first asked for."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts

    def instant(self, wall: Wall) -> Millis:
        """Return when the clocks show this."""
        walls, _, offsets = self.changes
        return (wall - offsets[bisect_right(walls, wall)]) * SECOND

    def wall(self, instant: Millis) -> Wall:
        """Return what the clocks show then."""
        _, instants, offsets = self.changes
        return instant // SECOND + offsets[bisect_right(instants, instant // SECOND)]

    @cached_property
    def changes(self) -> tuple[list[Wall], list[int], list[int]]:
        """What clocks show, and when, once an offset holds without doubt; offsets, the one before them first.

        In a gap, and the first time that an hour is shown twice, the offset before still holds (RFC 5545, 3.3.5).
        """
        onsets = sorted((wall - part.before, part.before, part.after) for part in self._parts for wall in part.onsets())
        offsets = [onsets[0][1], *(after for _, _, after in onsets)]
        walls = [when + max(offsets[index : index + 2]) for index, (when, _, _) in enumerate(onsets)]
        return walls, [when for when, _, _ in onsets], offsets


class Definitions:
    """The zones that one file defines: each is laid out once, however many of its calendars repeat it."""

    def __init__(self) -> None:
        self._clocks: dict[Sequence[_Part], DefinedClock] = {}
        self._rules = 0

    def clock(self, zone: Component) -> DefinedClock:
        """Return the zone that a component defines.

        Raises:
            UnreadableError: it cannot be read, or there are too many.
            TooManyError: its clocks change too often.
        """
        parts = tuple(_part(part) for part in zone.parts if part.name in ("STANDARD", "DAYLIGHT"))
        if not parts:
            raise UnreadableError("it has neither STANDARD nor DAYLIGHT")
        if parts not in self._clocks:
            self._rules += sum(len(part.rules) for part in parts)
            if self._rules > MOST_RULES:
                raise UnreadableError(f"there are more than {MOST_RULES:,} rules of time zones")
            self._clocks[parts] = DefinedClock(parts)
        return self._clocks[parts]


class Clocks:
    """The zones that one calendar may name."""

    def __init__(self, calendar: Component, site: ZoneInfo, definitions: Definitions, notes: Notes) -> None:
        """Read the calendar's definitions; those that cannot be read are noted."""
        self.site: Clock = NamedClock(site)
        self._notes = notes
        self._defined: dict[str, DefinedClock] = {}
        self._known: dict[str, Clock | None] = {}
        for zone in calendar.parts:
            if zone.name == "VTIMEZONE":
                self._define(zone, definitions)

    def named(self, name: str, wall: Wall, line: int) -> Clock:
        """Return the zone of a name; `wall` and `line` are of a time that names it.

        Raises:
            UnknownZoneError: there is none.
        """
        if name not in self._known:
            self._known[name] = self._find(name, line)
        clock = self._known[name]
        if clock is None:
            hint = near(name, sorted(zone_names()))
            raise UnknownZoneError(f"{shown(name)!r} is no time zone, and the file defines none of this name{hint}")
        if name in self._defined and clock.instant(wall) != self._defined[name].instant(wall):
            self._notes.warn(line, f"the file defines {shown(name)} otherwise than IANA, whose rules are taken")
        return clock

    def _find(self, name: str, line: int) -> Clock | None:
        if name in zone_names():
            return NamedClock(ZoneInfo(name))
        if name in self._defined:
            return self._defined[name]
        if name in WINDOWS_TO_OLSON:
            return NamedClock(ZoneInfo(WINDOWS_TO_OLSON[name]))
        parts = name.strip("/").split("/") if name.startswith("/") else []
        for known in ("/".join(parts[index:]) for index in range(len(parts))):
            if known in zone_names():
                self._notes.warn(line, f"the time zone {shown(name)} is taken for {known}")
                return NamedClock(ZoneInfo(known))
        return None

    def _define(self, zone: Component, definitions: Definitions) -> None:
        try:
            name = _only(zone, "TZID").value
            clock = definitions.clock(zone)
            clock.instant(0)
        except (UnreadableError, TooManyError, OverflowError) as error:
            why = str(error) or f"its clocks change more than {MOST_CHANGES:,} times"
            self._notes.refuse(zone.line, f"VTIMEZONE: the time zone cannot be read: {why}")
            return
        if name in self._defined and self._defined[name].changes != clock.changes:
            self._notes.refuse(zone.line, f"VTIMEZONE: {shown(name)} is defined twice, and not the same")
        self._defined[name] = clock


def _part(component: Component) -> _Part:
    start = parse_time(_only(component, "DTSTART").value).wall
    before, after = (_offset(_only(component, name)) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    rules = tuple(_rule(one) for one in component.each("RRULE"))
    words = (word.partition("/")[0] for one in component.each("RDATE") for word in one.value.split(","))
    return _Part(start, before, after, rules, tuple(parse_time(word).wall for word in words))


def _only(component: Component, name: str) -> Property:
    found = component.each(name)
    if len(found) != 1:
        raise UnreadableError(f"{component.name} of line {component.line} has {len(found) or 'no'} {name}")
    return found[0]


def _rule(one: Property) -> Rule:
    wrong: list[str] = []
    rule = parse_rule(one.value, wrong.append, lambda _: None)
    if rule is None:
        raise UnreadableError(f"RRULE of line {one.line}: {wrong[0]}")
    return rule


def _offset(one: Property) -> int:
    """Return an offset from UTC in seconds."""
    sign, digits = one.value[:1], one.value[1:]
    if sign not in ("+", "-") or not (digits.isascii() and digits.isdecimal()) or len(digits) not in (4, 6):
        raise UnreadableError(f"{one.name} of line {one.line} is no offset such as +0100: {shown(one.value)!r}")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise UnreadableError(f"{one.name} of line {one.line} is no offset: {shown(one.value)!r}")
    return (hours * 3600 + minutes * 60 + seconds) * (1 if sign == "+" else -1)

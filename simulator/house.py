"""A site as people see it: which spaces serve what, and when each is open on one day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from spaces.calendar import hours_of, open_intervals, rules_for
from spaces.site import CalendarRule, Site, Space
from spaces.times import DAY, SECOND, Millis, to_millis

Seconds = int
"""Seconds of a simulated day, on a line that shows 12:00 at local noon and has no clock change."""
Spans = tuple[tuple[Seconds, Seconds], ...]

MIN: Seconds = 60
HR: Seconds = 3600
FLEXIBLE_MEMBERS_A_DESK = 1.5
"""Of a site file that names no members."""


@dataclass(frozen=True)
class House:
    """The spaces of a site by use, as indexes into `site.spaces`."""

    site: Site

    @cached_property
    def fixed(self) -> tuple[int, ...]:
        """Desks with one owner each."""
        return self._where(lambda space: space.kind == "desk" and space.assignment == "fixed")

    @cached_property
    def flexible(self) -> tuple[int, ...]:
        """Desks for whoever comes."""
        return self._where(lambda space: space.kind == "desk" and space.assignment != "fixed")

    @cached_property
    def rooms(self) -> tuple[int, ...]:
        """Rooms to meet in."""
        return self._where(lambda space: space.kind == "room")

    @cached_property
    def workshops(self) -> tuple[int, ...]:
        """Places of work that are no desks."""
        return self._where(lambda space: space.kind == "workshop")

    @cached_property
    def lounges(self) -> tuple[int, ...]:
        """Open areas for a break, cafes among them."""
        return self._where(lambda space: space.kind not in {"desk", "room", "workshop"})

    @cached_property
    def cafes(self) -> tuple[int, ...]:
        """Cafes, the largest first."""
        seats = {index: self.site.spaces[index].capacity[-1][1] for index in self.lounges}
        cafes = [index for index in self.lounges if self.site.spaces[index].kind == "cafe"]
        return tuple(sorted(cafes, key=lambda index: (-seats[index], index)))

    def members_on(self, day: date) -> tuple[int, int]:
        """Return how many fixed and flexible members the house has on a day."""
        noon = self.site.midnight(day) + DAY // 2
        known = sorted(self.site.members, key=lambda entry: entry.since)
        held = [entry for entry in known if entry.since <= noon] or known[:1]
        if not held:
            return len(self.fixed), round(FLEXIBLE_MEMBERS_A_DESK * len(self.flexible))
        return held[-1].fixed, held[-1].flexible

    def _where(self, wanted: Callable[[Space], bool]) -> tuple[int, ...]:
        return tuple(index for index, space in enumerate(self.site.spaces) if wanted(space))


class OpenDay:
    """When a house and its spaces are open on the hours that begin on one local day."""

    def __init__(self, house: House, day: date) -> None:
        self.house = house
        self.day = day
        self.anchor: Millis = _noon(house.site, day) - DAY // 2
        self._by_rules: dict[tuple[int, ...], Spans] = {}
        self.hours = self._hours(None)
        self._spans = tuple(self._hours(space) for space in house.site.spaces)

    def spans(self, space: int) -> Spans:
        """Return when a space is open, ascending and disjoint."""
        return self._spans[space]

    def seats(self, space: int) -> int:
        """Return the seats of a space at noon."""
        return self.house.site.spaces[space].capacity_at(self.anchor + DAY // 2)

    def is_open(self, space: int, start: Seconds, end: Seconds) -> bool:
        """Whether a space is open all through a time."""
        return any(a <= start and end <= b for a, b in self._spans[space])

    def _hours(self, space: Space | None) -> Spans:
        rules = rules_for(self.house.site, space)
        key = tuple(id(rule) for rule in rules)
        if key not in self._by_rules:
            self._by_rules[key] = self._of_rules(space, rules)
        return self._by_rules[key]

    def _of_rules(self, space: Space | None, rules: Sequence[CalendarRule]) -> Spans:
        hours = hours_of(rules, self.day)
        if not hours:
            return ()
        site = self.house.site
        start, end = (_local(site, self.day, minutes) for minutes in (hours[0][0], hours[-1][1]))
        spans = open_intervals(site, space, start, end).tolist()
        return tuple(((a - self.anchor) // SECOND, (b - self.anchor) // SECOND) for a, b in spans)


def _noon(site: Site, day: date) -> Millis:
    return to_millis(datetime.combine(day, time(12), site.tz))


def _local(site: Site, day: date, minutes: int) -> Millis:
    local = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return to_millis(local.replace(tzinfo=site.tz))

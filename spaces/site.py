"""A site and what stands in it. Plain values; reading them from files is `spaces.sitefile`."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from spaces.addresses import Address
from spaces.bookings import Bookings
from spaces.mistakes import Mistake
from spaces.models import Models
from spaces.models.shelf import our_models
from spaces.times import BEGINNING, FOREVER, HOUR, Millis, to_millis

Assignment = Literal["fixed", "flexible"]
Origin = Literal["written", "model", "learning", "learnt"]
"""Who says how long a sensor's word holds: its site file, its model, or how often it has spoken."""
SILENCE: Millis = 2 * HOUR
"""Default silence limit: a sensor that said nothing for this long is unknown (docs/design.md, section 3)."""
SINCE: Millis = 946_684_800_000
"""Default `since` of a site: 2000-01-01T00:00:00Z. Earlier readings are refused."""
SPACE_KINDS = ("desk", "room", "cafe", "workshop", "lounge")
"""Figures know `desk`, the page `desk` and `room`; every other kind is an open area and may be named freely."""


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey; `level` orders them, 0 is the ground floor. Width and depth of its plan in metres."""

    id: str
    name: str
    level: int
    width: float | None = None
    height: float | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A named area of a floor."""

    id: str
    name: str
    floor: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a space stands on its floor's plan: metres from the north-west corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Space:
    """The smallest thing that is measured. `capacity` holds (from when, seats), ascending, never empty."""

    id: str
    name: str
    kind: str
    zone: str
    capacity: tuple[tuple[Millis, int], ...]
    assignment: Assignment | None = None
    area: float | None = None
    place: Place | None = None
    bookings: Address | None = field(default=None, compare=False, repr=False)
    """Where the calendar of a room is fetched from. Like bookings, it shapes no state."""

    def capacity_at(self, moment: Millis) -> int:
        """Return the seats in force at a moment; the first known number holds before its date."""
        index = bisect_right(self.capacity, moment, key=lambda step: step[0]) - 1
        return self.capacity[max(index, 0)][1]


@dataclass(frozen=True, slots=True)
class Sensor:
    """A device that reports on one space over [since, until). One id may have several such entries.

    `format` is its model, "" where its source tells. `address` is what its source calls it, `source` which one that
    is, where that has to be said. Its word holds for its silence limit, whose `origin` says by whom that is set;
    "occupied" for `occupied_at_most`, where that is shorter, and where it is not, 0. A `pulse` is how long "occupied"
    means that somebody is there, of sensors that never say "vacant"; 0 of all others.
    """

    id: str
    space: str
    format: str = "native"
    silence: Millis = SILENCE
    vacancy_delay: Millis = 0
    since: Millis = BEGINNING
    until: Millis = FOREVER
    address: str | None = None
    source: str | None = None
    origin: Origin = field(default="model", compare=False)
    occupied_at_most: Millis = 0
    pulse: Millis = 0


@dataclass(frozen=True, slots=True)
class Members:
    """How many people hold fixed and flexible memberships from a moment on."""

    since: Millis
    fixed: int
    flexible: int


Hours = tuple[tuple[int, int], ...]
"""Opening hours of one day as (from, to) in minutes after local midnight; `to` may pass 1440."""


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """Opening hours of the site, or of a zone or space where they differ.

    `weekly` maps a weekday (0 = Monday) to hours; `holidays` is a region of the `holidays` library such as
    "DE-BE" ("" = none, None = as the wider scope says); `exceptions` replaces the hours of a date; `hire`
    takes hours out of a date: the house is let, what is used then is not the members' use.
    """

    zone: str | None = None
    space: str | None = None
    weekly: Mapping[int, Hours] = field(default_factory=dict)
    holidays: str | None = None
    exceptions: Mapping[date, Hours] = field(default_factory=dict)
    hire: Mapping[date, Hours] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """A building with one IANA time zone, and all that stands in it."""

    id: str
    name: str
    timezone: str
    floors: tuple[Floor, ...]
    zones: tuple[Zone, ...]
    spaces: tuple[Space, ...]
    sensors: tuple[Sensor, ...]
    members: tuple[Members, ...] = ()
    calendars: tuple[CalendarRule, ...] = ()
    since: Millis = SINCE
    simulated: bool = False
    models: Models = field(default_factory=our_models, compare=False, repr=False)
    """Models that `format` may name: the house's own, and ours."""
    warnings: tuple[Mistake, ...] = field(default=(), compare=False, repr=False)
    """What was taken as it is, and should be looked at."""
    bookings: Bookings = field(default_factory=Bookings, compare=False, repr=False)
    """What rooms are booked for. It shapes no state, so sites that differ in it alone are equal."""

    @cached_property
    def tz(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def space_by_id(self) -> Mapping[str, Space]:
        """Spaces by their id."""
        return {space.id: space for space in self.spaces}

    @cached_property
    def zone_by_id(self) -> Mapping[str, Zone]:
        """Zones by their id."""
        return {zone.id: zone for zone in self.zones}

    @cached_property
    def floor_by_id(self) -> Mapping[str, Floor]:
        """Floors by their id."""
        return {floor.id: floor for floor in self.floors}

    @cached_property
    def sensors_by_id(self) -> Mapping[str, tuple[Sensor, ...]]:
        """Entries of each sensor id, ascending in `since`."""
        entries: dict[str, list[Sensor]] = {}
        for sensor in sorted(self.sensors, key=lambda entry: entry.since):
            entries.setdefault(sensor.id, []).append(sensor)
        return {sensor_id: tuple(group) for sensor_id, group in entries.items()}

    @cached_property
    def longest_silence(self) -> Millis:
        """The longest silence limit of any sensor: how far before a window readings still matter."""
        return max((sensor.silence for sensor in self.sensors), default=SILENCE)

    @cached_property
    def longest_delay(self) -> Millis:
        """The longest vacancy delay of any sensor: how far after a window readings still matter."""
        return max((sensor.vacancy_delay for sensor in self.sensors), default=0)

    def floor_of(self, space: Space) -> Floor:
        """Return the floor a space stands on."""
        return self.floor_by_id[self.zone_by_id[space.zone].floor]

    def midnight(self, day: date) -> Millis:
        """Return the moment at which a local day begins."""
        return to_millis(datetime(day.year, day.month, day.day, tzinfo=self.tz))

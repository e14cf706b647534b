"""A house that is not there yet: who would come, when, and for how long. Reading it is `spaces.scenariofile`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import floor
from typing import Literal

Minutes = int
"""After local midnight."""
StayShape = Literal["gamma", "lognormal", "exponential", "fixed"]
SHAPES: tuple[StayShape, ...] = ("gamma", "lognormal", "exponential", "fixed")
WEEKS_A_MONTH = 365.25 / 7 / 12


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A part of the day in which `weight` of those who come do so, evenly."""

    start: Minutes
    end: Minutes
    weight: float


@dataclass(frozen=True, slots=True)
class StayKind:
    """How long a share of those who come stay: mean and standard deviation in minutes. Closing cuts stays short."""

    share: float
    shape: StayShape
    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class Event:
    """What happens on a weekday in a share of its weeks: guests who need desks over [start, end), or another turnout.

    `attendance` is that of the members on such a day, None where it is as on others.
    """

    name: str
    weekday: int
    start: Minutes
    end: Minutes
    guests: int
    weeks: float
    attendance: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A number made of another: times `factor` plus `step`, or `absolute` whatever that was."""

    factor: float = 1.0
    step: int = 0
    absolute: int | None = None

    def of(self, number: int) -> int:
        """Return the changed number, rounded half up.

        >>> Change(factor=1.2).of(154), Change(step=-10).of(100), Change(absolute=80).of(100)
        (185, 90, 80)
        """
        return self.absolute if self.absolute is not None else floor(number * self.factor + 0.5) + self.step


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario that differs in some numbers from the one it stands beside; `rho` is None where it is the same."""

    name: str
    members: Change = Change()
    desks: Change = Change()
    attendance: float = 1.0
    """A factor."""
    rho: float | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What desks take: square metres, and money a month. None where nothing is said of it."""

    area_a_desk: float | None = None
    area_shared: float = 0.0
    a_desk: float | None = None
    a_square_metre: float | None = None
    currency: str = "EUR"

    def area(self, desks: int) -> float | None:
        """Return the square metres that so many desks take."""
        return None if self.area_a_desk is None else self.area_shared + self.area_a_desk * desks

    def month(self, desks: int) -> float | None:
        """Return what so many desks cost a month."""
        area = self.area(desks)
        rent = None if area is None or self.a_square_metre is None else area * self.a_square_metre
        if rent is None and self.a_desk is None:
            return None
        return (rent or 0.0) + (self.a_desk or 0.0) * desks


@dataclass(frozen=True, slots=True)
class DayKind:
    """A kind of day: a weekday with some of its events, and the share of that weekday's days that are so.

    `attendance` is the mean share of members who come, `rho` the correlation of any two of them over days.
    """

    weekday: int
    weight: float
    opening: Minutes
    closing: Minutes
    attendance: float
    rho: float
    events: tuple[Event, ...]

    def guests_at(self, minute: float) -> int:
        """Return the guests of events who are there at a minute."""
        return sum(event.guests for event in self.events if event.start <= minute < event.end)

    @property
    def guests_at_most(self) -> int:
        """The guests of all events together."""
        return sum(event.guests for event in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Members who share desks, and how they would use them. Weekdays count from 0 = Monday.

    `desks` are those to be shared (None: only asked how many are needed); `fixed` members have a desk of their own
    besides. `target` is the chance that is put up with at the busiest moment. `margin` is how far true attendance may
    be off, in nine of ten cases, as a share of members. `growth` is of members, a year, over `years`.
    """

    name: str
    members: int
    desks: int | None
    hours: Mapping[int, tuple[Minutes, Minutes]]
    attendance: tuple[float, ...]
    rho: tuple[float, ...]
    arrivals: tuple[Arrivals, ...]
    stays: tuple[StayKind, ...]
    events: tuple[Event, ...] = ()
    fixed: int = 0
    target: float = 0.01
    margin: float = 0.0
    growth: float = 0.0
    years: int = 0
    cost: Cost = field(default_factory=Cost)
    variants: tuple[Variant, ...] = ()

    def day_kinds(self) -> list[DayKind]:
        """Return the kinds of open days, by weekday; the weights of a weekday's kinds sum to 1."""
        return [kind for weekday in sorted(self.hours) for kind in self._kinds_of(weekday)]

    def _kinds_of(self, weekday: int) -> list[DayKind]:
        events = [event for event in self.events if event.weekday == weekday]
        kinds = []
        for chosen in product((True, False), repeat=len(events)):
            weight = 1.0
            for event, held in zip(events, chosen, strict=True):
                weight *= event.weeks if held else 1 - event.weeks
            present = tuple(event for event, held in zip(events, chosen, strict=True) if held)
            if weight > 0:
                kinds.append(self._kind(weekday, weight, present))
        return kinds

    def _kind(self, weekday: int, weight: float, events: tuple[Event, ...]) -> DayKind:
        told = [event.attendance for event in events if event.attendance is not None]
        attendance = max(told) if told else self.attendance[weekday]
        return DayKind(weekday, weight, *self.hours[weekday], attendance, self.rho[weekday], events)

    def with_variant(self, variant: Variant) -> "Scenario":
        """Return the scenario that a variant makes of this one."""
        return replace(
            self,
            name=variant.name,
            members=variant.members.of(self.members),
            desks=None if self.desks is None and variant.desks.absolute is None else variant.desks.of(self.desks or 0),
            attendance=tuple(min(share * variant.attendance, 1.0) for share in self.attendance),
            events=tuple(_busier(event, variant.attendance) for event in self.events),
            rho=self.rho if variant.rho is None else (variant.rho,) * 7,
            variants=(),
        )

    def all(self) -> list["Scenario"]:
        """Return this scenario, what growth makes of it, and its variants."""
        found = [self, *(self.with_variant(variant) for variant in self.variants)]
        if self.growth and self.years:
            grown = Change(factor=(1 + self.growth) ** self.years)
            name = f"after {self.years} year{'s' if self.years > 1 else ''} of {self.growth:+.0%}"
            found.insert(1, self.with_variant(Variant(name, members=grown)))
        return found


def _busier(event: Event, factor: float) -> Event:
    return event if event.attendance is None else replace(event, attendance=min(event.attendance * factor, 1.0))

"""What a kind of day asks of desks at its busiest: the numbers that all models start from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are first asked for: only some commands do
from numpy.typing import NDArray

from analytics.queues.timevarying import busiest_hour, infinite_server_mean
from spaces.scenario import DayKind, Scenario, StayKind

Curve = NDArray[np.float64]
HOUR = 60
"""Steps of a minute."""


@dataclass(frozen=True)
class Load:
    """Demand of one kind of day, minute by minute, and at its busiest.

    ``arriving`` (people a minute) and ``mean`` (people there at its end if nobody is refused) are of members, over the
    n minutes from ``opening`` (minutes after midnight). At the busiest minute ``peak`` members are there on average,
    with ``variance`` from day to day, and so many ``guests`` besides. ``hour`` is the mean over the busiest hour,
    which begins at minute ``hour_from``. ``weight`` is how often there is such a day.
    """

    members: int
    opening: int
    arriving: Curve
    mean: Curve
    busiest: int
    peak: float
    variance: float
    guests: int
    hour_from: int
    hour: float
    weight: float = 1.0

    @property
    def share(self) -> float:
        """The chance that a member is there at the busiest minute."""
        return min(self.peak / self.members, 1.0)

    @property
    def peakedness(self) -> float:
        """Variance / mean of the members there at the busiest minute; 1 is a random public's."""
        return self.variance / self.peak if self.peak > 0 else 1.0

    @property
    def in_busiest_hour(self) -> Curve:
        """Those who arrive in the busiest hour, minute by minute."""
        inside = np.zeros_like(self.arriving)
        inside[self.hour_from : self.hour_from + HOUR] = self.arriving[self.hour_from : self.hour_from + HOUR]
        return inside


def load_of(scenario: Scenario, kind: DayKind) -> Load:
    """Return the load of one kind of a scenario's days.

    Who comes is decided by the day and the member, when and for how long by chance; of members who come with
    correlation rho, those present at a moment have rho s (1 - a) / (1 - a s), s being the share of comers who are
    there and a the attendance.
    """
    minutes = kind.closing - kind.opening
    coming = kind.attendance * scenario.members
    arriving = coming * arrival_shares(scenario, kind)
    mean = infinite_server_mean(arriving, staying(scenario.stays, minutes))
    guests = np.array([kind.guests_at(minute) for minute in range(kind.opening, kind.closing)], dtype=np.float64)
    busiest = int((mean + guests).argmax())
    first, hour = busiest_hour(mean + guests, HOUR)
    present = min(float(mean[busiest]) / scenario.members, 1.0)
    there = float(mean[busiest]) / coming if coming else 0.0
    rho = kind.rho * there * (1 - kind.attendance) / (1 - present) if present < 1 else 0.0
    return Load(
        members=scenario.members,
        opening=kind.opening,
        arriving=arriving,
        mean=mean,
        busiest=busiest,
        peak=float(mean[busiest]),
        variance=scenario.members * present * (1 - present) * (1 + (scenario.members - 1) * rho),
        guests=int(guests[busiest]),
        hour_from=first,
        hour=hour - float(guests[first : first + HOUR].mean()),
        weight=kind.weight,
    )


def busiest_loads(scenario: Scenario) -> tuple[int, list[Load]]:
    """Return the busiest weekday, by its mean demand at the busiest minute, and the loads of its kinds of day."""
    loads: dict[int, list[Load]] = {}
    for kind in scenario.day_kinds():
        loads.setdefault(kind.weekday, []).append(load_of(scenario, kind))
    weekday = max(loads, key=lambda day: sum(load.weight * (load.peak + load.guests) for load in loads[day]))
    return weekday, loads[weekday]


def arrival_shares(scenario: Scenario, kind: DayKind) -> Curve:
    """Return the share of comers who arrive in each minute of a day; all of them come while the house is open."""
    minutes = np.arange(kind.opening, kind.closing)
    density = np.zeros(len(minutes))
    for part in scenario.arrivals:
        density += np.where((minutes >= part.start) & (minutes < part.end), part.weight / (part.end - part.start), 0)
    total = density.sum()
    return density / total if total else density


def staying(stays: Sequence[StayKind], minutes: int) -> Curve:
    """Return the share of comers who would stay longer than 0, 1, ..., `minutes` minutes."""
    at = np.arange(minutes + 1, dtype=np.float64)
    total = sum(stay.share for stay in stays)
    return np.asarray(np.sum([stay.share / total * _longer(stay, at) for stay in stays], axis=0))


def _longer(stay: StayKind, at: Curve) -> Curve:
    if stay.shape == "gamma":
        shape, scale = (stay.mean / stay.spread) ** 2, stay.spread**2 / stay.mean
        return np.asarray(scipy.stats.gamma.sf(at, shape, scale=scale))
    if stay.shape == "lognormal":
        wide = np.log1p((stay.spread / stay.mean) ** 2)
        return np.asarray(scipy.stats.lognorm.sf(at, np.sqrt(wide), scale=stay.mean * np.exp(-wide / 2)))
    if stay.shape == "exponential":
        return np.exp(-at / stay.mean)
    return (at < stay.mean).astype(np.float64)

"""The people of a house that is not there yet: days drawn from a scenario, again and again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from spaces.scenario import Arrivals, DayKind, Scenario, StayKind
from spaces.times import MINUTE

Whole = NDArray[np.int64]
Figures = NDArray[np.float64]
WEEKS = 52
"""Of a simulated year."""
_NINE_OF_TEN = 1.6448536269514722
"""Standard deviations to either side that hold nine of ten of a normal distribution."""


@dataclass(frozen=True)
class DrawnDays:
    """d simulated days, and n people's stays on them.

    ``weekday`` and ``year`` are of the days; each year is a world of its own, whose attendance is off by what the
    scenario's margin allows. ``day``, ``start``, ``end`` (ms after that day's midnight) and ``guest`` are of the
    stays, in no order.
    """

    weekday: Whole
    year: Whole
    day: Whole
    start: Whole
    end: Whole
    guest: NDArray[np.bool_]


def draw_days(scenario: Scenario, years: int, rng: Generator) -> DrawnDays:
    """Draw so many years of 52 weeks: who comes, when, and for how long. Nobody is refused: that depends on desks.

    On each day the chance to come is drawn from a beta distribution with the weekday's attendance and rho, then each
    member comes by that chance; arrivals and stays are drawn for each by itself, and closing ends every stay.
    """
    weekdays = sorted(scenario.hours)
    weekday = np.tile(np.array(weekdays, dtype=np.int64), WEEKS * years)
    year = np.repeat(np.arange(years), WEEKS * len(weekdays))
    shift = rng.normal(0.0, scenario.margin / _NINE_OF_TEN, years) if scenario.margin else np.zeros(years)
    parts = [
        _kind_of_day(scenario, kind, days, shift[year[days]], rng)
        for kind, days in _dealt(scenario.day_kinds(), weekday, rng)
    ]
    day, start, end, guest = (np.concatenate(column) for column in zip(*parts, strict=True))
    return DrawnDays(weekday, year, day, start, end, guest)


def _dealt(kinds: Sequence[DayKind], weekday: Whole, rng: Generator) -> Iterator[tuple[DayKind, Whole]]:
    """Yield each kind of day with the days that are of it."""
    chance = rng.random(len(weekday))
    reached = np.zeros(7)
    for kind in kinds:
        low = reached[kind.weekday]
        reached[kind.weekday] += kind.weight
        high = reached[kind.weekday] if reached[kind.weekday] < 1 - 1e-9 else 1.0
        yield kind, np.flatnonzero((weekday == kind.weekday) & (low <= chance) & (chance < high))


def _kind_of_day(
    scenario: Scenario, kind: DayKind, days: Whole, shift: Figures, rng: Generator
) -> tuple[Whole, Whole, Whole, NDArray[np.bool_]]:
    """Return the stays of days of one kind: day, start, end and guest."""
    coming = rng.binomial(scenario.members, _chances(kind, shift, rng))
    day = np.repeat(days, coming)
    start = _arrivals(scenario.arrivals, kind, len(day), rng)
    end = np.minimum(start + _stays(scenario.stays, len(day), rng), kind.closing * MINUTE)
    guests = [
        (days.repeat(event.guests), np.full(len(days) * event.guests, event.start * MINUTE), event.end * MINUTE)
        for event in kind.events
    ]
    of = np.concatenate([day, *(one for one, _, _ in guests)])
    begin = np.concatenate([start, *(one for _, one, _ in guests)])
    until = np.concatenate([end, *(np.full(len(one), stop) for one, _, stop in guests)])
    return of, begin, until, np.arange(len(of)) >= len(day)


def _chances(kind: DayKind, shift: Figures, rng: Generator) -> Figures:
    mean = np.clip(kind.attendance + shift, 0.0, 1.0) if kind.attendance else np.zeros_like(shift)
    if not kind.rho:
        return mean
    both = 1 / kind.rho - 1
    moody = (mean > 0) & (mean < 1)
    mean[moody] = rng.beta(mean[moody] * both, (1 - mean[moody]) * both)
    return mean


def _arrivals(parts: Sequence[Arrivals], kind: DayKind, count: int, rng: Generator) -> Whole:
    """Draw so many arrivals (ms after midnight) within the hours of a day."""
    inside = [
        (max(part.start, kind.opening), min(part.end, kind.closing), part.weight / (part.end - part.start))
        for part in parts
        if part.start < kind.closing and part.end > kind.opening
    ]
    low, high, density = (np.array(column, dtype=np.float64) for column in zip(*inside, strict=True))
    weight = density * (high - low)
    chosen = rng.choice(len(inside), size=count, p=weight / weight.sum())
    minute = low[chosen] + rng.random(count) * (high - low)[chosen]
    return (minute * MINUTE).astype(np.int64)


def _stays(kinds: Sequence[StayKind], count: int, rng: Generator) -> Whole:
    """Draw how long so many people stay, in ms, at least a minute."""
    share = np.array([kind.share for kind in kinds])
    chosen = rng.choice(len(kinds), size=count, p=share / share.sum())
    minutes = np.empty(count)
    for number, kind in enumerate(kinds):
        mine = chosen == number
        minutes[mine] = _lengths(kind, int(mine.sum()), rng)
    return np.maximum((minutes * MINUTE).astype(np.int64), MINUTE)


def _lengths(kind: StayKind, count: int, rng: Generator) -> Figures:
    if kind.shape == "gamma":
        return rng.gamma((kind.mean / kind.spread) ** 2, kind.spread**2 / kind.mean, count)
    if kind.shape == "lognormal":
        wide = np.log1p((kind.spread / kind.mean) ** 2)
        return rng.lognormal(np.log(kind.mean) - wide / 2, np.sqrt(wide), count)
    if kind.shape == "exponential":
        return rng.exponential(kind.mean, count)
    return np.full(count, kind.mean)

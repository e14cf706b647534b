"""The open areas' own life: the founders' breakfast, bar evenings, people from the street, courses in the workshop."""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulator.house import HR, MIN, OpenDay, Seconds
from simulator.stays import WALK, Stay, Visit

THURSDAY = 3
BREAKFAST: tuple[Seconds, Seconds] = (9 * HR, 10 * HR + 50 * MIN)
BREAKFAST_SEATS = 40
"""A cafe smaller than this has no founders' breakfast."""
EVENING: Seconds = HR
"""An area that is open this much longer than the house has an evening event."""
STREET_AN_HOUR = 0.09
"""People from the street an hour and seat of a cafe."""


def breakfast(day: OpenDay, stays: list[Stay], guests: Iterator[int], rng: Generator) -> Iterator[Visit]:
    """Let members who come early begin in the cafe, fill up with founders from elsewhere: about 50 on 60 seats."""
    start, end = BREAKFAST
    if day.day.weekday() != THURSDAY or not day.house.cafes or not day.is_open(day.house.cafes[0], start, end):
        return
    cafe, seats = day.house.cafes[0], day.seats(day.house.cafes[0])
    if seats < BREAKFAST_SEATS:
        return
    size = int(np.clip(rng.normal(0.85 * seats, 0.05 * seats), 0.7 * seats, seats))
    early = [stay for stay in stays if stay.start < start + 30 * MIN and stay.end > end + HR][: size // 2]
    come = rng.uniform(start - 8 * MIN, start + 22 * MIN, size).astype(np.int64).tolist()
    leave = rng.uniform(end - 40 * MIN, end, size).astype(np.int64).tolist()
    for number in range(size):
        person = early[number].person if number < len(early) else next(guests)
        yield Visit(person, cafe, come[number], leave[number])
        if number < len(early):
            early[number].start = leave[number] + WALK


def evening(day: OpenDay, stays: list[Stay], guests: Iterator[int], rng: Generator) -> Iterator[Visit]:
    """Fill areas that stay open after the house: some members go there when they leave their desks, others join."""
    if not day.hours:
        return
    closing = day.hours[-1][1]
    going = [stay for stay in stays if stay.end > closing - HR and rng.random() < 0.4]
    for area in day.house.lounges:
        if day.spans(area) and day.spans(area)[-1][1] >= closing + EVENING:
            yield from _party(day, area, going, guests, rng)


def _party(day: OpenDay, area: int, going: list[Stay], guests: Iterator[int], rng: Generator) -> Iterator[Visit]:
    """Yield one area's evening, and take who goes there out of `going`: nobody is at two parties."""
    begin, last = day.hours[-1][1] - HR, day.spans(area)[-1][1]
    size = round(rng.uniform(0.75, 1.0) * day.seats(area))
    come = (begin + rng.gamma(2.0, 24 * MIN, size)).astype(int).tolist()
    lasting = rng.uniform(1.5 * HR, 3.5 * HR, size).astype(int).tolist()
    leave = (last - rng.uniform(0, 15 * MIN, size)).astype(int).tolist()
    for number in range(size):
        member = going.pop() if going and number < size // 2 else None
        start = max(come[number], member.end + WALK) if member else come[number]
        end = min(start + lasting[number], leave[number])
        if end - start > 10 * MIN:
            yield Visit(member.person if member else next(guests), area, start, end)


def street(day: OpenDay, guests: Iterator[int], rng: Generator) -> Iterator[Visit]:
    """Yield people from the street in every cafe, most at noon, until the house closes."""
    for cafe in day.house.cafes:
        for opening, closing in day.spans(cafe):
            ends = min(closing, day.hours[-1][1]) if day.hours else closing
            count = int(rng.poisson(STREET_AN_HOUR * day.seats(cafe) * max(ends - opening, 0) / HR))
            start = rng.triangular(opening, np.clip(12.5 * HR, opening, ends), ends, count) if count else np.empty(0)
            yield from _walk_in(cafe, start, rng.gamma(3.0, 11 * MIN, count) + 5 * MIN, ends, guests)


def courses(day: OpenDay, guests: Iterator[int], rng: Generator) -> Iterator[Visit]:
    """Yield people who come to a workshop from outside."""
    for workshop in day.house.workshops:
        for opening, closing in day.spans(workshop):
            count = int(rng.poisson(0.8 * day.seats(workshop) * (closing - opening) / (10 * HR)))
            start = rng.uniform(opening, closing - HR, count) if closing - opening > HR else np.empty(0)
            yield from _walk_in(workshop, start, rng.uniform(HR, 3 * HR, len(start)), closing, guests)


def _walk_in(
    space: int, start: NDArray[np.float64], length: NDArray[np.float64], closing: Seconds, guests: Iterator[int]
) -> Iterator[Visit]:
    for begin, lasting in zip(start.astype(int).tolist(), length.astype(int).tolist(), strict=True):
        if begin < closing:
            yield Visit(next(guests), space, begin, min(begin + lasting, closing))

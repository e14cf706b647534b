"""Meetings: parties of members and their guests in rooms, one after another, and people alone in large ones."""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from simulator.house import MIN, OpenDay, Seconds, Spans
from simulator.members import BUSY
from simulator.stays import WALK, Stay, Visit

QUARTER: Seconds = 15 * MIN
LENGTHS: tuple[Seconds, ...] = (30 * MIN, 45 * MIN, 60 * MIN, 60 * MIN, 90 * MIN, 120 * MIN)
EMPTY_BETWEEN: Seconds = 50 * MIN
"""Mean time a room stands empty between two parties, on the busiest day."""
ALONE = 0.24
"""The share of uses by one person, however large the room."""
MOST_MEMBERS = 6
"""Of a party; the others are their guests."""


def meet(day: OpenDay, stays: list[Stay], guests: Iterator[int], rng: Generator) -> Iterator[Visit]:
    """Send members to meetings, and yield the visits of their guests."""
    for room in rng.permutation(day.house.rooms).tolist() if day.house.rooms else []:
        for start, end in _slots(day, day.spans(room), rng):
            size = _party(day.seats(room), rng)
            hosts = _hosts(stays, start, end, min(size, MOST_MEMBERS, 1 + size // 2), rng)
            for host in hosts:
                host.go(*_lag(start - WALK, end + WALK, rng), room)
            for _ in range(size - len(hosts) if hosts else 0):
                yield Visit(next(guests), room, *_lag(start, end, rng))


def _slots(day: OpenDay, spans: Spans, rng: Generator) -> Iterator[tuple[Seconds, Seconds]]:
    """Yield times of meetings in one room, on quarter-hours, ascending and disjoint."""
    between = EMPTY_BETWEEN * max(BUSY) / BUSY[day.day.weekday()]
    for opening, closing in spans:
        start = opening
        while True:
            start += -(-int(rng.exponential(between)) // QUARTER) * QUARTER
            end = start + LENGTHS[int(rng.integers(len(LENGTHS)))]
            if end + QUARTER > closing:
                break
            yield start, end
            start = end + QUARTER


def _party(seats: int, rng: Generator) -> int:
    """Draw how many come: at most as many as there are seats."""
    alone, more = rng.random() < ALONE, int(rng.binomial(max(seats - 2, 0), 0.33))
    return 1 if alone or seats < 2 else 2 + more


def _hosts(stays: list[Stay], start: Seconds, end: Seconds, wanted: int, rng: Generator) -> list[Stay]:
    """Return at most so many members who have time, in random order."""
    hosts: list[Stay] = []
    for index in rng.permutation(len(stays)).tolist():
        if len(hosts) == wanted:
            break
        if stays[index].is_free(start - 6 * MIN, end + 6 * MIN):
            hosts.append(stays[index])
    return hosts


def _lag(start: Seconds, end: Seconds, rng: Generator) -> tuple[Seconds, Seconds]:
    """Let somebody come a little late and leave a little early or late, inside the quarter kept free after it."""
    late, over = np.array(rng.random(2) * (4 * MIN, 5 * MIN), dtype=np.int64).tolist()
    return start + late, end - 2 * MIN + over

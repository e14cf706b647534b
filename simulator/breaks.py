"""Times away from the desk: lunch, coffee, the workshop. The jacket stays; the person is in one place."""

import numpy as np
from numpy.random import Generator

from simulator.house import HR, MIN, OpenDay, Seconds
from simulator.members import traits
from simulator.stays import Stay

LUNCH: Seconds = 12 * HR + 45 * MIN
LUNCHES = 0.8
LUNCH_IN_HOUSE = 0.4
BREAKS_AN_HOUR = 0.3
BREAK_OUTSIDE = 0.25
"""On the stairs with a telephone, in the yard with a cigarette."""
CRAFTS = 0.18
"""The share of members who ever use the workshop."""


def lunch(day: OpenDay, stays: list[Stay], rng: Generator) -> None:
    """Send most of those who are there at noon to lunch, some of them to the cafe."""
    cafe = day.house.cafes[0] if day.house.cafes else None
    drawn = rng.random((len(stays), 2))
    starts = rng.normal(LUNCH, 25 * MIN, len(stays)).astype(int)
    lengths = rng.uniform(30 * MIN, 65 * MIN, len(stays)).astype(int)
    for stay, (goes, inside), start, length in zip(stays, drawn, starts.tolist(), lengths.tolist(), strict=True):
        if goes < LUNCHES and stay.is_free(start, start + length):
            _go(day, stay, start, length, cafe if inside < LUNCH_IN_HOUSE else None)


def coffee(day: OpenDay, stays: list[Stay], rng: Generator) -> None:
    """Send everybody on a few short breaks, to the house's open areas or out."""
    lounges = np.array(day.house.lounges, dtype=np.int64)
    weight = np.sqrt([day.seats(space) for space in lounges]) if len(lounges) else np.empty(0)
    share = np.cumsum(weight) / max(weight.sum(), 1e-9)
    for stay in stays:
        for _ in range(rng.poisson(BREAKS_AN_HOUR * (stay.end - stay.start) / HR)):
            when, length, inside, where = rng.random(4).tolist()
            start = int(stay.start + when * (stay.end - stay.start))
            place = int(np.searchsorted(share, where, side="right")) if inside > BREAK_OUTSIDE else len(lounges)
            _go(day, stay, start, int((6 + 24 * length) * MIN), int(lounges[place]) if place < len(lounges) else None)


def craft(day: OpenDay, stays: list[Stay], seed: int, rng: Generator) -> None:
    """Let members with a hand for it work in a workshop for an hour or two."""
    if not day.house.workshops:
        return
    skilled = traits(seed, sum(day.house.members_on(day.day)))[:, 2] < CRAFTS
    for stay in stays:
        goes, where, when, length = rng.random(4).tolist()
        if skilled[stay.person] and goes < 0.5:
            space = day.house.workshops[int(where * len(day.house.workshops))]
            start = int(stay.start + when * (stay.end - stay.start))
            _go(day, stay, start, int((50 + 100 * length) * MIN), space)


def _go(day: OpenDay, stay: Stay, start: Seconds, length: Seconds, space: int | None) -> None:
    open_then = space is None or day.is_open(space, start, start + length)
    if open_then and stay.is_free(start, start + length):
        stay.go(start, start + length, space)

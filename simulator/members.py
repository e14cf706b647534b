"""Members: who comes on a day, when, for how long, and at which desk they sit."""

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulator.house import HR, MIN, OpenDay, Seconds
from simulator.stays import Stay

BUSY = (0.74, 0.92, 0.96, 0.98, 0.52, 0.16, 0.10)
"""How likely the keenest member comes, Monday to Sunday: full in the middle of the week, thin on Fridays."""
FIRST: Seconds = 8 * HR + 15 * MIN
"""Nobody comes earlier, in a house that is open earlier; half of those who come are there by a quarter to ten."""
LATE = 0.14
HALF_DAY = 0.34
SHORTEST: Seconds = 40 * MIN
FAVOURITE = 0.6
"""How much likelier a desk of one's favourite zone is chosen: 0 not at all, 1 always while one is free."""


@lru_cache(maxsize=8)
def traits(seed: int, members: int) -> NDArray[np.float64]:
    """Return what stays with each member: keenness, favourite desk, handicraft, all in [0, 1); shape (members, 3)."""
    drawn = np.random.default_rng([seed]).random((members, 3))
    drawn.flags.writeable = False
    return drawn


def comers(day: OpenDay, seed: int, rng: Generator) -> list[Stay]:
    """Draw who comes and when; owners of fixed desks are seated on them, the others not yet. Ascending in start."""
    fixed, flexible = day.house.members_on(day.day)
    owners, count = min(fixed, len(day.house.fixed)), fixed + flexible
    owns = np.arange(count) < owners
    keen = traits(seed, count)[:, 0]
    likely = BUSY[day.day.weekday()] * np.where(owns, 0.78 + 0.22 * keen, 0.45 + 0.55 * keen)
    comes = rng.random(count) < likely
    start, end = _times(day, owns, rng)
    chosen = np.flatnonzero(comes & (end - start >= SHORTEST))
    stays = [
        Stay(person, int(start[person]), int(end[person]), day.house.fixed[person] if person < owners else None)
        for person in chosen.tolist()
    ]
    return sorted(stays, key=lambda stay: (stay.start, stay.person))


def _times(day: OpenDay, owns: NDArray[np.bool_], rng: Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw coming and going of everybody, inside the house's hours."""
    count = len(owns)
    opening, closing = (day.hours[0][0], day.hours[-1][1]) if day.hours else (0, 0)
    start = max(opening, FIRST if closing > FIRST else opening) + rng.gamma(3.0, np.where(owns, 22, 28) * MIN)
    start += np.where(rng.random(count) < LATE, rng.uniform(2 * HR, 5 * HR, count), 0)
    half = (rng.random(count) < HALF_DAY) & ~owns
    hours = np.where(half, rng.normal(3.6, 0.9, count), rng.normal(7.6, 1.2, count))
    latest = closing - rng.uniform(3 * MIN, 25 * MIN, count)
    end = np.minimum(start + np.maximum(hours, 0.75) * HR, latest)
    return start.astype(np.int64), end.astype(np.int64)


def seat(day: OpenDay, stays: list[Stay], seed: int, rng: Generator) -> None:
    """Give each who has no desk a free flexible one, in order of coming; who finds none keeps none."""
    desks = np.array(day.house.flexible, dtype=np.int64)
    if not len(desks):
        return
    zone = np.unique([day.house.site.spaces[desk].zone for desk in day.house.flexible], return_inverse=True)[1]
    liked = (traits(seed, sum(day.house.members_on(day.day)))[:, 1] * len(desks)).astype(np.int64)
    free_from = np.full(len(desks), -(1 << 40), dtype=np.int64)
    for stay in sorted(stays, key=lambda one: (one.start, one.person)):
        if stay.desk is None:
            appeal = rng.random(len(desks)) + FAVOURITE * (zone == zone[liked[stay.person]])
            appeal[free_from > stay.start] = -1
            best = int(appeal.argmax())
            if appeal[best] >= 0:
                stay.desk = int(desks[best])
                free_from[best] = stay.end + 2 * MIN

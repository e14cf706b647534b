"""Everybody who is in the house on one day, and where: a pure function of house, seed and local day."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, count

import numpy as np

from simulator.breaks import coffee, craft, lunch
from simulator.guests import breakfast, courses, evening, street
from simulator.house import MIN, House, OpenDay, Seconds
from simulator.meetings import meet
from simulator.members import comers, seat
from simulator.stays import Stay, Visit

TURNED_AWAY: Seconds = 45 * MIN
"""How long somebody without a desk sits in the cafe before going home."""


def visits(house: House, seed: int, day: date) -> list[Visit]:
    """Return who was where on a local day, in seconds of `OpenDay`; nobody is at two places at once.

    Members are persons 0, 1, ...; guests have numbers beyond theirs, new ones every day.
    """
    open_day = OpenDay(house, day)
    rng = np.random.default_rng([seed, day.toordinal()])
    guests = count(sum(house.members_on(day)))
    stays = comers(open_day, seed, rng)
    found = list(breakfast(open_day, stays, guests, rng))
    seat(open_day, stays, seed, rng)
    found += _turned_away(open_day, stays)
    stays = [stay for stay in stays if stay.desk is not None]
    found += meet(open_day, stays, guests, rng)
    lunch(open_day, stays, rng)
    craft(open_day, stays, seed, rng)
    coffee(open_day, stays, rng)
    for more in (evening(open_day, stays, guests, rng), street(open_day, guests, rng), courses(open_day, guests, rng)):
        found += more
    return list(_while_open(open_day, chain(found, *(stay.visits() for stay in stays))))


def _turned_away(day: OpenDay, stays: list[Stay]) -> Iterator[Visit]:
    for stay in stays if day.house.cafes else ():
        if stay.desk is None:
            yield Visit(stay.person, day.house.cafes[0], stay.start, min(stay.end, stay.start + TURNED_AWAY))


def _while_open(day: OpenDay, planned: Iterable[Visit]) -> Iterator[Visit]:
    """Cut visits to the hours of their spaces."""
    for visit in planned:
        for opening, closing in day.spans(visit.space):
            start, end = max(visit.start, opening), min(visit.end, closing)
            if start < end:
                yield visit._replace(start=start, end=end)

"""The truth of a house's days: how many people were in which space, and when."""

from datetime import date
from typing import NamedTuple

from simulator.house import House, OpenDay
from simulator.people import visits
from simulator.steps import intervals_of, placed, steps_of
from spaces.site import Site
from spaces.times import Millis


class Presence(NamedTuple):
    """A constant number of people, at least one, in a space over [start, end) in UTC ms."""

    space: str
    start: Millis
    end: Millis
    people: int


def presences(site: Site, seed: int, day: date) -> list[Presence]:
    """Return what truly happened in the hours that begin on a local day, by space (as the site lists them) and time.

    A pure function of its arguments. The presences of one space do not overlap; two that touch differ in people.
    """
    house = House(site)
    rows = intervals_of(steps_of(placed(visits(house, seed, day), OpenDay(house, day).anchor)))
    return [Presence(site.spaces[space].id, start, end, people) for space, start, end, people in rows.tolist()]

"""Histories whose truth is known: people come by a law that is written down here, and a house turns some away."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.random import Generator

from analytics.sizing.days import OpenDays, open_days
from analytics.sizing.demand import Demand, Pool, Stays, pool_of
from analytics.sizing.history import History, history
from analytics.sizing.replay import needs
from spaces.site import CalendarRule, Floor, Members, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, HOUR, MINUTE, Millis

MONDAY = date(2026, 1, 5)


def office(desks: int, *, members: int | None = 60, pool: Pool = "flexible") -> Site:
    """Return an office that is open on weekdays from 8 to 20."""
    spaces = tuple(Space(f"d{number}", "D", "desk", "z", ((BEGINNING, 1),), pool) for number in range(desks))
    return Site(
        id="o",
        name="O",
        timezone="Europe/Berlin",
        floors=(Floor("f", "F", 0),),
        zones=(Zone("z", "Z", "f"),),
        spaces=spaces,
        sensors=tuple(Sensor(f"s-{space.id}", space.id) for space in spaces),
        members=() if members is None else (Members(0, members, members),),
        calendars=(CalendarRule(weekly=dict.fromkeys(range(5), ((480, 1200),))),),
    )


def window(site: Site, weeks: int) -> tuple[Millis, Millis]:
    """Return so many weeks from the first Monday of 2026 on."""
    return site.midnight(MONDAY), site.midnight(date.fromordinal(MONDAY.toordinal() + 7 * weeks))


def days_of(site: Site, weeks: int) -> OpenDays:
    """Return the open days of so many weeks."""
    return open_days(site, site.spaces, *window(site, weeks))


def coming(days: OpenDays, rates: Sequence[float], chance: Generator) -> Stays:
    """Let people come in the first four hours of a day, so many on average on each weekday, and stay 3 to 8 hours."""
    count = chance.poisson(np.array(rates)[days.weekday])
    day = np.repeat(np.arange(len(days)), count)
    start = days.opens[day] + (chance.beta(2, 2, len(day)) * 4 * HOUR).astype(np.int64)
    end = np.minimum(start + (chance.uniform(3, 8, len(day)) * HOUR).astype(np.int64), days.closes[day])
    return Stays.of(day, start, end)


def served(stays: Stays, days: OpenDays, desks: int) -> Stays:
    """Return those who find one of so many desks; the others leave."""
    return stays.only(needs(stays, len(days)).leave <= desks)


def seen(site: Site, weeks: int, stays: Stays, *, pool: Pool = "flexible") -> History:
    """Return what is known of a house in which these stays were measured, and nothing was unknown."""
    days, desks = days_of(site, weeks), pool_of(site, pool)
    offered = Stays(days.day, days.start, days.end)
    none = np.zeros(0, dtype=np.int64)
    number = np.full(len(days.day), len(desks))
    return history(
        site, pool, Demand(days, stays, Stays(none, none, none), offered, number, len(desks)), window(site, weeks)
    )


def at(hour: float) -> Millis:
    """Return so many hours in ms."""
    return round(hour * 60) * MINUTE

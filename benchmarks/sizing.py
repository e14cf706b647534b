"""`sizing.*`: the shortage curve of 200 desks over a year, and how often its intervals hold the truth.

The house is the demo's with other numbers of flexible desks and members. `sizing.curve` has what the API does when it
is first asked: from the states of spaces to the curve, imputed and with intervals and their back-test. Truth, for
`sizing.coverage` and `sizing.imputed`, are the same simulated people in a house that turns nobody away.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.sizing.days import open_days, stretches
from analytics.sizing.demand import Demand, demand, join_demand, no_demand, pool_of
from analytics.sizing.history import History, history
from analytics.sizing.sizing import size
from analytics.spacestates import SpaceStates, reach, space_states
from benchmarks.rows import Row
from simulator.betahaus import SITE
from simulator.sensors import said
from simulator.week import presences
from spaces.readings import readings_from
from spaces.site import Members, Site
from spaces.sitefile import load_site
from spaces.times import Millis

FIRST = date(2026, 1, 5)
"""A Monday."""
BOUND = 10.0
SLIDER = 0.5
"""Seconds until an answer for another number of members."""
LEVEL = 0.9
WEEKS = 26
"""Of each history whose intervals are looked at."""
MEMBERS = 154
DESKS = 110
"""So many are looked at: what they need beyond never happens."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    yield from _curve(13 if quick else 52)
    yield _coverage(histories=6 if quick else 24)
    yield from _imputed((90,) if quick else (95, 90, 85, 80))
    yield from _scaled((200,) if quick else (100, 200, 250))


def house(desks: int, members: int) -> Site:
    """Return the demo's house with other numbers of flexible desks and members."""
    site = load_site(SITE)
    own = [space for space in site.spaces if space.assignment != "flexible"]
    flexible = [space for space in site.spaces if space.assignment == "flexible"]
    copies = [replace(flexible[number % len(flexible)], id=f"flex-{number}") for number in range(desks)]
    ids = {space.id for space in own}
    sensors = [sensor for sensor in site.sensors if sensor.space in ids]
    like = next(sensor for sensor in site.sensors if sensor.space == flexible[0].id)
    sensors += [replace(like, id=f"s-{space.id}", space=space.id) for space in copies]
    held = Members(site.since, site.members[-1].fixed, members)
    return replace(site, spaces=(*own, *copies), sensors=tuple(sensors), members=(held,))


def _curve(weeks: int) -> Iterator[Row]:
    site = house(200, 330)
    window = site.midnight(FIRST), site.midnight(FIRST + timedelta(weeks=weeks))
    parts = list(_states(site, window))
    began = time.perf_counter()
    found = _history(site, parts, window)
    sized = size(found)
    seconds = time.perf_counter() - began
    assert sized.imputed.bounds is not None
    unit = f"s for 200 desks, {weeks} weeks, {len(found.demand.stays)} stays; baseline is the bound"
    yield Row("sizing.curve", seconds, BOUND, unit, BOUND / seconds)
    began = time.perf_counter()
    size(found, members=360)
    seconds = time.perf_counter() - began
    yield Row(
        "sizing.members", seconds, SLIDER, "s for another number of members; baseline is the bound", SLIDER / seconds
    )


def _states(site: Site, window: tuple[Millis, Millis]) -> Iterator[SpaceStates]:
    """Yield the states of a window, from what the sensors would have said."""
    before, after = reach(site)
    for start, end in stretches(open_days(site, pool_of(site, "flexible"), *window), 5):
        yield space_states(site, readings_from(said(site, 1, start - before, end + after)), start, end)


def _history(site: Site, parts: Sequence[SpaceStates], window: tuple[Millis, Millis]) -> History:
    desks = pool_of(site, "flexible")
    days = open_days(site, desks, *window)
    found: list[Demand] = [no_demand(days, len(desks))]
    found += [demand(site, states, desks, days) for states in parts]
    return history(site, "flexible", join_demand(found), window)


def _coverage(*, histories: int) -> Row:
    """Look in how many cases the interval of one history holds what all of them say together, as shares of days."""
    site = house(160, MEMBERS)
    looks, truth = [], []
    for number in range(histories):
        first = FIRST + timedelta(weeks=WEEKS * number)
        window = site.midnight(first), site.midnight(first + timedelta(weeks=WEEKS))
        found = size(_history(site, list(_truth(site, first)), window))
        assert found.imputed.bounds is not None
        shares = np.stack([found.imputed.curves.days_a_month, *found.imputed.bounds]) / found.history.open_days_a_month
        truth.append(shares[0, :DESKS])
        looks.append(shares[1:, :DESKS])
    mean = np.mean(truth, axis=0)
    telling = (mean > 0.005) & (mean < 0.995)
    share = float(np.mean([(low <= mean)[telling] & (mean <= high)[telling] for low, high in looks]))
    unit = f"of {histories} histories of {WEEKS} weeks hold the truth, by number of desks; baseline is what they claim"
    return Row("sizing.coverage", share, LEVEL, unit, share / LEVEL)


def _imputed(houses: Sequence[int]) -> Iterator[Row]:
    """Look how many desks houses that turned people away are found to need, beside one that turned nobody away."""
    true = _least(_seen(house(160, MEMBERS)))
    for desks in houses:
        found = _least(_seen(house(desks, MEMBERS)))
        unit = f"desks for one short day a month, found in a house of {desks}; baseline is what is true"
        yield Row(f"sizing.imputed.{desks}", found, true, unit, found / true)


def _scaled(numbers: Sequence[int]) -> Iterator[Row]:
    """Look how many desks other numbers of members are found to need, beside what they do in a house of their own."""
    base = _seen(house(160, MEMBERS))
    for members in numbers:
        found, true = _least(base, members), _least(_seen(house(members + 20, members)))
        unit = f"desks for one short day a month, scaled from {MEMBERS} to {members} members; baseline is what is true"
        yield Row(f"sizing.scaled.{members}", found, true, unit, found / true)


def _seen(site: Site) -> History:
    window = site.midnight(FIRST), site.midnight(FIRST + timedelta(weeks=WEEKS))
    return _history(site, list(_truth(site, FIRST)), window)


def _least(known: History, members: int | None = None) -> float:
    found = size(known, members=members).imputed.least(1.0)
    assert found is not None
    return float(found.desks)


def _truth(site: Site, first: date) -> Iterator[SpaceStates]:
    """Yield the states of a history's days, seen by perfect sensors."""
    index = {space.id: number for number, space in enumerate(site.spaces)}
    for day in (first + timedelta(days=number) for number in range(WEEKS * 7)):
        rows = [(index[one.space], one.start, one.end) for one in presences(site, 1, day)]
        low, high = site.midnight(day), site.midnight(day + timedelta(days=1))
        yield _states_from(site, np.array(rows, dtype=np.int64).reshape(-1, 3), low, high)


def _states_from(site: Site, used: NDArray[np.int64], low: Millis, high: Millis) -> SpaceStates:
    """Return the states of a window in which spaces are used as rows (space, start, end) say, and vacant else."""
    spaces = np.arange(len(site.spaces))
    space = np.concatenate((spaces, used[:, 0], used[:, 0]))
    start = np.concatenate((np.full(len(spaces), low), used[:, 1], used[:, 2])).clip(low, high)
    occupied = np.concatenate((np.zeros(len(spaces)), np.ones(len(used)), np.zeros(len(used)))).astype(np.int8)
    order = np.lexsort((occupied, start, space))
    space, start, occupied = space[order], start[order], occupied[order]
    end = np.where(np.append(space[1:] == space[:-1], False), np.append(start[1:], high), high)
    kept = end > start
    people = occupied[kept].astype(np.int32)
    ids = tuple(space.id for space in site.spaces)
    return SpaceStates(ids, (low, high), space[kept].astype(np.int32), start[kept], end[kept], occupied[kept], people)

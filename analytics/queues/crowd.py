"""Stays of people who are counted and not told apart: who came first is taken to leave first."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.sizing.days import OpenDays
from analytics.sizing.demand import Stays, within_days
from analytics.spacestates import SpaceStates
from spaces.site import Space

Whole = NDArray[np.int64]


def people_stays(states: SpaceStates, spaces: Sequence[Space], days: OpenDays) -> tuple[Stays, NDArray[np.float64]]:
    """Return the stays of the people counted in some spaces on open days, and what share of each day was counted.

    The first in is the first out, in each space and on each day: the number of people at any moment is as counted,
    single lengths of stay are not known. Where counts are unknown nobody is there.
    """
    wanted = np.isin(np.array(states.spaces), [space.id for space in spaces])
    counted = wanted[states.space] & (states.people >= 0)
    row, day, start, end = within_days(days, states.start[counted], states.end[counted])
    space, people = states.space[counted][row].astype(np.int64), states.people[counted][row].astype(np.int64)
    known = np.bincount(day, weights=end - start, minlength=len(days))
    order = np.lexsort((start, space))
    stays = _first_in_first_out(space[order], day[order], start[order], end[order], people[order])
    offered = np.maximum(days.open_time * max(len(spaces), 1), 1)
    return stays, known / offered


def _first_in_first_out(space: Whole, day: Whole, start: Whole, end: Whole, people: Whole) -> Stays:
    """Pair the k-th to come with the k-th to go of each space and day; pieces are ascending in (space, start)."""
    goes_on = (space[1:] == space[:-1]) & (day[1:] == day[:-1]) & (start[1:] == end[:-1])
    before = np.append([0], np.where(goes_on, people[:-1], 0))[: len(people)]
    after = np.append(np.where(goes_on, people[1:], 0), [0])[: len(people)]
    come, go = np.maximum(people - before, 0), np.maximum(people - after, 0)
    return Stays.of(np.repeat(day, come), np.repeat(start, come), np.repeat(end, go))

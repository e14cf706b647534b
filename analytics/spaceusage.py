"""Space usage: the share of spaces that an hour saw in use, however little of it each was used."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.opentime import Opening, Spans, inside_open_time
from analytics.spacestates import SpaceStates
from analytics.spread import Spread
from analytics.utilisation import ratio
from spaces.site import Site
from spaces.times import MINUTE, Millis

Whole = NDArray[np.int64]
USED: Millis = 15 * MINUTE
"""In use for at least so long in total within an hour, a space is used in it."""
KNOWN: Millis = 45 * MINUTE
"""Of fewer minutes nobody can say that it was not."""
_CELLS = 1 << 21
"""Spaces times hours looked at at once: some 100 MB."""


def space_usage(site: Site, states: SpaceStates, groups: Groups, edges: Whole, hours: Whole) -> NDArray[np.float64]:
    """Return the share of space-hours in use among those known, shape (groups, buckets); NaN where none is.

    `hours` are the edges of local hours and `edges` those of buckets, some of the former (both UTC ms, ascending). A
    space counts in an hour if it is open and known for at least 45 minutes of it, and is used if it is occupied
    for at least 15 minutes of that in total. Over longer buckets and groups both are summed first.
    """
    used, known = usage_sums(site, states, groups, edges, hours)
    return ratio(used, known)


def usage_sums(site: Site, states: SpaceStates, groups: Groups, edges: Whole, hours: Whole) -> tuple[Whole, Whole]:
    """Return how many space-hours are used and how many known, int64 of shape (groups, buckets)."""
    bucket = np.searchsorted(edges, hours[:-1], side="right") - 1
    found = np.zeros((2, len(groups.labels), len(edges) - 1), dtype=np.int64)
    for spaces in _parts(groups, len(hours) - 1):
        occupied, known = _times(site, states, spaces, hours)
        counts = known >= KNOWN
        of = groups.of[spaces]
        for total, cells in zip(found, (counts & (occupied >= USED), counts), strict=True):
            by_group = np.zeros((len(groups.labels), len(hours) - 1), dtype=np.int64)
            np.add.at(by_group, of, cells)
            np.add.at(total.T, bucket, by_group.T)
    return found[0], found[1]


def _parts(groups: Groups, hours: int) -> Iterator[NDArray[np.intp]]:
    """Yield the grouped spaces, so many at a time that their hours fit into memory."""
    spaces = np.flatnonzero(groups.of >= 0)
    step = max(_CELLS // max(hours, 1), 1)
    for low in range(0, len(spaces), step):
        yield spaces[low : low + step]


def _times(site: Site, states: SpaceStates, spaces: NDArray[np.intp], hours: Whole) -> tuple[Whole, Whole]:
    """Return the occupied and the known time of each space and hour inside its open time."""
    alone = np.full(len(site.spaces), -1, dtype=np.int32)
    alone[spaces] = np.arange(len(spaces))
    inside = inside_open_time(site, states, Groups(tuple(map(str, spaces)), alone), hours)

    def spread(spans: Spans | Opening) -> Whole:
        return Spread.over(hours, len(spaces), spans.group, spans.start, spans.end).of()

    return spread(inside.used), spread(inside.opening) - spread(inside.unknown)

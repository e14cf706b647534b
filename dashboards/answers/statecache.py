"""States of past days in memory: what figures are made of, read from the store once.

A UTC day's states are kept under what shaped them: the site as its file describes it, and how many readings
have been noted near that day (`Live.generation`), looked up before the store is read. So a late reading or a
changed site file is seen by the next request. Today is computed each time, by one who asks at a time.
"""

from collections.abc import Iterator, Sequence

from analytics.privacy.blocks import blocks
from analytics.privacy.veil import veil
from analytics.spacestates import SpaceStates, join, reach, space_states, split
from dashboards.cache import MOST_SITES, Cache, Stamp
from dashboards.rollups.freshness import runs_of_days
from spaces.site import Site
from spaces.times import DAY, Millis
from store.live import Live
from store.protocol import Store

AT_ONCE = 32
"""Days read from the store in one go: a year at once would hold a gigabyte for a moment."""
_OVERHEAD = 1_000
"""Bytes that a day takes besides its columns."""

Day = tuple[str, int]
"""A site and a UTC day (ms // DAY)."""


class StateCache:
    """States of any window of a site, veiled (`analytics.privacy.veil`). Thread-safe.

    The memory is all sites' together: it goes to those that are asked about. Of two who ask for the same days one
    reads them; a long window is taken `AT_ONCE` days at a time, and keeps nobody waiting who asks for others of it.
    """

    def __init__(self, store: Store, live: Live, *, most_bytes: int) -> None:
        self._store = store
        self._live = live
        self._sites: Cache[str, Site] = Cache(MOST_SITES)
        self._kept: Cache[Day, SpaceStates] = Cache(most_bytes, weigh=_size)

    def over(self, site: Site, start: Millis, end: Millis, now: Millis) -> SpaceStates | None:
        """Return a site's states over [start, min(end, now)), None where nothing of it is past.

        Raises:
            StoreError: the store cannot be read.
        """
        end = min(end, now)
        if start >= end:
            return None
        alike = self._sites.get(site.id, site, lambda: site)  # one for all that are equal: stamps compare by identity
        days = self._days(alike, range(start // DAY, (end - 1) // DAY + 1), now)
        return _cut(join(days) if len(days) > 1 else days[0], start, end)

    def _days(self, site: Site, days: range, now: Millis) -> list[SpaceStates]:
        stamps = self._stamps(site, days, now)
        found: dict[Day, SpaceStates] = {}
        for first in range(0, len(days), AT_ONCE):
            some = {(site.id, day): stamps[day] for day in days[first : first + AT_ONCE]}
            found |= self._kept.get_all(some, lambda missing: self._read(site, [day for _, day in missing], now))
        return [found[site.id, day] for day in days]

    def _stamps(self, site: Site, days: range, now: Millis) -> dict[int, Stamp]:
        """Return what shapes each day: the site, and how many readings have been noted on the days that bear on it.

        A day that what comes may still change holds for nobody else.
        """
        before, after = reach(site)
        stamps: dict[int, Stamp] = {}
        for day in days:
            start, end = day * DAY - before, (day + 1) * DAY + after
            stamps[day] = (site, _noted(self._live, site, start, end)) if end <= now else None
        return stamps

    def _read(self, site: Site, days: Sequence[int], now: Millis) -> Iterator[SpaceStates]:
        """Compute days, those that follow one another from one read of the store."""
        before, after = reach(site)
        for run in runs_of_days(days):
            start, end = run.start * DAY, min(run.stop * DAY, now)
            readings = self._store.read(site.id, start - before, min(end + after, now + 1))
            states = veil(space_states(site, readings, start, end), blocks(site))
            yield from split(states, [day * DAY for day in run[1:]])


def stamp(live: Live, site: Site, start: Millis, end: Millis) -> Stamp:
    """Return what shapes whatever is made of a site's states over [start, end): take it before the store is read."""
    before, after = reach(site)
    return site, _noted(live, site, start - before, end + after)


def _noted(live: Live, site: Site, start: Millis, end: Millis) -> tuple[int, ...]:
    """Return how many readings have been noted on each day that [start, end) touches."""
    return tuple(live.generation(site.id, day) for day in range(start // DAY, (end - 1) // DAY + 1))


def _cut(states: SpaceStates, start: Millis, end: Millis) -> SpaceStates:
    low, high = states.window
    cuts = [moment for moment in (start, end) if low < moment < high]
    return split(states, cuts)[1 if start > low else 0] if cuts else states


def _size(states: SpaceStates) -> int:
    columns = (states.space, states.start, states.end, states.occupied, states.people)
    return _OVERHEAD + sum(column.nbytes for column in columns)

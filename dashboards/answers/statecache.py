"""States of past days in memory: what figures are made of, read from the store once.

A UTC day's states are kept under what shaped them: the site as its file describes it, and how many readings
have been noted near that day (`Live.generation`), looked up before the store is read. So a late reading or a
changed site file is seen by the next request. Today is computed each time.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from analytics.privacy.blocks import blocks
from analytics.privacy.veil import veil
from analytics.spacestates import SpaceStates, join, reach, space_states, split
from spaces.site import Site
from spaces.times import DAY, Millis
from store.live import Live
from store.protocol import Store

AT_ONCE = 32
"""Days read from the store in one go: a year at once would hold a gigabyte for a moment."""


Stamp = tuple[int, ...]


class _Kept(NamedTuple):
    stamp: Stamp
    states: SpaceStates


class _House:
    """The days of one site. Whoever computes holds the lock: others wait for what they would compute too."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.lock = threading.Lock()
        self.days: OrderedDict[int, _Kept] = OrderedDict()


class StateCache:
    """States of any window of a site, veiled (`analytics.privacy.veil`). Thread-safe."""

    def __init__(self, store: Store, live: Live, *, most_bytes: int) -> None:
        self._store = store
        self._live = live
        self._most = most_bytes
        self._lock = threading.Lock()
        self._houses: dict[str, _House] = {}

    def over(self, site: Site, start: Millis, end: Millis, now: Millis) -> SpaceStates | None:
        """Return a site's states over [start, min(end, now)), None where nothing of it is past.

        Raises:
            StoreError: the store cannot be read.
        """
        end = min(end, now)
        if start >= end:
            return None
        house = self._house(site)
        with house.lock:
            states = self._days(house, range(start // DAY, (end - 1) // DAY + 1), now)
            self._forget(house)
        return _cut(states, start, end)

    def _house(self, site: Site) -> _House:
        """Return what is kept of a site; of one whose file has changed nothing is."""
        with self._lock:
            house = self._houses.get(site.id)
            if house is None or (house.site is not site and house.site != site):
                house = self._houses[site.id] = _House(site)
            house.site = site  # an equal one: the next look is by identity
            return house

    def _days(self, house: _House, days: range, now: Millis) -> SpaceStates:
        site = house.site
        before, after = reach(site)
        stamps = {day: self._stamp(site.id, day * DAY - before, (day + 1) * DAY + after) for day in days}
        found: dict[int, SpaceStates] = {}
        for day, stamp in stamps.items():
            kept = house.days.get(day)
            if kept is not None and kept.stamp == stamp:
                house.days.move_to_end(day)
                found[day] = kept.states
        for run in _runs([day for day in days if day not in found]):
            found.update(self._read(site, run, now))
        for day in days:
            if (day + 1) * DAY + after <= now:
                house.days[day] = _Kept(stamps[day], found[day])
        return join([found[day] for day in days]) if len(days) > 1 else found[days[0]]

    def _stamp(self, site: str, start: Millis, end: Millis) -> Stamp:
        """Return how many readings have been noted on each day that [start, end) touches."""
        return tuple(self._live.generation(site, day) for day in range(start // DAY, (end - 1) // DAY + 1))

    def _read(self, site: Site, run: Sequence[int], now: Millis) -> dict[int, SpaceStates]:
        """Compute days that follow one another from one read of the store."""
        before, after = reach(site)
        start, end = run[0] * DAY, min((run[-1] + 1) * DAY, now)
        readings = self._store.read(site.id, start - before, min(end + after, now + 1))
        states = veil(space_states(site, readings, start, end), blocks(site))
        return dict(zip(run, split(states, [day * DAY for day in run[1:]]), strict=True))

    def _forget(self, house: _House) -> None:
        """Let go of the days that were longest not asked for, beyond this site's share of the memory."""
        share = self._most // max(len(self._houses), 1)
        size = sum(_size(kept.states) for kept in house.days.values())
        while size > share and house.days:
            _, kept = house.days.popitem(last=False)
            size -= _size(kept.states)


def _runs(days: Sequence[int]) -> Iterator[list[int]]:
    """Yield days in runs that follow one another, of at most `AT_ONCE`."""
    run: list[int] = list(days[:1])
    for day, following in pairwise(days):
        if following != day + 1 or len(run) == AT_ONCE:
            yield run
            run = []
        run.append(following)
    if run:
        yield run


def _cut(states: SpaceStates, start: Millis, end: Millis) -> SpaceStates:
    low, high = states.window
    cuts = [moment for moment in (start, end) if low < moment < high]
    return split(states, cuts)[1 if start > low else 0] if cuts else states


def _size(states: SpaceStates) -> int:
    columns = (states.space, states.start, states.end, states.occupied, states.people)
    return sum(column.nbytes for column in columns)

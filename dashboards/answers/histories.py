"""Histories of pools of desks in memory, and what was made of them: what sizing asks again and again."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from analytics.sizing.demand import Pool
from analytics.sizing.history import History
from analytics.sizing.sizing import Sizing, size
from analytics.spacestates import reach
from dashboards.answers.context import Context
from dashboards.answers.pools import measure_pools, read_states
from dashboards.answers.recent import keep
from spaces.site import Site, Space
from spaces.times import DAY, Millis

KEPT = 8
"""Histories in memory: a page's sliders ask again and again of one."""
KEPT_SIZED = 32
"""Sizings of a history in memory."""

Key = tuple[str, Pool, tuple[str, ...], Millis, Millis]
Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A history, what shaped it, and what was made of it: sizings by number of members."""

    site: Site
    stamp: Stamp
    history: History
    sized: OrderedDict[int | None, Sizing] = field(default_factory=OrderedDict)


class Histories:
    """Histories of pools in memory, found again while site file and readings are the same. Thread-safe.

    Whoever computes for a site holds its lock: others wait for what they would compute too.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._of_site: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._kept: OrderedDict[Key, Measured] = OrderedDict()

    def measure(self, site: Site, pool: Pool, desks: Sequence[Space], window: tuple[Millis, Millis]) -> Measured:
        """Return what is known of some desks over a window of whole local days.

        Raises:
            StoreError: the store cannot be read.
        """
        key = site.id, pool, tuple(desk.id for desk in desks), *window
        with self._turn(site):
            stamp = self._stamp(site, window)
            known = self._kept.get(key)
            if known is None or known.stamp != stamp or (known.site is not site and known.site != site):
                known = Measured(site, stamp, self._read(site, pool, desks, window))
            with self._lock:
                keep(self._kept, key, known, KEPT)
            return known

    def size(self, known: Measured, members: int | None) -> Sizing:
        """Return the sizing of a history for so many members, None for those there are.

        Raises:
            ValueError: it cannot be scaled to them.
        """
        with self._turn(known.site):
            found = known.sized[members] if members in known.sized else size(known.history, members=members)
            keep(known.sized, members, found, KEPT_SIZED)
            return found

    def _turn(self, site: Site) -> threading.Lock:
        with self._lock:
            return self._of_site[site.id]

    def _stamp(self, site: Site, window: tuple[Millis, Millis]) -> Stamp:
        before, after = reach(site)
        days = range((window[0] - before) // DAY, (window[1] + after) // DAY + 1)
        return tuple(self._context.live.generation(site.id, day) for day in days)

    def _read(self, site: Site, pool: Pool, desks: Sequence[Space], window: tuple[Millis, Millis]) -> History:
        read = partial(read_states, self._context, site)
        return measure_pools(site, {pool: desks}, window, read)[pool]

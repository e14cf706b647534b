"""Histories of pools of desks in memory, and what was made of them: what sizing asks again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from analytics.sizing.demand import Pool
from analytics.sizing.history import History
from analytics.sizing.sizing import Sizing, size
from dashboards.answers.context import Context
from dashboards.answers.pools import measure_pools, read_states
from dashboards.answers.statecache import stamp
from dashboards.cache import Cache
from spaces.site import Site, Space
from spaces.times import Millis

KEPT = 8
"""Histories in memory: a page's sliders ask again and again of one."""
KEPT_SIZED = 32
"""Sizings of a history in memory."""

Key = tuple[str, Pool, tuple[str, ...], Millis, Millis]


@dataclass(frozen=True, slots=True)
class Measured:
    """A history, and what was made of it: sizings by number of members."""

    history: History
    _sized: Cache[int | None, Sizing] = field(default_factory=lambda: Cache(KEPT_SIZED))

    def size(self, members: int | None) -> Sizing:
        """Return the sizing for so many members, None for those there are.

        Raises:
            ValueError: it cannot be scaled to them.
        """
        return self._sized.get(members, "as long as the history", lambda: size(self.history, members=members))


class Histories:
    """Histories of pools in memory, found again while site file and readings are the same. Thread-safe."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: Cache[Key, Measured] = Cache(KEPT)

    def measure(self, site: Site, pool: Pool, desks: Sequence[Space], window: tuple[Millis, Millis]) -> Measured:
        """Return what is known of some desks over a window of whole local days.

        Raises:
            StoreError: the store cannot be read.
        """
        key = site.id, pool, tuple(desk.id for desk in desks), *window
        shape = stamp(self._context.live, site, *window)
        return self._kept.get(key, shape, lambda: Measured(self._read(site, pool, desks, window)))

    def _read(self, site: Site, pool: Pool, desks: Sequence[Space], window: tuple[Millis, Millis]) -> History:
        read = partial(read_states, self._context, site)
        return measure_pools(site, {pool: desks}, window, read)[pool]

"""Learning how long the words of sensors hold, beside everything else: one process of a data folder does."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from analytics.heartbeats import WEEK, heartbeat_limits
from ledig.turn import Turn
from spaces.learnt import LEARNT, Limit, Limits, read_learnt, write_learnt
from spaces.site import Site
from spaces.sitebook import Sites
from spaces.times import DAY, Millis
from store.protocol import Store, StoreError

log = logging.getLogger(__name__)
_FIRST, _EVERY = 5.0, 600.0
"""Seconds until the first look, and between two."""


class LearningLoop:
    """Looks every ten minutes how often the sensors speak whose limit nobody has set."""

    def __init__(
        self, store: Store, sites: Sites, clock: Callable[[], Millis], folder: Path, every: float = _EVERY
    ) -> None:
        """`folder` is the data folder."""
        self._store, self._sites, self._clock, self._every = store, sites, clock, every
        self._file = folder / LEARNT
        self._turn = Turn(folder / f".{LEARNT}.lock")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="learning", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the look in hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._turn.give_up()

    def look(self) -> None:
        """Learn what can be learnt now.

        Raises:
            StoreError: the store cannot be read.
            OSError: the file cannot be written.
        """
        learning = {name: names for name, site in self._sites().items() if (names := _who_learns(site))}
        if not learning or not self._turn.take():
            return
        before = read_learnt(self._file)
        after = {**before, **{site: self._learn(site, names, before.get(site, {})) for site, names in learning.items()}}
        if after != before:
            write_learnt(self._file, after)

    def _learn(self, site: str, names: set[str], before: Limits) -> dict[str, Limit]:
        known = dict(before)
        open_ = {name for name in names if name not in known or not known[name].fixed}
        if not open_:
            return known
        now = self._clock()
        found = heartbeat_limits(self._store.read(site, now - WEEK - DAY, now), now)
        return {**known, **{name: limit for name, limit in found.items() if name in open_}}

    def _run(self) -> None:
        said: str | None = None
        wait = min(_FIRST, self._every)
        while not self._stopping.wait(wait):
            wait = self._every
            trouble = None
            try:
                self.look()
            except (StoreError, OSError) as error:
                trouble = f"how often sensors speak is not learnt: {error}"
            if trouble is not None and trouble != said:
                log.warning("%s", trouble)
            said = trouble


def _who_learns(site: Site) -> set[str]:
    return {sensor.id for sensor in site.sensors if sensor.origin in {"learning", "learnt"}}

"""Roll-ups kept fresh beside everything else: the loop that looks what has changed, and whose turn it is to write."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboards.rollups.freshness import Fingerprints
from ledig.keeping import Keeper
from ledig.turn import Turn
from spaces.sitebook import Sites
from spaces.times import Millis
from store.live import Live
from store.protocol import Store, StoreError
from store.rollups import RollupFiles

log = logging.getLogger(__name__)
LOCK = ".lock"
_MOST_REST = 1.0
"""Seconds of rest after a day at most: as long as the day took, so that others have their half of the machine."""


@dataclass(slots=True)
class Progress:
    """How far a loop is: quarter-hours rolled up in its life, days still due, and when (monotonic) none was last."""

    quarters: int = 0
    due: int = 0
    fresh: float | None = None


class RollupLoop:
    """Looks every so often what has changed, and rolls it up. One process of a folder does; others wait for its end."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is assembled from
        self,
        store: Store,
        live: Live,
        sites: Sites,
        clock: Callable[[], Millis],
        folder: Path,
        every: float,
    ) -> None:
        self._store, self._sites, self._clock, self._every = store, sites, clock, every
        self._files = RollupFiles(folder)
        self._turn = Turn(folder / LOCK)
        self._fingerprints = Fingerprints(store, live)
        self._keepers: dict[str, Keeper] = {}
        self.progress = Progress()
        self._stopping = threading.Event()
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="rollup")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the day in hand, and return when that is done."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._turn.give_up()

    def trouble(self) -> str | None:
        """Return why roll-ups are not fresh, None where they are."""
        if self._thread.ident is not None and not self._thread.is_alive() and not self._stopping.is_set():
            return "the thread that keeps roll-ups has ended"
        return self._trouble

    def has_turn(self) -> bool:
        """Whether it is this process that writes, as far as was tried."""
        return self._turn.held

    def round(self, show: Callable[[int, int], None] = lambda _done, _all: None, *, rest: bool = True) -> int:
        """Roll up what is due of every site, newest days first; return how many quarter-hours that were.

        `show` is told, day by day, how many are done of how many.

        Raises:
            StoreError: the store cannot be read.
            OSError: the files cannot be written.
        """
        if not self._turn.take():
            self.progress.due, self.progress.fresh = 0, None
            return 0
        work = [(keeper, day) for keeper in self._current() for day in keeper.due(self._clock(), time.monotonic())]
        count = 0
        for done, (keeper, day) in enumerate(work):
            self.progress.due = len(work) - done
            show(done, len(work))
            began = time.monotonic()
            found = keeper.refresh(day, self._clock())
            self.progress.quarters += found
            count += found
            if self._stopping.wait(min(time.monotonic() - began, _MOST_REST) if rest else 0):
                return count
        self.progress.due, self.progress.fresh = 0, time.monotonic()
        show(len(work), len(work))
        self._bind(rest=rest)
        for keeper in self._keepers.values() if not work else ():
            keeper.sweep(time.time())
        return count

    def _bind(self, *, rest: bool) -> None:
        """Put the days of months together where they are not."""
        months = [(keeper, month) for keeper in self._keepers.values() for month in keeper.unbound(time.monotonic())]
        for keeper, month in months:
            began = time.monotonic()
            keeper.bind(month, began)
            if self._stopping.wait(min(time.monotonic() - began, _MOST_REST) if rest else 0):
                return

    def _current(self) -> list[Keeper]:
        """Return a keeper for each site in force: a new one where the site's file has changed."""
        sites = self._sites()
        for name, site in sites.items():
            known = self._keepers.get(name)
            if known is None or (known.site is not site and known.site != site):
                self._keepers[name] = Keeper(site, self._store, self._fingerprints, self._files)
        self._keepers = {name: keeper for name, keeper in self._keepers.items() if name in sites}
        return list(self._keepers.values())

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self.round()
                trouble = None
            except (StoreError, OSError) as error:
                trouble = f"roll-ups are not kept: {error}"
            if trouble is not None and trouble != self._trouble:
                log.warning("%s", trouble)
            self._trouble = trouble

"""Live states in a process that does not ingest: told of what is committed, and asking the store besides."""

import logging
import threading
import time
from collections.abc import Callable

from spaces.times import FOREVER, Millis
from store.live import LiveStates
from store.protocol import Store, StoreError

log = logging.getLogger(__name__)


class PolledStates(LiveStates):
    """Live states that heal by themselves: what was said between processes and lost is read from the store.

    Every `every` seconds the newest readings are asked for; and every `stale` seconds each day is held to be
    changed, so that a late reading of which nobody told shows in figures of the past by then.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], Millis] = lambda: FOREVER,
        *,
        every: float = 30.0,
        stale: float = 300.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            super().__init__(store, clock)
        except StoreError as error:  # it is asked again soon
            log.warning("the newest readings could not be read: %s", error)
        self._store = store
        self._every, self._stale, self._monotonic = every, stale, monotonic
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="live-poll")

    def start(self) -> None:
        """Begin asking."""
        self._thread.start()

    def stop(self) -> None:
        """Stop asking, and return when the thread has ended."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def generation(self, site: str, day: int) -> int:
        """Return what changes whenever a day may have changed, told or not."""
        return super().generation(site, day) + int(self._monotonic() // self._stale)

    def refresh(self) -> None:
        """Ask the store once for what is newer than what we were told.

        Raises:
            StoreError: the store is away.
        """
        for site in self._store.sites():
            self.note([reading for reading in self._newest(self._store, site) if not self._holds(reading)])

    def _poll(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self.refresh()
            except StoreError as error:
                log.warning("the newest readings could not be read: %s", error)

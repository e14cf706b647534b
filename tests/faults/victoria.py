"""What the faults of VictoriaMetrics share: load through the spool, and the oracle."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from spaces.reading import Reading
from spaces.times import MINUTE, Millis
from store.protocol import Store, StoreError
from store.spool import SpooledStore

SENSORS = 40
PAUSE = 0.05
"""Seconds between batches: with one reading a sensor, 800 readings a second."""
_PATIENCE = 90.0


class Load:
    """A thread that appends batches at a bounded rate. `kept` are the ids for which an append has returned: A."""

    def __init__(self, store: Store) -> None:
        self.kept: set[int] = set()
        self.base: Millis = int(time.time() * 1_000) - 60 * MINUTE
        self._store = store
        self._failed: list[BaseException] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load")

    def _run(self) -> None:
        number = 0
        try:
            while not self._stopping.wait(PAUSE):
                batch = [self._reading(number + sensor) for sensor in range(SENSORS)]
                self._store.append(batch)
                self.kept |= set(range(number, number + SENSORS))
                number += SENSORS
        except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
            self._failed.append(error)

    def _reading(self, number: int) -> Reading:
        return Reading("s", f"d{number % SENSORS}", self.base + number, self.base + number, number % 3 == 0, seq=number)

    def stop(self) -> None:
        """End it; from here on A is fixed."""
        self._stopping.set()
        self._thread.join()
        if self._failed:
            raise self._failed[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()


def ids_in(store: Store, base: Millis) -> list[int]:
    """Return the ids of a store's readings, in order; one that is there twice is here twice."""
    return sorted((store.read("s", base, base + 30 * MINUTE).time - base).tolist())


def assert_whole(store: Store, load: Load) -> None:
    """The oracle: what was kept is read, each once, and nothing else; given a little time."""
    wanted = sorted(load.kept)
    assert wanted, "nothing was kept: nothing was tried"
    found: list[int] = []
    for _ in _tries():
        try:
            found = ids_in(store, load.base)
        except StoreError:  # no whole answer yet
            continue
        if found == wanted:
            return
    missing = sorted(set(wanted) - set(found))
    raise AssertionError(f"{len(missing)} of {len(wanted)} are lost, such as {missing[:5]}; {len(found)} were read")


def wait_until_certain(store: SpooledStore) -> None:
    """Wait until nothing is held any more."""
    for _ in _tries():
        if not store.depth():
            return
    raise AssertionError(f"{store.depth()} readings do not leave the spool: {store.trouble()}")


@contextmanager
def spooled(store: SpooledStore) -> Iterator[SpooledStore]:
    """Close a store at the end."""
    try:
        yield store
    finally:
        store.close()


def _tries() -> Iterator[None]:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        yield
        time.sleep(0.2)

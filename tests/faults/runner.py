"""A worker in a process of its own that ends at once at a named point: `python -m tests.faults.runner ...`.

Points: `before-commit` and `after-commit` of the batch with a number; `none` works until SIGTERM, then prints what
it has counted. It says "working" once it holds the store.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from ingest.settings import IngestSettings
from ingest.worker import Worker
from spaces.reading import Reading
from spaces.sitebook import SiteBook
from store.opening import OwnStore
from store.protocol import Appended

CRASHED = 70
"""The exit status at a crash point."""


class CrashingStore(OwnStore):
    """The real store, which ends the process at a point."""

    def __init__(self, folder: Path, point: str, batch: int) -> None:
        super().__init__(folder)
        self._point, self._left = point, batch

    def append(self, batch: Sequence[Reading]) -> Appended:
        """Keep a batch, or crash before or after."""
        self._left -= 1
        if self._left == 0 and self._point == "before-commit":
            os._exit(CRASHED)
        appended = super().append(batch)
        if self._left == 0 and self._point == "after-commit":
            os._exit(CRASHED)
        return appended


def main(folder: str, port: str, point: str, batch: str) -> None:
    """Work until SIGTERM or the point."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sites = SiteBook([Path(folder) / "site.toml"])
    store = CrashingStore(Path(folder) / "data", point, int(batch))
    settings = IngestSettings(port=int(port), quarantine=Path(folder) / "quarantine")
    worker = Worker(settings, store, sites.current, lambda: int(time.time() * 1_000))
    worker.start()
    sys.stdout.write("working\n")
    sys.stdout.flush()
    stop.wait()
    worker.stop()
    store.close()
    count = worker.ledger.count()
    sys.stdout.write(f"{count.readings.stored} {count.readings.duplicate} {count.balances}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Fills the disk under a store while readers read: `python -m tests.faults.filling FOLDER MEGABYTES`.

FOLDER is a small file system of its own, of which a file `ballast` holds so many MB. Appends until the store has
refused ten batches, frees the ballast, and says what came of it: what an append raised, whether reads went on,
whether appends did once there was room, and whether what is in the file is what was promised.
"""

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

from spaces.reading import Reading
from spaces.times import FOREVER
from store.embedded.duck import EmbeddedStore
from store.protocol import StoreError

BATCH, REFUSALS, READERS = 5_000, 10, 2
THEN = 1_790_000_000_000


def main(folder: Path) -> None:
    """Do it, and print a line of JSON."""
    EmbeddedStore.reserve = 0
    store, ended = EmbeddedStore(folder / "data"), threading.Event()
    promised: set[int] = set()
    said: Counter[str] = Counter()
    reads: Counter[str] = Counter()
    readers = [threading.Thread(target=read, args=(store, ended, reads)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    batches = Batches()
    while said.total() < REFUSALS:
        append(store, batches, promised, said)
    (folder / "ballast").unlink()
    until = time.monotonic() + 20
    after = len(promised)
    while len(promised) < after + 3 * BATCH and time.monotonic() < until:
        append(store, batches, promised, said)
    ended.set()
    for reader in readers:
        reader.join()
    store.close()
    store = EmbeddedStore(folder / "data")
    rows = [seq for (seq,) in store._connection.execute("SELECT seq FROM readings").fetchall()]
    store.close()
    found = {
        "said": said,
        "reads": reads,
        "resumed": len(promised) - after,
        "lost": len(promised - set(rows)),
        "invented": len(set(rows) - promised),
        "twice": len(rows) - len(set(rows)),
    }
    sys.stdout.write(json.dumps(found) + "\n")


class Batches:
    """Readings that pack badly; a batch that was refused is offered again, as the worker does."""

    def __init__(self) -> None:
        self._random, self._made = Random(1), 0
        self.current = self.more()

    def more(self) -> list[Reading]:
        """Make the next batch."""
        random, first = self._random, self._made
        self._made += BATCH
        self.current = [
            Reading(
                "house", f"s{random.randrange(50)}", THEN + number, THEN + number + random.randrange(10**6),
                bool(random.randrange(2)), random.randrange(100), random.random() * 100, number,
            )
            for number in range(first, first + BATCH)
        ]  # fmt: skip
        return self.current


def append(store: EmbeddedStore, batches: Batches, promised: set[int], said: Counter[str]) -> None:
    """Append the current batch, and make the next one where it was taken."""
    try:
        store.append(batches.current)
    except StoreError as error:
        said[str(error)[:200]] += 1
        time.sleep(0.05)
    else:
        promised |= {reading.seq for reading in batches.current if reading.seq is not None}
        batches.more()


def read(store: EmbeddedStore, ended: threading.Event, reads: Counter[str]) -> None:
    """Read again and again."""
    while not ended.is_set():
        try:
            store.read("house", THEN, FOREVER)
            store.latest("house")
            reads["went well"] += 1
        except StoreError as error:
            reads[str(error)[:200]] += 1
            time.sleep(0.01)
        time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

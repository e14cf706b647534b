"""Out of a source that hands its readings out once more when asked again, straight into a store."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from spaces.reading import Reading
from store.moving.appending import append_all
from store.moving.verifying import missing_of
from store.protocol import Store

Batches = Callable[[], Iterable[Sequence[Reading]]]
"""Each call gives all readings of one site from the beginning, in batches that are near in time."""
Progress = Callable[[str, int], None]
"""("imported" or "verified", how many more readings are)."""


@dataclass(slots=True)
class Copied:
    """What a copy did: `missing` were not in the target when it was read back."""

    stored: int = 0
    duplicate: int = 0
    missing: int = 0
    stopped: bool = False


def copy(batches: Batches, target: Store, stop: threading.Event, *, settle: float = 0.0, progress: Progress) -> Copied:
    """Append everything, then ask for it again and look for each reading in the target.

    `settle` is how many seconds after its answer the target may still forget what it took, or not show it yet.

    Raises:
        StoreError: one of the two does not answer; the same again makes it whole, repeats are duplicates.
    """
    done, ended = Copied(), time.monotonic()
    for batch in _until(stop, batches()):
        appended = append_all(target, batch, stop)
        done.stored += appended.stored + appended.spooled
        done.duplicate += appended.duplicate
        ended = time.monotonic()
        progress("imported", len(batch))
    stop.wait(max(0.0, ended + settle - time.monotonic()))
    for batch in _until(stop, batches()):
        done.missing += missing_of(batch, target)
        progress("verified", len(batch))
    done.stopped = stop.is_set()
    return done


def _until(stop: threading.Event, batches: Iterable[Sequence[Reading]]) -> Iterable[Sequence[Reading]]:
    if stop.is_set():
        return
    for batch in batches:
        yield batch
        if stop.is_set():
            return

"""What every store can do. Stores keep what sensors said, by sensor; they know nothing of spaces."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from spaces.reading import Reading
from spaces.readings import Readings
from spaces.times import FOREVER, Millis

ROWS_AT_ONCE = 20_000
"""The most readings in one batch of `rows`."""


class StoreError(Exception):
    """The store cannot do this now; the message says why and what to do. The same call may go well later.

    `retry_after` is the number of seconds that the store asked to be left alone, None where it did not.
    """

    retry_after: float | None = None


class ForbiddenError(StoreError):
    """The store does not let us in (a wrong or expired token): somebody must act, and nothing is thrown away."""


class TooLargeError(StoreError):
    """The batch is more than the store takes at once: split it."""


class RefusalError(StoreError):
    """The store will never take something in this batch: split it until the bad reading is found."""


class Appended(NamedTuple):
    """What became of a batch, in rows: `stored + duplicate + spooled` is its length.

    `spooled` rows are durable on this machine's disk, on their way to a store that is away or that does not
    promise durability when it answers.
    """

    stored: int
    duplicate: int
    spooled: int = 0


class Extent(NamedTuple):
    """Earliest and latest event time of a site's readings."""

    first: Millis
    last: Millis


class Store(Protocol):
    """Where readings rest. Methods may be called from any thread; appends are done one after another."""

    def append(self, batch: Sequence[Reading]) -> Appended:
        """Keep a batch; when this returns it is durable.

        A reading whose identity is there already with the same contents (or whose contents add nothing to
        what is there) is a duplicate; one that adds something is stored and merged on reading.

        Raises:
            StoreError: nothing of the batch is certain; append it again.
        """
        ...

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        """Return a site's readings with start <= time < end in columns, merged to one row an identity."""
        ...

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        """Yield a site's whole readings with start <= time < end in batches: what a move to another store reads.

        Every field is as it was appended, a decimal as the store keeps it (`battery_error`). Each identity comes
        once in all, merged as `spaces.reading.merge` does; the readings of one sensor come ascending in time, while
        sensors may follow each other or alternate. A batch has from 1 to ROWS_AT_ONCE readings, and no more than a
        few batches are in memory at a time, however long the window. What was there at the first step is in it;
        what is appended meanwhile may be. Appends and reads by the same thread between two steps go well, and a
        caller may stop at any step.

        Raises:
            StoreError: it cannot be read, at any step; the readings had until then are right.
        """
        ...

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        """Return the reading with the newest event time up to a moment of each sensor, merged, in order of sensor."""
        ...

    def extent(self, site: str) -> Extent | None:
        """Return the earliest and latest event time of a site, None where it has no readings."""
        ...

    def sites(self) -> tuple[str, ...]:
        """Return the sites that have readings, sorted."""
        ...

    def close(self) -> None:
        """Let go of files, threads and connections. A second call does nothing."""
        ...


@runtime_checkable
class RoundingStore(Protocol):
    """A store that does not keep every digit of a decimal."""

    @property
    def battery_error(self) -> float:
        """How far from what was appended a battery's charge may come back, in percent; all else is as it was."""
        ...


def battery_error(store: Store) -> float:
    """Return how far from what was appended a battery's charge may come back from a store, in percent."""
    return store.battery_error if isinstance(store, RoundingStore) else 0.0

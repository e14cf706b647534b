"""What every store can do. Stores keep what sensors said, by sensor; they know nothing of spaces."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from spaces.reading import Reading
from spaces.readings import Readings
from spaces.times import Millis


class StoreError(Exception):
    """The store cannot do this now, or not at all; the message says what to do. Nothing was half done."""


class Appended(NamedTuple):
    """What became of a batch, in rows: `stored + duplicate` is its length."""

    stored: int
    duplicate: int


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

    def latest(self, site: str) -> list[Reading]:
        """Return the reading with the newest event time of each sensor, merged, in order of sensor."""
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

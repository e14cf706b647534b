"""Whether a store still holds what it held: a number for each quarter-hour, another one when a reading was added.

What is kept of readings (roll-ups) carries the fingerprints that were asked for before the readings were read. While
they are what the store answers, nothing has come since, whoever wrote it and however late. A store answers with counts
of rows; one that cannot count has its readings read.
"""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from spaces.readings import Readings
from spaces.times import MINUTE, Millis
from store.protocol import Store

QUARTER: Millis = 15 * MINUTE
"""Offsets of time zones are multiples of it, so every local bucket is made of whole ones."""

Prints = NDArray[np.int64]
_MIX = tuple(np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93))


@runtime_checkable
class Counting(Protocol):
    """A store that can tell fingerprints without handing out readings."""

    def fingerprints(self, site: str, start: Millis, end: Millis, width: Millis = QUARTER) -> Prints:
        """Return one number for each stretch of a width (whole minutes) in [start, end), both multiples of it.

        0 where the site has no readings; what was appended to a stretch, if it changes what is read of it,
        changes its number. What a later `read` returns holds at least what was counted.

        Raises:
            StoreError: the store cannot be read.
        """
        ...


def fingerprints(store: Store, site: str, start: Millis, end: Millis, width: Millis = QUARTER) -> Prints:
    """Return the fingerprints of a site's quarter-hours (or other stretches) as `Counting` does, of any store.

    Raises:
        StoreError: the store cannot be read.
    """
    if isinstance(store, Counting):
        return store.fingerprints(site, start, end, width)
    return summed(store.read(site, start, end), start, end, width)


def summed(readings: Readings, start: Millis, end: Millis, width: Millis = QUARTER) -> Prints:
    """Return fingerprints made of readings: sums of what each reading is mixed to, so that no order matters."""
    total = np.zeros((end - start) // width, dtype=np.uint64)
    mixed = np.ones(len(readings.time), dtype=np.uint64)
    for name, odd in zip(("sensor", "time", "occupied", "people"), _MIX, strict=True):
        column: Prints = getattr(readings, name).astype(np.int64)
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ column.view(np.uint64)) * odd
    np.add.at(total, (readings.time - start) // width, mixed | np.uint64(1))
    return total.view(np.int64)


def quarters(first: Millis, last: Millis) -> tuple[Millis, Millis]:
    """Widen [first, last) to edges of quarter-hours.

    >>> quarters(1, 900_001)
    (0, 1800000)
    """
    return first // QUARTER * QUARTER, -(-last // QUARTER) * QUARTER

"""Counts and checksums of readings that do not depend on their order, nor on where they rest."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from spaces.reading import Reading

Digests = NDArray[np.uint64]
_WRAP = (1 << 64) - 1
_encode = msgspec.json.Encoder().encode


def canonical(reading: Reading) -> bytes:
    """Return the one spelling of a reading that checksums are made of: a JSON array of its fields.

    >>> canonical(Reading("hut", "d1", 5, 7, occupied=True, battery=50))
    b'["hut","d1",5,7,true,null,50.0,null,false]'
    """
    battery = None if reading.battery is None else float(reading.battery) + 0.0  # -0.0 is 0.0
    return _encode(
        (
            reading.site,
            reading.sensor,
            reading.time,
            reading.received,
            reading.occupied,
            reading.people,
            battery,
            reading.seq,
            reading.stamped,
        )
    )


def digests(batch: Sequence[Reading]) -> Digests:
    """Return each reading's digest, shape (n,): BLAKE2b of its canonical spelling, 8 bytes, taken as big-endian."""
    whole = b"".join([blake2b(canonical(reading), digest_size=8).digest() for reading in batch])
    return np.frombuffer(whole, dtype=">u8").astype(np.uint64)


class Tally(NamedTuple):
    """How many readings there are, and the sum of their digests modulo 2^64."""

    readings: int = 0
    checksum: int = 0

    def plus(self, batch: Sequence[Reading]) -> "Tally":
        """Return the tally with a batch added.

        >>> a, b = Reading("s", "d", 1, 1), Reading("s", "d", 2, 2)
        >>> Tally().plus([a, b]) == Tally().plus([b]).plus([a])
        True
        """
        total = self.checksum + int(digests(batch).sum(dtype=np.uint64))
        return Tally(self.readings + len(batch), total & _WRAP)

    def spelled(self) -> str:
        """Return the checksum as 16 hexadecimal digits."""
        return f"{self.checksum:016x}"


def tally_of(batches: Iterable[Sequence[Reading]]) -> Tally:
    """Return the tally of all batches."""
    tally = Tally()
    for batch in batches:
        tally = tally.plus(batch)
    return tally

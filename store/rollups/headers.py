"""What roll-up files say of themselves."""

import msgspec
import numpy as np

from spaces.times import Millis
from store.fingerprints import Prints

FORMAT = 2
"""Of the files themselves; others are taken for damaged ones."""
SHOWN = 20
"""Digits of a digest in a file's name; the whole of it is in the header."""
Signature = tuple[int, int, int]
"""Inode, time of writing and size: another one for every other file under a name."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself.

    It covers [start, end) of a day. `prints` are the store's fingerprints (`store.fingerprints`) of the quarter-hours
    from `since` on, asked for before the readings beneath were read.
    """

    format: int
    digest: str
    start: Millis
    end: Millis
    since: Millis
    prints: bytes

    def fingerprints(self) -> Prints:
        """Return the fingerprints as numbers."""
        return np.frombuffer(self.prints, dtype="<i8").astype(np.int64)


def header_of(*, digest: str, start: Millis, end: Millis, since: Millis, prints: Prints) -> Header:
    """Return the header of a file of this format."""
    return Header(
        format=FORMAT,
        digest=digest,
        start=start,
        end=end,
        since=since,
        prints=prints.astype("<i8").tobytes(),
    )

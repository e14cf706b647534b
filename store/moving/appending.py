"""Appending in bulk: what is too much is split, and who asks to be left alone is."""

import threading
from collections.abc import Sequence

from spaces.reading import Reading
from store.protocol import Appended, Store, StoreError, TooLargeError

_TRIES = 8
"""How often in a row a store may ask to be left alone."""


def append_all(target: Store, batch: Sequence[Reading], stop: threading.Event) -> Appended:
    """Append a batch, in halves where the store says that it is too much.

    Raises:
        StoreError: the store does not take it.
    """
    try:
        return _patiently(target, batch, stop)
    except TooLargeError:
        if len(batch) < 2:
            raise
    middle = len(batch) // 2
    one, other = append_all(target, batch[:middle], stop), append_all(target, batch[middle:], stop)
    return Appended(one.stored + other.stored, one.duplicate + other.duplicate, one.spooled + other.spooled)


def _patiently(target: Store, batch: Sequence[Reading], stop: threading.Event) -> Appended:
    for left in reversed(range(_TRIES)):
        try:
            return target.append(batch)
        except StoreError as error:
            if error.retry_after is None or not left or stop.wait(error.retry_after):
                raise
    raise AssertionError("the last try returns or raises")

"""Figures of buckets that are long over, kept while nothing beneath them has changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields
from typing import Any, Generic, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 32 * 1024 * 1024
_SHARE = 4
"""What takes more than this part of it is not kept: all else would have to go."""
Found = TypeVar("Found")


class Past(NamedTuple, Generic[Found]):
    """Figures of buckets that are over; `counted` tells of which spaces a count came, None where that is no matter."""

    figures: Found
    counted: NDArray[np.bool_] | None


class _Kept(NamedTuple):
    stamp: Hashable
    past: Past[Any]
    size: int


class PastFigures:
    """What was worked out, by question, the longest unasked forgotten first. Thread-safe."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def get(self, question: Hashable, stamp: Hashable, find: Callable[[], Past[Found]]) -> Past[Found]:
        """Return what is kept of a question under this very stamp, or find it out and keep it."""
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None and kept.stamp == stamp:
                self._kept.move_to_end(question)
                return cast("Past[Found]", kept.past)
        past = find()
        size = sum(array.nbytes for array in _arrays(past.figures)) + 1_000
        if size > self._most // _SHARE:
            return past
        with self._lock:
            if (old := self._kept.pop(question, None)) is not None:
                self._size -= old.size
            self._kept[question] = _Kept(stamp, past, size)
            self._size += size
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1].size
        return past


def beside(one: Found, other: Found) -> Found:
    """Join figures, arrays of shape (groups, buckets), of buckets that follow one another."""
    names = [field.name for field in fields(cast("Any", one))]
    joined = {name: np.concatenate([getattr(one, name), getattr(other, name)], axis=1) for name in names}
    return type(one)(**joined)


def _arrays(figures: Any) -> list[NDArray[Any]]:
    return [getattr(figures, field.name) for field in fields(figures)]

"""What was read from roll-up files, kept in memory while there is room."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.rolled import Rolled

_SMALL = 1 << 31


class GoneError(Exception):
    """A file was replaced or lost between two looks at it: ask the states."""


class Memory:
    """What was read from files, the longest unused forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, tuple[Rolled, int]] = OrderedDict()

    def get(self, key: Any, read: Callable[[], Rolled]) -> Rolled:
        """Return what is kept under a key, or read and keep it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        found = _compact(read())
        with self._lock:
            self._size += (size := _size(found)) - self._kept.pop(key, (found, 0))[1]
            self._kept[key] = found, size
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1][1]
        return found


def _compact(rolled: Rolled) -> Rolled:
    """Return the same in half the memory where numbers are small."""
    small = {name: values.astype(np.int32) if _is_small(values) else values for name, values in rolled.grouped.items()}
    return replace(rolled, grouped=small)


def _is_small(values: NDArray[Any]) -> bool:
    return bool(values.dtype == np.int64 and values.size and values.min() >= -_SMALL and values.max() < _SMALL)


def _size(rolled: Rolled) -> int:
    tables = (rolled.grouped, rolled.levels, rolled.runs, rolled.spaces)
    arrays = [rolled.counting, *(column for table in tables if table is not None for column in table.values())]
    return sum(array.nbytes + 100 for array in arrays)

"""What was read from roll-up files, kept in memory while there is room."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.rolled import Rolled
from dashboards.cache import Cache, Stamp

_SMALL = 1 << 31


class GoneError(Exception):
    """A file was replaced or lost between two looks at it: ask the states."""


class Memory:
    """What was read from files, the longest unused forgotten first. Thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._kept: Cache[Hashable, Rolled] = Cache(most_bytes, weigh=_size)

    def get(self, key: Hashable, stamp: Stamp, read: Callable[[], Rolled]) -> Rolled:
        """Return what is kept of a file, which the stamp tells from others under its name, or read and keep it."""
        return self._kept.get(key, stamp, lambda: _compact(read()))


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

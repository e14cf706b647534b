"""Runs of sorted transitions: how the level changes over each, its peak and its integral."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


class Runs(NamedTuple):
    """Runs of sorted keys, each [first, end); those from `until` on are of the moment at which its bucket ends."""

    first: NDArray[np.intp]
    end: NDArray[np.intp]
    until: NDArray[np.intp]

    def measured(self, keys: Whole, until: Whole, scratch: Whole) -> Whole:
        """Return net change, peak and area of each run, shape (3, runs), relative to the level when it begins.

        Keys are ``time << 1 | arrival``, `until` the time at which each run's bucket ends; `scratch` has two rows of at
        least two entries more than there are keys.
        """
        minus = np.bitwise_and(keys, 1, out=scratch[0, : len(keys)])
        minus -= 1  # 0 for an arrival, all bits for a departure
        moments = _moments(keys, minus, scratch[1, : len(keys) + 1])
        moved = np.where(self.first < self.end, np.add.reduceat(moments, self.first), 0)
        level = _levels(minus, scratch[1, : len(keys) + 2])
        begin = level[self.first]
        net = level[self.end] - begin
        moved += (self.end - self.first - net) // 2
        pairs = np.stack((self.first, self.until + 1), axis=1).reshape(-1)
        crest = np.maximum.reduceat(level, pairs)[::2] - begin
        return np.stack((net, crest, net * until - moved))


def _moments(keys: Whole, minus: Whole, out: Whole) -> Whole:
    """Return the time of each arrival, of each departure its complement (-time - 1); a 0 at the end."""
    inner = np.right_shift(keys, 1, out=out[:-1])
    inner ^= minus
    out[-1] = 0
    return out


def _levels(minus: Whole, out: Whole) -> Whole:
    """Return the level before each transition and after the last, which stands twice; `minus` is used up."""
    minus += minus
    minus += 1
    out[0] = 0
    np.cumsum(minus, out=out[1:-1])
    out[-1] = out[-2]
    return out

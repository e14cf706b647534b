"""Runs of sorted transitions: how the level changes over each, its peak and its integral."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.eights import Eights

Whole = NDArray[np.int64]


class Runs(NamedTuple):
    """Runs of sorted keys, each [first, end); those from `until` on are of the moment at which its bucket ends."""

    first: NDArray[np.intp]
    end: NDArray[np.intp]
    until: NDArray[np.intp]

    def measured(self, keys: Whole, until: Whole, scratch: Whole) -> Whole:
        """Return net change, peak and area of each run, shape (3, runs), relative to the level when it begins.

        Keys are ``time << 1 | arrival``, `until` the time at which each run's bucket ends; the times of a run and its
        `until` may count from any moment. `scratch` has at least one entry more than there are keys.
        """
        arrival = keys.astype(np.int8)
        arrival &= 1
        eights = Eights.of(arrival)
        arrival -= 1  # 0 for an arrival, all bits for a departure
        moments = _moments(keys, arrival, scratch[: len(keys) + 1])
        moved = np.where(self.first < self.end, np.add.reduceat(moments, self.first), 0)
        begin = eights.level(self.first)
        net = eights.level(self.end) - begin
        moved += (self.end - self.first - net) // 2
        crest = eights.highest(self.first, self.until) - begin
        return np.stack((net, crest, net * until - moved))


def _moments(keys: Whole, departure: NDArray[np.int8], out: Whole) -> Whole:
    """Return the time of each arrival, of each departure its complement (-time - 1); a 0 at the end."""
    inner = np.right_shift(keys, 1, out=out[:-1])
    inner ^= departure
    out[-1] = 0
    return out

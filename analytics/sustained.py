"""The most that was in use for a quarter of an hour on end: what a peak of a minute does not tell."""

import numpy as np
from numpy.typing import NDArray

from analytics.levels import GroupSteps
from spaces.times import MINUTE, Millis

Whole = NDArray[np.int64]
LONG: Millis = 15 * MINUTE


def sustained(steps: GroupSteps, level: Whole, long: Millis = LONG) -> tuple[Whole, Whole]:
    """Return the largest level that each bucket keeps up for so long, and the first moment it does, both int64.

    That is the largest over t of the minimum of the level over [t, t + long), which must lie within the bucket.
    `level` has one entry a step, -1 where there is none (closed, or nothing known). Shapes are (groups, buckets);
    the level is -1 where the bucket never has one for so long, its moment is of no meaning then.

    As t moves on, what comes in can only lower the minimum, so that it need be looked at only where a step begins.
    """
    least = np.full(len(level), -1, dtype=np.int64)
    rows = np.flatnonzero(steps.start + long <= steps.bucket_ends)
    group = np.searchsorted(steps.first[:, 0], np.arange(len(level)), side="right") - 1
    key = group * (int(steps.edges[-1] - steps.edges[0]) + 1) + steps.start
    least[rows] = _minima(level, rows, np.searchsorted(key, key[rows] + long))
    best = steps.most(least)
    return best, steps.first_reaching(least, best)


def _minima(values: Whole, low: NDArray[np.intp], high: NDArray[np.intp]) -> Whole:
    """Return the minimum of values[low:high] for each pair; low < high.

    Minima over 1, 2, 4, ... values follow from those of half the length; two of these that overlap cover any range.
    """
    found = np.empty(len(low), dtype=np.int64)
    sizes = np.frexp(high - low)[1] - 1
    table = values.copy()
    for size in range(int(sizes.max(initial=-1)) + 1):
        if size:
            half = 1 << (size - 1)
            table = np.minimum(table[:-half], table[half:])
        here = sizes == size
        found[here] = np.minimum(table[low[here]], table[high[here] - (1 << size)])
    return found

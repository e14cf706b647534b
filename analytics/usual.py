"""What is usual at an hour of a weekday: order statistics over the same weekday of past weeks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST = 4
"""Days that must be known before anything is called usual."""
_SHARES = (0.1, 0.5, 0.9)


class Usual(NamedTuple):
    """The 10th, 50th and 90th percentile of past days, NaN where fewer than `LEAST` are known, and how many are."""

    lo: NDArray[np.float64]
    median: NDArray[np.float64]
    hi: NDArray[np.float64]
    days: NDArray[np.int64]


def usual(past: NDArray[np.float64]) -> Usual:
    """Return what is usual from figures of past days.

    Args:
        past: float64, shape (days, ...): the figure of each day, NaN where it is not known.

    Returns:
        Arrays of the shape of a day. Percentiles are order statistics (numpy's ``inverted_cdf``): each was measured.

    >>> found = usual(np.array([[1.0], [2.0], [3.0], [4.0], [np.nan]]))
    >>> found.lo.item(), found.median.item(), found.hi.item(), found.days.item()
    (1.0, 2.0, 4.0, 4)
    """
    days = np.count_nonzero(~np.isnan(past), axis=0)
    ascending = np.sort(past, axis=0)  # NaN last
    lo, median, hi = (_ranked(ascending, days, share) for share in _SHARES)
    return Usual(lo, median, hi, days)


def _ranked(ascending: NDArray[np.float64], days: NDArray[np.int64], share: float) -> NDArray[np.float64]:
    """Return the smallest value that at least this share of the known days do not exceed."""
    if not len(ascending):
        return np.full(days.shape, np.nan)
    # A millionth less: 0.1 of 10 days is the first of them, however 0.1 * 10 is rounded.
    rank = np.maximum(np.ceil(share * days - 1e-6).astype(np.intp) - 1, 0)
    value = np.take_along_axis(ascending, rank[np.newaxis], axis=0)[0]
    return np.where(days >= LEAST, value, np.nan)

"""From quarter-hours to buckets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.cohorts import QUARTER
from analytics.rollup.opened import NotRolledUpError, Opened
from analytics.rollup.rolled import Whole


@dataclass(frozen=True, slots=True)
class Buckets:
    """m buckets over q quarter-hours: arrays of shape (groups, q) come to (groups, m)."""

    first: NDArray[np.intp]
    """The first quarter-hour of each bucket, and the one after its last."""
    after: NDArray[np.intp]
    ends: Whole
    """When each bucket ends, within the window."""
    begins: Whole
    """When the quarter-hours begin, whole ones, whatever the window's start."""

    @classmethod
    def over(cls, opened: Opened, edges: Whole) -> "Buckets":
        """Lay buckets over the quarter-hours; `edges` are m + 1 ascending UTC ms.

        Raises:
            NotRolledUpError: an edge is within a quarter-hour.
        """
        inside = edges[(edges > opened.start) & (edges < opened.end)]
        if (inside % QUARTER).any():
            raise NotRolledUpError("a bucket begins or ends within a quarter-hour")
        begins = opened.marks[:-1]
        bounds = np.searchsorted(begins, edges)
        return cls(bounds[:-1], bounds[1:], np.minimum(edges[1:], opened.end), begins // QUARTER * QUARTER)

    @property
    def of_quarters(self) -> NDArray[np.intp]:
        """The bucket of each quarter-hour, -1 for none."""
        of = np.full(len(self.begins), -1, dtype=np.intp)
        if len(self.first):
            of[self.first[0] : self.after[-1]] = np.repeat(np.arange(len(self.first)), self.after - self.first)
        return of

    def total(self, values: Whole) -> Whole:
        """Return the sums."""
        sums = np.zeros((len(values), values.shape[1] + 1), dtype=np.int64)
        np.cumsum(values, axis=1, out=sums[:, 1:])
        total: Whole = sums[:, self.after] - sums[:, self.first]
        return total

    def most(self, values: Whole) -> Whole:
        """Return the largest values; -1 where a bucket has no quarter-hour."""
        if not len(self.first):
            return np.zeros((len(values), 0), dtype=np.int64)
        padded = np.concatenate([values, np.full((len(values), 1), -1)], axis=1)
        pairs = np.stack((self.first, self.after), axis=1).reshape(-1)
        most = np.maximum.reduceat(padded, pairs, axis=1)[:, ::2]
        return np.where(self.first < self.after, most, -1)

    def highest(self, level: Whole, offset: Whole) -> tuple[Whole, Whole]:
        """Return the highest level of each bucket and its first moment; `offset` is where it is in its quarter-hour."""
        most = self.most(level)
        sought = np.full(level.shape, -2, dtype=np.int64)
        if len(self.first):
            sought[:, self.first[0] : self.after[-1]] = np.repeat(most, self.after - self.first, axis=1)
        latest = np.int64(np.iinfo(np.int64).max)
        moments = np.where(level == sought, self.begins + offset, latest)
        return most, -self.most(-moments)

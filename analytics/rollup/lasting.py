"""How long each level of a group lasted, bucket by bucket: what is needed where the order of moments is not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.bucketed import Buckets
from analytics.rollup.cohorts import QUARTER
from analytics.rollup.opened import NotRolledUpError, Opened
from analytics.rollup.rolled import Rolled, Whole


@dataclass(frozen=True, slots=True)
class Lasting:
    """n levels of groups in buckets, in any order: what `analytics.availability.sums_of` sums up."""

    shape: tuple[int, int]
    cell: NDArray[np.intp]
    """Group and bucket of each: `group * buckets + bucket`."""
    values: Whole
    """Known spaces, those in use, the known once more (their capacity) and the unknown: shape (4, n)."""
    lengths: Whole

    @classmethod
    def of(cls, opened: Opened, rolled: Rolled, buckets: Buckets) -> "Lasting":
        """Pick the levels of the cohorts that groups are while they are open.

        Raises:
            NotRolledUpError: levels were not read, or a group is no cohort.
        """
        table = rolled.levels
        if table is None:
            raise NotRolledUpError("levels were not read")
        shape = len(opened.groups.labels), len(buckets.first)
        of, first = buckets.of_quarters, opened.start // QUARTER
        parts = [np.zeros((5, 0), dtype=np.int64)]
        for group, quarters, (cohort, *_) in opened.cohorts():
            low, high = np.searchsorted(table["cohort"], (cohort, cohort + 1)).tolist()
            quarter = table["quarter"][low:high] - first
            rows = np.flatnonzero(quarters[quarter] & (of[quarter] >= 0))
            used, unknown, time = (table[name][low:high][rows] for name in ("occupied", "unknown", "time"))
            cell = group * shape[1] + of[quarter[rows]]
            parts.append(np.stack((cell, opened.layout.sizes[cohort] - unknown, used, unknown, time)))
        cell, known, used, unknown, time = np.concatenate(parts, axis=1)
        return cls(shape, cell.astype(np.intp), np.stack((known, used, known, unknown)), time)

    def least(self, values: Whole) -> Whole:
        """Return the smallest value of each bucket, shape (groups, buckets): of none the largest number there is."""
        found = np.full(self.shape[0] * self.shape[1], np.iinfo(np.int64).max)
        np.minimum.at(found, self.cell, values)
        return found.reshape(self.shape)

    def total(self, values: Whole) -> Whole:
        """Return the sum of each bucket."""
        found = np.zeros(self.shape[0] * self.shape[1], dtype=np.int64)
        np.add.at(found, self.cell, values)
        return found.reshape(self.shape)

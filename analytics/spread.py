"""Integrals of step functions over buckets, in whole milliseconds: no order of the spans changes a bit of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spread:
    """n spans of time [start, end) laid over the buckets of their groups; the weights come later.

    A span adds its weight to the level of its group from its start on and takes it away at its end. So the integral
    over a bucket is the level at its beginning times its length, plus what begins in it times what is left of the
    bucket, less the same of what ends in it: two sums a bucket, no loop, no sort.
    """

    shape: tuple[int, int]
    """Groups and buckets."""
    lengths: Whole
    """Of the buckets, in ms."""
    started: tuple[NDArray[np.intp], Whole]
    """For each span the cell (group and bucket) it starts in and what is left of the bucket then."""
    ended: tuple[NDArray[np.intp], Whole]

    @classmethod
    def over(cls, edges: Whole, groups: int, group: NDArray[np.intp], start: Whole, end: Whole) -> "Spread":
        """Lay spans within [first edge, last edge] over buckets; `group` says which group each belongs to."""

        def cells(moment: Whole) -> tuple[NDArray[np.intp], Whole]:
            bucket = np.searchsorted(edges, moment, side="right") - 1
            return group * len(edges) + bucket, ceiling[bucket] - moment

        ceiling = np.append(edges[1:], edges[-1:])
        return cls((groups, len(edges) - 1), np.diff(edges), cells(start), cells(end))

    def of(self, weight: Whole | int = 1) -> Whole:
        """Return the integrals of a weight (one a span, or one for all) in shape (groups, buckets), weight times ms."""
        groups, buckets = self.shape
        step = np.zeros(groups * (buckets + 1), dtype=np.int64)
        rest = np.zeros_like(step)
        for (cell, left), signed in ((self.started, weight), (self.ended, -weight)):
            np.add.at(step, cell, signed)
            np.add.at(rest, cell, signed * left)
        steps, rests = (sums.reshape(groups, buckets + 1)[:, :-1] for sums in (step, rest))
        level: Whole = np.cumsum(steps, axis=1) - steps
        return level * self.lengths + rests

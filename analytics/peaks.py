"""The most that were in use at once: simultaneous peaks with their time and upper bound."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.spacestates import SpaceStates
from spaces.site import Site

Measure = Literal["spaces", "people"]
Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PeakFigures:
    """Peaks of shape (groups, buckets), NaN where nothing is known (or counted).

    ``peak`` is the largest simultaneous sum of what is known, a whole number; ``peak_at`` (int64 UTC ms, -1
    where there is no peak) the first moment of it; ``peak_upper`` adds what is unknown. ``capacity`` is what the peak
    compares with, never NaN: the number of spaces for the measure `spaces`, for `people` the seats of the group
    in force at the peak (at the bucket's start where there is none). ``coverage`` is known / open, of states
    for `spaces`, of counts for `people`.
    """

    peak: Figures
    peak_at: NDArray[np.int64]
    peak_upper: Figures
    capacity: Figures
    coverage: Figures


def peaks(
    site: Site, states: SpaceStates, groups: Groups, edges: NDArray[np.int64], measure: Measure = "spaces"
) -> PeakFigures:
    """Return the peaks of each group and bucket inside open time; `edges` are n + 1 ascending UTC ms."""
    raise NotImplementedError

"""The most that were in use at once: simultaneous peaks with their time and upper bound."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.levels import GroupSteps, Measure, levels_of
from analytics.opentime import inside_open_time
from analytics.seats import Seats
from analytics.spacestates import SpaceStates
from analytics.sustained import sustained
from analytics.utilisation import Sums, members, ratio, summed
from spaces.site import Site

__all__ = ["Crests", "Measure", "PeakFigures", "figures_of", "peaks"]

Whole = NDArray[np.int64]
Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PeakFigures:
    """Peaks of shape (groups, buckets), NaN where nothing is known (or counted).

    ``peak`` is the largest simultaneous sum of what is known, a whole number; ``peak_at`` (int64 UTC ms, -1
    where there is no peak) the first moment of it; ``peak_upper`` adds what is unknown. ``capacity`` is what the peak
    compares with, never NaN: the number of spaces for the measure `spaces`, for `people` the seats of the group
    in force at the peak (at the bucket's start where there is none). ``coverage`` is known / open, of states
    for `spaces`, of counts for `people`. ``sustained`` is the largest sum that was kept up for 15 minutes on end within
    the bucket, NaN where nothing was known for so long, with the first moment of it (``sustained_at``, -1).
    """

    peak: Figures
    peak_at: NDArray[np.int64]
    peak_upper: Figures
    capacity: Figures
    coverage: Figures
    sustained: Figures
    sustained_at: NDArray[np.int64]


def peaks(
    site: Site, states: SpaceStates, groups: Groups, edges: NDArray[np.int64], measure: Measure = "spaces"
) -> PeakFigures:
    """Return the peaks of each group and bucket inside open time; `edges` are n + 1 ascending UTC ms.

    Only moments at which something of the group is open and known have a sum. The upper bound counts an unknown
    space as 1; of people it counts the seats of every space whose people are not known at that moment.
    """
    inside = inside_open_time(site, states, groups, edges)
    levels = levels_of(inside, measure)
    steps = GroupSteps.of(inside, edges, len(groups.labels), (levels.known, levels.sum, levels.unknown))
    return figures_of(_crests(steps), summed(inside, groups, edges), site, groups, edges, measure=measure)


class Crests(NamedTuple):
    """Of each group and bucket: the largest sum (-1 where nothing is known), its first moment, the upper bound.

    ``kept`` is the largest sum kept up for 15 minutes (-1 where none is), ``kept_at`` its first moment; None untold.
    """

    peak: Whole
    peak_at: Whole
    upper: Whole
    kept: Whole | None = None
    kept_at: Whole | None = None


def _crests(steps: GroupSteps) -> Crests:
    known, total, unknown = steps.values
    level = np.where(known > 0, total, -1)
    peak = steps.most(level)
    return Crests(peak, steps.first_reaching(level, peak), steps.most(total + unknown), *sustained(steps, level))


def figures_of(  # noqa: PLR0913 - what was found, and what it is of
    crests: Crests, sums: Sums, site: Site, groups: Groups, edges: Whole, *, measure: Measure
) -> PeakFigures:
    """Return the figures that crests and sums come to, wherever those are from."""
    known = crests.peak >= 0
    people = measure == "people"
    nowhere = np.full_like(crests.peak, -1)
    kept, kept_at = (
        nowhere if crests.kept is None else crests.kept,
        nowhere if crests.kept_at is None else crests.kept_at,
    )
    return PeakFigures(
        peak=np.where(known, crests.peak, np.nan),
        peak_at=np.where(known, crests.peak_at, -1),
        peak_upper=np.where(known, crests.upper, np.nan),
        capacity=(
            Seats.within(site, (int(edges[0]), int(edges[-1])))
            .of_groups(groups, np.where(known, crests.peak_at, edges[:-1]))
            .astype(np.float64)
            if people
            else members(groups, crests.peak.shape)
        ),
        coverage=ratio(sums.counted if people else sums.known, sums.open),
        sustained=np.where(kept >= 0, kept, np.nan),
        sustained_at=np.where(kept >= 0, kept_at, -1),
    )

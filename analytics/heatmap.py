"""The week at a glance: weekday x local hour, each cell a ratio of sums."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges, local_hours
from analytics.groups import Groups
from analytics.opentime import inside_open_time
from analytics.spacestates import SpaceStates
from analytics.utilisation import Sums, ratio, summed
from spaces.site import Site
from spaces.times import HOUR

CELLS = 7 * 24

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeatFigures:
    """Figures of shape (groups, 7, 24): weekday (0 = Monday) x local hour of the site; NaN where nothing is known.

    ``occupied_hours``, ``known_hours`` and ``open_hours`` are sums over the window (the first NaN where
    nothing is known); ``coverage`` is NaN where never open.
    """

    utilisation: Figures
    average_occupancy: Figures
    occupied_hours: Figures
    known_hours: Figures
    open_hours: Figures
    coverage: Figures


@dataclass(frozen=True, slots=True)
class HeatSums:
    """What a heat map is made of: int64 of shape (groups, 7 * 24), in space-ms; ``any_open`` in ms."""

    occupied: NDArray[np.int64]
    known: NDArray[np.int64]
    open: NDArray[np.int64]
    any_open: NDArray[np.int64]

    def plus(self, other: "HeatSums") -> "HeatSums":
        """Return the sums of two stretches of time that do not overlap."""
        return HeatSums(
            self.occupied + other.occupied,
            self.known + other.known,
            self.open + other.open,
            self.any_open + other.any_open,
        )


def heatmap(site: Site, states: SpaceStates, groups: Groups) -> HeatFigures:
    """Return the heat map of each group over the states' window: sums over equal local hours, then their ratios."""
    marks = edges(site.tz, *states.window, "1h")
    return figures_of(gathered(summed(inside_open_time(site, states, groups, marks), groups, marks), site, marks))


def gathered(sums: Sums, site: Site, marks: NDArray[np.int64]) -> HeatSums:
    """Add up the sums of hours (`marks` are their edges) that a week's clock shows alike."""
    cell = local_hours(site.tz, marks[:-1])

    def added(values: NDArray[np.int64]) -> NDArray[np.int64]:
        total = np.zeros((CELLS, len(values)), dtype=np.int64)
        np.add.at(total, cell, values.T)
        return total.T

    return HeatSums(*map(added, (sums.occupied, sums.known, sums.open, sums.any_open)))


def figures_of(sums: HeatSums) -> HeatFigures:
    """Return the figures that sums come to, wherever those are from."""
    columns = (sums.occupied, sums.known, sums.open, sums.any_open)
    occupied, known, opened, any_open = (column.reshape(-1, 7, 24) for column in columns)
    return HeatFigures(
        utilisation=ratio(occupied, known),
        average_occupancy=ratio(occupied, known) * ratio(opened, any_open),
        occupied_hours=ratio(occupied, HOUR, where=known),
        known_hours=known / HOUR,
        open_hours=opened / HOUR,
        coverage=ratio(known, opened),
    )

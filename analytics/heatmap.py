"""The week at a glance: weekday x local hour, each cell a ratio of sums."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.spacestates import SpaceStates
from spaces.site import Site

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeatFigures:
    """Figures of shape (groups, 7, 24): weekday (0 = Monday) x local hour of the site; NaN where nothing is known.

    ``occupied_hours``, ``known_hours`` and ``open_hours`` are sums over the window; ``coverage`` is NaN where
    never open.
    """

    utilisation: Figures
    average_occupancy: Figures
    occupied_hours: Figures
    known_hours: Figures
    open_hours: Figures
    coverage: Figures


def heatmap(site: Site, states: SpaceStates, groups: Groups) -> HeatFigures:
    """Return the heat map of each group over the states' window."""
    raise NotImplementedError

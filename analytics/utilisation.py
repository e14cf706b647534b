"""How much spaces are used: time utilisation, average occupancy, person-hours, capacity utilisation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.spacestates import SpaceStates
from spaces.site import Site

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class UtilisationFigures:
    """Figures of shape (groups, buckets), NaN where nothing is known (or open, or counted).

    All are taken inside each space's open time within the states' window. ``spaces`` is the number of spaces of
    the group, ``capacity`` their seats in force (mean over the bucket); these two are never NaN.
    ``people_*``, ``capacity_utilisation`` and ``fill_when_used`` are NaN where no space of the group has
    people figures. ``open_hours``, ``known_hours`` are never NaN; ``coverage`` is NaN where never open.
    """

    utilisation: Figures
    lo: Figures
    hi: Figures
    average_occupancy: Figures
    occupied_hours: Figures
    average_people: Figures
    people_hours: Figures
    capacity_utilisation: Figures
    fill_when_used: Figures
    spaces: Figures
    capacity: Figures
    open_hours: Figures
    known_hours: Figures
    coverage: Figures
    people_coverage: Figures


def utilisation(site: Site, states: SpaceStates, groups: Groups, edges: NDArray[np.int64]) -> UtilisationFigures:
    """Return the figures of each group and bucket; `edges` are n + 1 ascending UTC ms for n buckets."""
    raise NotImplementedError

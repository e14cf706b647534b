"""What figures over whole days share: the window widened to local days, its states, and why something is null."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges
from analytics.groups import Groups
from analytics.opentime import inside_open_time
from analytics.spacestates import SpaceStates, no_states
from analytics.utilisation import ratio, summed
from dashboards.api.house import House
from dashboards.api.query import SpanQuery
from dashboards.api.window import asked
from spaces.site import Site
from spaces.times import Millis, rfc3339

CLOSED, NO_DATA, NOT_YET, NO_SPACE = "closed", "no data", "not yet", "no such space"


class Days(NamedTuple):
    """A site's states over whole local days [start, end), up to now."""

    site: Site
    now: Millis
    start: Millis
    end: Millis
    states: SpaceStates

    def meta(self) -> dict[str, object]:
        """Return the window for an answer's frame."""
        return {"window": {"from": rfc3339(self.start), "to": rfc3339(self.end)}}


def days_asked(house: House, site_id: str, query: SpanQuery) -> Days:
    """Return the days that a request means.

    Raises:
        Problem: 404 for a site that is not known, 422 for times that are wrong.
    """
    site, now = house.site(site_id), house.now()
    start, end = edges(site.tz, *asked(site, query, now, house.settings), "1d")[[0, -1]].tolist()
    states = house.states.over(site, start, end, now)
    return Days(site, now, start, end, no_states(site, start) if states is None else states)


class Known(NamedTuple):
    """Of each group: open and known space-time (ms), their ratio (NaN where never open), and why it is nothing."""

    open: NDArray[np.int64]
    known: NDArray[np.int64]
    coverage: NDArray[np.float64]
    reason: list[str | None]


def known(days: Days, groups: Groups) -> Known:
    """Return how much of the days is known of each group."""
    marks = np.array([days.start, days.end], dtype=np.int64)
    sums = summed(inside_open_time(days.site, days.states, groups, marks), groups, marks)
    opened, told = sums.open[:, 0], sums.known[:, 0]
    members = np.isin(np.arange(len(groups.labels)), groups.of)
    reasons = [
        NO_SPACE if not has else NOT_YET if days.start >= days.now else CLOSED if not a else None if b else NO_DATA
        for has, a, b in zip(members.tolist(), opened.tolist(), told.tolist(), strict=True)
    ]
    return Known(opened, told, ratio(told, opened), reasons)

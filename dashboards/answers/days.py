"""What figures over whole days share: the window widened to local days, its states, and why something is null."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.opentime import inside_open_time
from analytics.spacestates import SpaceStates, no_states
from analytics.utilisation import ratio, summed
from dashboards.answers.context import Context
from dashboards.answers.windows import Span
from spaces.site import Site
from spaces.times import Millis

CLOSED, NO_DATA, NOT_YET, NO_SPACE = "closed", "no data", "not yet", "no such space"


class Days(NamedTuple):
    """A site's states over whole local days [start, end), up to now."""

    site: Site
    span: Span
    states: SpaceStates

    @property
    def now(self) -> Millis:
        """The moment of the answer."""
        return self.span.now

    @property
    def start(self) -> Millis:
        """Where the first day begins."""
        return self.span.start

    @property
    def end(self) -> Millis:
        """Where the last day ends."""
        return self.span.end


def read_days(context: Context, site: Site, span: Span) -> Days:
    """Return the local days that a span touches, with their states.

    Raises:
        StoreError: the store cannot be read.
    """
    span = span.widened(site, "1d")
    states = context.states.over(site, *span)
    return Days(site, span, no_states(site, span.start) if states is None else states)


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

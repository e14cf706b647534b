"""The shortage curve: what each number of desks would have meant on measured days."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.sizing.days import OpenDays
from analytics.sizing.demand import Stays
from analytics.sizing.levels import time_at_levels
from analytics.sizing.replay import needs
from spaces.times import HOUR

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]
MONTH = 365.2425 / 12
"""Days of a mean month."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Figures by number of desks, entry i of i + 1 desks: arrays of one length.

    ``full`` is the share of open time with at least so many stays, ``short`` with more. ``unserved_hours`` are
    seat-hours a month. ``refused_*`` are shares of all stays, NaN where there was none. ``days_a_month`` are those on
    which somebody goes 15 minutes without a desk.
    """

    full: Figures
    short: Figures
    unserved_hours: Figures
    refused_leave: Figures
    refused_wait: Figures
    refused_overlay: Figures
    days_a_month: Figures


@dataclass(frozen=True, slots=True)
class Replayed:
    """What stays of d days say of any number of desks.

    ``levels`` is the open time (ms) with 0, 1, ... stays at once; ``leave``, ``wait`` and ``overlay`` count the stays
    that need 0, 1, ... desks; ``day_needs`` and ``day_most`` are the desks that each day needs, and the most stays
    at once on it.
    """

    levels: Whole
    leave: Whole
    wait: Whole
    overlay: Whole
    day_needs: Whole
    day_most: Whole

    @property
    def most(self) -> int:
        """The most stays at once."""
        return int(self.day_most.max(initial=0))

    def curves(self, desks: int, *, open_days_a_month: float) -> Curves:
        """Return the figures of 1 to so many desks."""
        days, stays = len(self.day_needs), int(self.leave.sum()) or np.nan
        opened = max(int(self.levels.sum()), 1)
        more = _more_than(self.levels, max(desks, len(self.levels)))
        beyond = np.cumsum(more[::-1])[::-1][1 : desks + 1]
        return Curves(
            full=more[:desks] / opened,
            short=more[1 : desks + 1] / opened,
            unserved_hours=beyond / HOUR / max(days, 1) * open_days_a_month,
            refused_leave=_more_than(self.leave, desks)[1:] / stays,
            refused_wait=_more_than(self.wait, desks)[1:] / stays,
            refused_overlay=_more_than(self.overlay, desks)[1:] / stays,
            days_a_month=short_days(self.day_needs, desks).mean(axis=0) * open_days_a_month,
        )


def replayed(stays: Stays, days: OpenDays) -> Replayed:
    """Replay stays."""
    table = time_at_levels(stays, days)
    found = needs(stays, len(days))
    most = np.where(table > 0, np.arange(table.shape[1]), 0).max(axis=1, initial=0)
    leave, wait, overlay = (np.bincount(need, minlength=1) for need in (found.leave, found.wait, found.overlay))
    return Replayed(table.sum(axis=0), leave, wait, overlay, found.day, most)


def short_days(day_needs: Whole, desks: int) -> NDArray[np.bool_]:
    """Tell of each day (row) whether somebody goes without a desk with 1 to so many desks (columns)."""
    short: NDArray[np.bool_] = day_needs[:, None] > np.arange(1, desks + 1)[None, :]
    return short


def _more_than(counts: Whole, most: int) -> Whole:
    """Return the sum of what is counted at more than 0, 1, ..., most.

    >>> _more_than(np.array([5, 3, 1]), 3)
    array([4, 1, 0, 0])
    """
    padded = np.zeros(max(most + 2, len(counts)), dtype=np.int64)
    padded[: len(counts)] = counts
    above: Whole = np.cumsum(padded[::-1])[::-1][1 : most + 2]
    return above

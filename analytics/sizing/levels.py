"""How long so many desks were asked for at once, by day."""

import numpy as np
from numpy.typing import NDArray

from analytics.sizing.days import OpenDays
from analytics.sizing.demand import Stays, within_days

Whole = NDArray[np.int64]


def time_at_levels(stays: Stays, days: OpenDays) -> Whole:
    """Return the open time (ms) of each day at which 0, 1, ... stays were there at once: shape (d, most + 1)."""
    _, day, start, end = within_days(days, stays.start, stays.end)
    moment, level, day = steps(day, start, end)
    lasting = np.diff(moment, append=moment[-1:])
    most = int(level.max(initial=0))
    spent = np.bincount(day * (most + 1) + level, weights=lasting, minlength=len(days) * (most + 1))
    table = np.rint(spent).astype(np.int64).reshape(len(days), most + 1)
    table[:, 0] = days.open_time - table[:, 1:].sum(axis=1)
    return table


def steps(day: Whole, start: Whole, end: Whole) -> tuple[Whole, Whole, Whole]:
    """Return the moments (ascending) at which a number of stays changes, that number from then on, and the day.

    Several changes at one moment are several steps, departures first; all but the last of them last no time.
    """
    keys = np.concatenate((start << 1 | 1, end << 1))
    order = np.argsort(keys, kind="stable")
    change = np.where(keys[order] & 1, 1, -1)
    return keys[order] >> 1, np.cumsum(change), np.concatenate((day, day))[order]

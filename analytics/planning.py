"""Planning peaks: what daily peaks seldom exceed, over all open days and over the busiest weekday."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.peaks import PeakFigures

Whole = NDArray[np.int64]
Figures = NDArray[np.float64]
NOT_OVER, NO_DATA, UNKNOWN = "not over yet", "no data", "too much unknown"
PLANNING, HIGH = 95, 90
"""Percent of days which a planning peak, and the lower one beside it, cover."""
CONFIDENCE = 0.95
_MOST_UNKNOWN = 10
"""Percent of capacity by which the unknown may leave a day's peak open."""


class LeftOut(NamedTuple):
    """A day that does not count for a group (indexes), and why."""

    group: int
    day: int
    reason: str


@dataclass(frozen=True, slots=True)
class PlanningFigures:
    """Figures of one entry a group, NaN where it has no day that counts.

    ``planning_peak`` is the P95 of daily peaks, ``p90`` the P90; ``busiest_*`` the same of the weekday with the highest
    mean daily peak (``busiest_weekday``, 0 = Monday, the earliest of equals). ``upper`` is the upper confidence bound
    (95 %) of the P95, NaN below 59 days. ``days`` counts the days that count, ``days_left_out`` the open days that do
    not: ``left_out`` has each of them.
    """

    planning_peak: Figures
    p90: Figures
    busiest_weekday: Figures
    busiest_planning_peak: Figures
    busiest_p90: Figures
    upper: Figures
    days: Whole
    days_left_out: Whole
    left_out: tuple[LeftOut, ...]


def planning(daily: PeakFigures, weekday: Whole, over: NDArray[np.bool_]) -> PlanningFigures:
    """Return the planning peaks of groups from the peaks of d open days (`daily`, of shape (groups, d)).

    `weekday` and `over` have one entry a day: 0 = Monday, and whether it is past. A day on which a group is not open is
    none of its days. One that is open counts if it is past, anything of it is known, and what was unknown leaves its
    peak open by at most 10 % of capacity (`peak_upper` - `peak`).
    """
    left_out = tuple(_left_out(daily, over))
    counts = ~np.isnan(daily.coverage)
    opened = counts.sum(axis=1)
    for group, day, _ in left_out:
        counts[group, day] = False
    found = [_of_group(peaks[mine], weekday[mine]) for peaks, mine in zip(daily.peak, counts, strict=True)]
    peak, p90, busiest, busiest_peak, busiest_p90, upper = np.array(found, dtype=np.float64).reshape(-1, 6).T
    days: Whole = counts.sum(axis=1)
    return PlanningFigures(
        planning_peak=peak,
        p90=p90,
        busiest_weekday=busiest,
        busiest_planning_peak=busiest_peak,
        busiest_p90=busiest_p90,
        upper=upper,
        days=days,
        days_left_out=opened - days,
        left_out=left_out,
    )


def order_statistic(values: Figures, percent: int) -> float:
    """Return the smallest value that at least so many percent of the values do not exceed, NaN where there is none.

    That is the ceil(percent / 100 * k)-th smallest of k: one that was measured, nothing in between.

    >>> order_statistic(np.arange(1.0, 21.0), 95), order_statistic(np.array([7.0, 3.0]), 95)
    (19.0, 7.0)
    """
    if not len(values):
        return float("nan")
    return float(np.sort(values)[-(-percent * len(values) // 100) - 1])


def upper_bound(values: Figures, percent: int = PLANNING, confidence: float = CONFIDENCE) -> float:
    """Return the smallest order statistic that bounds a percentile from above with some confidence.

    Whatever the distribution, at most r - 1 of k independent values lie below their p-quantile with the probability
    that a binomial (k, p) has there; the r-th smallest is a bound if that is at least the confidence. NaN where not
    even the largest is one: for P95 with 95 % confidence below 59 values, since 0.95^59 < 0.05 <= 0.95^58.
    (Order statistics as distribution-free confidence bounds: W. R. Thompson 1936, S. S. Wilks 1941.)
    """
    k, share = len(values), percent / 100
    chance = tail = share**k  # of exactly r, and of at least r, values below the quantile, for r = k
    if tail > 1 - confidence or not k:
        return float("nan")
    rank = k
    while rank > 1:
        chance *= rank / (k - rank + 1) * (1 - share) / share
        if tail + chance > 1 - confidence:
            break
        tail += chance
        rank -= 1
    return float(np.sort(values)[rank - 1])


def _of_group(peaks: Figures, weekday: Whole) -> tuple[float, ...]:
    means = [peaks[weekday == day].mean() if np.any(weekday == day) else -1 for day in range(7)]
    busiest = int(np.argmax(means))
    theirs = peaks[weekday == busiest]
    return (
        order_statistic(peaks, PLANNING),
        order_statistic(peaks, HIGH),
        busiest if len(peaks) else float("nan"),
        order_statistic(theirs, PLANNING),
        order_statistic(theirs, HIGH),
        upper_bound(peaks),
    )


def _left_out(daily: PeakFigures, over: NDArray[np.bool_]) -> Iterator[LeftOut]:
    nothing = np.isnan(daily.peak)
    open_by = np.where(nothing, 0, daily.peak_upper - daily.peak)
    reasons = np.select(
        [np.isnan(daily.coverage), np.broadcast_to(~over, nothing.shape), nothing],
        ["", NOT_OVER, NO_DATA],
        np.where(100 * open_by > _MOST_UNKNOWN * daily.capacity, UNKNOWN, ""),
    )
    for group, day in np.argwhere(reasons != "").tolist():
        yield LeftOut(group, day, str(reasons[group, day]))

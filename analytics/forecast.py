"""The next two weeks by the hour, by a method that can be told at the counter.

The forecast of an hour is the median of the same weekday and hour over the last eight weeks that are known. Its
interval says how far such forecasts were off: of the errors made at that local hour over the last twelve weeks, in
proportion to the root of what was forecast, a tenth lay below and a tenth above. Nothing else is looked at: no
holidays (closed hours have no forecast), no weather, no trend faster than some weeks.

The ends are order statistics as conformal prediction takes them (Vovk, Gammerman and Shafer, "Algorithmic learning in
a random world", 2005): of n errors that are like the next one, it lies between the j-th smallest and the j-th
largest with chance 1 - 2 j / (n + 1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]
Medians = tuple[Figures, NDArray[np.intp]]
HORIZON = 14
"""Days."""
MEDIAN_WEEKS = 8
ERROR_DAYS = 12 * 7
HISTORY_DAYS = MEDIAN_WEEKS * 7 + ERROR_DAYS
"""No more of the past is looked at, but for where forecasts for the second week need a week more."""
FEWEST_WEEKS = 8
"""With less history there is no interval."""
_TRUSTED = 4
"""Errors are taken from medians of at least so many weeks."""
SHARE = 0.8
"""Of true values, what the interval is meant to hold."""


@dataclass(frozen=True)
class Forecast:
    """Figures of shape (groups, HORIZON, 24), NaN where there are none: day 0 is the first after the history.

    ``weeks`` of history there are, by group; below `FEWEST_WEEKS` ``lo`` and ``hi`` are NaN.
    """

    median: Figures
    lo: Figures
    hi: Figures
    weeks: NDArray[np.intp]


def forecast(history: Figures) -> Forecast:
    """Forecast from a history of shape (groups, days, 24): a value an hour, NaN where closed or unknown.

    The history ends where the forecast begins, and is laid out in local days and hours (`by_local_hours`).
    """
    groups, days, _ = history.shape
    ahead = np.full((groups, HORIZON, 24), np.nan)
    medians = {gap: _medians(np.concatenate((history, ahead), axis=1), gap) for gap in (1, 2)}
    median = np.concatenate([medians[gap][0][:, days + 7 * gap - 7 : days + 7 * gap] for gap in (1, 2)], axis=1)
    ends = [np.repeat(_quantiles(_errors(history, medians[gap]), days), 7, axis=2) for gap in (1, 2)]
    low, high = np.concatenate(ends, axis=2) * _scale(median)
    weeks = weeks_known(history)
    sure = (weeks >= FEWEST_WEEKS)[:, None, None]
    return Forecast(
        median=median,
        lo=np.where(sure, np.maximum(median + low, 0.0), np.nan),
        hi=np.where(sure, np.maximum(median + high, 0.0), np.nan),
        weeks=weeks,
    )


def weeks_known(history: Figures) -> NDArray[np.intp]:
    """Return how many whole weeks before the history's end its first known hour lies, by group."""
    return np.asarray((history.shape[1] - _first_known(history)) // 7, dtype=np.intp)


def _first_known(history: Figures) -> NDArray[np.intp]:
    """Return the first day of each group of which anything is known; of none, how many days there are."""
    days = history.shape[1]
    day = np.where(np.isnan(history), days, np.arange(days)[None, :, None])
    return np.asarray(day.min(axis=(1, 2), initial=days), dtype=np.intp)


def by_local_hours(values: Figures, days: NDArray[np.intp], hours: NDArray[np.intp], count: int) -> Figures:
    """Lay values of shape (groups, buckets) out by local day and hour: shape (groups, count, 24), NaN elsewhere.

    ``days`` and ``hours`` say where each bucket belongs. An hour that the clock shows twice is the mean of the two.
    """
    known = ~np.isnan(values)
    place = days * 24 + hours
    total, number = np.zeros((2, len(values), count * 24))
    for group in range(len(values)):
        total[group] = np.bincount(place, weights=np.where(known[group], values[group], 0.0), minlength=count * 24)
        number[group] = np.bincount(place, weights=known[group], minlength=count * 24)
    laid = np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
    return laid.reshape(len(values), count, 24)


@dataclass(frozen=True)
class Score:
    """How forecasts did: means over hours and origins.

    ``coverage`` is the share of values inside the interval, ``width`` its mean width; ``score`` the interval score
    (Gneiting and Raftery, Journal of the American Statistical Association 102, 2007): width plus 2 / (1 - SHARE) times
    how far a value lay outside; ``error`` the mean absolute error of the median. Less is better of all but coverage.
    """

    coverage: float
    width: float
    score: float
    error: float


@dataclass(frozen=True)
class HorizonScores:
    """Our forecast beside "the same hour last week", over the same hours; None where none could be tried."""

    horizon: int
    hours: int
    ours: Score | None
    last_week: Score | None


def back_test(history: Figures) -> list[HorizonScores]:
    """Forecast from every day on of one group's history, shape (days, 24), that has `FEWEST_WEEKS` before it.

    "The same hour last week" (for the second week: the week before) gets an interval from its own errors in the
    same way.
    """
    values = history[None]
    days = values.shape[1]
    first = int(_first_known(values)[0]) + FEWEST_WEEKS * 7
    found: dict[int, list[Figures]] = {horizon: [] for horizon in range(1, HORIZON + 1)}
    for gap in (1, 2):
        rivals = [_medians(values, gap, weeks) for weeks in (MEDIAN_WEEKS, 1)]
        errors = [_errors(values, rivals[0]), _errors(values, rivals[1], trusted=1)]
        for origin in range(first, days):
            ends = [_quantiles(each, origin)[:, 0, 0] for each in errors]
            for horizon in range(7 * gap - 6, 7 * gap + 1):
                if (day := origin + horizon - 1) < days:
                    found[horizon].append(_judged(values[0, day], [median[0, day] for median, _ in rivals], ends))
    return [_summed(horizon, parts) for horizon, parts in found.items()]


def quiet_stretches(forecast: Forecast, group: int, capacity: Figures, hours: int) -> list[tuple[int, int, float]]:
    """Return the quietest stretch of so many hours of each day as (day, hour, share), the quietest first.

    ``share`` is the largest forecast in the stretch (its upper end; the median where there is none) of ``capacity``,
    shape (HORIZON, 24). A stretch is of hours with a forecast, one after another on one day; of equal ones it is the
    earliest.
    """
    upper = np.where(np.isnan(forecast.hi[group]), forecast.median[group], forecast.hi[group])
    share = np.divide(upper, capacity, out=np.full_like(upper, np.nan), where=capacity > 0)
    most = np.lib.stride_tricks.sliding_window_view(share, hours, axis=1).max(axis=2)
    found = [
        (day, int(np.nanargmin(row)), float(np.nanmin(row))) for day, row in enumerate(most) if not np.isnan(row).all()
    ]
    return sorted(found, key=lambda one: (one[2], one[0]))


def _medians(values: Figures, gap: int, weeks: int = MEDIAN_WEEKS) -> Medians:
    """Return each day's median of its weekday, by hour, over the weeks that end `gap` before it, and of how many.

    What is NaN is left out; a median of none is NaN.
    """
    stack = np.stack([_shifted(values, 7 * (gap + week)) for week in range(weeks)])
    count = (~np.isnan(stack)).sum(axis=0)
    ordered = np.sort(stack, axis=0)
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, weeks - 1)
    middle = [np.take_along_axis(ordered, which[None], axis=0)[0] for which in (low, high)]
    return np.where(count > 0, (middle[0] + middle[1]) / 2, np.nan), count


def _shifted(values: Figures, days: int) -> Figures:
    """Return what stood so many days before."""
    moved = np.full_like(values, np.nan)
    if days < values.shape[1]:
        moved[:, days:] = values[:, : values.shape[1] - days]
    return moved


def _errors(values: Figures, medians: Medians, trusted: int = _TRUSTED) -> Figures:
    """Return how far each value was from its forecast, in roots of it; NaN where it was of fewer weeks."""
    median, count = medians[0][:, : values.shape[1]], medians[1][:, : values.shape[1]]
    errors: Figures = np.where(count >= trusted, (values - median) / _scale(median), np.nan)
    return errors


def _scale(median: Figures) -> Figures:
    """Return what errors grow with: those of counts go with the root."""
    scale: Figures = np.sqrt(np.maximum(median, 0.0) + 1)
    return scale


def _quantiles(errors: Figures, origin: int) -> Figures:
    """Return the ends of the errors before an origin, by hour: shape (2, groups, 1, 24), NaN for too few."""
    recent = errors[:, max(origin - ERROR_DAYS, 0) : origin]
    ordered = np.sort(recent, axis=1)
    count = (~np.isnan(recent)).sum(axis=1, keepdims=True)
    place = np.floor((count + 1) * (1 - SHARE) / 2 + 1e-9).astype(np.intp)
    if not ordered.shape[1]:
        return np.full((2, *count.shape), np.nan)
    low = np.take_along_axis(ordered, np.maximum(place - 1, 0), axis=1)
    high = np.take_along_axis(ordered, np.maximum(count - np.maximum(place, 1), 0), axis=1)
    return np.where(place > 0, np.stack((low, high)), np.nan)


def _judged(true: Figures, medians: list[Figures], ends: list[Figures]) -> Figures:
    """Return covered, width, score and error of each rival, shape (rivals, 4, n), of the hours that all forecast."""
    found = []
    for median, (below, above) in zip(medians, ends, strict=True):
        scale = _scale(median)
        low, high = np.maximum(median + below * scale, 0), np.maximum(median + above * scale, 0)
        outside = np.maximum(low - true, 0) + np.maximum(true - high, 0)
        score = high - low + 2 / (1 - SHARE) * outside
        found.append(np.stack((np.where(outside > 0, 0.0, 1.0), high - low, score, np.abs(true - median))))
    judged = np.stack(found)
    return judged[:, :, ~np.isnan(judged).any(axis=(0, 1))]


def _summed(horizon: int, parts: list[Figures]) -> HorizonScores:
    joined = np.concatenate([np.zeros((2, 4, 0)), *parts], axis=2)
    if not joined.shape[2]:
        return HorizonScores(horizon, 0, None, None)
    ours, last_week = (Score(*means) for means in joined.mean(axis=2).tolist())
    return HorizonScores(horizon, joined.shape[2], ours, last_week)

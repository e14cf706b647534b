"""How long something lasts where not every end was seen: the product-limit estimator of Kaplan and Meier.

E. L. Kaplan, P. Meier: Nonparametric estimation from incomplete observations. Journal of the American Statistical
Association 53 (1958). Variance by M. Greenwood (1926); limits on the scale of log(-log S), J. D. Kalbfleisch and R. L.
Prentice: The statistical analysis of failure time data (1980), which stay within 0 and 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]
Z95 = 1.959963984540054
"""Half the width of a 95 % interval, in standard deviations of a normal distribution."""
_TINY = 1e-12
"""Rounding of a product of ratios: a share this near to the one sought has reached it."""


@dataclass(frozen=True, slots=True)
class Survival:
    """What share lasts longer than a time: it falls at each of n `times` (ascending) to `share`.

    ``lo`` and ``hi`` are its 95 % limits, NaN where the share is 0. ``longest`` is the longest time looked at,
    `times` or not. Without any observation all is empty and ``longest`` 0.
    """

    times: NDArray[np.int64]
    share: Figures
    lo: Figures
    hi: Figures
    longest: int

    def longer_than(self, moments: NDArray[np.int64]) -> tuple[Figures, Figures, Figures]:
        """Return share, lo and hi at moments, NaN beyond the longest time looked at unless nothing is left by then."""
        place = np.searchsorted(self.times, moments, side="right")
        beyond = (moments > self.longest) & bool(len(self.share) == 0 or self.share[-1] > 0)
        return (
            np.where(beyond, np.nan, np.append(1.0, self.share)[place]),
            np.where(beyond, np.nan, np.append(1.0, self.lo)[place]),
            np.where(beyond, np.nan, np.append(1.0, self.hi)[place]),
        )

    def quantile(self, part: float) -> float:
        """Return the shortest time that at least this part does not outlast; NaN where none is known to be so long.

        Where every end was seen it is an order statistic (numpy's ``inverted_cdf``).
        """
        reached = np.flatnonzero(self.share <= 1 - part + _TINY)
        return float(self.times[reached[0]]) if len(reached) else float("nan")

    def mean(self) -> float:
        """Return the mean up to the longest time looked at; NaN without observations.

        Where the longest ones did not end it is a lower bound: it takes them to end when they were last seen.
        """
        if not self.longest:
            return float("nan")
        marks = np.concatenate([[0], self.times[self.times < self.longest], [self.longest]])
        return float(np.diff(marks) @ np.append(1.0, self.share)[: len(marks) - 1])


def survival(length: NDArray[np.int64], ended: NDArray[np.bool_]) -> Survival:
    """Return the estimate from n lengths (more than 0), of which some `ended` and the others were lost sight of.

    At each length at which d of the n that lasted so long ended, the share falls by the factor 1 - d / n. It takes
    being lost sight of to have nothing to do with how long one would have lasted.

    >>> found = survival(np.array([10, 20, 20, 30]), np.array([True, True, False, True]))
    >>> found.times.tolist(), found.share.round(3).tolist(), found.quantile(0.5), found.mean()
    ([10, 20, 30], [0.75, 0.5, 0.0], 20.0, 22.5)
    """
    times, ends = np.unique(length[ended], return_counts=True)
    ascending = np.sort(length)
    at_risk = len(ascending) - np.searchsorted(ascending, times)
    share: Figures = np.cumprod(1 - ends / at_risk).astype(np.float64)
    lo, hi = _limits(share, ends, at_risk)
    return Survival(times, share, lo, hi, int(ascending[-1]) if len(ascending) else 0)


def _limits(share: Figures, ends: NDArray[np.int64], at_risk: NDArray[np.int64]) -> tuple[Figures, Figures]:
    left = at_risk - ends
    inner = left > 0
    spread = np.cumsum(np.divide(ends, at_risk * left, out=np.zeros(len(ends)), where=inner))
    logged = np.log(share, out=np.full(len(share), np.nan), where=inner)
    width = np.exp(Z95 * np.sqrt(spread) / np.abs(logged))
    return np.power(share, width, where=inner, out=np.full(len(share), np.nan)), np.power(
        share, 1 / width, where=inner, out=np.full(len(share), np.nan)
    )

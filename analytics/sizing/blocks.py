"""Intervals from resampled blocks of whole weeks, and how often such intervals held.

Days of one week are alike, and so are neighbouring weeks; blocks of 1 and of 4 weeks keep what belongs together
(Kuensch 1989; the ends are joined to a circle, Politis and Romano 1992). The wider of both intervals is shown.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]
BLOCKS = (1, 4)
"""Lengths of a block in weeks."""
FEWEST_WEEKS = 12
"""Fewer weeks give no interval."""
LEVEL = 0.9
"""How often an interval should hold what it is for."""
REPEATS = 1_000
STEP = 4
"""Weeks between two beginnings of a back-test."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """What w weeks say of m numbers of desks: the short days (w, m) and the days that count (w,)."""

    short: Figures
    days: Whole

    @classmethod
    def of(cls, week: Whole, short: NDArray[np.bool_] | Figures) -> "Weeks":
        """Gather days (`week`: the week of each, `short` a row a day) in those weeks that have any."""
        _, place = np.unique(week, return_inverse=True)
        weeks = int(place.max(initial=-1)) + 1
        total = np.zeros((weeks, short.shape[1]))
        np.add.at(total, place, short)
        return cls(total, np.bincount(place, minlength=weeks))

    def __len__(self) -> int:
        return len(self.days)

    def part(self, low: int, high: int) -> "Weeks":
        """Return some of the weeks, in their order."""
        return Weeks(self.short[low:high], self.days[low:high])

    @property
    def share(self) -> Figures:
        """Short days as a share of all days."""
        share: Figures = self.short.sum(axis=0) / self.days.sum()
        return share

    def resampled(self, block: int, length: int, chance: Generator) -> Figures:
        """Return the share of short days in `REPEATS` stretches of so many weeks, put together from blocks."""
        count = -(-length // block)
        first = chance.integers(0, len(self), (REPEATS, count, 1))
        chosen = ((first + np.arange(block)) % len(self)).reshape(REPEATS, -1)[:, :length]
        times = np.zeros((REPEATS, len(self)))
        np.add.at(times, (np.arange(REPEATS)[:, None], chosen), 1)
        share: Figures = (times @ self.short) / (times @ self.days)[:, None]
        return share


def interval(weeks: Weeks, chance: Generator) -> tuple[Figures, Figures]:
    """Return lower and upper bounds of the share of short days, of each number of desks: one interval each of `LEVEL`.

    Where no day of k was short (or all were), blocks cannot say how rare it is: the bound is then the share at which
    that has a chance of (1 - LEVEL) / 2.

    Raises:
        ValueError: fewer than `FEWEST_WEEKS` weeks.
    """
    if len(weeks) < FEWEST_WEEKS:
        raise ValueError(f"{len(weeks)} weeks give no interval, {FEWEST_WEEKS} do")
    tails = np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    found = [_tails(weeks.resampled(block, len(weeks), chance), tails) for block in BLOCKS]
    rare = 1 - tails[0] ** (1 / int(weeks.days.sum()))
    low, high = np.min([low for low, _ in found], axis=0), np.max([high for _, high in found], axis=0)
    return np.minimum(low, 1 - rare), np.maximum(high, rare)


def held(weeks: Weeks, chance: Generator) -> float | None:
    """Return how often such intervals held in this very history, None where it is too short to say.

    From every `STEP`th week on that has `FEWEST_WEEKS` before it and after it: an interval is made from all weeks
    before, wide enough for the mean of the next `FEWEST_WEEKS` weeks, and looked at whether it holds what they were.
    Numbers of desks of which no week before was short, or all days were, say little and are left out.
    """
    good = tried = 0
    for origin in range(FEWEST_WEEKS, len(weeks) - FEWEST_WEEKS + 1, STEP):
        before, after = weeks.part(0, origin), weeks.part(origin, origin + FEWEST_WEEKS)
        telling = (before.share > 0) & (before.share < 1)
        low, high = _for_next(before, FEWEST_WEEKS, chance)
        inside = (low <= after.share) & (after.share <= high)
        good += int(np.count_nonzero(inside & telling))
        tried += int(np.count_nonzero(telling))
    return good / tried if tried else None


def _for_next(weeks: Weeks, length: int, chance: Generator) -> tuple[Figures, Figures]:
    """Return the interval for the share in the next so many weeks: doubt about the mean, and those weeks' own luck."""
    tails = np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    found = []
    for block in BLOCKS:
        mean = weeks.resampled(block, len(weeks), chance)
        found.append(_tails(mean + weeks.resampled(block, length, chance) - weeks.share, tails))
    return np.min([low for low, _ in found], axis=0), np.max([high for _, high in found], axis=0)


def _tails(values: Figures, tails: Figures) -> tuple[Figures, Figures]:
    low, high = np.quantile(values, tails, axis=0, method="inverted_cdf")
    return low, high

"""What days say of any number of desks, simulated or measured: the judge of the models."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.queues.load import HOUR, Load
from analytics.queues.models import Measure, fewest
from analytics.sizing.demand import Stays
from analytics.sizing.replay import Needs, needs
from spaces.scenario import WEEKS_A_MONTH
from spaces.times import DAY, MINUTE

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Curve = NDArray[np.float64]
NINE_OF_TEN = (0.05, 0.95)


class Band(NamedTuple):
    """A figure over all years, and between which two nine of ten years lie."""

    value: float
    lo: float
    hi: float


@dataclass(frozen=True)
class Trial:
    """Stays of d days, nobody refused, and the times of day at which the models look.

    ``weekday`` and ``year`` are of the days, ``guest`` of the stays, whose times are ms after the midnight of day 0,
    days following one another. ``weekday_looked_at`` is the busiest; ``minute`` (of the day) is its busiest moment,
    ``hour_from`` where its busiest hour begins. ``most`` desks are looked at.
    """

    weekday: Whole
    year: Whole
    stays: Stays
    guest: Flags
    weekday_looked_at: int
    minute: int
    hour_from: int
    most: int

    @classmethod
    def of(  # noqa: PLR0913 - the columns of days and stays, and where to look
        cls,
        days: tuple[Whole, Whole],
        day: Whole,
        start: Whole,
        end: Whole,
        guest: Flags,
        *,
        look: tuple[int, Sequence[Load]],
        most: int,
    ) -> "Trial":
        """Return a trial of stays in any order; `days` are the weekday and the year of each, `look` where to look."""
        kept = np.flatnonzero(end > start)
        start, end = start + day * DAY, end + day * DAY
        order = kept[np.lexsort((end[kept], start[kept]))]
        weekday, loads = look
        load = max(loads, key=lambda one: one.peak + one.guests)
        return cls(
            *days,
            Stays(day[order], start[order], end[order]),
            guest[order],
            weekday,
            load.opening + load.busiest + 1,
            load.opening + load.hour_from,
            most,
        )

    @cached_property
    def needs(self) -> Needs:
        """How many desks each stay needs, and each day."""
        return needs(self.stays, len(self.weekday))

    @cached_property
    def present(self) -> Whole:
        """How many are there at the busiest moment of each day."""
        moment = self.stays.day * DAY + self.minute * MINUTE - 1
        there = (self.stays.start <= moment) & (moment < self.stays.end)
        return np.bincount(self.stays.day[there], minlength=len(self.weekday))

    def curve(self, measure: Measure, years: Flags | None = None) -> Curve:
        """Return the share that a measure counts, with 0, 1, ..., most desks, over some years or all."""
        looked_at = self.weekday == self.weekday_looked_at
        if years is not None:
            looked_at &= years[self.year]
        if measure == "short":
            return exceeding(self.present[looked_at], self.most)
        rows = looked_at[self.stays.day] & ~self.guest
        if measure == "refused":
            rows &= self._in_busiest_hour
        return exceeding(self.needs.leave[rows] - 1, self.most)

    @property
    def _in_busiest_hour(self) -> Flags:
        since: Whole = self.stays.start - self.stays.day * DAY - self.hour_from * MINUTE
        return (since >= 0) & (since < HOUR * MINUTE)

    def desks_for(self, measure: Measure, target: float) -> tuple[int | None, int | None, int | None]:
        """Return the fewest desks that keep a measure at the target: over all years, and for nine of ten of them."""
        each = [fewest(self.curve(measure, year), target) for year in self._years]
        of_years = np.sort([self.most + 1 if one is None else one for one in each])
        lo, hi = (int(one) for one in np.quantile(of_years, NINE_OF_TEN, method="inverted_cdf"))
        found = fewest(self.curve(measure), target)
        return found, _within(lo, self.most), _within(hi, self.most)

    def days_a_month(self, desks: int) -> Band:
        """Return the days a month on which somebody goes 15 minutes without a desk if nobody leaves for it."""
        return self._band((self.needs.day > desks).astype(np.float64), self.year, self._open_days_a_month)

    def refused(self, desks: int) -> Band:
        """Return the share of members' stays, over all days, that find no desk and leave."""
        member = ~self.guest
        late = (self.needs.leave[member] > desks).astype(np.float64)
        return self._band(late, self.year[self.stays.day[member]], 1.0)

    @property
    def _open_days_a_month(self) -> float:
        return len(np.unique(self.weekday)) * WEEKS_A_MONTH

    @cached_property
    def _years(self) -> list[Flags]:
        every = np.arange(int(self.year.max()) + 1)
        return [every == one for one in every]

    def _band(self, values: Curve, year: Whole, times: float) -> Band:
        if not len(values):
            return Band(0.0, 0.0, 0.0)
        count = np.bincount(year, minlength=len(self._years))
        means = np.bincount(year, weights=values, minlength=len(self._years))[count > 0] / count[count > 0]
        lo, hi = np.quantile(means, NINE_OF_TEN, method="inverted_cdf").tolist()
        return Band(float(values.mean()) * times, lo * times, hi * times)


def exceeding(values: Whole, most: int) -> Curve:
    """Return the share of values that is above 0, 1, ..., most; all 0 where there are none.

    >>> exceeding(np.array([1, 3, 3, 0]), 3).tolist()
    [0.75, 0.5, 0.5, 0.0]
    """
    if not len(values):
        return np.zeros(most + 1)
    counted = np.bincount(np.clip(values, 0, most + 1), minlength=most + 2)
    return np.asarray(1 - np.cumsum(counted)[: most + 1] / len(values))


def _within(desks: int, most: int) -> int | None:
    return desks if desks <= most else None

"""How many desks: the shortage curve of a history with its intervals, for these members or others, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import cycle
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.sizing.blocks import FEWEST_WEEKS, Weeks, held, interval
from analytics.sizing.curves import Curves, Replayed, replayed, short_days
from analytics.sizing.history import SEED, History
from analytics.sizing.scaling import factors, scaled
from spaces.summary import counted

Figures = NDArray[np.float64]
BEYOND = 0.1
"""The curve goes on beyond the most that was asked for, and beyond the desks there are, by this share."""
SCALED_DRAWS = 3
"""Fewer draws than for what was lost: sliders wait for them."""
MOST_TIMES = 10
"""Demand is scaled to at most so many times the members."""


class Bounds(NamedTuple):
    """Lower and upper bound of the days a month, by number of desks."""

    lo: Figures
    hi: Figures


@dataclass(frozen=True, slots=True)
class Shortage:
    """Curves of 1, 2, ... desks with bounds; `bounds` is None under `FEWEST_WEEKS` weeks. ``most`` is the peak."""

    curves: Curves
    bounds: Bounds | None
    most: int

    def least(self, target: float) -> "Recommended | None":
        """Return the least number of desks with at most so many short days a month; None if the curve is too short."""
        days = self.curves.days_a_month
        if not np.any(days <= target):
            return None
        lo, hi = (None, None) if self.bounds is None else (_first(bound, target) for bound in self.bounds)
        return Recommended(int(np.argmax(days <= target)) + 1, lo, hi)


class Recommended(NamedTuple):
    """A number of desks and its bounds, None where there are none: too few weeks, or more desks than the curve has."""

    desks: int
    lo: int | None
    hi: int | None


@dataclass(frozen=True, slots=True)
class Sizing:
    """What a history says of any number of desks.

    ``measured`` is the demand as it was met; ``imputed`` has lost arrivals put back, and is the same where nothing was
    lost; of other numbers of members it is the scaled demand, and ``measured`` is None. ``members`` is what it is for,
    None where none are known. ``held`` is how often intervals held in this history, None where it is too short.
    """

    history: History
    members: int | None
    measured: Shortage | None
    imputed: Shortage
    held: float | None

    @property
    def desks(self) -> int:
        """How many numbers of desks the curves have."""
        return len(self.imputed.curves.full)

    @property
    def measured_until(self) -> int:
        """Up to how many desks the measured curve is shown: its last day count is no less than the next imputed one."""
        if self.measured is None:
            return 0
        until = self.history.measured_until
        measured, imputed = (one.curves.days_a_month for one in (self.measured, self.imputed))
        good = np.flatnonzero(measured[:until] >= imputed[1 : until + 1])
        return int(good[-1]) + 1 if len(good) else until


def size(history: History, *, members: int | None = None) -> Sizing:
    """Return the sizing of a history with at least one day that counts, for other members if a number is given.

    Raises:
        ValueError: members are given, but the site file has none, fewer than were there, or it is too far to scale.
    """
    if members is not None:
        return _size_scaled(history, members)
    desks = _extent(history, history.imputed)
    measured = _shortage(history, [history.measured], desks)
    imputed = measured if len(history.imputed) == 1 else _shortage(history, history.imputed, desks)
    return Sizing(history, history.members_now, measured, imputed, _held(history, desks))


def _size_scaled(history: History, members: int) -> Sizing:
    now = history.members_now
    if now is None:
        raise ValueError(f"the site file names no {history.pool} members, so that demand cannot be scaled")
    if not 1 <= members <= MOST_TIMES * now:
        raise ValueError(f"demand of {counted(now, 'member')} is scaled to 1 to {MOST_TIMES * now}, not to {members}")
    factor = factors(history.attendance, history.days.weekday, history.peaks, history.members, members)
    found = [
        replayed(scaled(stays, factor, history.days, np.random.default_rng([SEED, draw, 1])), history.days)
        for draw, stays in zip(range(SCALED_DRAWS), cycle(history.with_lost), strict=False)
    ]
    return Sizing(history, members, None, _shortage(history, found, _extent(history, found)), None)


def _extent(history: History, found: Sequence[Replayed]) -> int:
    most = max(history.installed, *(one.most for one in found))
    return most + max(int(most * BEYOND), 5)


def _shortage(history: History, found: Sequence[Replayed], desks: int) -> Shortage:
    """Return the mean of some draws, with bounds over the days of all of them."""
    open_days = history.open_days_a_month
    parts = [one.curves(desks, open_days_a_month=open_days) for one in found]
    curves = Curves(*(np.mean([getattr(part, one.name) for part in parts], axis=0) for one in fields(Curves)))
    bounds = None
    if history.weeks >= FEWEST_WEEKS:
        lo, hi = interval(_weeks(history, found, desks), np.random.default_rng([SEED, 0, 2]))
        bounds = Bounds(
            np.minimum(lo * open_days, curves.days_a_month), np.maximum(hi * open_days, curves.days_a_month)
        )
    return Shortage(curves, bounds, max(one.most for one in found))


def _weeks(history: History, found: Sequence[Replayed], desks: int) -> Weeks:
    short = np.sum([short_days(one.day_needs, desks) for one in found], axis=0)
    return Weeks.of(history.days.week, short / len(found))


def _held(history: History, desks: int) -> float | None:
    if history.weeks < FEWEST_WEEKS:
        return None
    return held(_weeks(history, [history.measured], desks), np.random.default_rng([SEED, 0, 3]))


def _first(bound: Figures, target: float) -> int | None:
    return int(np.argmax(bound <= target)) + 1 if np.any(bound <= target) else None

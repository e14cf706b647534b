"""What other numbers of members would ask for: between member numbers demand scales by a beta-binomial.

Of M members a share p is there at the peak of a weekday, so that the peak has mean M p and variance
M p (1 - p) (1 + (M - 1) rho): rho says how far members come on the same days. Twice as many members make twice the
mean, but not twice the spread, unless rho is large. So a day's peak is moved to the new mean, its distance from the
mean stretched by the ratio of the two standard deviations; and its stays are repeated or thinned to that size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analytics.sizing.days import QUARTER, OpenDays
from analytics.sizing.demand import Stays
from spaces.summary import counted

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]
ENOUGH = 8
"""A weekday with fewer days than this takes the rho of all weekdays together."""
_MOST_RHO = 1 - 1e-6


@dataclass(frozen=True, slots=True)
class Attendance:
    """Of each weekday (7 entries): the share of members there at the peak, and rho; NaN where it was never open.

    ``days`` is how many days of it there were.
    """

    share: Figures
    rho: Figures
    days: Whole


def attendance(weekday: Whole, peak: Whole, members: Whole) -> Attendance:
    """Estimate share and rho of each weekday from the peaks of days, and the members on each, by moments.

    Raises:
        ValueError: more people were there than there are members, or there are none.
    """
    if not len(members) or members.min() < 1:
        raise ValueError("no members are known")
    if np.any(peak > members):
        worst = int(np.argmax(peak - members))
        raise ValueError(
            f"{counted(peak[worst], 'desk')} asked for at once, by {counted(members[worst], 'member')}:"
            " are they all named?"
        )
    days, there, could = (_by_weekday(weekday, weights) for weights in (np.ones(len(peak)), peak, members))
    share = np.divide(there, could, out=np.full(7, np.nan), where=could > 0)
    free = np.divide(days, days - 1, out=np.zeros(7), where=days > 1)
    squares = (peak - members * share[weekday]) ** 2 * free[weekday]
    alone = members * share[weekday] * (1 - share[weekday])
    excess, pairs = (_by_weekday(weekday, values) for values in (squares - alone, alone * (members - 1)))
    return Attendance(share, _rho(excess, pairs, days), days.astype(np.int64))


def _by_weekday(weekday: Whole, values: Figures | Whole) -> Figures:
    return np.bincount(weekday, values, 7).astype(np.float64)


def _rho(excess: Figures, pairs: Figures, days: Figures) -> Figures:
    """Return rho of each weekday: the variance beyond the binomial's over what it would be if all came together."""
    many = days >= ENOUGH
    own = np.divide(excess, pairs, out=np.zeros(7), where=pairs > 0)
    all_days = excess.sum() / pairs.sum() if pairs.sum() > 0 else 0.0
    rho = np.clip(np.where(many, own, all_days), 0.0, _MOST_RHO)
    return np.where(days > 0, rho, np.nan)


def factors(found: Attendance, weekday: Whole, peak: Whole, before: Whole, members: int) -> Figures:
    """Return by how much the stays of each day become more if `members` hold memberships in place of those `before`."""
    mean = found.share[weekday]
    was, will = (_spread_of(found, weekday, number) for number in (before, np.full_like(before, members)))
    stretch = np.divide(will, was, out=np.ones(len(was)), where=was > 0)
    wanted = np.clip(members * mean + (peak - before * mean) * stretch, 0, members)
    return np.divide(wanted, peak, out=np.ones(len(peak)), where=peak > 0)


def _spread_of(found: Attendance, weekday: Whole, members: Whole) -> Figures:
    share, rho = found.share[weekday], found.rho[weekday]
    spread: Figures = np.sqrt(members * share * (1 - share) * (1 + (members - 1) * rho))
    return spread


def scaled(stays: Stays, factor: Figures, days: OpenDays, chance: Generator) -> Stays:
    """Repeat and thin the stays of each day by its factor; further copies come up to a quarter-hour earlier or later.

    Each stay draws one number whatever the factors are, so that a little more demand changes a little.
    """
    luck = chance.random(len(stays))
    copies = np.floor(factor[stays.day] + luck).astype(np.int64)
    shift = (chance.random((int(copies.max(initial=1)), len(stays))) * 2 - 1) * QUARTER
    row = np.repeat(np.arange(len(stays)), copies)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(copies) - copies, copies)
    moved = np.where(nth == 0, 0, shift[nth, row]).astype(np.int64)
    day = stays.day[row]
    low, high = days.opens[day], days.closes[day]
    return Stays.of(day, np.clip(stays.start[row] + moved, low, high), np.clip(stays.end[row] + moved, low, high))

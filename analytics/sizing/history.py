"""What is known of a pool's days: which of them count, what was asked for, and what was lost in full houses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics.sizing.blocks import FEWEST_WEEKS
from analytics.sizing.censoring import Censored, Lost, censored_times, lost_arrivals, never
from analytics.sizing.curves import MONTH, Replayed, replayed
from analytics.sizing.days import OpenDays
from analytics.sizing.demand import Demand, Pool, Stays
from analytics.sizing.members import members_on
from analytics.sizing.scaling import Attendance, attendance
from spaces.site import Site
from spaces.times import DAY, Millis, to_datetime

Whole = NDArray[np.int64]
LEAST_KNOWN = 0.9
"""A day counts if at least this share of its desk time is known."""
DRAWS = 5
"""How many times lost arrivals are drawn: the mean is shown."""
SEED = 1


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A day that does not count, and why."""

    day: date
    reason: str


@dataclass(frozen=True)
class History:
    """The demand for a pool on the days that count, within a window (UTC ms) of whole local days.

    ``members`` is how many the pool had on each day, all 0 where the site file names none. ``opened`` is how many
    days were open in all.
    """

    pool: Pool
    window: tuple[Millis, Millis]
    demand: Demand
    members: Whole
    left_out: tuple[LeftOut, ...]
    opened: int

    @property
    def days(self) -> OpenDays:
        """The days that count."""
        return self.demand.days

    @property
    def installed(self) -> int:
        """Desks of the pool that have a sensor at the end."""
        return self.demand.desks

    @property
    def members_now(self) -> int | None:
        """Members on the last day that counts."""
        return int(self.members[-1]) if len(self.members) and self.members[-1] else None

    @property
    def open_days_a_month(self) -> float:
        """Open days of a mean month."""
        return self.opened * DAY / max(self.window[1] - self.window[0], 1) * MONTH

    @cached_property
    def weeks(self) -> int:
        """Weeks with a day that counts."""
        return len(np.unique(self.days.week))

    @cached_property
    def censored(self) -> Censored:
        """When demand was censored; fixed desks have one owner each and turn nobody away."""
        return never() if self.pool == "fixed" else censored_times(self.demand)

    @property
    def measured_until(self) -> int:
        """Return up to how many desks the measured curve goes: those there are, fewer where demand was censored."""
        least = self.censored.least
        return self.installed if least is None else min(self.installed, least - 1)

    @cached_property
    def censored_share(self) -> float | None:
        """Censored part of the open time; None where no day counts."""
        opened, times = int(self.days.open_time.sum()), self.censored.times
        return int((times.end - times.start).sum()) / opened if opened else None

    @cached_property
    def lost(self) -> Lost:
        """What was lost in censored times."""
        return lost_arrivals(self.demand, self.censored.times)

    @cached_property
    def measured(self) -> Replayed:
        """The measured stays, replayed."""
        return replayed(self.demand.stays, self.days)

    @cached_property
    def with_lost(self) -> tuple[Stays, ...]:
        """The measured stays with the lost ones put back, drawn `DRAWS` times; as measured where nothing was lost."""
        if self.censored.least is None or not self.lost.expected.sum():
            return (self.demand.stays,)
        chances = (np.random.default_rng([SEED, draw]) for draw in range(DRAWS))
        return tuple(Stays.together((self.demand.stays, self.lost.drawn(chance))) for chance in chances)

    @cached_property
    def imputed(self) -> tuple[Replayed, ...]:
        """These, replayed."""
        if len(self.with_lost) == 1:
            return (self.measured,)
        return tuple(replayed(stays, self.days) for stays in self.with_lost)

    @cached_property
    def attendance(self) -> Attendance:
        """Share of members there at the peak, and rho, of each weekday.

        Raises:
            ValueError: members are not known, or fewer than were there.
        """
        return attendance(self.days.weekday, self.peaks, self.members)

    @property
    def peaks(self) -> Whole:
        """The most stays at once on each day, lost ones put back: as many as were there, or as there are members."""
        return np.minimum(self.imputed[0].day_most, np.maximum(self.members, self.measured.day_most))


def history(site: Site, pool: Pool, demand: Demand, window: tuple[Millis, Millis]) -> History:
    """Return what counts of the demand in a window.

    A day counts if `LEAST_KNOWN` of its desk time is known. Of `FEWEST_WEEKS` whole weeks or more only whole weeks
    are kept, so that figures and their intervals are of the same days.
    """
    window = whole_weeks(site, window)
    within = (demand.days.opens >= window[0]) & (demand.days.closes <= window[1])
    demand = demand.only(within)
    counts = demand.coverage >= LEAST_KNOWN
    left_out = tuple(_left_out(demand.days.date, demand.coverage, counts))
    kept = demand.only(counts)
    return History(pool, window, kept, members_on(site, pool, kept.days), left_out, len(demand.days))


def whole_weeks(site: Site, window: tuple[Millis, Millis]) -> tuple[Millis, Millis]:
    """Return the whole local weeks (from Monday) of a window if they are enough for intervals, else the window."""
    start, end = window
    first = to_datetime(start).astimezone(site.tz).date()
    last = to_datetime(end).astimezone(site.tz).date()
    mondays = [day for day in range(first.toordinal(), last.toordinal() + 1) if day % 7 == 1]
    marks = [mark for mark in (site.midnight(date.fromordinal(day)) for day in mondays) if start <= mark <= end]
    return (marks[0], marks[-1]) if len(marks) > FEWEST_WEEKS else window


def _left_out(dates: Whole, coverage: NDArray[np.float64], counts: NDArray[np.bool_]) -> Sequence[LeftOut]:
    return [
        LeftOut(date.fromordinal(day), _why(share))
        for day, share in zip(dates[~counts].tolist(), coverage[~counts].tolist(), strict=True)
    ]


def _why(share: float) -> str:
    if not share > 0:
        return "no data"
    return f"{share:.0%} known, {LEAST_KNOWN:.0%} needed"

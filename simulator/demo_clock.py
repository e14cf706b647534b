"""The demo's clock: a labelled time of its own, so that the house is never met asleep. Pure."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from spaces.calendar import open_intervals
from spaces.site import Site
from spaces.times import SECOND, Millis, to_datetime, to_millis

THURSDAY = 3
BEGIN = time(10, 30)
"""When the demo begins: the founders' breakfast ends, the house fills."""
LAST = time(16, 0)
"""A start later than this would soon show an empty house."""
SEARCHED = 60
"""Weeks within which an open Thursday must come."""


class DemoClock:
    """A clock that begins at `start` and runs `speed` times as fast until it meets real time.

    Real time is the line that began at `target` with the clock (`start` itself where there is none): from the
    meeting on, both are one. Calling it gives UTC ms, never less than before.
    """

    def __init__(
        self, start: Millis, *, monotonic: Callable[[], float], speed: float = 1.0, target: Millis | None = None
    ) -> None:
        """Start the clock.

        Raises:
            ValueError: where the speed is below 1, or the target lies before the start.
        """
        self._start = start
        self._target = start if target is None else target
        if not speed >= 1 or self._target < start:
            raise ValueError(f"speed {speed:g} is below 1, or the clock begins after the time it is to meet")
        self._speed = speed
        self._monotonic = monotonic
        self._begun = monotonic()

    def __call__(self) -> Millis:
        """Return what the clock shows, in UTC ms."""
        elapsed = (self._monotonic() - self._begun) * SECOND
        return int(min(self._start + elapsed * self._speed, self._target + elapsed))

    @property
    def is_live(self) -> bool:
        """Whether the clock has met real time (one that begins behind it and is no faster never does)."""
        return self() >= int(self._target + (self._monotonic() - self._begun) * SECOND)


def next_thursday(site: Site, after: Millis) -> Millis:
    """Return the first Thursday 10:30 of the site's zone at or after a moment at which the house is open."""
    return _open_thursday(site, after, forward=True)


def latest_thursday(site: Site, before: Millis) -> Millis:
    """Return the last Thursday 10:30 of the site's zone at or before a moment at which the house is open."""
    return _open_thursday(site, before, forward=False)


def resume(site: Site, last: Millis | None, wall_now: Millis) -> Millis:
    """Return where the demo's clock starts, given the newest reading there is.

    Without data it is the latest open Thursday 10:30. Data that ends on an open day between 10:30 and 16:00 goes on
    where it ends, any other at the next open Thursday 10:30 after it.
    """
    if last is None:
        return latest_thursday(site, wall_now)
    if BEGIN <= to_datetime(last).astimezone(site.tz).time() <= LAST and _is_open(site, last):
        return last
    return next_thursday(site, last)


def _is_open(site: Site, moment: Millis) -> bool:
    return len(open_intervals(site, None, moment, moment + 1)) == 1


def _open_thursday(site: Site, moment: Millis, *, forward: bool) -> Millis:
    """Look week by week; in a house that is never open on Thursdays the first one has to do."""
    day = to_datetime(moment).astimezone(site.tz).date()
    day += timedelta(days=(THURSDAY - day.weekday()) % 7 if forward else -((day.weekday() - THURSDAY) % 7))
    weeks = [day + timedelta(weeks=number if forward else -number) for number in range(SEARCHED)]
    moments = [to_millis(datetime.combine(thursday, BEGIN, site.tz)) for thursday in weeks]
    fitting = [at for at in moments if (at >= moment if forward else at <= moment)]
    return next((at for at in fitting if _is_open(site, at)), fitting[0])

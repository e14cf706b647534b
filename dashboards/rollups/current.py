"""The quarter-hours in progress: what was rolled up of them is kept, and only what came since is added.

What is kept ends a minute or two before the newest reading, so that sensors need not speak in the order of their
clocks. It is good while the fingerprints beneath it are what they were: of quarter-hours, and of the minutes of the
last one. A reading that comes later than that makes it void; then all is rolled up again.

The last few windows that were asked for are kept whole: the panels of a dashboard ask for the same one, or for one
that ends a moment later. Where nothing was said since, that moment is all that is rolled up. Those that ask of one
site take turns, so that each goes on from where the one before has got to.
"""

from dataclasses import dataclass

import numpy as np

from analytics.rollup.rolled import Rolled
from analytics.spacestates import reach
from dashboards.cache import Cache
from dashboards.rollups.afresh import Reached, Roller
from dashboards.rollups.freshness import Run, Told
from spaces.times import MINUTE, Millis
from store.fingerprints import QUARTER, Prints, fingerprints

_WINDOWS = 4
"""So many are kept whole of each site."""
_SITES = 100
"""Of so many sites they are kept."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was rolled up, the newest reading there was then, and the fingerprints beneath it."""

    roller: Roller
    at: Reached
    newest: Millis
    quarters: Told
    minutes: Prints
    """Of the quarter-hour in which `at.read` is, up to that."""

    def fits(self, roller: Roller, start: Millis) -> bool:
        """Whether one can go on from here to what is asked for."""
        return self.roller is roller and self.at.start <= start <= self.at.done

    def holds(self, quarters: Told, minutes: Told) -> bool:
        """Whether nothing has come since that bears on it: `quarters` begin where that does."""
        until = _quarter(self.at.read)
        beneath = np.concatenate([self.quarters.within(quarters.since, until), self.minutes])
        now = np.concatenate([quarters.within(quarters.since, until), minutes.within(until, self.at.read)])
        return np.array_equal(beneath, now)


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """A window rolled up, what was known of it then, and whether a sensor was ahead of its time."""

    roller: Roller
    at: Reached
    now: Millis
    quarters: Told
    ahead: bool

    def leads_to(self, roller: Roller, window: Run, now: Millis, quarters: Told) -> bool:
        """Whether nothing was said since that bears on a window; what is ahead of `now` does once that has come."""
        until = self.quarters.until
        if self.roller is not roller or self.at.start != window[0] or not self.at.done <= window[1]:
            return False
        if self.now > now or (self.ahead and self.now < now):
            return False
        if not np.array_equal(self.quarters.prints, quarters.within(self.quarters.since, until)):
            return False
        if self.at.done == window[1]:
            return True
        return self.at.read > self.now and not quarters.within(until, max(quarters.until, until)).any()


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is kept of a site: how far it is settled, and windows, the newest question's first."""

    kept: _Kept | None = None
    wholes: tuple[_Whole, ...] = ()


class Current:
    """Rolls up the end of a site's time, again and again. Thread-safe."""

    def __init__(self) -> None:
        self._known: Cache[str, _Known] = Cache(_SITES)

    def over(self, roller: Roller, window: Run, now: Millis, told: Told) -> Rolled:
        """Roll up a window, all of which is past; `told` covers what bears on it, and was asked for just now.

        Raises:
            StoreError: the store cannot be read.
        """
        start, end = window
        silence, delay = reach(roller.layout.site)
        first = _quarter(start - silence)
        quarters = Told(first, told.within(first, _quarter(end + delay) + QUARTER))

        def change(known: _Known | None) -> _Known:
            return _asked(known or _Known(), roller, window, now, quarters)

        at = self._known.renew(roller.layout.site.id, change).wholes[0].at
        assert at.rolled is not None
        return at.rolled


def _asked(known: _Known, roller: Roller, window: Run, now: Millis, quarters: Told) -> _Known:
    """Return what is known after a window was asked for, which is the first of its windows then."""
    leading = [whole for whole in known.wholes if whole.leads_to(roller, window, now, quarters)]
    nearest = max(leading, key=lambda whole: whole.at.done, default=None)
    kept = known.kept
    if nearest is None:
        at, kept = _rolled(known.kept, roller, window, now, quarters)
        whole = _Whole(roller, at, now, quarters, _ahead(roller, now, quarters.until))
    elif nearest.at.done == window[1]:
        whole = nearest
    else:
        whole = _Whole(roller, roller.in_silence(nearest.at, window[1], now), now, quarters, nearest.ahead)
    return _Known(kept, (whole, *(other for other in known.wholes if other is not whole))[:_WINDOWS])


def _rolled(
    kept: _Kept | None, roller: Roller, window: Run, now: Millis, quarters: Told
) -> tuple[Reached, _Kept | None]:
    """Return a window rolled up, and what is to be kept from now on."""
    start, end = window
    fitting = kept if kept is not None and kept.fits(roller, start) else None
    if start % QUARTER or (fitting is not None and fitting.at.done > end):
        # It is of the past, or of an odd moment: who asks about now will ask again.
        return roller.onward(roller.before(start), end, now), kept
    return _onward(fitting, roller, window, now, quarters)


def _onward(kept: _Kept | None, roller: Roller, window: Run, now: Millis, quarters: Told) -> tuple[Reached, _Kept]:
    """Roll up from where it was left, if that still holds, and take down how far it is settled now."""
    start, end = window
    delay = reach(roller.layout.site)[1]
    left = start if kept is None else kept.at.read
    settled = left if kept is None else max(_minute(min(kept.newest, end + delay)) - MINUTE, left)
    minutes = _minutes(roller, _quarter(left), settled)
    holds = kept is not None and kept.holds(quarters, minutes)
    at = kept.at.cut(start) if kept is not None and holds else roller.before(start)
    if settled - delay > at.done:
        at = roller.onward(at, settled - delay, now)
    full = roller.onward(at, end, now)
    newest = int(full.held.time.max(initial=start))
    beneath = minutes.within(_quarter(at.read), at.read)
    return full, _Kept(roller, at, newest, quarters, beneath)


def _ahead(roller: Roller, now: Millis, until: Millis) -> bool:
    """Whether a sensor has spoken of later than now."""
    return now + 1 < until and len(roller.store.read(roller.layout.site.id, now + 1, until)) > 0


def _minutes(roller: Roller, start: Millis, end: Millis) -> Told:
    """Ask for the fingerprints of the minutes of [start, end)."""
    if start == end:
        return Told(start, np.zeros(0, dtype=np.int64), MINUTE)
    return Told(start, fingerprints(roller.store, roller.layout.site.id, start, end, MINUTE), MINUTE)


def _quarter(moment: Millis) -> Millis:
    return moment // QUARTER * QUARTER


def _minute(moment: Millis) -> Millis:
    return moment // MINUTE * MINUTE

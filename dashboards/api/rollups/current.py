"""The quarter-hours in progress: what was rolled up of them is kept, and only what came since is added.

What is kept ends a minute or two before the newest reading, so that sensors need not speak in the order of their
clocks. It is good while the fingerprints beneath it are what they were: of quarter-hours, and of the minutes of the
last one. A reading that comes later than that makes it void; then all is rolled up again.
"""

from dataclasses import dataclass

import numpy as np

from analytics.rollup.rolled import Rolled
from analytics.spacestates import reach
from dashboards.api.rollups.afresh import Reached, Roller
from dashboards.api.rollups.freshness import Run, Told
from spaces.times import MINUTE, Millis
from store.fingerprints import QUARTER, Prints, fingerprints


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


class Current:
    """Rolls up the end of a site's time, again and again. Thread-safe: of two who do at once, one is remembered."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def over(self, roller: Roller, window: Run, now: Millis, told: Told) -> Rolled:
        """Roll up a window, all of which is past; `told` covers what bears on it, and was asked for just now.

        Raises:
            StoreError: the store cannot be read.
        """
        start, end = window
        kept = self._kept.get(roller.layout.site.id)
        if kept is not None and not kept.fits(roller, start):
            kept = None
        if start % QUARTER or (kept is not None and kept.at.done > end):
            return roller.over(start, end, now)  # of the past, or of an odd moment: who asks about now will ask again
        return self._onward(roller, kept, window, now, told)

    def _onward(self, roller: Roller, kept: _Kept | None, window: Run, now: Millis, told: Told) -> Rolled:
        """Roll up from where it was left, if that still holds, and remember how far it is settled now."""
        start, end = window
        silence, delay = reach(roller.layout.site)
        first = _quarter(start - silence)
        quarters = Told(first, told.within(first, _quarter(end + delay)))
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
        self._kept[roller.layout.site.id] = _Kept(roller, at, newest, quarters, beneath)
        assert full.rolled is not None
        return full.rolled


def _minutes(roller: Roller, start: Millis, end: Millis) -> Told:
    """Ask for the fingerprints of the minutes of [start, end)."""
    if start == end:
        return Told(start, np.zeros(0, dtype=np.int64), MINUTE)
    return Told(start, fingerprints(roller.store, roller.layout.site.id, start, end, MINUTE), MINUTE)


def _quarter(moment: Millis) -> Millis:
    return moment // QUARTER * QUARTER


def _minute(moment: Millis) -> Millis:
    return moment // MINUTE * MINUTE

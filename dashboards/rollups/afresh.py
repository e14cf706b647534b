"""Rolling up from readings, piece by piece: however many there are, only so many of them are in memory at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from analytics.bearing import bearing, before, next_step
from analytics.privacy.blocks import blocks
from analytics.privacy.veil import veil
from analytics.rollup.fusing import fuse
from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled
from analytics.rollup.rolling import roll
from analytics.spacestates import reach, space_states
from spaces.readings import Readings, followed_by
from spaces.site import Site
from spaces.times import FOREVER, MINUTE, Millis
from store.protocol import Store


class Reached(NamedTuple):
    """How far has been rolled up, and what it takes to go on from there."""

    start: Millis
    rolled: Rolled | None
    """Of [start, done), None where that is nothing."""
    done: Millis
    read: Millis
    """All readings before this were read."""
    held: Readings
    """Those of them that bear on what comes."""

    def cut(self, start: Millis) -> "Reached":
        """Return it without what is before a quarter-hour."""
        rolled = None if self.rolled is None or start >= self.done else self.rolled.cut(start, self.done)
        return self._replace(start=start, rolled=rolled)


@dataclass(frozen=True, eq=False)
class Roller:
    """Rolls up any window of a site from a store."""

    store: Store
    layout: Layout

    @classmethod
    def of(cls, store: Store, site: Site) -> "Roller":
        """Return what rolls up a site as its file describes it."""
        return cls(store, Layout.of(site, blocks(site)))

    def over(self, start: Millis, end: Millis, now: Millis = FOREVER) -> Rolled:
        """Roll up [start, end) from what is known by `now`, which is no earlier.

        Raises:
            StoreError: the store cannot be read.
        """
        rolled = self.onward(self.before(start), end, now).rolled
        assert rolled is not None
        return rolled

    def before(self, start: Millis) -> Reached:
        """Return what it takes to begin at a moment.

        Raises:
            StoreError: the store cannot be read.
        """
        site = self.layout.site
        return Reached(start, None, start, start, before(site, partial(self.store.read, site.id), start))

    def onward(self, at: Reached, end: Millis, now: Millis) -> Reached:
        """Go on to `end`.

        Raises:
            StoreError: the store cannot be read.
        """
        pieces = [at, *self._pieces(at, end, now)]
        parts = [piece.rolled for piece in pieces if piece.rolled is not None]
        return pieces[-1]._replace(rolled=fuse(parts) if parts else None)

    def in_silence(self, at: Reached, end: Millis, now: Millis) -> Reached:
        """Go on to `end`, no later than `now`, where no sensor has said anything since `at.read`."""
        assert at.rolled is not None
        rolled = fuse([at.rolled, self._rolled(at.held, at.done, end)])
        return at._replace(rolled=rolled, done=end, read=max(at.read, now + 1))

    def _pieces(self, at: Reached, end: Millis, now: Millis) -> Iterator[Reached]:
        """Yield how far was rolled up, piece by piece; each has what is new alone."""
        delay = reach(self.layout.site)[1]
        last = min(end + delay, now + 1)
        step: Millis = MINUTE
        while at.done < end:
            read = max(min(at.read + step, last), at.read)
            new = self.store.read(self.layout.site.id, at.read, read)
            held = followed_by(at.held, new)
            done = end if read >= last else max(min(read - delay, end), at.done)
            rolled = self._rolled(held, at.done, done) if at.done < done else None
            at = Reached(at.start, rolled, done, read, bearing(held, done - delay))
            yield at
            step = next_step(step, len(new))

    def _rolled(self, readings: Readings, start: Millis, end: Millis) -> Rolled:
        states = veil(space_states(self.layout.site, readings, start, end), self.layout.blocks)
        return roll(self.layout, states, start, end)

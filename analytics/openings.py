"""The openings of each space, one by one: what belongs to one opening is not continued in the next."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spaces.calendar import open_intervals
from spaces.site import Site, Space
from spaces.times import Millis

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Openings:
    """The n openings that touch a window, ascending in (space, start): columns of spaces (indexes) and UTC ms.

    An opening that goes on beyond the window reaches 1 ms out of it, so that its edge there is seen to be none.
    """

    window: tuple[Millis, Millis]
    space: Whole
    start: Whole
    end: Whole

    @classmethod
    def of(cls, site: Site, window: tuple[Millis, Millis]) -> "Openings":
        """Return the openings of all spaces of a site; spaces share few distinct calendars."""
        found = _by_calendar(site, window)
        counts = [len(intervals) for intervals in found]
        edges = np.concatenate([np.zeros((0, 2), dtype=np.int64), *found])
        return cls(window, np.repeat(np.arange(len(found)), counts), edges[:, 0].copy(), edges[:, 1].copy())

    def cut(self, space: Whole, start: Whole, end: Whole) -> tuple[Whole, Whole, Whole, Whole]:
        """Cut pieces of spaces (indexes), given with start and end in UTC ms within the window, at openings.

        Returns of each part that is inside an opening: its piece (index), its opening (index), its start and end; in
        the order of the pieces, then of time.
        """
        low, high = self.window
        span = high - low + 3
        shift = space * span - low + 1
        mine = self.space * span - low + 1
        first = np.searchsorted(self.end + mine, start + shift, side="right")
        count = np.searchsorted(self.start + mine, end + shift, side="left") - first
        piece = np.repeat(np.arange(len(start)), count)
        opening = np.arange(len(piece)) + np.repeat(first + count - np.cumsum(count), count)
        begin = np.maximum(start[piece], self.start[opening])
        return piece, opening, begin, np.minimum(end[piece], self.end[opening])


def _by_calendar(site: Site, window: tuple[Millis, Millis]) -> list[Whole]:
    own_spaces = {rule.space for rule in site.calendars}
    own_zones = {rule.zone for rule in site.calendars}
    known: dict[tuple[str | None, str | None], Whole] = {}

    def opened(space: Space) -> Whole:
        key = (space.id if space.id in own_spaces else None, space.zone if space.zone in own_zones else None)
        if key not in known:
            known[key] = open_intervals(site, space, window[0] - 1, window[1] + 1)
        return known[key]

    return [opened(space) for space in site.spaces]

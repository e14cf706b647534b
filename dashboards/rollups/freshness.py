"""Whether a roll-up still holds: what the store's fingerprints are now, and which quarter-hours they leave standing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from dashboards.cache import MOST_DAYS, Cache
from spaces.times import DAY, Millis
from store.fingerprints import QUARTER, Prints, fingerprints, quarters
from store.live import Live
from store.protocol import Store
from store.rollups import Header

Reach = tuple[Millis, Millis]
"""How far before and after a moment readings still matter to it (`analytics.spacestates.reach`)."""
Run = tuple[Millis, Millis]
_A_DAY = DAY // QUARTER


@dataclass(frozen=True, slots=True)
class Told:
    """The store's fingerprints from `since` on, of quarter-hours or of minutes, as it told them."""

    since: Millis
    prints: Prints
    width: Millis = QUARTER

    @property
    def until(self) -> Millis:
        """Where they end."""
        return self.since + len(self.prints) * self.width

    def within(self, start: Millis, end: Millis) -> Prints:
        """Return those of [start, end); 0 is what nobody has asked for."""
        low, high = (start - self.since) // self.width, (end - self.since) // self.width
        inside = self.prints[max(low, 0) : max(high, 0)]
        return np.pad(inside, (min(max(-low, 0), high - low), max(high - max(low, 0) - len(inside), 0)))[: high - low]


class Fingerprints:
    """The store's fingerprints, kept by day and asked for anew where readings have been noted since. Thread-safe.

    Of today and of the day before they are asked each time: readings flow there, and some reach a server store only
    after they were noted.
    """

    def __init__(self, store: Store, live: Live) -> None:
        self._store = store
        self._live = live
        self._known: Cache[tuple[str, int], Prints] = Cache(MOST_DAYS)

    def of(self, site: str, start: Millis, end: Millis, now: Millis) -> Prints:
        """Return the fingerprints of the quarter-hours of [start, end), which are edges of them.

        All that was noted before this is called is counted.

        Raises:
            StoreError: the store cannot be read.
        """
        days = range(start // DAY, (end - 1) // DAY + 1)
        recent = min(max(now // DAY - 1, days.start), days.stop)
        generations = {(site, day): self._live.generation(site, day) for day in range(days.start, recent)}
        kept = self._known.get_all(generations, lambda missing: self._ask(site, [day for _, day in missing]))
        prints = [*(kept[key] for key in generations), *self._ask(site, range(recent, days.stop))]
        low, high = (start - days[0] * DAY) // QUARTER, (end - days[0] * DAY) // QUARTER
        return np.concatenate(prints)[low:high]

    def _ask(self, site: str, days: Sequence[int]) -> Iterator[Prints]:
        """Yield the fingerprints of each of some days, which are ascending."""
        for run in runs_of_days(days):
            prints = fingerprints(self._store, site, run.start * DAY, run.stop * DAY).reshape(-1, _A_DAY)
            yield from (day.copy() for day in prints)  # each is forgotten by itself


def standing(header: Header, now: Prints, reach: Reach) -> list[Run]:
    """Return what of a roll-up still holds, ascending, on quarter-hours: no reading was added within reach of it.

    `now` are the fingerprints, as they are now, of the quarter-hours that the header has those of.
    """
    if now.tobytes() == header.prints:  # nearly always, and asked of every day of a year
        return [(header.start, header.end)]
    edges = header.start // QUARTER, -(-header.end // QUARTER)
    changed = np.flatnonzero(header.fingerprints() != now) + header.since // QUARTER
    before, after = reach
    low = np.clip((changed * QUARTER - after) // QUARTER, *edges) - edges[0]
    high = np.clip(-(-((changed + 1) * QUARTER + before) // QUARTER), *edges) - edges[0]
    steps = np.zeros(edges[1] - edges[0] + 1, dtype=np.int64)
    np.add.at(steps, low, 1)
    np.add.at(steps, high, -1)
    holds = np.cumsum(steps)[:-1] == 0
    return [(max(start, header.start), min(end, header.end)) for start, end in _stretches(holds, edges[0])]


def reached(start: Millis, end: Millis, reach: Reach) -> Run:
    """Return the edges of the quarter-hours in which readings bear on [start, end)."""
    return quarters(start - reach[0], end + reach[1])


def without(window: Run, runs: list[Run]) -> list[Run]:
    """Return what of a window lies in none of some runs, which are ascending and within it.

    >>> without((0, 10), [(2, 4), (4, 5), (9, 10)])
    [(0, 2), (5, 9)]
    """
    marks = [window[0], *(edge for run in runs for edge in run), window[1]]
    return [(low, high) for low, high in zip(marks[::2], marks[1::2], strict=True) if low < high]


def _stretches(holds: NDArray[np.bool_], first: int) -> Iterator[Run]:
    """Yield the stretches of quarter-hours that hold; the first of them has the number `first`."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8))) + first
    for low, high in turns.reshape(-1, 2).tolist():
        yield low * QUARTER, high * QUARTER


def runs_of_days(days: Sequence[int]) -> Iterator[range]:
    """Yield ascending days, those that follow one another together.

    >>> list(runs_of_days([3, 4, 5, 9]))
    [range(3, 6), range(9, 10)]
    """
    for _, run in groupby(enumerate(days), lambda item: item[1] - item[0]):
        found = [day for _, day in run]
        yield range(found[0], found[-1] + 1)

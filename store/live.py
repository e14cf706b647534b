"""What the house is in now: the newest readings in memory, noted as they are committed."""

import threading
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol

from spaces.clocks import AHEAD, WRONG
from spaces.reading import Reading, merge
from spaces.times import DAY, FOREVER, MINUTE, Millis
from store.protocol import Store

BEHIND: Millis = MINUTE
"""How far behind the last receipt the clock of whoever asks may be: another machine's, or ours that stepped back."""


class Live(Protocol):
    """What is in force now, as answers ask for it: `LiveStates`, and whatever stands in for it."""

    def in_force(self, site: str, now: Millis) -> dict[str, Reading]:
        """Return the newest reading with time <= now of each sensor."""
        ...

    def generation(self, site: str, day: int) -> int:
        """Return how many readings have been noted whose event time is on a UTC day."""
        ...

    def version(self, site: str) -> int:
        """Return how many readings of a site have been noted."""
        ...


class LiveStates:
    """The readings in force of every sensor, and a count by which caches notice what is new.

    Whoever commits a batch calls `note` after the commit; anybody may ask from any thread. What was stored
    before this object was made is read from the store once.
    """

    def __init__(self, store: Store, clock: Callable[[], Millis] = lambda: FOREVER) -> None:
        """`clock` says what lies ahead: what came before that is read too, for it is in force until then."""
        self._clock = clock
        self._lock = threading.Lock()
        self._held: defaultdict[str, dict[str, list[Reading]]] = defaultdict(dict)
        self._generations: Counter[tuple[str, int]] = Counter()
        self._versions: Counter[str] = Counter()
        for site in store.sites():
            for reading in self._newest(store, site):
                self._held[site].setdefault(reading.sensor, []).append(reading)

    def _newest(self, store: Store, site: str) -> list[Reading]:
        """Return of each sensor what is in force by the clock, where there is such, and then the newest reading."""
        newest, now = store.latest(site), self._clock()
        ahead = {reading.sensor for reading in newest if reading.time > now}
        past = [reading for reading in store.latest(site, now) if reading.sensor in ahead] if ahead else []
        return past + newest

    def _holds(self, reading: Reading) -> bool:
        """Whether a reading of this identity has been noted, and may still be in force."""
        with self._lock:
            kept = self._held[reading.site].get(reading.sensor, [])
            return any(one.time == reading.time for one in kept)

    def note(self, batch: Sequence[Reading]) -> None:
        """Take committed readings in, in any order and with repeats."""
        with self._lock:
            for reading in batch:
                kept = self._held[reading.site].setdefault(reading.sensor, [])
                if kept and reading.time <= kept[-1].time:
                    _put(kept, reading)
                else:
                    kept.append(reading)
                if len(kept) > 1 and kept[1].time <= (passed := _passed(kept, reading)):
                    del kept[: bisect_right(kept, passed, key=_time) - 1]  # they cannot be in force any more
                self._generations[reading.site, reading.time // DAY] += 1
                self._versions[reading.site] += 1

    def in_force(self, site: str, now: Millis) -> dict[str, Reading]:
        """Return for each sensor of a site its newest reading with time <= now. Silence is the caller's to judge."""
        with self._lock:
            found = {}
            for sensor, kept in self._held.get(site, {}).items():
                index = bisect_right(kept, now, key=_time) - 1
                if index >= 0:
                    found[sensor] = kept[index]
            return found

    def generation(self, site: str, day: int) -> int:
        """Return how many readings have been noted whose event time is on a UTC day (ms // DAY).

        A reading also bears on what is near it: up to its vacancy delay before, and its silence limit after.
        A cache of a day looks at the generations of all days within that reach, before it reads the store.
        """
        return self._generations[site, day]

    def version(self, site: str) -> int:
        """Return how many readings of a site have been noted: who watches it looks again when it changes."""
        return self._versions[site]


def _passed(kept: list[Reading], noted: Reading) -> Millis:
    """Return a moment that no clock goes back to, now that a reading has been noted among those of its sensor.

    What a clock has told that was wrong says nothing of the others.
    """
    newest = kept[-1].time
    if newest > noted.received + WRONG:
        newest = kept[max(bisect_right(kept, noted.received + WRONG, key=_time) - 1, 0)].time
    return max(newest - AHEAD, noted.received - BEHIND)


def _time(reading: Reading) -> Millis:
    return reading.time


def _put(kept: list[Reading], reading: Reading) -> None:
    index = bisect_right(kept, reading.time, key=_time)
    if index and kept[index - 1].time == reading.time:
        kept[index - 1] = merge(kept[index - 1], reading)
    else:
        kept.insert(index, reading)

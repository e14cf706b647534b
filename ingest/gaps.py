"""Messages that never came, told by the numbers that sensors give them.

A broker whose queue is full drops messages without a word (Mosquitto: the newest). What is left is a jump in `seq`.
"""

from collections import deque
from collections.abc import Iterable

from spaces.reading import Reading
from spaces.times import Millis

_MOST_HOLES = 64
"""Holes remembered of a sensor, in which a late message may still be expected."""


class Gaps:
    """Counts numbers that were left out, by sensor: `missing` is how many there are, less those that came late.

    A number lower than the one before, of a later time, is a sensor that began anew, and no gap. Not thread-safe
    but for reading `missing`.

    >>> gaps = Gaps()
    >>> gaps.note([Reading("s", "d", 1, 1, seq=1), Reading("s", "d", 5, 5, seq=5)])
    >>> gaps.missing
    3
    >>> gaps.note([Reading("s", "d", 3, 6, seq=3), Reading("s", "d", 9, 9, seq=0)])
    >>> gaps.missing
    2
    """

    def __init__(self, known: Iterable[Reading] = ()) -> None:
        """`known` are the newest readings of sensors before this life."""
        self.missing = 0
        self._newest: dict[tuple[str, str], tuple[Millis, int]] = {}
        self._holes: dict[tuple[str, str], deque[tuple[int, int]]] = {}
        self.note(known)

    def note(self, readings: Iterable[Reading]) -> None:
        """Take in readings, in any order and with repeats."""
        newest = self._newest
        for reading in readings:
            seq = reading.seq
            if seq is None:
                continue
            owner = (reading.site, reading.sensor)
            known = newest.get(owner)
            if known is None or reading.time > known[0]:
                newest[owner] = (reading.time, seq)
                if known is not None and seq > known[1] + 1:
                    self._leave(owner, known[1] + 1, seq)
            elif owner in self._holes:
                self._fill(owner, seq)

    def _leave(self, owner: tuple[str, str], low: int, high: int) -> None:
        self.missing += high - low
        self._holes.setdefault(owner, deque(maxlen=_MOST_HOLES)).append((low, high))

    def _fill(self, owner: tuple[str, str], seq: int) -> None:
        holes = self._holes[owner]
        for hole in holes:
            if hole[0] <= seq < hole[1]:
                holes.remove(hole)
                holes.extend(part for part in ((hole[0], seq), (seq + 1, hole[1])) if part[0] < part[1])
                self.missing -= 1
                return

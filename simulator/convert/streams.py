"""From values in order of time to what sensors said, all of them side by side and in order of time."""

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulator.convert.account import Account
from simulator.convert.kinds import KINDS, Record, SeatChanges, Stream
from simulator.convert.series import Series
from simulator.convert.sorting import Records
from spaces.times import Millis

_AT_ONCE = 20_000
"""Values that are objects at any time."""


class Said(NamedTuple):
    """What a series said: a count, or 1 and 0 for occupied and vacant; `UNKNOWN` where it did not know."""

    time: Millis
    series: int
    value: int


class Seats(NamedTuple):
    """From a moment on a sensor's place had so many seats."""

    sensor: str
    since: Millis
    seats: int


class Streams:
    """All series of a dump at once."""

    def __init__(self, series: Sequence[Series], zone: ZoneInfo, every: Millis, account: Account) -> None:
        """Count as gaps what comes later than `every` after the value before; 0 for no such count."""
        self.seats: list[Seats] = []
        self.gaps = 0
        self._streams = [self._new(one, zone, account) for one in series]
        self._every = every
        self._before: dict[int, Millis] = {}
        self._waiting: list[tuple[Millis, int]] = []
        self._now: Millis = 0

    def _new(self, series: Series, zone: ZoneInfo, account: Account) -> Stream:
        if series.kind == "seats":
            return SeatChanges(lambda at, seats: self.seats.append(Seats(series.sensor, at, seats)))
        return KINDS[series.kind](series, zone, account)

    def take(self, part: Records) -> Iterator[Said]:
        """Take values in order, and yield what is said in order of time."""
        for (at, series), records in groupby(_records(part), key=itemgetter(0, 3)):
            yield from self._due(at)
            stream = self._streams[series]
            before = stream.due
            for value in stream.take(at, list(records)):
                yield Said(at, series, value)
                self._count_gap(series, at)
            if stream.due is not None and stream.due != before:
                heappush(self._waiting, (stream.due, series))
            self._now = at

    def finish(self) -> Iterator[Said]:
        """Yield what is due until the end of the dump, and the ends of stays."""
        while self._waiting:
            at, series = self._waiting[0]
            if at > self._now and not self._streams[series].lasting:
                heappop(self._waiting)
            else:
                yield from self._due(at + 1)

    def _due(self, before: Millis) -> Iterator[Said]:
        while self._waiting and self._waiting[0][0] < before:
            at, series = heappop(self._waiting)
            stream = self._streams[series]
            if stream.due == at:
                for value in stream.fall_due():
                    yield Said(at, series, value)

    def _count_gap(self, series: int, at: Millis) -> None:
        before = self._before.get(series)
        self.gaps += bool(self._every and before is not None and at - before > self._every)
        self._before[series] = at


def _records(part: Records) -> Iterator[Record]:
    for start in range(0, len(part), _AT_ONCE):
        yield from map(Record._make, part[start : start + _AT_ONCE].tolist())

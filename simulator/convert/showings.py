"""Wall-clock times on the time line: those that the clock shows twice, and which showing a row is of."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from simulator.convert.refusals import Reason, RowError
from spaces.times import DAY, Millis, to_millis

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what the wall showed
_MILLI = timedelta(milliseconds=1)
_MOST_WAITING = 200_000
"""Rows of one sensor in one doubled hour beyond which they are no readings of an hour."""


class Moment(NamedTuple):
    """Both showings of a wall-clock time; they are one, save in the hour that the clock shows twice."""

    first: Millis
    second: Millis


def exactly(moment: Millis) -> Moment:
    """Return a moment that is certain."""
    return Moment(moment, moment)


def showings(local: datetime, zone: ZoneInfo) -> Moment:
    """Return the moments at which the wall clock shows a time.

    Raises:
        RowError: where the clock skips the time, or it is beyond every date.
    """
    try:
        if (offset := _offset(local.date(), zone)) is not None:
            return exactly((local - _EPOCH) // _MILLI - offset)
        first = to_millis(local.replace(tzinfo=zone, fold=0))
        second = to_millis(local.replace(tzinfo=zone, fold=1))
    except OverflowError as error:
        raise RowError(Reason.TIME, str(error)) from None
    if first > second:
        raise RowError(Reason.SKIPPED, f"{local.isoformat(' ')} does not exist in {zone.key}: the clock skips it")
    return Moment(first, second)


@lru_cache(maxsize=4096)
def _offset(day: date, zone: ZoneInfo) -> Millis | None:
    """Return how far a zone is from UTC on a local day, None on a day on which that changes."""
    midnights = [datetime.combine(midnight, time(), zone) for midnight in (day, day + timedelta(days=1))]
    offsets = {midnight.replace(fold=fold).utcoffset() for midnight in midnights for fold in (0, 1)}
    (offset, *others) = offsets
    return None if others or offset is None else offset // _MILLI


Item = TypeVar("Item")


class Settled(NamedTuple, Generic[Item]):
    """A row with its moment, None where nothing tells it; `guessed` where it could have been the other."""

    moment: Millis | None
    item: Item
    guessed: bool = False


class _Waiting(NamedTuple, Generic[Item]):
    """A row of the doubled hour, and the file that it stands in."""

    moment: Moment
    item: Item
    file: int


class _Beside(NamedTuple):
    """The row before or after those that wait."""

    moment: Millis
    file: int


class Showings(Generic[Item]):
    """Tells the showings of the doubled hour apart by the order of a source's rows, whichever way it runs.

    Rows of the doubled hour wait for the next row of their sensor outside of it. Between the rows around it the
    direction is known; along it, time may go back once, and what comes from there on is the second showing. Files that
    overlap are told apart one by one.

    >>> rows = Showings()
    >>> ended = [list(rows.take("a", Moment(*pair), pair)) for pair in ((0, 0), (30, 90), (30, 90), (120, 120))]
    >>> [(row.moment, row.guessed) for row in ended[-1]]
    [(30, False), (90, False), (120, False)]
    """

    def __init__(self, rule: str = "") -> None:
        """`rule` is what the mapping says of rows whose order tells nothing: one of `mapping.DOUBLED`, or nothing."""
        self._rule = rule
        self._before: dict[str, _Beside] = {}
        self._waiting: dict[str, list[_Waiting[Item]]] = {}
        self._steps: Counter[bool] = Counter()

    def take(self, sensor: str, moment: Moment, item: Item, file: int = 0) -> Iterator[Settled[Item]]:
        """Take the next row of a source, and yield those that are settled by it."""
        waiting = self._waiting.get(sensor)
        if waiting and (moment.first == moment.second or _ends(waiting, moment)):
            yield from self._settle(sensor, _Beside(moment.first, file))
        if moment.first != moment.second:
            self._waiting.setdefault(sensor, []).append(_Waiting(moment, item, file))
            return
        before = self._before.get(sensor)
        if before is not None and before.moment != moment.first:
            self._steps[before.moment < moment.first] += 1
        self._before[sensor] = _Beside(moment.first, file)
        yield Settled(moment.first, item)

    def finish(self) -> Iterator[Settled[Item]]:
        """Yield the rows that still wait, at the end of a source."""
        for sensor in list(self._waiting):
            yield from self._settle(sensor, None)

    def _settle(self, sensor: str, after: _Beside | None) -> Iterator[Settled[Item]]:
        run, before = self._waiting.pop(sensor), self._before.get(sensor)
        ordered, turn = self._ordered(before, run, after)
        if turn is not None or run[0].file == run[-1].file:
            yield from self._told(ordered, turn)
            return
        for _, rows in groupby(run, key=attrgetter("file")):
            part = list(rows)
            first, last = part[0] is run[0], part[-1] is run[-1]
            yield from self._told(*self._ordered(before if first else None, part, after if last else None))

    def _ordered(
        self, before: _Beside | None, run: list[_Waiting[Item]], after: _Beside | None
    ) -> tuple[list[_Waiting[Item]], int | None]:
        """Return a run oldest first, and where its second showing begins: see `_turn`."""
        forwards = self._direction(before, run, after)
        ordered = run[::-1] if forwards is False else run
        return ordered, None if forwards is None else _turn(ordered)

    def _told(self, ordered: Sequence[_Waiting[Item]], turn: int | None) -> Iterator[Settled[Item]]:
        for index, row in enumerate(ordered):
            if turn is not None and turn < len(ordered):
                yield Settled(row.moment[index >= turn], row.item)
            elif self._rule == "leave-out" or (turn is None and not self._rule):
                yield Settled(None, row.item)
            else:
                yield Settled(row.moment[self._rule == "second"], row.item, guessed=True)

    def _direction(self, before: _Beside | None, run: Sequence[_Waiting[Item]], after: _Beside | None) -> bool | None:
        """Return whether rows go forwards, None where those around do not fit; rows of the same file count first."""
        least, most = min(row.moment.first for row in run), max(row.moment.second for row in run)
        sides = []
        if before is not None and not least <= before.moment <= most:
            sides.append((before.file == run[0].file, before.moment < least))
        if after is not None and not least <= after.moment <= most:
            sides.append((after.file == run[-1].file, after.moment > most))
        directions = {forwards for near, forwards in sides if near} or {forwards for _, forwards in sides}
        if len(directions) == 2:
            return None
        return directions.pop() if directions else self._usual(run)

    def _usual(self, run: Sequence[_Waiting[Item]]) -> bool | None:
        """Return the direction of the source so far; of a source that is all inside of the hour, the run's own."""
        moments = [row.moment for row in run]
        steps = self._steps or Counter(one < other for one, other in pairwise(moments) if one != other)
        return None if steps[True] == steps[False] and steps else steps[True] >= steps[False]


def _ends(waiting: Sequence[_Waiting[Item]], moment: Moment) -> bool:
    """Whether a row of a doubled hour is of another one than those that wait."""
    return abs(moment.first - waiting[0].moment.first) >= DAY or len(waiting) >= _MOST_WAITING


def _turn(run: Sequence[_Waiting[Item]]) -> int | None:
    """Return where the second showing begins in a run that goes forwards.

    Its length where time never goes back: all may be of either showing. None where it goes back more than once.
    """
    pairs = list(enumerate(pairwise(run), 1))
    back = [index for index, (one, other) in pairs if other.moment < one.moment]
    if back:
        return back[0] if len(back) == 1 else None
    same = [index for index, (one, other) in pairs if other.moment == one.moment]
    told = [index for index in same if len(run) == 2 or run[index - 1].item != run[index].item]
    if told:
        return told[0] if len(told) == 1 else None
    return len(run)

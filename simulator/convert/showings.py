"""Wall-clock times on the time line: those that the clock shows twice, and which showing a row is of."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
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


class Showings(Generic[Item]):
    """Tells the showings of the doubled hour apart by the order of a source's rows, whichever way it runs.

    Rows of the doubled hour wait for the next row of their sensor outside of it. Between the rows around it the
    direction is known; along it, time may go back once, and what comes from there on is the second showing.

    >>> rows = Showings()
    >>> ended = [list(rows.take("a", Moment(*pair), pair)) for pair in ((0, 0), (30, 90), (30, 90), (120, 120))]
    >>> [(row.moment, row.guessed) for row in ended[-1]]
    [(30, False), (90, False), (120, False)]
    """

    def __init__(self, rule: str = "") -> None:
        """`rule` is what the mapping says of rows whose order tells nothing: one of `mapping.DOUBLED`, or nothing."""
        self._rule = rule
        self._before: dict[str, Millis] = {}
        self._waiting: dict[str, list[tuple[Moment, Item]]] = {}
        self._steps: Counter[bool] = Counter()

    def take(self, sensor: str, moment: Moment, item: Item) -> Iterator[Settled[Item]]:
        """Take the next row of a source, and yield those that are settled by it."""
        waiting = self._waiting.get(sensor)
        if waiting and (moment.first == moment.second or _ends(waiting, moment)):
            yield from self._settle(sensor, moment.first)
        if moment.first != moment.second:
            self._waiting.setdefault(sensor, []).append((moment, item))
            return
        before = self._before.get(sensor)
        if before is not None and before != moment.first:
            self._steps[before < moment.first] += 1
        self._before[sensor] = moment.first
        yield Settled(moment.first, item)

    def finish(self) -> Iterator[Settled[Item]]:
        """Yield the rows that still wait, at the end of a source."""
        for sensor in list(self._waiting):
            yield from self._settle(sensor, None)

    def _settle(self, sensor: str, after: Millis | None) -> Iterator[Settled[Item]]:
        run = self._waiting.pop(sensor)
        forwards = self._direction(self._before.get(sensor), run, after)
        ordered = run if forwards is not False else run[::-1]
        turn = _turn(ordered) if forwards is not None else None
        for index, (moment, item) in enumerate(ordered):
            if turn is not None and turn <= len(run):
                yield Settled(moment[index >= turn], item)
            else:
                yield self._by_rule(moment, item, contradicting=turn is None)

    def _by_rule(self, moment: Moment, item: Item, *, contradicting: bool) -> Settled[Item]:
        if self._rule == "leave-out" or (contradicting and not self._rule):
            return Settled(None, item)
        return Settled(moment[self._rule == "second"], item, guessed=True)

    def _direction(
        self, before: Millis | None, run: Sequence[tuple[Moment, Item]], after: Millis | None
    ) -> bool | None:
        """Return whether rows go forwards, None where those around do not fit."""
        least, most = min(row[0].first for row in run), max(row[0].second for row in run)
        sides = {before < least} if before is not None and not least <= before <= most else set()
        if after is not None and not least <= after <= most:
            sides.add(after > most)
        if len(sides) == 2:
            return None
        return sides.pop() if sides else self._usual(run)

    def _usual(self, run: Sequence[tuple[Moment, Item]]) -> bool | None:
        """Return the direction of the source so far; of a source that is all inside of the hour, the run's own."""
        steps = self._steps or Counter(one[0] < other[0] for one, other in pairwise(run) if one[0] != other[0])
        return None if steps[True] == steps[False] and steps else steps[True] >= steps[False]


def _ends(waiting: Sequence[tuple[Moment, object]], moment: Moment) -> bool:
    """Whether a row of a doubled hour is of another one than those that wait."""
    return abs(moment.first - waiting[0][0].first) >= DAY or len(waiting) >= _MOST_WAITING


def _turn(run: Sequence[tuple[Moment, object]]) -> int | None:
    """Return where the second showing begins in a run that goes forwards.

    Beyond its end (`len(run) + 1`) where time never goes back: all may be of either showing. None where it goes back
    more than once.
    """
    pairs = list(enumerate(pairwise(run), 1))
    back = [index for index, (one, other) in pairs if other[0] < one[0]]
    if back:
        return back[0] if len(back) == 1 else None
    same = [index for index, (one, other) in pairs if other[0] == one[0] and (len(run) == 2 or other[1] != one[1])]
    if same:
        return same[0] if len(same) == 1 else None
    return len(run) + 1

"""What is made of the values of one sensor: states as they are, counts of who went in and out, and stays."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from simulator.convert.account import Account
from simulator.convert.refusals import Reason
from simulator.convert.series import Series
from simulator.convert.values import UNKNOWN, Bent, unpacked
from spaces.times import Millis, to_datetime, to_millis


class Record(NamedTuple):
    """A value as the sorter has it."""

    time: Millis
    value: int
    line: int
    series: int
    file: int


class Stream(Protocol):
    """What becomes of the values of one series, moment by moment."""

    due: Millis | None
    """When it has something to say though no value comes, None for never."""
    lasting: bool
    """Whether it says that even after the end of the dump."""

    def take(self, at: Millis, records: Sequence[Record]) -> Iterator[int]:
        """Take all values of a moment, and yield what is said then."""

    def fall_due(self) -> Iterator[int]:
        """Yield what is said when it is due."""


class _Once:
    """Takes each moment once: the first row stands, equal ones repeat it, others contradict it."""

    due: Millis | None = None
    lasting = False

    def __init__(self, series: Series, zone: ZoneInfo, account: Account) -> None:
        del series, zone
        self._account = account

    def once(self, records: Sequence[Record]) -> int:
        """Return the value of a moment, and account for all."""
        files, first = self._account.files, records[0]
        files[first.file].taken += 1
        for later in records[1:]:
            if later.value == first.value:
                files[later.file].repeated += 1
            else:
                where = f"{files[first.file].file.name}:{first.line}"
                message = f"contradicts {where}: the same sensor at the same moment"
                self._account.refuse(files[later.file], later.line, Reason.CONTRADICTION, message)
        self._account.bent[Bent.UNKNOWN] += first.value == UNKNOWN
        return first.value

    def take(self, at: Millis, records: Sequence[Record]) -> Iterator[int]:
        del at
        yield self.once(records)

    def fall_due(self) -> Iterator[int]:
        yield from ()


class SeatChanges:
    """Notes when the seats of a sensor's place change; nothing is said of them, and nothing is ever due."""

    due: Millis | None = None
    lasting = False

    def __init__(self, note: Callable[[Millis, int], None]) -> None:
        self._note = note
        self._seats: int | None = None

    def take(self, at: Millis, records: Sequence[Record]) -> Iterator[int]:
        """Note the seats of a moment where they are others than before."""
        if records[0].value != self._seats:
            self._seats = records[0].value
            self._note(at, self._seats)
        yield from ()

    def fall_due(self) -> Iterator[int]:
        """Yield nothing."""
        yield from ()


class _Changing(_Once):
    """Keeps the count of a place by what changes it: from 0 on, never below 0, and 0 again at the reset."""

    def __init__(self, series: Series, zone: ZoneInfo, account: Account) -> None:
        super().__init__(series, zone, account)
        self._reset = series.reset
        self._zone = zone
        self._count = 0
        self._known = True

    def take(self, at: Millis, records: Sequence[Record]) -> Iterator[int]:
        if self.due is not None and self.due <= at:
            self._empty()
        change = self.change(records)
        if change == UNKNOWN:
            yield UNKNOWN
        else:
            self._account.bent[Bent.BELOW] += self._known and self._count + change < 0
            self._count = max(self._count + change, 0)
            yield self._count if self._known else UNKNOWN
        self.due = _next(at, self._reset, self._zone) if self._reset and (self._count or not self._known) else None

    def change(self, records: Sequence[Record]) -> int:
        """Return by how much the values of a moment change the count, `UNKNOWN` where they do not tell."""
        value = self.once(records)
        if value == UNKNOWN:
            self.lose()
            return UNKNOWN
        enter, leave = unpacked(value)
        return enter - leave

    def lose(self) -> None:
        """Know the count no longer: who went in or out in a gap is not told."""
        self._account.bent[Bent.LOST] += self._known
        self._known = False

    def fall_due(self) -> Iterator[int]:
        self._empty()
        yield 0

    def _empty(self) -> None:
        self._account.bent[Bent.EMPTIED] += self._known and self._count > 0
        self._count, self._known, self.due = 0, True, None


class _Passages(_Changing):
    """Single passages: two that are equal are two people in one file, and one repeated in two files."""

    def change(self, records: Sequence[Record]) -> int:
        in_file: Counter[tuple[int, int]] = Counter()
        passed: Counter[int] = Counter()
        for record in records:
            file = self._account.files[record.file]
            in_file[record.value, record.file] += 1
            new = in_file[record.value, record.file] > passed[record.value]
            passed[record.value] += new
            file.taken += new
            file.repeated += not new
        if not passed[UNKNOWN]:
            return sum(value * number for value, number in passed.items())
        self._account.bent[Bent.UNKNOWN] += passed[UNKNOWN]
        self.lose()
        return UNKNOWN


class _Counters(_Changing):
    """Counters of in and out that only grow, unless they begin again at 0."""

    def __init__(self, series: Series, zone: ZoneInfo, account: Account) -> None:
        super().__init__(series, zone, account)
        self._before: tuple[int, int] | None = None

    def change(self, records: Sequence[Record]) -> int:
        value = self.once(records)
        if value == UNKNOWN:
            return UNKNOWN  # the next number tells what was missed
        now = unpacked(value)
        enter, leave = (self._grown(before, after) for before, after in zip(self._before or now, now, strict=True))
        self._before = now
        return enter - leave

    def _grown(self, before: int, after: int) -> int:
        self._account.bent[Bent.RESTARTED] += after < before
        return after - before if after >= before else after


class _Stays:
    """Stays with their ends as values: occupied from the begin to the end, stays that touch are one."""

    lasting = True

    def __init__(self, series: Series, zone: ZoneInfo, account: Account) -> None:
        del series, zone
        self._account = account
        self.due: Millis | None = None

    def take(self, at: Millis, records: Sequence[Record]) -> Iterator[int]:
        del at
        ends: set[int] = set()
        for record in records:
            file = self._account.files[record.file]
            file.repeated += record.value in ends
            file.taken += record.value not in ends
            ends.add(record.value)
        begins = self.due is None
        self._account.bent[Bent.MERGED] += len(ends) - begins
        self.due = max(*ends, self.due or 0)
        if begins:
            yield 1

    def fall_due(self) -> Iterator[int]:
        self.due = None
        yield 0


KINDS: Mapping[str, Callable[[Series, ZoneInfo, Account], Stream]] = {
    "people": _Once,
    "occupied": _Once,
    "flows": _Changing,
    "passages": _Passages,
    "counters": _Counters,
    "intervals": _Stays,
}
"""What is made of each kind of series."""


def _next(at: Millis, reset: time, zone: ZoneInfo) -> Millis:
    """Return the next moment after one at which the wall clock shows a time of day."""
    day = to_datetime(at).astimezone(zone).date()
    moment = to_millis(datetime.combine(day, reset, zone))
    return moment if moment > at else to_millis(datetime.combine(day + timedelta(days=1), reset, zone))

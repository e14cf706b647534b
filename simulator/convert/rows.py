"""Rows of a CSV dump turned into what sensors said, one source at a time; what is wrong is a mistake with its line."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulator.convert.dates import NumberedDays, wall_clock
from simulator.convert.mapping import Source, TimeRule
from spaces.fields import ID_RULE, is_id
from spaces.mistakes import FileError, Mistake, did_you_mean
from spaces.native import MOST_PEOPLE
from spaces.times import SECOND, SECONDS_BELOW, Millis, to_millis

LOOK_EVERY = 5_000
"""Rows between two reports of progress."""
UNKNOWN = -1
_WORDS = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "on", "occupied"), 1),
    **dict.fromkeys(("0", "0.0", "false", "no", "off", "vacant", "free"), 0),
}
_COUNT = re.compile(r"(\d{1,7})(?:\.0*)?")
_WEEKDAY = re.compile(r"([0-7])(?:\.0*)?")
_LATEST: Millis = 250_000_000_000_000
"""The year 9892: later times are no dates of ours."""

When = Callable[[Sequence[str], Millis | None], Millis]
"""Cells of a row and the time of the sensor's row before, to the time of this one; ValueError where it has none."""


class Row(NamedTuple):
    """What one row says: `value` is a count, or 1, 0 for occupied, vacant; -1 where the cell is empty."""

    line: int
    time: Millis
    sensor: str
    value: int


class RowReader:
    """Reads the rows of sources. One reader for all of them, so that a numbered day has one date in all files."""

    def __init__(self, rule: TimeRule, zone: ZoneInfo, read: Callable[[int], None]) -> None:
        """`read` is called every few thousand rows with the bytes read since it was called before."""
        self._rule = rule
        self._zone = zone
        self._read = read
        self._days = NumberedDays(rule.days.start, zone) if rule.days else None

    def rows(self, source: Source) -> Iterator[Row | Mistake]:
        """Yield each row of a source, or what is wrong with it.

        Raises:
            FileError: where nothing of the file can be used.
        """
        try:
            with source.file.open("rb") as raw:
                text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
                yield from self._parsed(source, _Counted(raw, self._read), text)
        except FileNotFoundError:
            message = "there is no such file, but the mapping names it; say where the data is"
            raise FileError([Mistake(source.file, 1, message)]) from None
        except OSError as error:
            raise FileError([Mistake(source.file, 1, f"cannot be read: {error.strerror}")]) from None

    def _parsed(self, source: Source, counted: "_Counted", text: io.TextIOWrapper) -> Iterator[Row | Mistake]:
        lines = _numbered(text, source.delimiter)
        columns = self._columns(source, next(lines, None))
        parse = self._row_of(source, columns)
        for index, (line, cells) in enumerate(lines, 1):
            if index % LOOK_EVERY == 0:
                counted.report()
            yield _checked(source.file, line, cells, len(columns), parse)
        counted.report()

    def _columns(self, source: Source, header: tuple[int, list[str] | str] | None) -> list[str]:
        if header is None or isinstance(header[1], str):
            raise FileError([Mistake(source.file, 1, "there is no header that names the columns")])
        columns = [name.strip() for name in header[1]]
        missing = [name for name in self._wanted(source) if name not in columns]
        if missing:
            at = (source.file, header[0])
            raise FileError(
                [Mistake(*at, f"there is no column {name!r}{did_you_mean(name, columns)[:200]}") for name in missing]
            )
        return columns

    def _wanted(self, source: Source) -> list[str]:
        days = self._rule.days
        names = [self._rule.column, source.column, source.sensor_column]
        return [name for name in (*names, *((days.day, days.weekday) if days else ())) if name is not None]

    def _row_of(self, source: Source, columns: Sequence[str]) -> Callable[[int, Sequence[str]], Row]:
        when = self._when(columns)
        value_of = _people if source.values == "people" else _occupied
        value_at = columns.index(source.column)
        sensor_at = columns.index(source.sensor_column) if source.sensor_column is not None else None
        previous: dict[str, Millis] = {}

        def row(line: int, cells: Sequence[str]) -> Row:
            sensor = source.sensor if sensor_at is None else _sensor(cells[sensor_at])
            value = value_of(cells[value_at].strip())
            moment = previous[sensor] = _plausible(when(cells, previous.get(sensor)))
            return Row(line, moment, sensor, value)

        return row

    def _when(self, columns: Sequence[str]) -> When:
        rule, at = self._rule, columns.index(self._rule.column)
        if rule.days is not None and self._days is not None:
            return self._when_numbered(
                rule.days.zero, self._days, at, *map(columns.index, (rule.days.day, rule.days.weekday))
            )
        if rule.format.startswith("epoch"):
            unit = SECOND if rule.format == "epoch-s" else 1
            return lambda cells, _: _epoch(cells[at].strip(), unit)
        return lambda cells, previous: self._moment(cells[at].strip(), previous)

    def _when_numbered(self, zero: int, days: NumberedDays, at: int, day_at: int, weekday_at: int) -> When:
        def when(cells: Sequence[str], previous: Millis | None) -> Millis:
            weekday = _weekday(cells[weekday_at].strip())
            clock = self._clock(cells[at].strip())
            day = days.date_of(cells[day_at].strip(), (weekday + zero) % 7)
            return wall_clock(datetime.combine(day, clock), self._zone, previous)

        return when

    def _moment(self, text: str, previous: Millis | None) -> Millis:
        iso = self._rule.format == "iso"
        moment = datetime.fromisoformat(text) if iso else datetime.strptime(text, self._rule.format)  # noqa: DTZ007 - the zone comes next
        return wall_clock(moment, self._zone, previous) if moment.tzinfo is None else to_millis(moment)

    def _clock(self, text: str) -> time:
        if self._rule.format == "iso":
            return time.fromisoformat(text)
        return datetime.strptime(text, self._rule.format).time()  # noqa: DTZ007 - a time of day has no zone


class _Counted:
    """Reports how far a file has been read."""

    def __init__(self, raw: io.BufferedReader, read: Callable[[int], None]) -> None:
        self._raw = raw
        self._read = read
        self._before = 0

    def report(self) -> None:
        now = self._raw.tell()
        self._read(now - self._before)
        self._before = now


def _numbered(text: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the line in which each row begins with its cells, or with what is wrong with it; blank lines are none."""
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, str(error)
            continue
        if cells:
            yield line, cells


def _checked(
    file: Path, line: int, cells: list[str] | str, width: int, parse: Callable[[int, Sequence[str]], Row]
) -> Row | Mistake:
    if isinstance(cells, str):
        return Mistake(file, line, f"is no CSV: {cells}")
    if len(cells) != width:
        return Mistake(file, line, f"{len(cells)} fields where the header has {width}: {','.join(cells)[:60]}")
    try:
        return parse(line, cells)
    except (ValueError, OverflowError) as error:
        return Mistake(file, line, f"{error}: {','.join(cells)[:60]}")


def _sensor(text: str) -> str:
    sensor = text.strip()
    if not is_id(sensor):
        raise ValueError(f"{sensor[:60]!r} is no sensor id; ids are {ID_RULE}")
    return sensor


def _people(text: str) -> int:
    if not text:
        return UNKNOWN
    found = _COUNT.fullmatch(text)
    if not found or int(found[1]) > MOST_PEOPLE:
        raise ValueError(f"{text[:40]!r} is no number of people, 0 to {MOST_PEOPLE}")
    return int(found[1])


def _occupied(text: str) -> int:
    if not text:
        return UNKNOWN
    found = _WORDS.get(text.lower())
    if found is None:
        raise ValueError(f"{text[:40]!r} is neither occupied nor vacant; known are {', '.join(_WORDS)}")
    return found


def _weekday(text: str) -> int:
    found = _WEEKDAY.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is no weekday; they are 0 to 6, or 1 to 7")
    return int(found[1])


def _epoch(text: str, unit: Millis) -> Millis:
    return round(float(text) * unit)


def _plausible(moment: Millis) -> Millis:
    if not SECONDS_BELOW <= moment < _LATEST:
        raise ValueError("a time before 1973 or beyond every date; is the format 'epoch-s' or 'epoch-ms' perhaps?")
    return moment

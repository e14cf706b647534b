"""Mapping files: a small TOML that says what the columns of a CSV dump mean."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from simulator.convert.dates import WEEKDAYS
from spaces.fields import Fields
from spaces.mistakes import FileError, Mistake, did_you_mean
from spaces.times import Millis
from spaces.toml_lines import TomlLines

TABLES = ("recording", "time", "source")
VALUES = ("people", "occupied")
FORMATS = ("iso", "epoch-ms", "epoch-s")
"""Named formats of times; anything with a % is a `strptime` pattern."""


class MappingError(FileError):
    """A mapping file is wrong, or does not fit the files it names."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """How rows without a date get one: see `simulator.convert.dates.NumberedDays`.

    `day` and `weekday` are columns; `zero` is the weekday (0 = Monday) that the dump writes as 0. Weekdays from 1
    to 7, as ISO numbers them, have Sunday as their zero: 7 and 0 are the same.
    """

    day: str
    weekday: str
    zero: int
    start: date


@dataclass(frozen=True, slots=True)
class TimeRule:
    """Which column says when, and in which format. `every` is the dump's interval, 0 where it has none."""

    column: str
    format: str
    days: DayRule | None
    every: Millis


@dataclass(frozen=True, slots=True)
class Source:
    """One column of one file. `sensor` names the sensor unless `sensor_column` does row by row."""

    file: Path
    delimiter: str
    column: str
    values: str
    sensor: str
    sensor_column: str | None


@dataclass(frozen=True, slots=True)
class DumpMapping:
    """What a mapping file says."""

    site: str
    zone: ZoneInfo
    note: str
    time: TimeRule
    sources: tuple[Source, ...]


def load_mapping(file: Path, data: Path | None = None) -> DumpMapping:
    """Read a mapping file; `data` is the folder of the dump in place of the one that the file names.

    Raises:
        MappingError: with every mistake of the file.
    """
    return _MappingFile(file, data).mapping()


class _MappingFile:
    """One reading of one mapping file."""

    def __init__(self, file: Path, data: Path | None) -> None:
        self._file = file
        self._data = data
        self._mistakes: list[Mistake] = []
        text = _text_of(file)
        self._tables = _parsed(file, text)
        self._lines = TomlLines(text)

    def mapping(self) -> DumpMapping:
        self._check_tables()
        head = self._fields("recording", 0, self._single("recording"))
        site, zone = head.identifier("site"), _timezone(head)
        note, folder = head.text("note", "-"), head.text("folder", ".")
        head.finish()
        data = self._data or self._file.parent / folder
        mapping = DumpMapping(
            site=site,
            zone=zone,
            note="" if note == "-" else note,
            time=_time(self._fields("time", 0, self._single("time"))),
            sources=tuple(self._sources(data)),
        )
        if self._mistakes:
            raise MappingError(self._mistakes)
        return mapping

    def _check_tables(self) -> None:
        for key in self._tables:
            if key not in TABLES:
                self._note(self._lines.of(key), f"unknown table [{key}]{did_you_mean(key, TABLES)}")
        for key in ("recording", "time"):
            if not isinstance(self._tables.get(key), dict):
                self._note(self._lines.of(key), f"the table [{key}] is missing; write [{key}] and its keys")
        if not self._rows():
            self._note(self._lines.of("source"), "there is no [[source]]; each names a file and a column of it")

    def _rows(self) -> list[Mapping[str, object]]:
        rows = self._tables.get("source")
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def _single(self, table: str) -> Mapping[str, object] | None:
        value = self._tables.get(table)
        return value if isinstance(value, dict) else None

    def _fields(self, table: str, index: int, row: Mapping[str, object] | None) -> Fields:
        return Fields(
            row or {},
            what=table,
            file=self._file,
            line_of=lambda key: self._lines.of(table, index, key),
            mistakes=self._mistakes if row is not None else [],
        )

    def _sources(self, data: Path) -> Iterator[Source]:
        for index, row in enumerate(self._rows()):
            fields = self._fields("source", index, row)
            yield _source(fields, data)
            fields.finish()

    def _note(self, line: int, message: str) -> None:
        self._mistakes.append(Mistake(self._file, line, message))


def _time(fields: Fields) -> TimeRule:
    rule = TimeRule(
        column=fields.text("column"),
        format=_format(fields),
        days=_days(fields),
        every=fields.duration("every", 0),
    )
    if rule.days and rule.format.startswith("epoch"):
        fields.wrong("format", f"{rule.format!r} has a date of its own, and day and weekday give another")
    fields.finish()
    return rule


def _format(fields: Fields) -> str:
    value = fields.text("format", "iso")
    if "%" not in value and value not in FORMATS:
        fields.wrong("format", f"{value!r} is no format; write a pattern such as '%d.%m.%Y %H:%M' or {FORMATS}")
    return value


def _days(fields: Fields) -> DayRule | None:
    keys = ("day", "weekday", "weekday_zero", "from")
    if not any(key in fields for key in keys):
        for key in keys:
            fields.text(key, "-")
        return None
    start = fields.day("from")
    if not 1974 <= start.year < 3000:
        fields.wrong("from", f"{start} is no year for counts; write one from 1974 on")
    return DayRule(
        day=fields.text("day"),
        weekday=fields.text("weekday"),
        zero=WEEKDAYS.index(_weekday(fields)),
        start=start,
    )


def _weekday(fields: Fields) -> str:
    value = fields.choice("weekday_zero", WEEKDAYS)
    return value if value in WEEKDAYS else WEEKDAYS[0]


def _source(fields: Fields, data: Path) -> Source:
    source = Source(
        file=data / fields.text("file"),
        delimiter=_delimiter(fields),
        column=fields.text("column"),
        values=fields.choice("values", VALUES, "people"),
        sensor=fields.identifier("sensor", "-"),
        sensor_column=fields.text("sensor_column", "") or None,
    )
    if ("sensor" in fields) == (source.sensor_column is not None):
        fields.wrong(None, "needs sensor (an id) or sensor_column (the column that holds the id), one of the two")
    return source


def _delimiter(fields: Fields) -> str:
    value = fields.text("delimiter", ",")
    if len(value) != 1:
        fields.wrong("delimiter", f"{value!r} is not one character; write ',' or ';'")
        return ","
    return value


def _timezone(fields: Fields) -> ZoneInfo:
    name = fields.text("timezone")
    known = available_timezones()
    if name in known:
        return ZoneInfo(name)
    if name:
        fields.wrong("timezone", f"{name!r} is no IANA zone{did_you_mean(name, sorted(known))[:80]}")
    return ZoneInfo("UTC")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MappingError([Mistake(file, 1, "there is no such file")]) from None
    except UnicodeDecodeError as error:
        raise MappingError([Mistake(file, 1, f"is not UTF-8 at byte {error.start}")]) from None
    except OSError as error:
        raise MappingError([Mistake(file, 1, f"cannot be read: {error.strerror}")]) from None


def _parsed(file: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        digits = str(error).partition("at line ")[2].split(",")[0]
        line = int(digits) if digits.isdecimal() else max(text.count("\n"), 1)
        raise MappingError([Mistake(file, line, f"is no TOML: {error}")]) from None

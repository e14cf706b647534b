"""Mapping files: a small TOML that says what the columns of a dump mean. Everything wrong with one is told at once."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from simulator.convert.dates import WEEKDAYS
from simulator.convert.formats import format_fault
from simulator.convert.mapping import DOUBLED, FORMATS, DayRule, DumpMapping, Source, TimeRule
from simulator.convert.mappingsource import read_source
from spaces.fields import Fields
from spaces.mistakes import FileError, Mistake, did_you_mean
from spaces.toml_files import read_toml
from spaces.toml_lines import TomlLines

TABLES = ("recording", "time", "source")


class MappingError(FileError):
    """A mapping file is wrong, or does not fit the files it names."""


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
        text, self._tables = read_toml(file, MappingError, "docs/convert.md says what one holds")
        self._lines = TomlLines(text)

    def mapping(self) -> DumpMapping:
        self._check_tables()
        head = self._fields("recording", 0, self._single("recording"))
        site, zone = head.identifier("site"), _timezone(head, None)
        note, folder = head.text("note", "-"), head.text("folder", ".")
        head.finish()
        data = self._data or self._file.parent / folder
        mapping = DumpMapping(
            site=site,
            zone=zone,
            note="" if note == "-" else note,
            time=_time(self._fields("time", 0, self._single("time")), zone),
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
            yield read_source(fields, data)
            fields.finish()

    def _note(self, line: int, message: str) -> None:
        self._mistakes.append(Mistake(self._file, line, message))


def _time(fields: Fields, zone: ZoneInfo) -> TimeRule:
    alone = "columns" in fields and "column" not in fields
    columns = fields.texts("columns", ()) if alone else (fields.text("column"),)
    if not alone and "columns" in fields:
        fields.wrong("columns", "column names one, columns several that are joined; write one of the two")
    fields.texts("columns", ())
    fields.text("column", "-")
    days = _days(fields)
    rule = TimeRule(
        columns=columns,
        format=_format(fields, numbered=days is not None),
        zone=_timezone(fields, zone),
        days=days,
        every=fields.duration("every", 0),
        dates_alone=alone and len(columns) == 1,
        doubled=fields.choice("doubled", DOUBLED, ""),
    )
    if rule.days and rule.format.startswith("epoch"):
        fields.wrong("format", f"{rule.format!r} has a date of its own, and day and weekday give another")
    fields.finish()
    return rule


def _format(fields: Fields, *, numbered: bool) -> str:
    value = fields.text("format", "iso")
    if "%" not in value:
        if value not in FORMATS:
            fields.wrong("format", f"{value!r} is no format; write a pattern such as '%d.%m.%Y %H:%M' or {FORMATS}")
    elif fault := format_fault(value, numbered=numbered):
        fields.wrong("format", f"{value!r} {fault}")
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


def _timezone(fields: Fields, default: ZoneInfo | None) -> ZoneInfo:
    name = fields.text("timezone", default.key if default else None)
    known = available_timezones()
    if name in known:
        return ZoneInfo(name)
    if name:
        fields.wrong("timezone", f"{name!r} is no IANA zone{did_you_mean(name, sorted(known))[:80]}")
    return ZoneInfo("UTC")

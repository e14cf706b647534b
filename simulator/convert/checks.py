"""What is wrong with a whole table is one mistake that names the cause, not one of each row."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from simulator.convert.formats import has_clock
from simulator.convert.layout import Layout
from simulator.convert.mapping import TimeRule
from simulator.convert.moments import joined
from simulator.convert.refusals import Reason, RowError
from simulator.convert.tables import Table
from spaces.csvtext import duplicates
from spaces.mistakes import FileError, Mistake, did_you_mean

_LOOKED_AT = 50
"""Rows at the beginning of a table that are looked at before any is taken."""
_ENOUGH = 20
"""So many of them tell that a format is wrong, and not a few rows."""
_TIME_OF_DAY = re.compile(r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?")

_HOUR = re.compile(r"(?:[01]?\d|2[0-4])(?:[.,]0+)?(?: ?[AaPp][Mm])?")
_HOUR_NAME = re.compile(
    r"(?i)(?:hour|hr|time|stunde|std|uhrzeit|uhr|zeit|time ?of ?day|heure|hora|uur|ora|klokke|klokkeslett)s?"
)


def check_columns(file: Path, line: int, columns: Sequence[str], wanted: Sequence[str]) -> None:
    """Hold the header of a table against what the mapping wants.

    Raises:
        FileError: where a column is missing, or is there twice.
    """
    missing = [name for name in wanted if name not in columns]
    if missing:
        hint = ""
        if columns and columns[0].startswith("#"):
            hint = '; are lines with # comments? then say comment = "#"'
        raise FileError(
            [
                Mistake(file, line, f"there is no column {name!r}{did_you_mean(name, columns)[:200]}{hint}")
                for name in missing
            ]
        )
    twice = sorted(duplicates(columns).intersection(wanted))
    if twice:
        raise FileError(
            [Mistake(file, line, f"the header has {name!r} twice, and nothing tells which is meant") for name in twice]
        )


def check_times(table: Table, file: Path, rule: TimeRule, wanted: Collection[str]) -> None:
    """Refuse dates without a time of day where a column that nobody reads holds one, and times of day without a date.

    Raises:
        FileError: where all rows of a day would become its midnight, or none has a day.
    """
    if rule.days or rule.format.startswith("epoch"):
        return
    rows = [row for row in table.peek(_LOOKED_AT) if len(row) >= len(table.columns)]
    at = [table.columns.index(name) for name in rule.columns]
    times = [text for text in (joined([row[index] for index in at]) for row in rows) if text]
    if times and all(map(_TIME_OF_DAY.fullmatch, times)):
        message = f'{rule.columns[0]!r} holds times of day without a date; join the two: columns = ["Date", "Time"]'
        raise FileError([Mistake(file, table.line, message)])
    if rule.dates_alone or not times or not all(_is_date(text, rule.format, once=len(rows) < 2) for text in times):
        return
    for index, name in enumerate(table.columns):
        cells = [row[index].strip() for row in rows]
        what = _part_of_day(name, cells) if name not in wanted and any(cells) else None
        if what is not None:
            both = ", ".join(f'"{one}"' for one in (*rule.columns, name))
            reading = ', format = "%Y-%m-%d %H", say' if what == "hours" else ""
            message = (
                f"{rule.columns[0]!r} holds dates alone, and {name!r} {what}; join them: columns = [{both}]{reading}"
                f' (or, if every row is of a whole day, columns = ["{rule.columns[0]}"])'
            )
            raise FileError([Mistake(file, table.line, message)])


def _part_of_day(name: str, cells: Sequence[str]) -> str | None:
    """Return what of a day a column's cells tell, None where they tell nothing of it."""
    there = [cell for cell in cells if cell]
    if all(map(_TIME_OF_DAY.fullmatch, there)):
        return "times of day"
    return "hours" if _HOUR_NAME.fullmatch(name.strip()) and all(map(_HOUR.fullmatch, there)) else None


def check_format(table: Table, file: Path, layout: Layout) -> None:
    """Refuse a format that none of the first rows fits.

    Raises:
        FileError: with the first of their times.
    """
    rows = [row for row in table.peek(_LOOKED_AT) if len(row) == len(table.columns) and layout.passes(row)]
    faults = [fault for fault in (_fault(layout, row) for row in rows) if fault is not None]
    if len(rows) >= _ENOUGH and len(faults) == len(rows):
        message = f"none of the first {len(rows)} times can be read; the first: {faults[0]}"
        raise FileError([Mistake(file, table.line, message)])


def _fault(layout: Layout, row: Sequence[str]) -> RowError | None:
    try:
        layout.moment(row)
    except RowError as error:
        return error if error.reason in (Reason.TIME, Reason.ZONE) else None
    return None


def _is_date(text: str, pattern: str, *, once: bool) -> bool:
    """Whether a time is a date alone, or several rows' midnight."""
    clock = re.search(r"[T ](\d{1,2}):(\d{2})", text)
    if clock is None:
        return "T" not in text if pattern == "iso" else not has_clock(pattern)
    return not once and int(clock[1]) == int(clock[2]) == 0

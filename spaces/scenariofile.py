"""Scenario files: TOML that says who would come to a house that is not there yet (docs/sizing.md).

Everything that is wrong is reported at once, each mistake with its file and line.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from spaces.fields import Fields
from spaces.guard import one_mistake
from spaces.mistakes import FileError, Mistake, did_you_mean
from spaces.scenario import Event, Scenario, StayKind, Variant
from spaces.scenariolists import read_event, read_stay, read_variant
from spaces.scenarioparts import read_arrivals, read_attendance, read_cost, read_head
from spaces.toml_files import read_toml
from spaces.toml_lines import TomlLines

SINGLE = ("scenario", "attendance", "arrivals", "cost")
LISTS = ("stay", "event", "variant")
REQUIRED = ("scenario", "attendance", "arrivals")
Row = Mapping[str, object]
_T = TypeVar("_T")
MOST_EVENTS = 4
"""On one weekday: each doubles the kinds of day that are computed."""


class ScenarioError(FileError):
    """A scenario file is wrong."""


def load_scenario(file: Path) -> Scenario:
    """Read a scenario.

    Raises:
        ScenarioError: with every mistake of the file.
    """
    with one_mistake(file, ScenarioError):
        return _ScenarioFile(file).scenario()


class _ScenarioFile:
    """One reading of one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mistakes: list[Mistake] = []
        text, self._tables = read_toml(file, ScenarioError, "docs/sizing.md says what goes into one")
        self._lines = TomlLines(text)

    def scenario(self) -> Scenario:
        self._check_tables()
        head = self._one("scenario", lambda fields, _: read_head(fields))
        attendance = self._one("attendance", lambda fields, row: read_attendance(fields, row, head.hours))
        arrivals = self._one("arrivals", lambda fields, row: read_arrivals(fields, row, head.hours))
        stays = self._each("stay", lambda fields, _: read_stay(fields))
        events = self._each("event", lambda fields, _: read_event(fields, head.hours))
        cost = self._one("cost", lambda fields, _: read_cost(fields))
        variants = self._each("variant", lambda fields, row: read_variant(fields, row, head))
        self._check_lists(stays, events, variants)
        if self._mistakes:
            raise ScenarioError(self._mistakes)
        return Scenario(
            **head.values(),
            attendance=attendance.share,
            rho=attendance.rho,
            margin=attendance.margin,
            arrivals=arrivals,
            stays=stays,
            events=events,
            cost=cost,
            variants=variants,
        )

    def _check_tables(self) -> None:
        for key, value in self._tables.items():
            if key not in (*SINGLE, *LISTS):
                self._note(self._lines.of(key), f"unknown table [{key}]{did_you_mean(key, (*SINGLE, *LISTS))}")
            elif key in LISTS and not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
                self._note(self._lines.of(key), f"write [[{key}]], in double brackets: there may be several")
            elif key in SINGLE and not isinstance(value, dict):
                self._note(self._lines.of(key), f"write [{key}] and its keys below it, once")
        for key in REQUIRED:
            if key not in self._tables:
                self._note(1, f"the table [{key}] is missing")

    def _check_lists(self, stays: Sequence[StayKind], events: Sequence[Event], variants: Sequence[Variant]) -> None:
        if not stays and "stay" not in self._tables:
            self._note(1, "there is no [[stay]]; each says how long a share of those who come stay")
        elif stays and not sum(stay.share for stay in stays):
            self._note(self._lines.of("stay", 0, "share"), "stay: the shares of all [[stay]] are 0")
        for index, event in enumerate(events):
            if sum(other.weekday == event.weekday for other in events[:index]) == MOST_EVENTS:
                self._note(self._lines.of("event", index), f"event: a weekday has at most {MOST_EVENTS}; join some")
        names = [variant.name for variant in variants]
        for index, name in enumerate(names):
            if name and name in names[:index]:
                self._note(self._lines.of("variant", index, "name"), f"variant: {name!r} is there already")

    def _one(self, table: str, read: Callable[[Fields, Row], _T]) -> _T:
        value = self._tables.get(table)
        row = value if isinstance(value, dict) else {}
        # Of a table that is missing one mistake is enough, and it is noted.
        fields = self._fields(table, 0, row, self._mistakes if isinstance(value, dict) or table == "cost" else [])
        found = read(fields, row)
        fields.finish()
        return found

    def _each(self, table: str, read: Callable[[Fields, Row], _T]) -> tuple[_T, ...]:
        rows = self._tables.get(table)
        found = []
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, dict):
                fields = self._fields(table, index, row, self._mistakes)
                found.append(read(fields, row))
                fields.finish()
        return tuple(found)

    def _fields(self, table: str, index: int, row: Row, mistakes: list[Mistake]) -> Fields:
        name = row.get("name")
        return Fields(
            row,
            what=f"{table} {name}" if table in LISTS and isinstance(name, str) else table,
            file=self._file,
            line_of=lambda key: self._lines.of(table, index, key),
            mistakes=mistakes,
        )

    def _note(self, line: int, message: str) -> None:
        self._mistakes.append(Mistake(self._file, line, message))

"""Site files: TOML, with the long lists in `spaces.csv` and `sensors.csv` beside it.

Everything that is wrong is reported at once, each mistake with its file and line.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from spaces.fields import Fields
from spaces.guard import one_mistake
from spaces.mistakes import Mistake, SiteFileError, did_you_mean
from spaces.models import Models
from spaces.models.modelfile import ModelFileError, read_models
from spaces.models.shelf import our_models, overlay
from spaces.references import check_references
from spaces.site import SINCE, Site
from spaces.sitelists import LISTS, CellFields, SiteList
from spaces.siteparts import (
    read_calendar,
    read_capacity,
    read_floor,
    read_members,
    read_moment,
    read_sensor,
    read_space,
    read_zone,
)
from spaces.times import Millis
from spaces.toml_files import read_toml
from spaces.toml_lines import TomlLines

NAME = "site.toml"
MODELS = "models.toml"
"""What sensors of models mean that are not ours, beside the site file."""
TABLES = ("site", "members", "calendar", "floor", "zone", "space", "capacity", "sensor")


def load_site(path: Path) -> Site:
    """Read a site from its TOML file or the folder that holds it.

    Raises:
        SiteFileError: with every mistake of the file and its lists.
    """
    file, *_ = files_of(path)
    with one_mistake(file, SiteFileError):
        return _SiteFile(file).site()


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the files that a site is read from, whether they exist or not."""
    # `Path.is_dir` throws where a folder above cannot be entered.
    file = path / NAME if os.path.isdir(path) else path  # noqa: PTH112
    return (file, *(file.parent / f"{table}s.csv" for table in LISTS), file.parent / MODELS)


class _SiteFile:
    """One reading of one file: the tables, where they stand, and what is wrong with them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mistakes: list[Mistake] = []
        self._warnings: list[Mistake] = []
        self._unread: set[str] = set()
        text, self._tables = read_toml(file, SiteFileError, "a site needs one")
        self._lines = TomlLines(text)
        self._places: dict[tuple[str, int], tuple[Path, Callable[[str | None], int]]] = {}

    def site(self) -> Site:
        self._check_tables()
        head = self._fields("site", 0, self._single("site"))
        zone = self._timezone(head)
        site_id, name = head.identifier("id"), head.text("name", "")
        since = read_moment(head, "since", zone, SINCE)
        simulated = head.flag("simulated", default=False)
        head.finish()
        dated = list(self._each("capacity", lambda fields: read_capacity(fields, zone)))
        steps, models = _by_space(dated), self._models()
        site = Site(
            id=site_id,
            name=name or site_id,
            timezone=zone.key,
            floors=tuple(self._each("floor", read_floor)),
            zones=tuple(self._each("zone", read_zone)),
            spaces=tuple(self._each("space", lambda fields: read_space(fields, steps))),
            sensors=tuple(self._each("sensor", lambda fields: read_sensor(fields, zone, models))),
            members=tuple(
                sorted(self._each("members", lambda fields: read_members(fields, zone)), key=lambda m: m.since)
            ),
            calendars=tuple(self._each("calendar", read_calendar)),
            since=since,
            simulated=simulated,
            models=models,
        )
        site = replace(site, warnings=tuple(self._warnings))
        check_references(site, [space for space, _, _ in dated], self._wrong, self._unread)
        if self._mistakes:
            raise SiteFileError(self._mistakes)
        return site

    def _models(self) -> Models:
        """Return the models of the house and ours; a file of it with mistakes is as wrong as the site's."""
        file = self._file.parent / MODELS
        if not os.path.lexists(file):
            return our_models()
        try:
            return overlay(read_models(file))
        except ModelFileError as error:
            self._mistakes += error.mistakes
            return our_models()

    def _check_tables(self) -> None:
        for key, value in self._tables.items():
            if key not in TABLES:
                self._note(self._lines.of(key), f"unknown table [{key}]{did_you_mean(key, TABLES)}")
            elif key != "site" and not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
                self._note(self._lines.of(key), f"write [[{key}]], in double brackets: there may be several")
        if not isinstance(self._tables.get("site"), dict):
            self._note(1, "the table [site] is missing; it names the site and its time zone")

    def _single(self, table: str) -> Mapping[str, object]:
        value = self._tables.get(table)
        return value if isinstance(value, dict) else {"id": "?", "timezone": "UTC"}

    def _rows(self, table: str) -> Iterator[tuple[Mapping[str, object], Path, Callable[[str | None], int]]]:
        rows = self._tables.get(table, [])
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, dict):
                yield row, self._file, lambda key, index=index: self._lines.of(table, index, key)  # type: ignore[misc]  # mypy does not infer the default
        if table in LISTS:
            file = self._file.parent / f"{table}s.csv"
            listed = SiteList(table, file)
            for line, cells in listed.rows():
                yield cells, file, lambda _key, line=line: line  # type: ignore[misc]  # the same
            self._mistakes += listed.mistakes
            self._warnings += listed.warnings
            if listed.mistakes:
                self._unread.add(table)

    def _each(self, table: str, build: Callable[[Fields], Any]) -> Iterator[Any]:
        for index, (row, file, line_of) in enumerate(self._rows(table)):
            self._places[table, index] = (file, line_of)
            what = f"{table} {row['id']}" if isinstance(row.get("id"), str) else table
            kind = Fields if file == self._file else CellFields
            fields = kind(row, what=what, file=file, line_of=line_of, mistakes=self._mistakes)
            yield build(fields)
            fields.finish()

    def _fields(self, table: str, index: int, row: Mapping[str, object]) -> Fields:
        return Fields(
            row,
            what=table,
            file=self._file,
            line_of=lambda key: self._lines.of(table, index, key),
            mistakes=self._mistakes,
        )

    def _timezone(self, fields: Fields) -> ZoneInfo:
        name = fields.text("timezone")
        if name in available_timezones():
            return ZoneInfo(name)
        if name:
            fields.wrong(
                "timezone", f"{name!r} is no IANA zone{did_you_mean(name, sorted(available_timezones()))[:120]}"
            )
        return ZoneInfo("UTC")

    def _wrong(self, table: str, index: int, key: str | None, message: str) -> None:
        file, line_of = self._places[table, index]
        self._mistakes.append(Mistake(file, line_of(key), message))

    def _note(self, line: int, message: str) -> None:
        self._mistakes.append(Mistake(self._file, line, message))


def _by_space(dated: Iterable[tuple[str, Millis, int]]) -> dict[str, list[tuple[Millis, int]]]:
    """Return the dated seats of each space that has any, ascending."""
    steps: dict[str, list[tuple[Millis, int]]] = {}
    for space, since, seats in sorted(dated):
        steps.setdefault(space, []).append((since, seats))
    return steps

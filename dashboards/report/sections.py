"""What a report is made of: sections of text, tables and pictures, before they are written down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from analytics.privacy.disclosure import Row
from dashboards.report.charts import Picture
from dashboards.report.numbers import NOTHING, Numbers
from dashboards.words import Words


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure at a glance; `key` is its definition's place in the words."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row, the first of each its heading."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A subject: `defined` are the keys of the definitions that it stands on."""

    id: str
    title: str
    lines: Sequence[str] = ()
    tiles: Sequence[Tile] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    defined: Sequence[str] = ()
    advice: Sequence[str] = field(default=())
    """What follows from it, with its uncertainty: repeated at the head of the report."""


Cell = Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Writer:
    """Words and numbers of one report."""

    words: Words
    numbers: Numbers
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call zones and floors, by their ids."""

    def name(self, row: Row) -> str:
        """Return what people call the group of a row."""
        group, key = str(row["group"]), f"kind.{row['group']}"
        return self.words(key) if key in self.words.texts else self.names.get(group, group)

    def table(self, caption: str, rows: Sequence[Row], columns: Sequence[tuple[str, Cell]]) -> Table:
        """Return rows as a table, with the reason where nothing of a row is known."""
        head = [self.words(key) for key, _ in columns]
        return Table(caption, head, [self._cells(row, columns) for row in rows])

    def reason(self, row: Row) -> str:
        """Return why something is null."""
        reason = row.get("reason")
        if reason is None:
            return ""
        key = f"reason.{reason}"
        return self.words(key) if key in self.words.texts else str(reason)

    def _cells(self, row: Row, columns: Sequence[tuple[str, Cell]]) -> list[str]:
        cells = [cell(row) for _, cell in columns]
        if all(cell == NOTHING for cell in cells[1:]) and (why := self.reason(row)):
            cells[1] = why
        return cells

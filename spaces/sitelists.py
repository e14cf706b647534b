"""The long lists of a site, `spaces.csv` and `sensors.csv`, as spreadsheets save them.

Encoding, delimiter and header are judged once, each with one mistake at most; where one fails, no row is blamed.
"""

import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from spaces.csvtext import CsvRow, CsvRows, duplicates, trimmed
from spaces.fields import TEXT, Fields
from spaces.guard import read_file, reason
from spaces.mistakes import Mistake, did_you_mean, nearest, shown
from spaces.models.shelf import our_models
from spaces.siteparts import read_sensor, read_space
from spaces.summary import counted
from spaces.textfile import ZIP, Changed, NoTextError, decode_text

LISTS: Mapping[str, tuple[str, ...]] = {"space": ("id", "kind", "zone"), "sensor": ("id", "space")}
"""The tables that may stand in a list, and the columns without which no row can be read."""

_OTHERS: Mapping[bytes, str] = {
    ZIP: "a spreadsheet or a packed folder",
    b"\xd0\xcf\x11\xe0": "a spreadsheet of an old Excel",
    b"\x1f\x8b": "packed",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
}
"""What people have put in place of a list, by its first bytes."""
_DOTTED = re.compile(r"\s*(\d{1,2})\.(\d{1,2})\.(\d{4})\s*")
"""Day, month and year: with dots they stand in this order wherever they are written so."""
_TO_NO_DECIMALS = re.compile(r"^\s*(-?\d+)[.,]0+\s*$")

_T = TypeVar("_T")


class CellFields(Fields):
    """The cells of a row: texts as they stand, without the marks that TOML puts around them."""

    MISSING = "is empty"

    def _read(
        self, key: str, default: _T | None, fallback: _T, convert: Callable[[object], _T | None], expected: str
    ) -> _T:
        if expected == TEXT:
            return super()._read(key, default, fallback, convert, "a text")
        plain = expected.replace('"', "")
        return super()._read(key, default, fallback, lambda value: convert(_plain_cell(value)), plain)


class SiteList:
    """One list: its rows, what is wrong with it, and whether all of it was read."""

    def __init__(self, table: str, file: Path) -> None:
        self._table = table
        self._file = file
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []

    def rows(self) -> Iterator[tuple[int, Mapping[str, object]]]:
        """Yield each row that can be read with its line; there are none where there is no file."""
        if not os.path.lexists(self._file):
            return
        text = self._text()
        if text is None:
            return
        rows = CsvRows(io.StringIO(text, newline=""))
        rows.judge(columns(self._table))
        every = iter(rows)
        head = next(every, None)
        if head is None or not self._is_header(head):
            return
        assert isinstance(head.cells, list)
        header = [name.strip() for name in head.cells]
        yield from self._fitting(every, header)

    def _text(self) -> str | None:
        try:
            text, changed = _decoded(read_file(self._file))
        except OSError as error:
            self._wrong(1, f"cannot be read: {reason(error)}")
            return None
        except NoTextError as error:
            self._wrong(1, str(error))
            return None
        if changed is not None:
            self.warnings.append(Mistake(self._file, changed.line, str(changed)))
        wrong = _no_list(text, self._table)
        if wrong is not None:
            self._wrong(1, wrong)
            return None
        return text

    def _is_header(self, head: CsvRow) -> bool:
        """Whether a row names columns, each once, and those that are needed; what it does not is one mistake."""
        wrong = head.cells.message if not isinstance(head.cells, list) else _wrong_header(head.cells, self._table)
        if wrong is not None:
            self._wrong(head.line, wrong)
        return wrong is None

    def _fitting(self, rows: Iterator[CsvRow], header: Sequence[str]) -> Iterator[tuple[int, Mapping[str, object]]]:
        unfit: list[tuple[int, list[str]]] = []
        for row in rows:
            if not isinstance(row.cells, list):
                self._wrong(row.line, f"is no CSV from here on: {row.cells.message}")
                break
            cells = trimmed(row.cells, len(header))
            if len(cells) == len(header):
                named = {key: cell for key, cell in zip(header, cells, strict=True) if key and cell.strip()}
                if named:
                    yield row.line, named
            elif any(map(str.strip, cells)):
                unfit.append((row.line, cells))
        if unfit:
            self._wrong(unfit[0][0], _unfit_message(unfit, header))

    def _wrong(self, line: int, message: str) -> None:
        self.mistakes.append(Mistake(self._file, line, message))


def columns(table: str) -> tuple[str, ...]:
    """Return the columns that a list may have: what its reader asks for.

    >>> columns("sensor")
    ('id', 'space', 'address', 'source', 'format', 'silence', 'vacancy_delay', 'since', 'until')
    """
    probe = Fields({}, what=table, file=Path(), line_of=lambda _: 1, mistakes=[])
    if table == "space":
        read_space(probe, {})
    else:
        read_sensor(probe, ZoneInfo("UTC"), our_models())
    return probe.asked


def _decoded(data: bytes) -> tuple[str, Changed | None]:
    for mark, what in _OTHERS.items():
        if data.startswith(mark):
            raise NoTextError(f"is {what}; save the sheet as CSV")
    return decode_text(data)


def _plain_cell(value: object) -> object:
    """Return a cell that is no text as a site file would have it, dates and whole numbers as sheets show them.

    >>> [_plain_cell(cell) for cell in ("1.3.2026", "01/03/2026", "4,0", "4.0", "4,5")]
    ['2026-03-01', '01/03/2026', '4', '4', '4,5']
    """
    if not isinstance(value, str):
        return value
    if dotted := _DOTTED.fullmatch(value):
        day, month, year = dotted.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return _TO_NO_DECIMALS.sub(r"\1", value)


def _no_list(text: str, table: str) -> str | None:
    """Return why a text can be no list at all."""
    if not text.strip():
        return f"is empty; its first line names columns: {','.join(LISTS[table])} and others"
    if text.lstrip()[:1] == "<":
        return "is a web page; save the sheet as CSV"
    if "\0" in text:
        return "holds zero bytes, as no text does; save the sheet as CSV in UTF-8"
    return None


def _wrong_header(cells: Sequence[str], table: str) -> str | None:
    """Return what is wrong with a header, all of it at once.

    >>> _wrong_header(["Id", "Kind", "zone"], "space")
    "the header has 'Id' and 'Kind'; did you mean id and kind?"
    """
    known, names = columns(table), [cell.strip() for cell in cells]
    named = [name for name in names if name]
    unknown = [name for name in named if name not in known]
    if not any(_meant(name, known) for name in named):
        return f"its first line is no header: it names none of {', '.join(known)}"
    if unknown:
        meant = [_meant(name, known) for name in unknown]
        if all(meant):
            return f"the header has {_listed(map(repr, map(shown, unknown)))}; did you mean {_listed(meant)}?"
        first = next(name for name, known_as in zip(unknown, meant, strict=True) if not known_as)
        also = f" ({counted(len(unknown), 'column')} are not known)" if len(unknown) > 1 else ""
        return f"the header has an unknown column {shown(first)!r}{also}{did_you_mean(first, known)}"
    if twice := sorted(duplicates(named)):
        return f"the header has {_listed(twice)} twice"
    if missing := [name for name in LISTS[table] if name not in names]:
        return f"the header lacks {_listed(missing)}"
    return None


def _meant(name: str, known: Sequence[str]) -> str:
    """Return the column that a name is, or is nearly; empty where there is none."""
    plain = name.strip().casefold().replace(" ", "_").replace("-", "_")
    return plain if plain in known else nearest(plain, known) or ""


def _unfit_message(unfit: Sequence[tuple[int, list[str]]], header: Sequence[str]) -> str:
    _, cells = unfit[0]
    also = f", and so on in {counted(len(unfit) - 1, 'more row')}" if len(unfit) > 1 else ""
    return f"{counted(len(cells), 'field')} where the header has {len(header)}{also}: {shown(','.join(cells))}"


def _listed(words: Sequence[str] | Iterator[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last

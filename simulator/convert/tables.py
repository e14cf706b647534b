"""A file of a dump as a table: named columns, and rows of text with the lines in which they stand."""

import zlib
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from gzip import GzipFile
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from simulator.convert.mapping import TextRule
from simulator.convert.parquet import MAGIC, ParquetTable
from spaces.csvtext import CsvRow, CsvRows, Fault, trimmed
from spaces.mistakes import FileError, Mistake
from spaces.textfile import NoTextError, TextLines, unpacked, unreadable

Progress = Callable[[int], None]
"""Called now and then with the bytes read since it was called before."""
_LOOK_EVERY = 5_000
"""Rows between two reports of progress."""


class Table(Protocol):
    """A table that is read once."""

    columns: Sequence[str]
    line: int
    """The line last read: at first that of the header."""
    decimal: str
    """The decimal sign of its numbers, empty where it may be either."""
    iso: frozenset[str]
    """Columns whose times are spelt in ISO 8601 whatever the mapping says."""
    passed_over: Counter[str]
    """Lines that are no rows, once all are read."""

    def peek(self, rows: int) -> Sequence[list[str]]:
        """Return the cells of the first rows, which remain to be read."""

    def rows(self, wanted: Collection[str]) -> Iterator[CsvRow]:
        """Yield the rows; cells of columns that are not wanted may be empty."""

    def warning(self) -> Mistake | None:
        """Return what was bent to read it at all."""


@contextmanager
def open_table(file: Path, rule: TextRule, wanted: Collection[str], read: Progress) -> Iterator[Table]:
    """Open a file.

    Raises:
        FileError: where it cannot be read, here or while it is.
    """
    table: CsvTable | None = None
    try:
        with file.open("rb") as raw:
            if raw.peek(4)[:4] == MAGIC:
                yield ParquetTable(file, raw, read)
                return
            table = CsvTable(file, unpacked(raw), rule, wanted, _Counted(raw, read))
            yield table
    except FileNotFoundError:
        message = "there is no such file, but the mapping names it; say where the data is"
        raise FileError([Mistake(file, 1, message)]) from None
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(file, table.line if table else 1, error) from None
    except NoTextError as error:
        raise FileError([Mistake(file, 1, str(error))]) from None


class CsvTable:
    """A table of CSV text."""

    iso: frozenset[str] = frozenset()

    def __init__(
        self, file: Path, raw: BufferedReader | GzipFile, rule: TextRule, wanted: Collection[str], counted: "_Counted"
    ) -> None:
        self._file = file
        self._counted = counted
        self._text = TextLines(raw, rule.encoding)
        lines = iter(self._text)
        skipped = sum(1 for _ in islice(lines, rule.skip_lines))
        self.passed_over: Counter[str] = Counter({"lines before the header": skipped})
        self._csv = CsvRows(lines, rule.delimiter, rule.comment, number=skipped)
        self.decimal = "." if self._csv.judge(rule.header or wanted) == "," else ""
        self._rows = iter(self._csv)
        self._ahead: deque[CsvRow] = deque()
        self.line = 1
        self.columns: Sequence[str] = list(rule.header) or self._header()
        self._again = [] if rule.header else self.columns

    def _header(self) -> list[str]:
        row = next(self._rows, None)
        if row is None or isinstance(row.cells, Fault):
            raise FileError([Mistake(self._file, 1, "there is no header that names the columns")])
        self.line = row.line
        return [name.strip() for name in row.cells]

    def peek(self, rows: int) -> Sequence[list[str]]:
        """Return the cells of the first rows, which remain to be read."""
        self._ahead.extend(islice(self._rows, rows - len(self._ahead)))
        return [row.cells for row in self._ahead if isinstance(row.cells, list)]

    def rows(self, wanted: Collection[str]) -> Iterator[CsvRow]:
        """Yield the rows, all of them whole."""
        del wanted
        width = len(self.columns)
        for index, (line, last, cells) in enumerate(chain(self._ahead, self._rows), 1):
            self.line = last
            if index % _LOOK_EVERY == 0:
                self._counted.report()
            if self._is_header(cells):
                self.passed_over["headers again"] += 1
                continue
            yield CsvRow(line, last, trimmed(cells, width) if isinstance(cells, list) else cells)
        self._counted.report()
        self.passed_over.update({"blank lines": self._csv.blank, "comments": self._csv.comments})
        self.passed_over += Counter()  # without those that there are none of

    def _is_header(self, cells: list[str] | Fault) -> bool:
        """Whether a row only says the header again, as it does where files were joined."""
        again = self._again
        return isinstance(cells, list) and cells[:1] == again[:1] and [cell.strip() for cell in cells] == again

    def warning(self) -> Mistake | None:
        """Return how an encoding was judged that is not UTF-8."""
        changed = self._text.changed
        return Mistake(self._file, changed.line, str(changed)) if changed else None


class _Counted:
    """Reports how far a file has been read."""

    def __init__(self, raw: BufferedReader, read: Progress) -> None:
        self._raw = raw
        self._read = read
        self._before = 0

    def report(self) -> None:
        now = self._raw.tell()
        self._read(now - self._before)
        self._before = now

"""CSV as others save it: the delimiter is judged once by the header, and every row has the line in which it begins."""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

DELIMITERS = (",", ";", "\t", "|")
SPACES = "spaces"
"""In place of a delimiter: any run of spaces and tabs."""
_SAID = "sep="


def judge_delimiter(header: str, wanted: Collection[str] = ()) -> str:
    r"""Return the delimiter of a header: the one that gives most of the wanted names, and then the most names.

    >>> [judge_delimiter(text) for text in ("id;name, in full;kind;n\n", "when\tpeople\n", "n")]
    [';', '\t', ',']
    """

    def fits(delimiter: str) -> tuple[int, int]:
        try:
            names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        except csv.Error:
            return 0, 0
        return len(set(wanted).intersection(names)), len(names)

    return max(DELIMITERS, key=fits)


def said_delimiter(line: str) -> str | None:
    r"""Return the delimiter that a first line such as "sep=;" names, which Excel reads and others write for it.

    >>> said_delimiter("sep=;\r\n"), said_delimiter("separation;n")
    (';', None)
    """
    rest = line.rstrip("\r\n")[len(_SAID) :]
    return rest if line[: len(_SAID)].lower() == _SAID and len(rest) == 1 else None


class Fault(NamedTuple):
    """A row that is no CSV: what is wrong with it."""

    message: str


class CsvRow(NamedTuple):
    """A row, the lines from which to which it stands, and its cells."""

    line: int
    last: int
    cells: list[str] | Fault


class CsvRows:
    r"""The rows of CSV text; blank lines and comments are none, and counted.

    >>> [row[:1] + row[2:] for row in CsvRows(["a,b\n", "# no\n", '"x\n', 'y",1\n'], ",", "#")]
    [(1, ['a', 'b']), (3, ['x\ny', '1'])]
    """

    def __init__(self, lines: Iterable[str], delimiter: str = "", comment: str = "", number: int = 0) -> None:
        """Read lines, the first of which comes after line `number`; without a delimiter `judge` finds it."""
        self._lines = iter(lines)
        self._delimiter = delimiter
        self._comment = comment
        self._number = number
        self._first = 0
        self.blank = 0
        self.comments = 0

    def judge(self, wanted: Collection[str]) -> str:
        """Take the delimiter from the first line that is not blank, which remains to be read; return it.

        A line "sep=;" before it is passed over. What was given as the delimiter stays.
        """
        first = self._first_line()
        if (said := said_delimiter(first)) is not None:
            self._delimiter = self._delimiter or said
            first = self._first_line()
        self._delimiter = self._delimiter or judge_delimiter(first, wanted)
        self._lines = _chain(first, self._lines)
        self._number -= bool(first)
        return self._delimiter

    def _first_line(self) -> str:
        for line in self._counted():
            if line.strip():
                return line
            self.blank += 1
        return ""

    def __iter__(self) -> Iterator[CsvRow]:
        rows = self._split() if self._delimiter == SPACES else self._parsed()
        for row in rows:
            if isinstance(row.cells, list) and not any(map(str.strip, row.cells)) and len(row.cells) < 2:
                self.blank += 1
            else:
                yield row

    def _parsed(self) -> Iterator[CsvRow]:
        rows = csv.reader(self._counted(), delimiter=self._delimiter, strict=True)
        while True:
            self._first = 0
            try:
                cells: list[str] | Fault = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                cells = Fault(str(error))
            yield CsvRow(self._first, self._number, cells)

    def _split(self) -> Iterator[CsvRow]:
        for line in self._counted():
            yield CsvRow(self._number, self._number, line.split())

    def _counted(self) -> Iterator[str]:
        for line in self._lines:
            self._number += 1
            if self._comment and line.lstrip().startswith(self._comment):
                self.comments += 1
                continue
            self._first = self._first or self._number
            yield line


def trimmed(cells: list[str], width: int) -> list[str]:
    """Return a row without the empty cells that it has beyond its header.

    >>> trimmed(["1", "2", "", " "], 2), trimmed(["1", "2", "3"], 2)
    (['1', '2'], ['1', '2', '3'])
    """
    return cells[:width] if len(cells) > width and not any(map(str.strip, cells[width:])) else cells


def duplicates(names: Sequence[str]) -> set[str]:
    """Return the names that a header has more than once."""
    return {name for name in names if names.count(name) > 1}


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest

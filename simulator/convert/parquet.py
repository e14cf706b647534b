"""Others' Parquet as a table of text: times in ISO 8601, numbers in full, what is missing empty."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from io import BufferedReader
from itertools import repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from spaces.csvtext import CsvRow
from spaces.mistakes import FileError, Mistake
from spaces.times import rfc3339

MAGIC = b"PAR1"
_BATCH = 10_000
"""Rows read at once."""


class ParquetTable:
    """A table in a Parquet file. The line of a row is its number, from 1 on."""

    decimal = "."
    line = 1

    def __init__(self, file: Path, raw: BufferedReader, read: Callable[[int], None]) -> None:
        """Read what the file says of itself.

        Raises:
            FileError: where it is damaged.
        """
        self._path = file
        self._read = read
        self._size = raw.seek(0, 2)
        self._raw = raw
        raw.seek(0)
        try:
            self._file = pq.ParquetFile(raw)
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from None
        schema = self._file.schema_arrow
        self.columns: Sequence[str] = schema.names
        self.iso = frozenset(field.name for field in schema if _is_time(_plain(field.type)))
        self.passed_over: Counter[str] = Counter()
        self._nested = frozenset(field.name for field in schema if pa.types.is_nested(_plain(field.type)))

    def peek(self, rows: int) -> Sequence[list[str]]:
        """Return the cells of the first rows."""
        try:
            first = next(self._file.iter_batches(batch_size=rows, columns=self._flat()), None)
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from None
        return [] if first is None else [list(row) for row in self._texts(first, frozenset(self.columns))]

    def rows(self, wanted: Collection[str]) -> Iterator[CsvRow]:
        """Yield the rows; of columns that are not wanted the cells are empty.

        Raises:
            FileError: where a column has no plain values, or the file is damaged.
        """
        if wrong := sorted(self._nested.intersection(wanted)):
            raise FileError([Mistake(self._path, 1, f"the column {wrong[0]!r} holds lists or tables, no plain values")])
        number, total, told = 0, max(self._file.metadata.num_rows, 1), 0
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH, columns=[*dict.fromkeys(wanted)]):
                for cells in self._texts(batch, frozenset(wanted)):
                    number += 1
                    yield CsvRow(number, number, list(cells))
                now = self._size * number // total
                self._read(now - told)
                told = now
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from None
        self._read(self._size - told)

    def warning(self) -> None:
        """Return nothing: a Parquet file says what it is."""

    def _flat(self) -> list[str]:
        return [name for name in self.columns if name not in self._nested]

    def _texts(self, batch: Any, wanted: frozenset[str]) -> Iterator[tuple[str, ...]]:
        names = batch.schema.names
        columns = [_text_of(batch.column(name)) if name in names and name in wanted else None for name in self.columns]
        return zip(*(repeat("", batch.num_rows) if column is None else column for column in columns), strict=True)

    def _damaged(self, error: Exception) -> FileError:
        return FileError([Mistake(self._path, 1, f"is Parquet and damaged: {str(error)[:200]}; copy or make it again")])


def _plain(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_time(kind: Any) -> bool:
    return any(is_one(kind) for is_one in (pa.types.is_timestamp, pa.types.is_date, pa.types.is_time))


def _text_of(column: Any) -> list[str]:
    """Return the cells of a column as CSV would have them."""
    kind = _plain(column.type)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(kind):
        end = "" if kind.tz is None else "Z"
        millis = column.cast(pa.timestamp("ms", kind.tz), safe=False).cast(pa.int64()).to_pylist()
        return ["" if moment is None else rfc3339(moment).removesuffix("Z") + end for moment in millis]
    if pa.types.is_time(kind):
        column = column.cast(pa.time64("us"), safe=False)
    return [_spelt(value) for value in column.to_pylist()]


def _spelt(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

"""Rows as bytes, a piece at a time: JSON, CSV, Arrow and Parquet."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.privacy.disclosure import Row
from dashboards.api.roomcalendar import write_calendar

PIECE = 2_000
"""Rows in a piece: some 300 kB of JSON."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell must not begin: spreadsheets would run it."""
_WORDS = """
    group site space name kind assignment floor floor_name zone zone_name state sensor process became format
    best figure reason date text start definition
"""
_TEXT = frozenset(_WORDS.split())
"""Columns of words: those without any are still such columns."""
_TIMES = frozenset({"time", "first", "last", "received", "since", "until"})
Encode = Callable[[Mapping[str, Any], Sequence[str], Iterator[list[Row]]], Iterator[bytes]]
"""Gives bytes for what frames an answer, its columns, and its rows in pieces."""


class Encoding(NamedTuple):
    """How a format is sent."""

    media_type: str
    suffix: str
    """What its files end with; those that have one are saved rather than shown."""
    encode: Encode


def is_time(column: str) -> bool:
    """Whether a column of this name holds moments."""
    return column in _TIMES or column.endswith("_at")


def pieces(rows: Iterable[Row], size: int = PIECE) -> Iterator[list[Row]]:
    """Yield rows in lists of so many."""
    piece: list[Row] = []
    for row in rows:
        piece.append(row)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece


def _json(meta: Mapping[str, Any], _: Sequence[str], rows: Iterator[list[Row]]) -> Iterator[bytes]:
    head = b'{"meta":' + msgspec.json.encode(meta) + b',"rows":['
    for piece in rows:
        yield head + msgspec.json.encode(piece)[1:-1]
        head = b","
    yield (b"" if head == b"," else head) + b"]}"


def _csv(_: Mapping[str, Any], columns: Sequence[str], rows: Iterator[list[Row]]) -> Iterator[bytes]:
    """Write rows as RFC 4180 has them."""
    head: list[list[object]] = [[_cell(column) for column in columns]]
    for piece in rows:
        yield _lines([*head, *([_cell(row[column]) for column in columns] for row in piece)])
        head = []
    yield _lines(head)


def _lines(cells: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """Return a value as a cell: text that would be a formula gets an apostrophe before it.

    >>> _cell("=1+1"), _cell(-3), _cell(True), _cell(None)
    ("'=1+1", -3, 'true', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _arrow(meta: Mapping[str, Any], columns: Sequence[str], rows: Iterator[list[Row]]) -> Iterator[bytes]:
    """Write an Arrow IPC stream: a batch a piece."""
    yield from _written(meta, columns, rows, pa.ipc.new_stream)


def _parquet(meta: Mapping[str, Any], columns: Sequence[str], rows: Iterator[list[Row]]) -> Iterator[bytes]:
    """Write a Parquet file: a row group a piece."""
    yield from _written(meta, columns, rows, lambda sink, schema: pq.ParquetWriter(sink, schema, compression="zstd"))


def _written(
    meta: Mapping[str, Any], columns: Sequence[str], rows: Iterator[list[Row]], writer: Callable[..., Any]
) -> Iterator[bytes]:
    sink = _Sink()
    first = next(rows, [])
    schema = _schema(columns, first).with_metadata({"ledig": msgspec.json.encode(meta)})
    with writer(pa.PythonFile(sink, mode="w"), schema) as out:
        for piece in _chained(first, rows):
            out.write_batch(_batch(piece, schema))
            yield sink.taken()
    yield sink.taken()


def _chained(first: list[Row], rows: Iterator[list[Row]]) -> Iterator[list[Row]]:
    if first:
        yield first
    yield from rows


def _batch(piece: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    """Return rows as columns; a number in a column of words (or the reverse) is written as the column's kind."""
    arrays = [_array([row[field.name] for row in piece], field.type) for field in schema]
    return pa.record_batch(arrays, schema=schema)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array([None if value is None else datetime.fromisoformat(value) for value in values], kind)
    if pa.types.is_string(kind):
        return pa.array([None if value is None else str(value) for value in values], kind)
    return pa.array(values, kind)


def _schema(columns: Sequence[str], rows: Sequence[Row]) -> pa.Schema:
    """Return the columns' types, which do not hang on what numbers happen to be whole: numbers are doubles."""
    return pa.schema([(column, _kind(column, [row[column] for row in rows])) for column in columns])


def _kind(column: str, values: Sequence[Any]) -> pa.DataType:
    found = next((value for value in values if value is not None), None)
    if isinstance(found, bool):
        return pa.bool_()
    if is_time(column) and (found is None or isinstance(found, str)):
        return pa.timestamp("ms", tz="UTC")
    if isinstance(found, str) or (found is None and column in _TEXT):
        return pa.string()
    return pa.float64()


class _Sink(io.RawIOBase):
    """A file that gives away what was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[bytes] = []
        self._place = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        kept = bytes(data)
        self._kept.append(kept)
        self._place += len(kept)
        return len(kept)

    def tell(self) -> int:
        return self._place

    def taken(self) -> bytes:
        """Return what came since the last time."""
        found, self._kept = b"".join(self._kept), []
        return found


ENCODINGS: Mapping[str, Encoding] = {
    "json": Encoding("application/json", "", _json),
    "csv": Encoding("text/csv", ".csv", _csv),
    "arrow": Encoding("application/vnd.apache.arrow.stream", ".arrows", _arrow),
    "parquet": Encoding("application/vnd.apache.parquet", ".parquet", _parquet),
    "ics": Encoding("text/calendar", "", write_calendar),
}

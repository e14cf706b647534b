"""Sections in a Parquet file, found again by their names, and any damage found out by checksums."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from store.rollups.sections import Section, of_table, to_table

_TOLD, _INDEX, _SUM = b"ledig", b"ledig.sections", b"ledig.crc32"
Index = dict[str, tuple[int, int, int]]
"""Of each section its first row group, the number of its rows, and how many of them are a row group."""


class Damaged(Exception):  # noqa: N818 - what it is
    """A roll-up file cannot be read: it is deleted, and made again by whoever makes them."""


@contextmanager
def damage(path: Path) -> Iterator[None]:
    """Take whatever a broken file does to its reader for what it is.

    Raises:
        Damaged: something went wrong within.
    """
    try:
        yield
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise Damaged(f"{path} cannot be read: {error}") from error


class Packed:
    """An open file. What is replaced under its name meanwhile does not change what it reads."""

    def __init__(self, path: Path, raw: Any) -> None:
        self._path = path
        with damage(path):
            self._parquet = pq.ParquetFile(raw, page_checksum_verification=True)
            metadata = self._parquet.metadata.metadata
            self.told: bytes = metadata[_TOLD]
            if metadata[_SUM] != _sum(self.told + metadata[_INDEX]):
                raise ValueError("its header is not what was written")
            self._index = msgspec.json.decode(metadata[_INDEX], type=Index)

    def read(self, name: str, columns: Iterable[str], rows: Sequence[int] | None = None) -> Section:
        """Return some columns of a section, of all rows or of some (ascending).

        Raises:
            Damaged: they cannot be read.
        """
        with damage(self._path):
            first, count, size = self._index[name]
            wanted = range(count) if rows is None else rows
            groups = sorted({row // size for row in wanted})
            chosen = [f"{name}_{column}" for column in columns]
            table = self._parquet.read_row_groups(
                [first + group for group in groups],
                columns=[f"{column}.list.element" for column in chosen],
                use_threads=False,  # of a few pages: half the time
            ).select(chosen)
            if len(wanted) < table.num_rows:
                place = {group: number * size for number, group in enumerate(groups)}
                table = table.take([place[row // size] + row % size for row in wanted])
            return of_table(name, table)


def index_of(rows: Mapping[str, int], sizes: Mapping[str, int]) -> Index:
    """Return where sections of so many rows lie that follow one another, in row groups of so many rows."""
    index: Index = {}
    group = 0
    for name, count in rows.items():
        index[name] = group, count, sizes[name]
        group += -(-count // sizes[name])
    return index


def write_packed(
    path: Path, told: bytes, index: Index, schema: pa.Schema, parts: Iterable[tuple[str, Section]]
) -> None:
    """Write sections, by parts that are whole row groups (the last part of a section may end with less)."""
    listed = msgspec.json.encode(index)
    schema = schema.with_metadata({_TOLD: told, _INDEX: listed, _SUM: _sum(told + listed)})
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False, write_page_checksum=True) as writer:
        for name, section in parts:
            size = index[name][2]
            for low in range(0, section.rows, size):
                writer.write_table(to_table(schema, name, section, low, min(low + size, section.rows)))


def _sum(told: bytes) -> bytes:
    return b"%08x" % zlib.crc32(told)

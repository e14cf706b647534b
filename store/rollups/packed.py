"""Sections in a Parquet file, found again by their names, and any damage found out by checksums.

Files are replaced by renaming, and nothing is synced: who reads an old one is not disturbed, and one that a crash has
torn is deleted as soon as somebody reads it.
"""

import logging
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from store.rollups.headers import Signature
from store.rollups.sections import Section, of_table, to_table

log = logging.getLogger(__name__)
Opened = TypeVar("Opened", bound="Packed")
_TOLD, _INDEX, _SUM = b"ledig", b"ledig.sections", b"ledig.crc32"
Index = dict[str, tuple[int, int, int]]
"""Of each section its first row group, the number of its rows, and how many of them are a row group."""
_LEFT = 86_400.0
"""Age in seconds at which files of no use and half-written ones are swept away: nobody is at work on them any more."""


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


@contextmanager
def opened(path: Path, kind: Callable[[Any], Opened]) -> Iterator[Opened | None]:
    """Give a file for reading (`kind` takes what pyarrow reads from), None where there is none. Delete a damaged one.

    Raises:
        Damaged: from within, where it cannot be read; it is gone then.
    """
    try:
        raw = pa.OSFile(str(path))
    except OSError:
        yield None
        return
    with raw:
        try:
            yield kind(raw)
        except Damaged as found:
            log.warning("%s; it is deleted and will be made again", found)
            with suppress(OSError):
                path.unlink()
            raise


def signature_of(path: str) -> Signature | None:
    """Return which file there is under a name, None for none: the same signature, the same content."""
    try:
        found = os.stat(path)  # noqa: PTH116 - hundreds are asked for, and a path would be taken apart for each of them
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to, which takes the place of a file (in a folder that is made) once it is written.

    Raises:
        OSError: the disk takes no more; the old file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def files_in(folder: Path) -> Iterator[Path]:
    """Return the files in a folder that are wholly written."""
    return folder.glob("*_*.parquet")


def sweep(folder: Path, wanted: Callable[[Path], bool], now: float) -> int:
    """Delete old files (by their clock, seconds) that are not wanted, half-written ones among them; return how many."""
    count = 0
    for path in [*files_in(folder), *folder.glob(".*")]:
        with suppress(OSError):
            if not wanted(path) and now - path.stat().st_mtime > _LEFT:
                path.unlink()
                count += 1
    return count


def _sum(told: bytes) -> bytes:
    return b"%08x" % zlib.crc32(told)

"""One file a site and UTC day, replaced by renaming: read by any number of processes, deletable at any time.

Nothing is synced: a file that a crash has torn is found out by its checksums, taken away and made again.
"""

import logging
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from spaces.times import DAY, Millis, to_datetime
from store.fingerprints import Prints
from store.rollups.sections import Section, of_table, schema_of, to_table

log = logging.getLogger(__name__)
FORMAT = 1
"""Of the files themselves; others are taken for damaged ones."""
ROWS = 64
"""Rows in a row group: what is asked for is often one row, and whole groups are unpacked."""
_KEY, _SUM = b"ledig", b"ledig.crc32"
_SHOWN = 20
"""Digits of a digest in a file's name; the whole of it is in the header."""
_LEFT: Millis = DAY
"""Age at which files of other layouts and half-written ones are swept away: nobody is at work on them any more."""
Signature = tuple[int, int, int]
"""Inode, time of writing and size: another one for every other file under a name."""


class Damaged(Exception):  # noqa: N818 - what it is
    """A roll-up file cannot be read: it is deleted, and made again by whoever makes them."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself.

    It covers [start, end) of a day. `prints` are the store's fingerprints (`store.fingerprints`) of the quarter-hours
    from `since` on, asked for before the readings beneath were read.
    """

    format: int
    digest: str
    start: Millis
    end: Millis
    since: Millis
    prints: bytes
    sections: dict[str, tuple[int, int]]
    """Of each section its first row group and the number of its rows."""

    def fingerprints(self) -> Prints:
        """Return the fingerprints as numbers."""
        return np.frombuffer(self.prints, dtype="<i8").astype(np.int64)


class RollupFile:
    """An open file. What is replaced under its name meanwhile does not change what it reads."""

    def __init__(self, path: Path, day: int, digest: str, raw: Any) -> None:
        self._path = path
        with self._damage():
            self._parquet = pq.ParquetFile(raw, page_checksum_verification=True)
            told = self._parquet.metadata.metadata
            if told[_SUM] != _sum(told[_KEY]):
                raise ValueError("its header is not what was written")
            found = msgspec.json.decode(told[_KEY], type=Header)
            if found.format != FORMAT or found.digest != digest:
                raise ValueError("it is of another kind")
            if not day * DAY <= found.start < found.end <= (day + 1) * DAY:
                raise ValueError("it is of another day")
        self.header = found

    def read(self, name: str, columns: Iterable[str], rows: Sequence[int] | None = None) -> Section:
        """Return some columns of a section, of all rows or of some (ascending).

        Raises:
            Damaged: they cannot be read.
        """
        with self._damage():
            first, count = self.header.sections[name]
            wanted = range(count) if rows is None else rows
            groups = sorted({row // ROWS for row in wanted})
            chosen = [f"{name}_{column}" for column in columns]
            table = self._parquet.read_row_groups(
                [first + group for group in groups],
                columns=[f"{column}.list.element" for column in chosen],
                use_threads=False,  # of a few pages: half the time
            ).select(chosen)
            if len(wanted) < table.num_rows:
                table = table.take([groups.index(row // ROWS) * ROWS + row % ROWS for row in wanted])
            return of_table(name, table)

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, LookupError, TypeError, ValueError, msgspec.MsgspecError) as error:
            raise Damaged(f"{self._path} cannot be read: {error}") from error


class RollupFiles:
    """The roll-up files in a folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before there is something to write."""
        self._folder = folder

    def signature(self, site: str, day: int, digest: str) -> Signature | None:
        """Return which file there is of a UTC day (ms // DAY), None for none: the same signature, the same content."""
        try:
            found = self._path(site, day, digest).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    @contextmanager
    def opened(self, site: str, day: int, digest: str) -> Iterator[RollupFile | None]:
        """Give the file of a day for reading, None where there is none. A damaged one is deleted.

        Raises:
            Damaged: from within, where a section cannot be read; the file is gone then.
        """
        path = self._path(site, day, digest)
        try:
            raw = pa.OSFile(str(path))
        except OSError:
            yield None
            return
        with raw:
            try:
                yield RollupFile(path, day, digest, raw)
            except Damaged as damage:
                log.warning("%s; it is deleted and will be made again", damage)
                with suppress(OSError):
                    path.unlink()
                raise

    def write(self, site: str, day: int, header: Header, sections: Mapping[str, Section]) -> None:
        """Put a file in the place of a day's; who reads the old one is not disturbed.

        Raises:
            OSError: the disk takes no more; the old file stays.
        """
        path = self._path(site, day, header.digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            _write(partial, header, sections)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def days(self, site: str) -> set[tuple[int, str]]:
        """Return the days of which there are files, with the first digits of their digests."""
        found = set()
        for path in self._files(site):
            date, _, shown = path.stem.rpartition("_")
            with suppress(ValueError):
                found.add((int(np.datetime64(date, "D").astype(int)), shown))
        return found

    def sweep(self, site: str, wanted: Mapping[int, str], now: float) -> int:
        """Delete old files (by their clock, seconds) of days under other digests than those wanted; return how many."""
        count = 0
        keep = {self._path(site, day, digest).name for day, digest in wanted.items()}
        for path in [*self._files(site), *self._of(site).glob(".*")]:
            with suppress(OSError):
                if path.name not in keep and now - path.stat().st_mtime > _LEFT / 1000:
                    path.unlink()
                    count += 1
        return count

    def _files(self, site: str) -> Iterator[Path]:
        return self._of(site).glob("*_*.parquet")

    def _of(self, site: str) -> Path:
        return self._folder / quote(site, safe="")

    def _path(self, site: str, day: int, digest: str) -> Path:
        return self._of(site) / f"{to_datetime(day * DAY):%Y-%m-%d}_{digest[:_SHOWN]}.parquet"


def _write(path: Path, header: Header, sections: Mapping[str, Section]) -> None:
    first: dict[str, tuple[int, int]] = {}
    group = 0
    for name, section in sections.items():
        first[name] = group, section.rows
        group += -(-section.rows // ROWS)
    told = msgspec.json.encode(msgspec.structs.replace(header, sections=first))
    schema = schema_of(sections).with_metadata({_KEY: told, _SUM: _sum(told)})
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False, write_page_checksum=True) as writer:
        for name, section in sections.items():
            for low in range(0, section.rows, ROWS):
                writer.write_table(to_table(schema, name, section, low, min(low + ROWS, section.rows)))


def _sum(told: bytes) -> bytes:
    return b"%08x" % zlib.crc32(told)


def header_of(*, digest: str, start: Millis, end: Millis, since: Millis, prints: Prints) -> Header:
    """Return a header without its table of sections, which is made when the file is written."""
    return Header(
        format=FORMAT,
        digest=digest,
        start=start,
        end=end,
        since=since,
        prints=prints.astype("<i8").tobytes(),
        sections={},
    )

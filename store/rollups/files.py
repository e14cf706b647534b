"""One file a site and UTC day, replaced by renaming: read by any number of processes, deletable at any time.

Nothing is synced: a file that a crash has torn is found out by its checksums, taken away and made again.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import numpy as np
import pyarrow as pa

from spaces.times import DAY, Millis, to_datetime
from store.rollups.headers import FORMAT, SHOWN, Header, Signature
from store.rollups.packed import Damaged, Packed, damage, index_of, write_packed
from store.rollups.sections import Section, schema_of
from store.rollups.sheets import Sheets

log = logging.getLogger(__name__)
ROWS = 16
"""Rows in a row group: what is asked for is often one cohort, and whole groups are unpacked."""
_MORE_ROWS = {"space": 1024}
"""Of spaces there are thousands, and the footer, which is read whole, tells of each row group."""
_LEFT: Millis = DAY
"""Age at which files of other layouts and half-written ones are swept away: nobody is at work on them any more."""


class RollupFile:
    """An open file. What is replaced under its name meanwhile does not change what it reads."""

    def __init__(self, path: Path, day: int, digest: str, raw: Any) -> None:
        self._packed = Packed(path, raw)
        with damage(path):
            found = msgspec.json.decode(self._packed.told, type=Header)
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
        return self._packed.read(name, columns, rows)


class RollupFiles:
    """The roll-up files in a folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before there is something to write."""
        self._folder = folder
        self._names: dict[tuple[str, int, str], str] = {}
        self.sheets = Sheets(folder)

    def signature(self, site: str, day: int, digest: str) -> Signature | None:
        """Return which file there is of a UTC day (ms // DAY), None for none: the same signature, the same content."""
        key = site, day, digest
        if key not in self._names:  # a year's hundreds are asked for again and again
            self._names[key] = str(self._path(site, day, digest))
        try:
            found = os.stat(self._names[key])  # noqa: PTH116 - a path would be taken apart for each of them
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
        return self._of(site) / f"{to_datetime(day * DAY):%Y-%m-%d}_{digest[:SHOWN]}.parquet"


def _write(path: Path, header: Header, sections: Mapping[str, Section]) -> None:
    sizes = {name: _MORE_ROWS.get(name, ROWS) for name in sections}
    index = index_of({name: section.rows for name, section in sections.items()}, sizes)
    write_packed(path, msgspec.json.encode(header), index, schema_of(sections), sections.items())

"""One file a site and UTC day, replaced by renaming: read by any number of processes, deletable at any time."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import numpy as np

from spaces.times import DAY, to_datetime
from store.rollups.headers import FORMAT, SHOWN, Header, Signature
from store.rollups.packed import (
    Packed,
    damage,
    files_in,
    index_of,
    opened,
    replacing,
    signature_of,
    sweep,
    write_packed,
)
from store.rollups.sections import Section, schema_of
from store.rollups.sheets import Sheets

ROWS = 16
"""Rows in a row group: what is asked for is often one cohort, and whole groups are unpacked."""
_MORE_ROWS = {"space": 1024}
"""Of spaces there are thousands, and the footer, which is read whole, tells of each row group."""
_PATHS = 20_000
"""Paths at hand: a year's hundreds are asked for again and again."""


class RollupFile(Packed):
    """An open file. What is replaced under its name meanwhile does not change what it reads."""

    def __init__(self, path: Path, day: int, digest: str, raw: Any) -> None:
        super().__init__(path, raw)
        with damage(path):
            found = msgspec.json.decode(self.told, type=Header)
            if found.format != FORMAT or found.digest != digest:
                raise ValueError("it is of another kind")
            if not day * DAY <= found.start < found.end <= (day + 1) * DAY:
                raise ValueError("it is of another day")
        self.header = found


class RollupFiles:
    """The roll-up files in a folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before there is something to write."""
        self._folder = folder
        self.sheets = Sheets(folder)

    def signature(self, site: str, day: int, digest: str) -> Signature | None:
        """Return which file there is of a UTC day (ms // DAY), None for none: the same signature, the same content."""
        return signature_of(_text_of_path(self._folder, site, day, digest))

    def opened(self, site: str, day: int, digest: str) -> AbstractContextManager[RollupFile | None]:
        """Give the file of a day for reading, None where there is none. A damaged one is deleted.

        Raises:
            Damaged: from within, where a section cannot be read; the file is gone then.
        """
        path = self._path(site, day, digest)
        return opened(path, lambda raw: RollupFile(path, day, digest, raw))

    def write(self, site: str, day: int, header: Header, sections: Mapping[str, Section]) -> None:
        """Put a file in the place of a day's; who reads the old one is not disturbed.

        Raises:
            OSError: the disk takes no more; the old file stays.
        """
        sizes = {name: _MORE_ROWS.get(name, ROWS) for name in sections}
        index = index_of({name: section.rows for name, section in sections.items()}, sizes)
        with replacing(self._path(site, day, header.digest)) as path:
            write_packed(path, msgspec.json.encode(header), index, schema_of(sections), sections.items())

    def days(self, site: str) -> set[tuple[int, str]]:
        """Return the days of which there are files, with the first digits of their digests."""
        found = set()
        for path in files_in(self._of(site)):
            date, _, shown = path.stem.rpartition("_")
            with suppress(ValueError):
                found.add((int(np.datetime64(date, "D").astype(int)), shown))
        return found

    def sweep(self, site: str, wanted: Mapping[int, str], now: float) -> int:
        """Delete old files (by their clock, seconds) of days under other digests than those wanted; return how many."""
        keep = {self._path(site, day, digest).name for day, digest in wanted.items()}
        return sweep(self._of(site), lambda path: path.name in keep, now)

    def _of(self, site: str) -> Path:
        return _folder_of(self._folder, site)

    def _path(self, site: str, day: int, digest: str) -> Path:
        return Path(_text_of_path(self._folder, site, day, digest))


def _folder_of(folder: Path, site: str) -> Path:
    return folder / quote(site, safe="")


@lru_cache(_PATHS)
def _text_of_path(folder: Path, site: str, day: int, digest: str) -> str:
    return str(_folder_of(folder, site) / f"{to_datetime(day * DAY):%Y-%m-%d}_{digest[:SHOWN]}.parquet")

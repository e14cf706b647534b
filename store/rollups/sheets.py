"""Sheets: what a month's roll-up files say of groups, in one file: opening hundreds takes longer than reading them.

A sheet is a copy. Each day in it stands under the signature of the file that it is from: where that file has been
replaced since, or is gone, the sheet says nothing of the day.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pyarrow as pa

from spaces.times import DAY, to_datetime
from store.rollups.headers import SHOWN, Header, Signature
from store.rollups.packed import Packed, damage, index_of, opened, replacing, signature_of, sweep, write_packed
from store.rollups.sections import Section

FORMAT = 2
ROWS = 8
"""Rows in a row group: a month's quarter-hours are many more values than a day's."""
Month = str
"""As in "2026-05", in UTC."""


class Listed(msgspec.Struct, frozen=True):
    """A day in a sheet: which file it is from, and what that said of itself."""

    day: int
    signature: Signature
    header: Header


class SheetHeader(msgspec.Struct, frozen=True):
    """What a sheet says of itself: whole days that follow one another, of one shape (which groups there are)."""

    format: int
    shape: str
    days: tuple[Listed, ...]


class Sheet(Packed):
    """An open sheet."""

    def __init__(self, path: Path, shape: str, raw: Any) -> None:
        super().__init__(path, raw)
        with damage(path):
            found = msgspec.json.decode(self.told, type=SheetHeader)
            if (found.format, found.shape) != (FORMAT, shape) or not found.days:
                raise ValueError("it is of another kind")
        self.header = found


class Sheets:
    """The sheets in a folder of roll-ups."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before there is something to write."""
        self._folder = folder

    def signature(self, site: str, month: Month, shape: str) -> Signature | None:
        """Return which sheet there is of a month, None for none."""
        return signature_of(str(self._path(site, month, shape)))

    def opened(self, site: str, month: Month, shape: str) -> AbstractContextManager[Sheet | None]:
        """Give a month's sheet for reading, None where there is none. A damaged one is deleted.

        Raises:
            Damaged: from within, where it cannot be read; it is gone then.
        """
        path = self._path(site, month, shape)
        return opened(path, lambda raw: Sheet(path, shape, raw))

    def write(  # noqa: PLR0913, PLR0917 - whose it is, and what is in it
        self,
        site: str,
        month: Month,
        header: SheetHeader,
        schema: pa.Schema,
        rows: Mapping[str, int],
        parts: Iterable[tuple[str, Section]],
    ) -> None:
        """Put a sheet in the place of a month's; `parts` of sections are whole row groups, in the order of `rows`.

        Raises:
            OSError: the disk takes no more; the old one stays.
        """
        index = index_of(rows, dict.fromkeys(rows, ROWS))
        with replacing(self._path(site, month, header.shape)) as path:
            write_packed(path, msgspec.json.encode(header), index, schema, parts)

    def sweep(self, site: str, shape: str, now: float) -> int:
        """Delete old sheets (by their clock, seconds) of other shapes; return how many."""
        return sweep(self._of(site), lambda path: path.stem.endswith(f"_{shape[:SHOWN]}"), now)

    def _of(self, site: str) -> Path:
        return self._folder / quote(site, safe="") / "months"

    def _path(self, site: str, month: Month, shape: str) -> Path:
        return self._of(site) / f"{month}_{shape[:SHOWN]}.parquet"


@lru_cache(10_000)
def month_of(day: int) -> Month:
    """Return the month that a UTC day (ms // DAY) is in."""
    return f"{to_datetime(day * DAY):%Y-%m}"

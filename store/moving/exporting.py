"""Out of a store into files: one of each site and UTC day, and a manifest; begun anew where it was left."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from spaces.reading import Reading
from spaces.summary import counted
from store.moving.checksum import tally_of
from store.moving.files import sha256_of, whole_file
from store.moving.manifest import Part, SiteDay, day_of, read_manifest, sweep, write_manifest
from store.moving.parquet import write_readings
from store.moving.problem import MoveError
from store.protocol import Store

Progress = Callable[[int, int, int], None]
"""(days done, days in all, readings read)."""
_SAVE_EVERY = 1.0
"""Seconds between two writings of the manifest: what a kill costs is done again."""


class StoppedError(Exception):
    """Somebody asked to stop."""


@dataclass(slots=True)
class Exported:
    """What an export did: files written (new or anew) and found unchanged, readings in both, and if it was stopped."""

    written: int = 0
    unchanged: int = 0
    readings: int = 0
    stopped: bool = False


def site_days(store: Store, sites: Iterable[str], first: date | None, end: date | None) -> list[SiteDay]:
    """Return every UTC day between a site's earliest and latest reading, and first <= day < end."""
    found = []
    for site in sites:
        extent = store.extent(site)
        if extent is None:
            continue
        day, last = max(day_of(extent.first), first or date.min), day_of(extent.last)
        while day <= last and (end is None or day < end):
            found.append(SiteDay(site, day))
            day += timedelta(days=1)
    return found


class Export:
    """One run of an export into a folder."""

    def __init__(
        self, source: Store, folder: Path, stop: threading.Event, progress: Progress = lambda _done, _days, _read: None
    ) -> None:
        """Read what the folder has.

        Raises:
            MoveError: its manifest cannot be read.
        """
        self._source = source
        self._folder = folder
        self._stop = stop
        self._progress = progress
        self._parts = read_manifest(folder)
        self._saved = time.monotonic()
        self._days = (0, 0)
        self._read = 0
        self._done = Exported()

    def run(self, days: Sequence[SiteDay]) -> Exported:
        """Write what is missing or has changed of these days.

        Raises:
            MoveError: the folder has readings of another store, or takes no files.
            StoreError: the source cannot be read; what was written until then is kept.
        """
        try:
            sweep(self._folder)
            self._export(days)
        except OSError as error:
            raise MoveError(f"{self._folder} takes no files: {error}") from error
        return self._done

    def _export(self, days: Sequence[SiteDay]) -> None:
        try:
            for number, key in enumerate(days):
                self._days = (number, len(days))
                self._one(key)
                self._save_now_and_then()
        except StoppedError:
            self._done.stopped = True
        finally:
            if self._parts:
                write_manifest(self._folder, self._parts)

    def _one(self, key: SiteDay) -> None:
        part = self._parts.get(key)
        if part is not None and self._is_there(part):
            self._done.unchanged += 1
        elif (part := self._write(key)) is not None:
            self._parts[key] = part
            self._done.written += 1
        self._done.readings += part.count if part else 0

    def _is_there(self, part: Part) -> bool:
        path = self._folder / part.file
        if not path.exists() or sha256_of(path) != part.sha256:
            return False
        found = tally_of(self._batches(part.key))
        if found.readings < part.count:
            raise MoveError(
                f"{path} holds {counted(part.count, 'reading', ',')} where this store has {found.readings:,},"
                " and a store loses none: it is the export of another store; choose another folder"
            )
        return found == part.tally

    def _write(self, key: SiteDay) -> Part | None:
        batches = self._batches(key)
        first = next(batches, None)
        if first is None:
            return None
        path = self._folder / key.file
        with whole_file(path) as partial:
            tally = write_readings(partial, _again(first, batches))
        return Part(
            site=key.site,
            day=key.day,
            file=key.file,
            count=tally.readings,
            checksum=tally.spelled(),
            sha256=sha256_of(path),
        )

    def _batches(self, key: SiteDay) -> Iterator[Sequence[Reading]]:
        if self._stop.is_set():
            raise StoppedError
        for batch in self._source.rows(key.site, key.start, key.end):
            if self._stop.is_set():
                raise StoppedError
            self._read += len(batch)
            self._progress(*self._days, self._read)
            yield batch

    def _save_now_and_then(self) -> None:
        if time.monotonic() - self._saved > _SAVE_EVERY:
            write_manifest(self._folder, self._parts)
            self._saved = time.monotonic()


def _again(first: Sequence[Reading], rest: Iterator[Sequence[Reading]]) -> Iterator[Sequence[Reading]]:
    yield first
    yield from rest

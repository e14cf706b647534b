"""The spool: a bounded, durable queue of readings on this machine's disk."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from spaces.reading import Reading
from spaces.times import SECOND, Millis
from store.protocol import StoreError, TooLargeError
from store.spool import files
from store.spool.records import PAGE, Body, DamagedError, Head, Mark, body_of, head_of, packed, payload_of, readings_of
from store.spool.rescue import Damage, ready

log = logging.getLogger(__name__)

LEAST_BYTES = 1 << 20
_MOST_LOG = 16 << 20
"""Bytes that SQLite's log may come to: a longer one spares little and takes longer to carry over."""
_SHRINK_ABOVE = 1 << 20
_PAGES_GIVEN_BACK = 256


class SpoolFullError(StoreError):
    """The spool has reached its bound: nothing more is taken until something has drained."""


class Taken(NamedTuple):
    """One record, out of the spool for writing; it stays there until it is `done`."""

    id: int
    batch: list[Reading]


def wall_clock() -> Millis:
    """Return the present time."""
    return int(time.time() * SECOND)


class Spool:
    """Readings on disk, in the order in which they were put. Any thread may call; one process has the folder.

    All its files together stay within `most_bytes` (not the copies of damaged ones). A quarter of that, and 16 MiB
    at most, is SQLite's log.
    """

    def __init__(self, folder: Path, *, most_bytes: int, clock: Callable[[], Millis] = wall_clock) -> None:
        """Open the spool in a folder, making it where it is missing and rescuing it where it is damaged.

        Raises:
            StoreError: another process has it, or it cannot be written; the message says which.
            ValueError: the bound is below 1 MiB.
        """
        if most_bytes < LEAST_BYTES:
            raise ValueError(f"a spool of {most_bytes} bytes holds nothing; give it at least {LEAST_BYTES}")
        self.folder = folder
        self.most_bytes = most_bytes
        self._clock = clock
        self._log_bytes = min(most_bytes // 4, _MOST_LOG)
        self._access = threading.RLock()
        self._damage = Damage()
        self._closed = False
        self._mark = Mark()  # what is below its lowest is done, and stays so when a damaged file is rescued
        self._held = files.lock(folder)
        try:
            self._open()
        except BaseException:
            self._held.close()
            raise
        self._first_own = self._mark.newest + 1

    def put(self, batch: Sequence[Reading]) -> int:
        """Keep a batch, all of it or nothing; when this returns it is synced to the disk. Return its newest record.

        Raises:
            SpoolFullError: there is no room for it.
            TooLargeError: there would not be, even in an empty spool; put it in parts.
            StoreError: the disk is full or does not take it.
        """
        parts = list(packed(batch))
        size = sum(len(payload) for _, payload in parts)
        if size > self._log_bytes // 2:
            raise TooLargeError(f"a batch of {size} bytes is more than the spool takes at once")
        with self._access:
            first, before = self._clock(), self._mark
            mark = self._changed(records=len(parts), readings=len(batch), added=len(parts))
            heads = [Head(before.newest + 1 + index, first, readings) for index, (readings, _) in enumerate(parts)]
            rows = [(*head, body_of(head, mark, payload)) for head, (_, payload) in zip(heads, parts, strict=True)]
            with self._writing():
                self._database.executemany(files.INSERT, rows)
            self._mark = mark
            return mark.newest

    def take(self, most: int, *, after: int = 0) -> list[Taken]:
        """Return the oldest records behind one, together at most so many readings, or one record that has more.

        Records of this life and of an earlier one are never returned together (`is_own` tells them apart).
        """
        with self._access, self._reading():
            rows = self._database.execute("SELECT id, body FROM records WHERE id > ? ORDER BY id", (after,))
            try:
                return list(self._until(rows, most))
            finally:
                rows.close()

    def done(self, ids: Sequence[int]) -> None:
        """Forget records. Should this machine stop before the disk has heard of it, they are there again."""
        with self._access:
            for first, last in _runs(ids, max(4, self._log_bytes // 4 // PAGE)):
                self._forget(first, last)
            self._shrink()

    def replace(self, number: int, batch: Sequence[Reading]) -> None:
        """Leave something out of a record: these are all of its readings now."""
        with self._access:
            with self._writing(synced=False):
                ((first, before),) = self._database.execute(
                    "SELECT first, readings FROM records WHERE id = ?", (number,)
                ).fetchall()
                head, mark = Head(number, first, len(batch)), self._changed(readings=len(batch) - before)
                row = (*head, body_of(head, mark, payload_of(batch)))
                self._database.executemany(files.INSERT, [row, files.mark_row(mark)])
            self._mark = mark

    def is_own(self, number: int) -> bool:
        """Whether a record was put by this object, not in an earlier life."""
        return number >= self._first_own

    def depth(self) -> int:
        """Return how many readings wait."""
        return self._mark.readings

    def bytes(self) -> int:
        """Return the bytes of its files."""
        names = (files.FILE, f"{files.FILE}-wal", files.LOCK)
        return sum(path.stat().st_size for path in map(self.folder.joinpath, names) if path.exists())

    def oldest(self, *, after: int = 0) -> Millis | None:
        """Return when the oldest record (behind one) was put (UTC ms), None where there is none."""
        with self._access, self._reading():
            query = "SELECT first FROM records WHERE id > ? ORDER BY id LIMIT 1"
            found = self._database.execute(query, (after,)).fetchall()
        return found[0][0] if found else None

    def age(self, *, after: int = 0) -> float:
        """Return the seconds since the oldest record (behind one) was put, 0 where there is none."""
        oldest = self.oldest(after=after)
        return 0.0 if oldest is None else max(0.0, (self._clock() - oldest) / SECOND)

    def damaged(self) -> Damage:
        """Return what was lost with damaged files, at opening and since."""
        return self._damage

    def close(self) -> None:
        """Let go of the files; what waits is there at the next opening. A second call does nothing."""
        with self._access:
            if not self._closed:
                self._closed = True
                self._database.close()
                self._held.close()

    def _open(self) -> None:
        damage = ready(self.folder)
        if damage is not None:
            log.warning("the spool was damaged: %d records are lost; %s is kept", damage.records, damage.copies[0])
            self._damage = self._damage.and_also(damage)
        most_pages = (self.most_bytes - self._log_bytes - PAGE) // PAGE
        try:
            self._database = files.connect(
                self.folder / files.FILE, log_pages=self._log_bytes // 2 // PAGE, most_pages=most_pages
            )
            self._begin()
        except sqlite3.Error as error:
            raise StoreError(f"the spool {self.folder} cannot be opened: {error}") from error

    def _begin(self) -> None:
        """Learn what is there; the database is closed again where that fails."""
        try:
            self._database.execute("DELETE FROM records WHERE id > 0 AND id < ?", (self._mark.lowest,))
            records, readings, lowest, newest = files.totals(self._database)
            serial = max([mark.serial for mark in self._ends()], default=0)
        except BaseException:
            self._database.close()
            raise
        newest = max(self._mark.newest, newest)
        self._mark = Mark(max(self._mark.serial, serial), records, readings, lowest if records else newest + 1, newest)

    def _ends(self) -> Iterator[Mark]:
        """Yield the marks of the row that is for it, and of the newest record: one of the two is the newest."""
        query = "SELECT body FROM records WHERE id = 0 OR id = (SELECT max(id) FROM records)"
        return (head_of(body)[1] for (body,) in self._database.execute(query).fetchall())

    def _changed(self, *, records: int = 0, readings: int = 0, added: int = 0, lowest: int | None = None) -> Mark:
        now = self._mark
        return Mark(
            now.serial + 1,
            now.records + records,
            now.readings + readings,
            now.lowest if lowest is None else lowest,
            now.newest + added,
        )

    def _until(self, rows: Iterator[tuple[int, Body]], most: int) -> Iterator[Taken]:
        room, own = most, None
        for number, body in rows:
            batch = readings_of(body)
            if own is not None and (len(batch) > room or self.is_own(number) != own):
                return
            own, room = self.is_own(number), room - len(batch)
            yield Taken(number, batch)

    def _forget(self, first: int, last: int) -> None:
        """Forget records from one to another: few enough for the log to keep within its bytes."""
        with self._writing(synced=False):
            ((records, readings),) = self._database.execute(
                "SELECT count(*), coalesce(sum(readings), 0) FROM records WHERE id BETWEEN ? AND ?", (first, last)
            ).fetchall()
            self._database.execute("DELETE FROM records WHERE id BETWEEN ? AND ?", (first, last))
            ((lowest,),) = self._database.execute("SELECT min(id) FROM records WHERE id > 0").fetchall()
            lowest = self._mark.newest + 1 if lowest is None else lowest
            mark = self._changed(records=-records, readings=-readings, lowest=lowest)
            self._database.execute(files.INSERT, files.mark_row(mark))
        self._mark = mark

    def _shrink(self) -> None:
        """Give space back: all of it where nothing waits, a little at a time where most of the file is free."""
        with suppress(sqlite3.Error):  # it is tried again
            ((pages,),) = self._database.execute("PRAGMA page_count").fetchall()
            if pages * PAGE < _SHRINK_ABOVE:
                return
            ((free,),) = self._database.execute("PRAGMA freelist_count").fetchall()
            if not self._mark.readings:
                self._database.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            elif free > pages * 7 // 8:
                self._database.executescript(f"PRAGMA incremental_vacuum({_PAGES_GIVEN_BACK})")

    @contextmanager
    def _writing(self, *, synced: bool = True) -> Iterator[None]:
        with self._told("takes no readings"):
            self._database.execute(f"PRAGMA synchronous={'FULL' if synced else 'NORMAL'}")
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # the failure may have ended it already
                    self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._told("cannot be read"):
            yield

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Make every failure a StoreError that says what to do; a file that is found damaged is rescued at once."""
        try:
            yield
        except DamagedError as error:
            raise self._mended(error) from error
        except sqlite3.Error as error:
            if self._closed:
                raise StoreError(f"the spool {self.folder} is closed") from error
            if files.is_damage(error):
                raise self._mended(error) from error
            if files.code_of(error) == sqlite3.SQLITE_FULL and self._is_at_its_bound():
                raise SpoolFullError(
                    f"the spool {self.folder} is full: {self._mark.readings} readings in {self.bytes()} of"
                    f" {self.most_bytes} bytes; it drains when the store is back"
                ) from error
            raise StoreError(f"the spool {self.folder} {what}: {error}") from error

    def _is_at_its_bound(self) -> bool:
        ((pages,),) = self._database.execute("PRAGMA page_count").fetchall()
        ((most,),) = self._database.execute("PRAGMA max_page_count").fetchall()
        room = self._log_bytes // PAGE  # no batch takes more: of a page that holds a record, at least half is full
        return bool(pages + room >= most)

    def _mended(self, error: Exception) -> StoreError:
        self._database.close()
        self._open()
        return StoreError(f"the spool {self.folder} was damaged ({error}) and has been rescued; try again")


def _runs(ids: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    """Yield ids as (first, last) of runs without a gap, each of at most so many."""
    first = last = None
    for number in sorted(ids):
        if first is None or last is None:
            first = last = number
        elif number == last + 1 and number < first + most:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last

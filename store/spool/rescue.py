"""Looking through a spool's files, and rescuing what is whole where they are damaged.

A damaged file is kept as `spool.damaged-<n>.sqlite`, log and all, for whoever wants to look.
"""

import mmap
import os
import shutil
import sqlite3
from collections.abc import Container, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from store.protocol import StoreError
from store.spool.files import (
    FILE,
    INSERT,
    NEW,
    RESCUED,
    create,
    is_damage,
    log_path,
    mark_row,
    take_into_use,
    totals,
)
from store.spool.records import DamagedError, Found, Mark, head_of, scan
from store.spool.wal import is_whole

_BELIEVED = 10_000
"""Records at once, far more than a batch has: a torn head may say anything."""


class Damage(NamedTuple):
    """What was lost with damaged files since the spool was opened: records, the readings in them, and the copies kept.

    It is exact unless what tells of the newest changes is destroyed too; then it is less than was lost, or counts what
    had just been done.
    """

    records: int = 0
    readings: int = 0
    copies: tuple[Path, ...] = ()

    def and_also(self, other: "Damage") -> "Damage":
        """Return the sum of two."""
        return Damage(self.records + other.records, self.readings + other.readings, self.copies + other.copies)


class _State(NamedTuple):
    """What a look through a file gave: readings by damaged record, and whether it is sound but for them."""

    damaged: dict[int, int]
    complete: bool


def ready(folder: Path) -> Damage | None:
    """See to it that there is a whole file in a folder that is locked; return what was lost, None where nothing was.

    Raises:
        StoreError: the folder or the disk does not let us; nothing is lost by trying again.
    """
    with _as_store_error(folder):
        _finish_rescue(folder)
        if not (folder / FILE).exists():
            create(folder / NEW)
            take_into_use(folder, NEW)
            return None
        state = _look(folder / FILE)
        if not is_whole(_log(folder / FILE)):
            state = state._replace(complete=False)
        return None if state.complete and not state.damaged else _rescue(folder, state)


def _log(path: Path) -> bytes:
    log = log_path(path)
    return log.read_bytes() if log.exists() else b""


def _look(path: Path) -> _State:
    """Look through a file without changing it: no log is carried over, not even at closing."""
    if path.stat().st_size == 0:
        return _State({}, complete=False)  # files are made elsewhere and moved here: it has lost its contents
    with closing(_read_only(path)) as connection:
        try:
            rows = connection.execute("SELECT id, readings, body FROM records")
            damaged = {number: readings for number, readings, body in rows if not _fits(number, body)}
            sound = connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            return _State({}, complete=False)
    return _State(damaged, complete=sound)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0)


def _fits(number: int, body: object) -> bool:
    try:
        return isinstance(body, bytes) and head_of(body)[0].id == number
    except DamagedError:
        return False


def _rescue(folder: Path, state: _State) -> Damage:
    """Put what is whole into a fresh file and take it into use; a crash at any moment leaves one or the other."""
    copy = _set_aside(folder)
    create(folder / NEW)
    with closing(sqlite3.connect(folder / NEW, isolation_level=None)) as fresh:
        fresh.execute("BEGIN")
        if state.complete:
            _copy_rows(folder / FILE, fresh)
            newest, torn = _copy_found(folder / FILE, fresh, state.damaged)
            gone = _missing(fresh, state.damaged)
            gone.pop(0, None)  # the row of the mark
            lost = (len(gone), sum(gone.values()))
        else:
            newest, torn = _copy_found(folder / FILE, fresh, None)
            fresh.execute("DELETE FROM records WHERE id < ?", (newest.lowest,))  # done, but still to be seen
            lost = _missing_by_mark(fresh, newest, _missing(fresh, torn))
        fresh.execute(INSERT, mark_row(_mark_of(fresh, newest)))
        fresh.execute("COMMIT")
    (folder / NEW).replace(folder / RESCUED)
    _finish_rescue(folder)
    return Damage(*lost, (copy,))


def _copy_found(path: Path, fresh: sqlite3.Connection, wanted: Container[int] | None) -> tuple[Mark, dict[int, int]]:
    """Copy whole records from the bytes of the files; return the newest mark in any, and readings by torn record."""
    newest, torn = Mark(), dict[int, int]()
    for head, mark, body in _everything(path):
        if body is None:
            torn[head.id] = head.readings
            continue
        newest = max(newest, mark)
        if wanted is None or head.id in wanted:
            fresh.execute(INSERT, (*head, body))
    return newest, torn


def _copy_rows(path: Path, fresh: sqlite3.Connection) -> None:
    with closing(_read_only(path)) as damaged:
        rows = damaged.execute("SELECT id, first, readings, body FROM records")
        fresh.executemany(INSERT, (row for row in rows if _fits(row[0], row[3])))


def _missing(fresh: sqlite3.Connection, wanted: dict[int, int]) -> dict[int, int]:
    there = "SELECT 1 FROM records WHERE id = ?"
    return {number: count for number, count in wanted.items() if not fresh.execute(there, (number,)).fetchall()}


def _missing_by_mark(fresh: sqlite3.Connection, mark: Mark, torn: dict[int, int]) -> tuple[int, int]:
    """Return the records and readings that were there at a mark and are not, and what of later ones is seen torn."""
    ((records, readings),) = fresh.execute(
        "SELECT count(*), coalesce(sum(readings), 0) FROM records WHERE id BETWEEN 1 AND ?", (mark.newest,)
    ).fetchall()
    later = [count for number, count in torn.items() if mark.newest < number <= mark.newest + _BELIEVED]
    return max(0, mark.records - records) + len(later), max(0, mark.readings - readings) + sum(later)


def _mark_of(fresh: sqlite3.Connection, before: Mark) -> Mark:
    records, readings, lowest, newest = totals(fresh)
    return Mark(before.serial + 1, records, readings, lowest, max(newest, before.newest))


def _everything(path: Path) -> Iterator[Found]:
    """Yield the records in a file and then, newer, in its log."""
    for part in (path, log_path(path)):
        if part.exists() and part.stat().st_size:
            with part.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield from scan(data)


def _set_aside(folder: Path) -> Path:
    number = 1
    while (copy := folder / f"spool.damaged-{number}.sqlite").exists():
        number += 1
    for source, target in ((folder / FILE, copy), (log_path(folder / FILE), log_path(copy))):
        if source.exists():
            _link(source, target)
    return copy


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _finish_rescue(folder: Path) -> None:
    if (folder / RESCUED).exists():
        take_into_use(folder, RESCUED)


@contextmanager
def _as_store_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the spool in {folder} cannot be opened: {error}") from error
    finally:
        with suppress(OSError):
            (folder / NEW).unlink(missing_ok=True)

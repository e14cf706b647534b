"""The files of a spool: made, checked and, where they are damaged, rescued into fresh ones.

A spool is `spool.sqlite` with SQLite's log beside it. `spool.lock` is held while a process has it open. A damaged one
is kept as `spool.damaged-<n>.sqlite`, log and all, for whoever wants to look.
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
from store.spool.records import PAGE, DamagedError, Found, Head, Mark, body_of, head_of, scan
from store.spool.wal import is_whole

FILE, LOCK = "spool.sqlite", "spool.lock"
_RESCUED, _NEW = "spool.rescued.sqlite", "spool.new.sqlite"
_PATIENCE = 1.0
"""Seconds to wait for another process, which may only be looking."""
_TABLE = "CREATE TABLE records (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, readings INTEGER NOT NULL, body BLOB)"
INSERT = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)"
_DAMAGE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""What SQLite says of a damaged file; an error of plain SQL means that the table is gone."""


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


def lock(folder: Path) -> sqlite3.Connection:
    """Make the folder where it is missing, and hold it until the connection is closed or the process ends.

    Raises:
        StoreError: another process holds it, or the folder cannot be written to.
    """
    path = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the spool folder {folder} cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK):  # SQLite would tell at the first reading only
        raise StoreError(f"the spool folder {folder} cannot be written to")
    held: sqlite3.Connection | None = None
    try:
        held = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if held is not None:
            held.close()
        if code_of(error) == sqlite3.SQLITE_BUSY:
            raise StoreError(f"the spool {folder} is held by another process; give each worker its own") from error
        raise StoreError(f"the spool folder {folder} cannot be written to: {error}") from error
    return held


def ready(folder: Path) -> Damage | None:
    """See to it that there is a whole file in a folder that is locked; return what was lost, None where nothing was.

    Raises:
        StoreError: the folder or the disk does not let us; nothing is lost by trying again.
    """
    with _as_store_error(folder):
        _finish_rescue(folder)
        if not (folder / FILE).exists():
            _create(folder / _NEW)
            _take_into_use(folder, _NEW)
            return None
        state = _look(folder / FILE)
        if not is_whole(_log(folder / FILE)):
            state = state._replace(complete=False)
        return None if state.complete and not state.damaged else _rescue(folder, state)


def connect(path: Path, *, log_pages: int, most_pages: int) -> sqlite3.Connection:
    """Open a file for one process alone, whose commits are synced, with bounds on the log and the file."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    for pragma in (
        "locking_mode=EXCLUSIVE",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=FAST",  # or what is done would look like damaged records to a rescue
        f"wal_autocheckpoint={log_pages}",
        "cache_size=-4096",
        f"max_page_count={most_pages}",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary code of an error."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file is damaged, not that the disk is full or will not be written."""
    return isinstance(error, sqlite3.DatabaseError) and code_of(error) in _DAMAGE


def _log(path: Path) -> bytes:
    log = _log_path(path)
    return log.read_bytes() if log.exists() else b""


def _log_path(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _forget_log(path: Path) -> None:
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _create(path: Path) -> None:
    path.unlink(missing_ok=True)
    _forget_log(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size={PAGE}")
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute(_TABLE)


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
    _create(folder / _NEW)
    with closing(sqlite3.connect(folder / _NEW, isolation_level=None)) as fresh:
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
    (folder / _NEW).replace(folder / _RESCUED)
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
    later = [count for number, count in torn.items() if number > mark.newest]
    return max(0, mark.records - records) + len(later), max(0, mark.readings - readings) + sum(later)


def _mark_of(fresh: sqlite3.Connection, before: Mark) -> Mark:
    records, readings, lowest, newest = totals(fresh)
    return Mark(before.serial + 1, records, readings, lowest, max(newest, before.newest))


def totals(connection: sqlite3.Connection) -> tuple[int, int, int, int]:
    """Return how many records and readings there are, and the lowest and highest id."""
    query = (
        "SELECT count(*), coalesce(sum(readings), 0), coalesce(min(id), 1), coalesce(max(id), 0)"
        " FROM records WHERE id > 0"
    )
    ((records, readings, lowest, newest),) = connection.execute(query).fetchall()
    return records, readings, lowest, newest


def mark_row(mark: Mark) -> tuple[int, int, int, bytes]:
    """Return the row with id 0, which holds a mark and no readings."""
    head = Head(0, 0, 0)
    return (*head, body_of(head, mark))


def _everything(path: Path) -> Iterator[Found]:
    """Yield the records in a file and then, newer, in its log."""
    for part in (path, _log_path(path)):
        if part.exists() and part.stat().st_size:
            with part.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield from scan(data)


def _set_aside(folder: Path) -> Path:
    number = 1
    while (copy := folder / f"spool.damaged-{number}.sqlite").exists():
        number += 1
    for source, target in ((folder / FILE, copy), (_log_path(folder / FILE), _log_path(copy))):
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
    if (folder / _RESCUED).exists():
        _take_into_use(folder, _RESCUED)


def _take_into_use(folder: Path, name: str) -> None:
    _forget_log(folder / FILE)
    (folder / name).replace(folder / FILE)
    if os.name == "posix":  # elsewhere folders cannot be synced
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def _as_store_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the spool in {folder} cannot be opened: {error}") from error
    finally:
        with suppress(OSError):
            (folder / _NEW).unlink(missing_ok=True)

"""The files of a spool: `spool.sqlite`, SQLite's log beside it, and `spool.lock`, held by the process that has it open.

A new file is made under another name and moved there when it is complete, so that a spool's file is never half made.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from store.protocol import StoreError
from store.spool.records import PAGE, Head, Mark, body_of

FILE, LOCK = "spool.sqlite", "spool.lock"
RESCUED, NEW = "spool.rescued.sqlite", "spool.new.sqlite"
_PATIENCE = 1.0
"""Seconds to wait for another process, which may only be looking."""
_TABLE = "CREATE TABLE records (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, readings INTEGER NOT NULL, body BLOB)"
INSERT = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)"
_DAMAGE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""What SQLite says of a damaged file; an error of plain SQL means that the table is gone."""


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


def connect(path: Path, *, log_pages: int, most_pages: int) -> sqlite3.Connection:
    """Open a file for one process alone, whose commits are synced, with bounds on the log and the file."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    try:
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
    except BaseException:
        connection.close()
        raise
    return connection


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary code of an error."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file is damaged, not that the disk is full or will not be written."""
    return isinstance(error, sqlite3.DatabaseError) and code_of(error) in _DAMAGE


def log_path(path: Path) -> Path:
    """Return where SQLite keeps the log of a file."""
    return path.with_name(path.name + "-wal")


def _forget_log(path: Path) -> None:
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def create(path: Path) -> None:
    """Make an empty spool's file, in place of whatever is there."""
    path.unlink(missing_ok=True)
    _forget_log(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size={PAGE}")
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute(_TABLE)


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


def take_into_use(folder: Path, name: str) -> None:
    """Give a file that is complete and synced the spool's name; what had it goes, with its log."""
    _forget_log(folder / FILE)
    (folder / name).replace(folder / FILE)
    if os.name == "posix":  # elsewhere folders cannot be synced
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)

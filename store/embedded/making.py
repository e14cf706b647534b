"""The making of the store's file: one process at a time, and anew where an earlier one was cut short."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HEADERS = 3 * 4_096
"""Bytes that DuckDB writes one after the other before a file holds anything; a shorter one it does not open again."""
_MAGIC = b"DUCK"
"""What DuckDB's files have behind the first checksum."""


@contextmanager
def making(path: Path) -> Iterator[None]:
    """Hold the folder of a store's file while it is opened, and take away a file that was never made.

    Raises:
        OSError: the folder can be neither made nor held.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # who is making it just now is not taken for one that was cut short
        if _was_cut_short(path):
            path.unlink()
        yield
    finally:
        os.close(folder)


def is_duckdb(beginning: bytes) -> bool:
    """Whether a file that begins so, with 12 bytes or more, is DuckDB's."""
    return beginning[8:12] == _MAGIC


def _was_cut_short(path: Path) -> bool:
    """Whether a file is too short to hold anything; what was stored could only lie in the log beside it."""
    log = path.with_name(f"{path.name}.wal")
    try:
        if path.stat().st_size >= HEADERS or (log.exists() and log.stat().st_size):
            return False
        beginning = path.read_bytes()
    except FileNotFoundError:
        return False
    return is_duckdb(beginning) or not any(beginning)  # what is neither is somebody's, and stays

"""The other files of a data folder, kept in a back-up beside the readings: as rows of one table, in parts."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

import duckdb

from store.embedded.backup import TABLES, bytes_of, look_for_room
from store.embedded.making import is_duckdb
from store.moving.files import PARTIAL, sha256_of, whole_file
from store.protocol import StoreError

TABLE = "enclosed"
PART = 1_000_000
"""Bytes of a file in one row."""


class Enclosed(NamedTuple):
    """A file: where it lies below the data folder, its permissions, size in bytes, and SHA-256 in hexadecimal."""

    path: str
    mode: int
    size: int
    sha256: str


def enclose(back_up: Path, folder: Path, leave_out: Sequence[str], reserve: int) -> list[Enclosed]:
    """Put the files of a folder into a back-up, but those that are left out: names in the folder, not below it.

    Earlier back-ups that lie there are left out too: each would hold all before it. A file that goes away meanwhile is
    none, and one that grows is taken as far as it went. Of a link to a file the file is taken.

    Raises:
        StoreError: there is no room for them.
        OSError: one cannot be read.
        duckdb.Error: the back-up cannot be written.
    """
    names = [name for name in sorted(_names(folder, leave_out)) if not _is_back_up(folder / name)]
    look_for_room(bytes_of(folder / name for name in names), back_up.parent, reserve)
    with duckdb.connect(str(back_up)) as connection:
        connection.execute(f"CREATE TABLE {TABLE} (path VARCHAR, mode INTEGER, part INTEGER, content BLOB)")
        return [found for name in names if (found := _enclose_one(connection, folder, name)) is not None]


def enclosed_in(back_up: Path) -> list[Enclosed]:
    """Return the files that a back-up has; none where an earlier version wrote it.

    Raises:
        duckdb.Error: it cannot be read.
    """
    with duckdb.connect(str(back_up), read_only=True) as connection:
        if not _has_table(connection):
            return []
        names = connection.execute(f"SELECT DISTINCT path, mode FROM {TABLE} ORDER BY path").fetchall()  # noqa: S608 - our own table
        return [_measured(name, mode, _parts(connection, name)) for name, mode in names]


def count_enclosed(back_up: Path) -> int:
    """Return how many files a back-up has, without looking into them.

    Raises:
        duckdb.Error: it cannot be read.
    """
    with duckdb.connect(str(back_up), read_only=True) as connection:
        if not _has_table(connection):
            return 0
        found = connection.execute(f"SELECT count(DISTINCT path) FROM {TABLE}").fetchall()  # noqa: S608 - our own table
        return int(found[0][0])


def lay_out(back_up: Path, folder: Path, files: Sequence[Enclosed]) -> None:
    """Write the files of a back-up into a folder.

    Raises:
        StoreError: one is there already with other contents, or lies elsewhere by its name.
        OSError: one cannot be written.
    """
    for file in files:
        _check(folder, file)
    with duckdb.connect(str(back_up), read_only=True) as connection:
        for file in files:
            with whole_file(folder / file.path) as partial:
                partial.touch()
                partial.chmod(0o600)  # before anything is in it
                with partial.open("wb") as stream:
                    stream.writelines(_parts(connection, file.path))
                partial.chmod(file.mode)


def take_out(store: Path) -> None:
    """Take the files out of a copy of a back-up: what is left is a store.

    Raises:
        duckdb.Error: it cannot be written.
    """
    with duckdb.connect(str(store)) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {TABLE}")


def _names(folder: Path, leave_out: Sequence[str]) -> Iterator[str]:
    for where, folders, files in os.walk(folder):
        below = Path(where).relative_to(folder)
        unwanted = () if below.parts else leave_out
        folders[:] = [name for name in folders if name not in unwanted]
        for name in files:
            if name not in unwanted and not name.endswith(PARTIAL):
                yield (below / name).as_posix()


def _is_back_up(path: Path) -> bool:
    """Whether a file is a store in a file of its own."""
    try:
        with path.open("rb") as stream:
            if not is_duckdb(stream.read(12)):
                return False
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    except (OSError, duckdb.Error):
        return False
    return {name for (name,) in found} >= TABLES


def _enclose_one(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> Enclosed | None:
    path = folder / name
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return None
        permissions = stat.S_IMODE(mode)
        with path.open("rb") as stream:
            return _measured(name, permissions, _insert(connection, name, permissions, stream))
    except FileNotFoundError:
        return None


def _insert(connection: duckdb.DuckDBPyConnection, name: str, mode: int, stream: BinaryIO) -> Iterator[bytes]:
    """Put a file in, part by part, an empty one in an empty part; yield the parts."""
    for number in count():
        content = stream.read(PART)
        if content or not number:
            row = (name, mode, number, content)
            connection.execute(f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?)", row)  # noqa: S608 - our own table
            yield content
        if len(content) < PART:
            return


def _parts(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[bytes]:
    found = connection.cursor().execute(f"SELECT content FROM {TABLE} WHERE path = ? ORDER BY part", [name])  # noqa: S608 - our own table
    while row := found.fetchone():
        yield row[0]


def _measured(name: str, mode: int, parts: Iterable[bytes]) -> Enclosed:
    size, digest = 0, hashlib.sha256()
    for part in parts:
        size += len(part)
        digest.update(part)
    return Enclosed(name, mode, size, digest.hexdigest())


def _has_table(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [TABLE]).fetchone()
    return found is not None and found[0] > 0


def _check(folder: Path, file: Enclosed) -> None:
    pure = PurePosixPath(file.path)
    if pure.is_absolute() or ".." in pure.parts:
        raise StoreError(f"the back-up has a file that would lie outside of {folder}: {file.path!r}")
    target = folder / file.path
    if target.exists() and sha256_of(target) != file.sha256:
        raise StoreError(f"{target} is there, and another than in the back-up; restore into a fresh folder")

"""Back-ups of the embedded store: written while it runs, and brought back into a fresh folder."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from spaces.summary import counted
from store.embedded.backup import Contents, bytes_of, contents_of, look_for_room
from store.embedded.duck import FILE, RESERVE
from store.embedded.holder import NOTE
from store.moving.enclosed import Enclosed, enclose, enclosed_in, lay_out, take_out
from store.moving.files import private_files, whole_file
from store.moving.problem import MoveError

Copier = Callable[[Path], Contents]
"""Writes a new file and returns what it should hold: the embedded store's `back_up`."""
_PRIVATE = 0o600
LEFT_OUT = (FILE, f"{FILE}.wal", f"{FILE}.tmp", NOTE, "rollups", "mosquitto.log")
"""Of a data folder, what a back-up has already, what is made anew of readings, and what a running process needs."""


def back_up(copy: Copier, out: Path, folder: Path | None = None) -> Contents:
    """Write a back-up and read it back; `out` is there at the end, whole, or not at all.

    With the data folder its other files are in it too, keys among them: so it is its owner's alone.

    Raises:
        MoveError: `out` exists, or what was written is not what was to be.
        StoreError: it could not be written.
    """
    if out.exists():
        raise MoveError(f"{out} exists; a back-up is written to a new file")
    try:
        with whole_file(out.resolve()) as partial, private_files():
            partial.unlink(missing_ok=True)
            contents = copy(partial)
            partial.chmod(_PRIVATE)  # another process may have made it
            files = [] if folder is None else enclose(partial, folder, LEFT_OUT, RESERVE)
            _same(partial, contents)
            _same_files(partial, files)
    except (OSError, duckdb.Error) as error:
        raise MoveError(f"{out} cannot be written: {error}") from error
    return contents


def restore(file: Path, folder: Path) -> Contents:
    """Bring a back-up into a folder that has no store; the store is there at the end, whole, or not at all.

    The other files come first: what was broken off is begun anew.

    Raises:
        MoveError: the folder has a store, or takes no file.
        StoreError: the file is no back-up.
    """
    target = folder / FILE
    if found := [path for path in (target, folder / f"{FILE}.wal") if path.exists()]:
        raise MoveError(f"{folder} has a store ({found[0].name}); restore into a fresh folder")
    wanted = contents_of(file)
    try:
        files = enclosed_in(file)
        look_for_room(bytes_of([file]) + sum(one.size for one in files), folder, RESERVE)
        lay_out(file, folder, files)
        with whole_file(target) as partial:
            _copy_of_store(file, partial)
            _same(partial, wanted)
    except (OSError, duckdb.Error) as error:
        raise MoveError(f"{target} cannot be written: {error}") from error
    return wanted


def _copy_of_store(file: Path, path: Path) -> None:
    """Copy a back-up's readings; what others may read has no files of the back-up in it, not even on the way."""
    path.touch()
    usual = path.stat().st_mode
    path.chmod(_PRIVATE)
    shutil.copyfile(file, path)
    take_out(path)
    path.chmod(usual)


def _same(path: Path, wanted: Contents) -> None:
    if (found := contents_of(path)) != wanted:
        raise MoveError(
            f"{path} should hold {counted(wanted.rows, 'row', ',')} and holds {found.rows:,}, or others: it is not kept"
        )


def _same_files(path: Path, wanted: Sequence[Enclosed]) -> None:
    if enclosed_in(path) != wanted:
        raise MoveError(
            f"{path} should hold {counted(len(wanted), 'file')} beside the readings, and holds others: it is not kept"
        )

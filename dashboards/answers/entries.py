"""What people write down by way of the API: a small JSON file a site in the data folder, replaced whole each time."""

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec

from dashboards.answers.errors import AnswerError, Fault

T = TypeVar("T", bound=msgspec.Struct)

MOST = 1_000
"""Entries that a site may have."""
LONGEST = 200
"""Characters of a text."""


class Entries(Generic[T]):
    """Entries of each site by a key. Thread-safe; without a folder they last as long as the process.

    Several processes may read and write one folder: whoever asks reads the file as it is then.
    """

    def __init__(self, folder: Path | None, name: str, kind: type[T]) -> None:
        self._folder = folder
        self._name = name
        self._decoder = msgspec.json.Decoder(dict[str, kind])  # type: ignore[valid-type]
        self._lock = threading.Lock()
        self._memory: dict[str, dict[str, T]] = {}

    def read(self, site: str) -> dict[str, T]:
        """Return the entries of a site.

        Raises:
            AnswerError: the file cannot be read.
        """
        if self._folder is None:
            return dict(self._memory.get(site, {}))
        file = self._file(self._folder, site)
        try:
            return self._decoder.decode(file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise _unwell(file, "read", error) from error

    def change(self, site: str, act: Callable[[dict[str, T]], object]) -> None:
        """Change the entries of a site, all or nothing.

        Raises:
            AnswerError: there would be too many, or the file cannot be read or written.
        """
        with self._lock:
            entries = self.read(site)
            act(entries)
            if len(entries) > MOST:
                raise AnswerError(f"{MOST} are kept already; remove some that are old", fault=Fault.FULL)
            if self._folder is None:
                self._memory[site] = entries
            else:
                _write(self._file(self._folder, site), msgspec.json.format(msgspec.json.encode(entries)))

    def _file(self, folder: Path, site: str) -> Path:
        return folder / f"{self._name}-{quote(site, safe='')}.json"


def _write(file: Path, body: bytes) -> None:
    """Replace a file so that readers see the old one or the new one, also after a crash."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
        try:
            with os.fdopen(handle, "wb") as new:
                new.write(body)
                new.flush()
                os.fsync(new.fileno())
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwell(file, "written", error) from error


def _unwell(file: Path, done: str, error: Exception) -> AnswerError:
    return AnswerError(f"{file.name} cannot be {done}: {error}", fault=Fault.UNREADABLE)

"""Whose turn it is among processes that share a folder."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


class Turn:
    """Whose turn it is to write in a folder: a lock that the system takes back when its holder ends in whatever way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._held is not None

    def take(self) -> bool:
        """Return whether it is ours, having tried.

        Raises:
            OSError: there cannot be such a folder.
        """
        if self._held is not None and self._is_there():
            return True
        self.give_up()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._held = descriptor
        return True

    def give_up(self) -> None:
        """Let others have it."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _is_there(self) -> bool:
        """Whether the folder still has the file that is locked: somebody may have deleted all of it."""
        assert self._held is not None
        with suppress(OSError):
            return os.fstat(self._held).st_ino == self._path.stat().st_ino
        return False

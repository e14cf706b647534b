"""Which files of exports are in a target already, so that an import that was stopped goes on after them."""

import os
from pathlib import Path

from store.moving.manifest import Part


class Journal:
    """A text file beside the target: a line for each finished file, its SHA-256 and its name."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a line that was cut is as none."""
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        self._finished = {line.split()[0] for line in lines if line.endswith("\n") and line.strip()}

    def __contains__(self, part: Part) -> bool:
        return part.sha256 in self._finished

    def add(self, part: Part) -> None:
        """Note that all of a file is in the target; durable on return."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            size = os.fstat(descriptor).st_size
            cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, f"{chr(10) * cut}{part.sha256} {part.file}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._finished.add(part.sha256)

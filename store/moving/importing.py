"""Out of files into a store: each file looked at before it is used, and everything read back at the end."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spaces.summary import counted
from store.moving.appending import append_all
from store.moving.files import sha256_of
from store.moving.journal import Journal
from store.moving.manifest import Part
from store.moving.parquet import look_at, read_readings
from store.moving.problem import DamagedError, MoveError
from store.moving.verifying import Difference, difference
from store.protocol import Store

Progress = Callable[[str, int], None]
"""("imported" or "verified", how many more readings are)."""


@dataclass(slots=True)
class Imported:
    """What an import did.

    `finished` files had been imported by an earlier run; `damaged` ones were left out, with what is wrong with
    them; `differences` are the days of which the target does not hold what the files do.
    """

    files: int = 0
    finished: int = 0
    stored: int = 0
    duplicate: int = 0
    verified: int = 0
    damaged: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    stopped: bool = False


class Import:
    """One run of an import from a folder.

    `settle` is how many seconds after its answer the target may still forget what it took, or not show it yet.
    """

    def __init__(  # noqa: PLR0913 - two ends, what lies between them, and how it is told
        self,
        folder: Path,
        target: Store,
        journal: Journal,
        stop: threading.Event,
        *,
        settle: float = 0.0,
        progress: Progress = lambda _what, _more: None,
    ) -> None:
        self._folder = folder
        self._target = target
        self._journal = journal
        self._stop = stop
        self._settle = settle
        self._progress = progress
        self._appended = time.monotonic()
        self._done = Imported()

    def run(self, parts: Sequence[Part]) -> Imported:
        """Bring files in and read them back.

        Raises:
            StoreError: the target takes nothing, or cannot be read; the same again goes on from there.
            MoveError: a file changes while it is read, or the journal cannot be written.
        """
        try:
            wrong = self._differing(self._bring(parts), progress=self._progress)
            # The journal may be wrong, and a server that was killed has lost some: what is not there goes in again.
            again = [part for part, _ in wrong if self._is_sound(part) and self._append(part)]
            self._done.differences = [found for _, found in self._differing(again)]
        except OSError as error:
            raise MoveError(f"{self._folder} cannot be read, or the journal not written: {error}") from error
        self._done.stopped = self._stop.is_set()
        return self._done

    def _bring(self, parts: Sequence[Part]) -> list[Part]:
        """Append what is not in the target yet, and return the parts that should be in it."""
        whole = []
        for part in parts:
            if part in self._journal:
                self._done.finished += 1
                self._progress("imported", part.count)
                whole.append(part)
            elif self._is_sound(part):
                if not self._append(part):
                    break
                whole.append(part)
        return whole

    def _is_sound(self, part: Part) -> bool:
        try:
            look(self._folder, part)
        except DamagedError as error:
            self._done.damaged.append(str(error))
            return False
        return True

    def _append(self, part: Part) -> bool:
        """Append a file; return whether all of it was, and not stopped."""
        for batch in read_readings(self._folder / part.file):
            if self._stop.is_set():
                return False
            appended = append_all(self._target, batch, self._stop)
            self._done.stored += appended.stored + appended.spooled
            self._done.duplicate += appended.duplicate
            self._appended = time.monotonic()
            self._progress("imported", len(batch))
        self._journal.add(part)
        self._done.files += 1
        return True

    def _differing(
        self, parts: Sequence[Part], progress: Progress = lambda _what, _more: None
    ) -> list[tuple[Part, Difference]]:
        """Read back what the target has of these, once it has settled; return what differs."""
        wrong = []
        if parts:
            self._stop.wait(max(0.0, self._appended + self._settle - time.monotonic()))
        for part in parts:
            if self._stop.is_set():
                break
            try:
                found = difference(self._folder, part, self._target)
            except DamagedError as error:
                self._done.damaged.append(str(error))
                continue
            progress("verified", part.count)
            if found is None:
                self._done.verified += 1
            else:
                wrong.append((part, found))
        return wrong


def look(folder: Path, part: Part) -> None:
    """Look whether a file is what the manifest says.

    Raises:
        DamagedError: it is missing, or another, or holds what it may not.
    """
    path, key = folder / part.file, part.key
    if not path.exists():
        raise DamagedError(f"{path}: is missing; the manifest has {counted(part.count, 'reading', ',')} of {key} in it")
    if (found := sha256_of(path)) != part.sha256:
        raise DamagedError(f"{path}: is damaged: its SHA-256 is {found}, the manifest says {part.sha256}")
    if (count := look_at(path, key.site, key.start, key.end)) != part.count:
        raise DamagedError(f"{path}: has {counted(count, 'reading', ',')}, the manifest says {part.count:,}")

"""Opening the embedded store: the file itself, or through the process that holds it."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from spaces.reading import Reading
from store.embedded.duck import FILE, EmbeddedStore
from store.embedded.holder import HeldStore, HolderService, read_note
from store.protocol import Store, StoreError

_HELD_BY = re.compile(r"Conflicting lock is held in (.*?)\s*\(PID (\d+)\)")


class OwnStore(EmbeddedStore):
    """The embedded store of this process, which answers for it while it is open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._service = HolderService(self, folder)

    def on_foreign_append(self, tell: Callable[[Sequence[Reading]], None]) -> None:
        """Tell of every batch that another process has appended, after its commit."""
        self._service.appended.append(tell)

    def close(self) -> None:
        """Stop answering, and let go of the file."""
        self.end_back_ups()
        self._service.close()
        super().close()


def open_store(folder: Path) -> Store:
    """Open the embedded store in a folder; where another process holds it, work through that one.

    Which of the two it became is told by `through`.

    Raises:
        StoreError: it cannot be opened; where it is held, the message names the process.
    """
    try:
        return OwnStore(folder)
    except StoreError as error:
        held = _HELD_BY.search(str(error))
        if held is None:
            raise
        return _through_holder(folder, held[1], int(held[2]))


def through(store: Store) -> str | None:
    """Return a sentence on the process that a store works through, None where it is our own."""
    if isinstance(store, HeldStore):
        return f"the store is held by process {store.holder.pid}; working through it"
    return None


def exists(folder: Path) -> bool:
    """Whether there is an embedded store in a folder."""
    return (folder / FILE).exists()


def _through_holder(folder: Path, program: str, pid: int) -> HeldStore:
    note = read_note(folder)
    if note is None or note.pid != pid:
        raise StoreError(
            f"{folder / FILE} is held by {program} (process {pid}), which does not answer for it;"
            " stop that process, or name another folder"
        )
    return HeldStore(note)

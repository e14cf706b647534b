"""Working through the process that holds an embedded store.

DuckDB lets one process have a file. That process writes beside it who it is and where it listens, in a note
that only its own user may read, since whoever can read it can do what the store's methods do. Another process
that meets the lock finds the note and calls the same methods over a connection of this machine: a socket that has a
name and no port where there are such (Linux), else the loopback. Arguments and answers travel as Python's own pickles
between two processes of one user, each of which has shown the key.
"""

import os
import platform
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

import msgspec

from spaces.reading import Reading
from spaces.readings import Readings
from spaces.times import FOREVER, Millis
from store.embedded.backup import Contents
from store.protocol import ROWS_AT_ONCE, Appended, Extent, Store, StoreError

NOTE = "ledig.holder.json"
_METHODS = ("append", "read", "pieces", "piece", "latest", "extent", "sites", "back_up", "interrupt_back_up")


class Holder(msgspec.Struct, frozen=True):
    """What the note says: the process, and where (a socket's name, or a port) and with which key it is asked."""

    pid: int
    at: str | int
    key: str

    @property
    def address(self) -> str | tuple[str, int]:
        """Where it listens, as sockets have it."""
        return f"\0{self.at}" if isinstance(self.at, str) else ("127.0.0.1", self.at)


def read_note(folder: Path) -> Holder | None:
    """Return what the note in a folder says, None where there is none that can be read."""
    try:
        note = msgspec.json.decode((folder / NOTE).read_bytes(), type=dict[str, str | int])
        return msgspec.convert({"at": note.get("port"), **note}, Holder)  # ledig once had a port on every system
    except (OSError, msgspec.DecodeError):
        return None


class HolderService:
    """Answers other processes for as long as this one holds the file; `appended` are told of what they append."""

    def __init__(self, store: Store, folder: Path) -> None:
        """Listen, and write the note."""
        self._store = store
        self.appended: list[Callable[[Sequence[Reading]], None]] = []
        self._note = folder / NOTE
        self._key = secrets.token_hex(32)
        self._listener, at = _listen()  # the key is asked for in each caller's own thread
        self._lock = threading.Lock()
        self._open: dict[Connection, threading.Thread] = {}
        self._closing = False
        self._holder = Holder(os.getpid(), at, self._key)
        _write_privately(self._note, msgspec.json.encode(self._holder))
        self._thread = threading.Thread(target=self._accept, name="store-holder", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the note away, listen no more, and let go of every connection."""
        if self._closing:
            return
        self._note.unlink(missing_ok=True)
        self._closing = True
        Client(self._holder.address).close()  # wakes the accepting thread
        self._thread.join()
        self._listener.close()
        with self._lock:
            callers = dict(self._open)
        for connection, thread in callers.items():
            _shut(connection)
            thread.join()

    def _accept(self) -> None:
        while not self._closing:
            connection = self._listener.accept()
            thread = threading.Thread(target=self._serve, args=(connection,), name="store-caller", daemon=True)
            with self._lock:
                self._open[connection] = thread
            thread.start()

    def _serve(self, connection: Connection) -> None:
        key = self._key.encode()
        try:
            deliver_challenge(connection, key)
            answer_challenge(connection, key)
            while not self._closing:
                connection.send(self._answer(*connection.recv()))
        except (EOFError, OSError, AuthenticationError):
            pass  # the caller is done, or has no key
        finally:
            connection.close()
            with self._lock:
                self._open.pop(connection, None)

    def _answer(self, method: str, arguments: tuple[Any, ...]) -> tuple[Any, str | None]:
        if method not in _METHODS:
            return None, f"the store has no method {method!r}"
        try:
            answer = getattr(self._store, method)(*arguments)
        except StoreError as error:
            return None, str(error)
        if method == "append":
            for tell in self.appended:
                tell(*arguments)
        return answer, None


class HeldStore:
    """The store of another process. Safe to use from several threads, which then wait for each other."""

    def __init__(self, holder: Holder) -> None:
        """Connect.

        Raises:
            StoreError: the process does not answer.
        """
        self.holder = holder
        self._lock = threading.Lock()
        try:
            self._connection = Client(holder.address, authkey=holder.key.encode())
        except Exception as error:
            raise StoreError(f"process {holder.pid} holds the store and does not answer: {error}") from error

    def append(self, batch: Sequence[Reading]) -> Appended:
        """Keep a batch through the holder."""
        return Appended(*self._ask("append", list(batch)))

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        """Return a site's readings with start <= time < end, merged."""
        found: Readings = self._ask("read", site, start, end)
        return found

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        """Yield a site's whole readings with start <= time < end in batches; each is asked for by itself."""
        pieces: list[tuple[Millis, Millis]] = self._ask("pieces", site, start, end)
        for piece in pieces:
            found: list[Reading] = self._ask("piece", site, *piece)
            yield from (found[low : low + ROWS_AT_ONCE] for low in range(0, len(found), ROWS_AT_ONCE))

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        """Return the newest reading up to a moment of each sensor."""
        found: list[Reading] = self._ask("latest", site, until)
        return found

    def extent(self, site: str) -> Extent | None:
        """Return the earliest and latest event time of a site."""
        found: Extent | None = self._ask("extent", site)
        return found

    def sites(self) -> tuple[str, ...]:
        """Return the sites that have readings."""
        found: tuple[str, ...] = self._ask("sites")
        return found

    def back_up(self, path: Path) -> Contents:
        """Let the holder copy everything into a new file; `path` is absolute."""
        return Contents(*self._ask("back_up", path))

    def interrupt_back_up(self) -> None:
        """End the back-up that the holder is writing."""
        other = HeldStore(self.holder)  # this connection waits for the answer
        try:
            other._ask("interrupt_back_up")
        finally:
            other.close()

    def close(self) -> None:
        """Let go of the connection; the holder goes on."""
        self._connection.close()

    def _ask(self, method: str, *arguments: Any) -> Any:
        with self._lock:
            try:
                self._connection.send((method, arguments))
                answer, error = self._connection.recv()
            except (EOFError, OSError) as gone:
                raise StoreError(f"process {self.holder.pid}, which held the store, has ended: {gone}") from gone
        if error is not None:
            raise StoreError(error)
        return answer


def _listen() -> tuple[Listener, str | int]:
    """Listen where this machine alone can connect, and say where: a name that is no file, or a port."""
    if platform.system() == "Linux":
        name = f"ledig-{secrets.token_hex(16)}"
        return Listener(f"\0{name}", "AF_UNIX"), name
    listener = Listener(("127.0.0.1", 0))
    port: int = listener.address[1]
    return listener, port


def _write_privately(path: Path, contents: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(contents)


def _shut(connection: Connection) -> None:
    """End a connection that another thread waits on: closing alone would leave that thread waiting."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as ending:
            ending.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended by itself

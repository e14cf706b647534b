"""A TCP proxy that misbehaves when told to: it refuses, hangs, or cuts the line after a request went out."""

import contextlib
import selectors
import socket
import threading
from types import TracebackType
from typing import Literal, Self

Mood = Literal["well", "refuse", "hang", "cut"]


class Proxy:
    """Listens on a loopback port of its own and passes on to another one, in a mood that can be changed.

    `refuse` closes each connection at once, `hang` takes requests and never answers, `cut` passes requests on and
    resets the connection when the answer comes: the server has done what was asked, and nobody hears of it.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self.mood: Mood = "well"
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        self._listener.settimeout(0.1)
        while not self._ended.is_set():
            try:
                caller, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(caller,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            if self.mood == "refuse":
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                self._pump(caller, server)

    def _pump(self, caller: socket.socket, server: socket.socket) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(caller, selectors.EVENT_READ, server)
            waiting.register(server, selectors.EVENT_READ, caller)
            while not self._ended.is_set():
                for key, _ in waiting.select(0.1):
                    if not self._pass_on(key.fileobj, key.data, answer=key.fileobj is server):
                        return

    def _pass_on(self, source: object, target: socket.socket, *, answer: bool) -> bool:
        assert isinstance(source, socket.socket)
        found = source.recv(65_536)
        if not found or self.mood == "refuse":
            return False
        if self.mood == "hang":
            return True  # swallowed
        if self.mood == "cut" and answer:
            target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            return False
        target.sendall(found)
        return True

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._accept)
        self._threads.append(thread)
        thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

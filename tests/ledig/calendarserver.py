"""A server of calendars that misbehaves as it is told, byte by byte; and a site with rooms that are booked there."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

SECRETS = ("s3cret-t0ken", "passw0rd")
"""Parts of addresses that nobody may be shown."""
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTART:20261118T080000Z\r\nDTEND:20261118T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
Headers = Mapping[str, str]
Answer = Callable[[socket.socket, Headers], None]
"""Answers one request on its connection."""


def plain(body: bytes = CALENDAR, status: str = "200 OK", *, length: int | None = None, **headers: str) -> Answer:
    """Return what answers a body; `length` is what it claims to have, negative for nothing."""
    claimed = len(body) if length is None else length
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in named.items())]
    lines += [f"Content-Length: {claimed}"] if claimed >= 0 else []
    head = "\r\n".join([*lines, "", ""]).encode()

    def answer(connection: socket.socket, _: Headers) -> None:
        connection.sendall(head + body)

    return answer


def leads_to(target: str) -> Answer:
    """Return what answers that a calendar is elsewhere."""
    return plain(b"", "302 Found", Location=target)


def bomb() -> Answer:
    """Return what answers a little that unpacks to 100 MB."""
    return plain(gzip.compress(bytes(100_000_000), 6), Content_Encoding="gzip")


def hang(connection: socket.socket, _: Headers) -> None:
    """Say nothing until the other side goes."""
    connection.settimeout(20)
    with suppress(OSError):
        connection.recv(1)


def drip(head: bytes) -> Answer:
    """Return what says something, and then a byte now and again."""

    def answer(connection: socket.socket, _: Headers) -> None:
        connection.sendall(head)
        with suppress(OSError):
            while True:
                connection.sendall(b"a")
                time.sleep(0.05)

    return answer


def with_etag(tag: str, body: bytes = CALENDAR) -> Answer:
    """Return what answers a calendar to whoever does not have it."""

    def answer(connection: socket.socket, headers: Headers) -> None:
        if headers.get("if-none-match") == tag:
            plain(b"", "304 Not Modified", length=-1, ETag=tag)(connection, headers)
        else:
            plain(body, ETag=tag)(connection, headers)

    return answer


class CalendarServer:
    """A server on a free port of this machine; what it answers may be changed while it runs."""

    def __init__(self, answers: Mapping[str, Answer], context: ssl.SSLContext | None = None) -> None:
        """`answers` are by the path without its query."""
        self.answers = dict(answers)
        self.asked: list[tuple[str, Headers]] = []
        self.most = 0
        """Requests that were answered at one time."""
        self._now = 0
        self._lock = threading.Lock()
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(25)

    def url(self, path: str = "/room.ics", *, scheme: str = "http") -> str:
        """Return an address with secrets in it."""
        return f"{scheme}://member:passw0rd@localhost:{self.port}{path}?key=s3cret-t0ken"

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(4096)
            if not piece:
                return
            data += piece
        first, *lines = data.decode().split("\r\n")
        path = first.split(" ")[1].partition("?")[0]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        with self._lock:
            self.asked.append((path, headers))
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            self.answers.get(path, plain(b"", "404 Not Found"))(connection, headers)
        finally:
            with self._lock:
                self._now -= 1


def write_site(folder: Path, addresses: Mapping[str, str | None]) -> Path:
    """Write a site with rooms, by the addresses of their calendars."""
    folder.mkdir(parents=True, exist_ok=True)
    rooms = "".join(
        f'[[space]]\nid = "{room}"\nkind = "room"\nzone = "z"\ncapacity = 4\n'
        + (f'bookings = "{address}"\n' if address else "")
        for room, address in addresses.items()
    )
    head = '[site]\nid = "h"\ntimezone = "Europe/Berlin"\n[[floor]]\nid = "f"\n[[zone]]\nid = "z"\nfloor = "f"\n'
    new = folder / ".new"
    new.write_text(head + rooms)
    new.replace(folder / "site.toml")
    return folder / "site.toml"

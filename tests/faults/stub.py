"""A stub of InfluxDB's write and health routes, for answers that no real server can be made to give."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self


class Reply(NamedTuple):
    """What the stub answers to a write."""

    status: int
    body: str = "{}"
    headers: tuple[tuple[str, str], ...] = ()


OK = Reply(204, "")
Decide = Callable[[list[bytes]], Reply]


class InfluxStub:
    """Keeps the lines of every write that it accepts; `decide` says what becomes of one."""

    def __init__(self) -> None:
        self.decide: Decide = lambda _: OK
        self.lines: list[bytes] = []
        self.asked: list[float] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path.startswith("/api/v2/write"):
                    self._answer(stub.write(body))
                else:
                    self._answer(Reply(200, ""))

            def do_GET(self) -> None:
                self._answer(Reply(200))

            def _answer(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def write(self, body: bytes) -> Reply:
        lines = body.splitlines()
        self.asked.append(time.monotonic())
        reply = self.decide(lines)
        if reply.status < 300:
            self.lines += lines
        return reply

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

"""The HTTP server in a thread, on a socket that is bound already."""

import socket
import threading
import time

import uvicorn
from fastapi import FastAPI

from dashboards.api import let_go
from ledig.problem import CommandError

_SECONDS = 20.0
_GRACE = 2
"""Seconds that open requests are waited for at the end."""


class Server:
    """uvicorn, started and stopped by us: signals are the command's to handle."""

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        self._app, self._listener = app, listener
        config = uvicorn.Config(
            app, log_level="warning", log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="api")

    @property
    def url(self) -> str:
        """The address of the page."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def start(self) -> None:
        """Serve, and return when it answers.

        Raises:
            CommandError: it does not come up.
        """
        self._thread.start()
        until = time.monotonic() + _SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > until:
                raise CommandError("the API does not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop listening, and return when it has."""
        self._server.should_exit = True
        let_go(self._app)
        if self._thread.is_alive():
            self._thread.join()
        self._listener.close()

    def trouble(self) -> str | None:
        """Return what is wrong, None where it serves."""
        return None if self._thread.is_alive() else "the API has ended"

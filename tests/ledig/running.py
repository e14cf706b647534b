"""The command as a person runs it: a process whose lines are read, and which is stopped as Ctrl-C does it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

WAIT = 60.0
"""Seconds to wait for what happens by itself; far more than it takes."""


class Running:
    """A running `ledig` in a process group of its own: of this checkout, or a program that is installed elsewhere."""

    def __init__(
        self,
        *arguments: object,
        folder: Path | None = None,
        launcher: Sequence[str] = (),
        module: str = "ledig",
        program: Path | None = None,
    ) -> None:
        # The present folder may hold an `ingest` of data, not to be imported; only modules of the tests lie there.
        alone = ("-P",) if module == "ledig" else ()
        checkout = (sys.executable, *alone, "-W", "error::ResourceWarning", "-m", module)
        command = checkout if program is None else (str(program),)
        self.process = subprocess.Popen(
            [*launcher, *command, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=plain_environment(),
            cwd=folder,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def said(self) -> str:
        """Everything that it has printed."""
        return "".join(self.lines)

    def until(self, text: str, seconds: float = WAIT) -> str:
        """Wait for a line that holds a text, and return it."""
        found: list[str] = []

        def looked() -> bool:
            found[:] = [line for line in list(self.lines) if text in line]
            return bool(found) or self.process.poll() is not None

        wait_for(looked, f"it does not say {text!r}", seconds)
        if not found:
            self._reader.join(5)
            found[:] = [line for line in self.lines if text in line]
        assert found, f"it ended without saying {text!r}:\n{self.said}"
        return found[0]

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal tells the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self) -> int:
        """Wait for its end and return its exit status; nothing of its group may be left."""
        status = self.process.wait(WAIT)
        self._reader.join(WAIT)
        wait_for(self._group_is_gone, "something of it is left running")
        assert "Traceback" not in self.said, self.said
        assert "Warning" not in self.said, self.said
        assert "Fatal" not in self.said, self.said
        return status

    def _group_is_gone(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
        self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(WAIT)
        self._reader.join(WAIT)


def plain_environment() -> dict[str, str]:
    """Return the environment without what sets ledig, or where Python looks for it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LEDIG_", "PYTHONPATH"))}


def wait_for(true: Callable[[], bool], what: str, seconds: float = WAIT) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether anybody listens on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def rows(port: int, path: str, **query: str | int) -> list[dict[str, Any]]:
    """Return the rows of an answer."""
    return list(answer(port, path, **query)["rows"])


def answer(port: int, path: str, **query: str | int) -> dict[str, Any]:
    """Return an answer of the API."""
    found = httpx.get(f"http://127.0.0.1:{port}/{path}", params=query, timeout=30)
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


def metric(port: int, name: str) -> float:
    """Return a sample of /metrics that has no labels."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))

"""Several workers of `ledig ingest`: a process each, started again when one ends."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random

from ingest.committing import Backoff
from ledig.stopping import complain, say
from spaces.summary import counted

_LOOK_EVERY = 0.2
_GRACE = 20.0
"""Seconds that workers are given to settle what is in hand."""
_WELL_AFTER = 30.0
"""Seconds after which a worker that ends has not failed at its start."""


class Team:
    """Worker processes with the command line of their parent and a number each.

    They hold a pipe to the parent: when it ends in whatever way, they end.
    """

    def __init__(self, workers: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._members = [_Member(number) for number in range(1, workers + 1)]

    def run(self, stop: threading.Event, exit_after: float | None) -> int:
        """Keep them running until stopped or so many seconds have passed; return the exit status."""
        until = time.monotonic() + exit_after if exit_after is not None else float("inf")
        for member in self._members:
            member.start()
        say(f"{counted(len(self._members), 'worker')}, sharing one subscription")
        while not stop.wait(_LOOK_EVERY) and time.monotonic() < until:
            for member in self._members:
                status = member.look()
                if status == _USAGE:
                    self._end()
                    return _USAGE
        self._end()
        return 0

    def _end(self) -> None:
        for member in self._members:
            member.ask_to_end()
        until = time.monotonic() + _GRACE
        for member in self._members:
            member.end(max(until - time.monotonic(), 0.1))


_USAGE = 2
"""The exit status of bad input: starting again would not help."""


class _Member:
    def __init__(self, number: int) -> None:
        self._number = number
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._backoff = Backoff(Random())  # noqa: S311 - jitter is no secret
        self._not_before = 0.0

    def start(self) -> None:
        here = [] if str(Path.cwd()) in sys.path else ["-P"]  # what lies in this folder is no module of ours either
        command = [sys.executable, *here, "-m", "ledig", *sys.argv[1:], "--worker", str(self._number)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - ourselves
        self._started = time.monotonic()

    def look(self) -> int | None:
        """Start it again where it has ended; return the status with which it ended."""
        if self._process is None:
            if time.monotonic() >= self._not_before:
                self.start()
            return None
        status = self._process.poll()
        if status is None:
            return None
        self._let_go()
        if time.monotonic() - self._started > _WELL_AFTER:
            self._backoff.reset()
        self._not_before = time.monotonic() + self._backoff.next()
        complain(f"ledig ingest: worker {self._number} ended with {status}; it is started again")
        return status

    def ask_to_end(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def end(self, seconds: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

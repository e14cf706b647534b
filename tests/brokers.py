"""A real Mosquitto of one's own, on a free port, that can be stopped and started again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import SystemRandom

WAIT = 60.0
"""Seconds to wait for a program to come or go; far more than it takes."""
_LOWEST, _RANGE = 10_240, Path("/proc/sys/net/ipv4/ip_local_port_range")
_dice = SystemRandom()
"""Not the one that is seeded before each test: two test processes would draw the same ports."""


def free_port(following: int = 0) -> int:
    """Return a TCP port of the loopback that nobody listens on, nor on so many that follow it.

    It is none of those that the system gives to outgoing connections: one of them might get it before whoever is to
    listen there does, and one that knocks there in vain would end up talking to itself.
    """
    outgoing = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    end = outgoing if outgoing > 2 * _LOWEST else 65_000  # else there is no room beside them
    while True:
        port = _dice.randrange(_LOWEST, end - following)
        if all(_is_free(one) for one in range(port, port + following + 1)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listens(pid: int, port: int) -> bool:
    """Whether it is this process of ours that listens on a loopback port (elsewhere than on Linux: taken to be so)."""
    books = Path("/proc/net/tcp")
    if not books.exists():
        return True
    rows = [line.split() for line in books.read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
    return any(str(link) in {f"socket:[{inode}]" for inode in inodes} for link in _descriptors(pid))


def _descriptors(pid: int) -> Iterator[Path]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            yield link.readlink()


class Mosquitto:
    """A Mosquitto child process.

    `durable`: its sessions and messages survive a kill, at the price of being saved at every change.
    """

    def __init__(self, program: str, folder: Path, *, most_queued: int = 2_000_000, durable: bool = True) -> None:
        self.port = free_port()
        self._command = [program, "-c", str(folder / "mosquitto.conf")]
        self._log = folder / "mosquitto.log"
        self._conf = folder / "mosquitto.conf"
        self._process: subprocess.Popen[bytes] | None = None
        self._conf.write_text(
            f"listener {self.port} 127.0.0.1\n"
            "allow_anonymous true\n"
            "persistence true\n"
            f"persistence_location {folder}/\n"
            f"autosave_on_changes {str(durable).lower()}\n"
            f"autosave_interval {1 if durable else 1800}\n"
            f"max_queued_messages {most_queued}\n"
            "max_inflight_messages 0\n"
            "user root\n"
        )

    def start(self) -> None:
        """Start it and wait until it is our own child that listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"mosquitto ended: {self._log.read_text()[-500:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                assert listens(self._process.pid, self.port), "somebody else listens on the port"
                return
        raise RuntimeError(f"mosquitto did not listen within {WAIT:g} s")

    @property
    def pid(self) -> int:
        """The process that runs."""
        assert self._process is not None
        return self._process.pid

    def save(self) -> None:
        """Have it save its sessions and messages, and return when all that it had confirmed before is saved.

        It confirms first and saves at the end of its round. A save that has ended may have begun before it was asked
        for; the next one had not.
        """
        for _ in range(2):
            before, deadline = self._saved(), time.monotonic() + WAIT
            os.kill(self.pid, signal.SIGUSR1)
            while self._saved() == before:
                assert time.monotonic() < deadline, "the broker does not save"
                time.sleep(0.01)

    def _saved(self) -> int:
        """Return when it saved last, in ns; 0 where it never did."""
        found = self._conf.with_name("mosquitto.db")
        return found.stat().st_mtime_ns if found.exists() else 0

    def require_password(self) -> None:
        """From the next start on let nobody in without one, and know nobody's."""
        self._conf.write_text(self._conf.read_text().replace("allow_anonymous true", "allow_anonymous false"))

    def configure(self, line: str) -> None:
        """Heed one more line of configuration from the next start on."""
        self._conf.write_text(f"{self._conf.read_text()}{line}\n")

    def kill(self) -> None:
        """Kill it without warning."""
        self._end(hard=True)

    def stop(self) -> None:
        """Stop it in good order."""
        self._end(hard=False)

    def _end(self, *, hard: bool) -> None:
        if self._process is None:
            return
        if hard:
            self._process.kill()
        else:
            self._process.terminate()
        self._process.wait(WAIT)
        self._process = None

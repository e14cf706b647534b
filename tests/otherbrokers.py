"""Real brokers other than Mosquitto, each with a folder of its own, on loopback, that leave nothing running."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Protocol

from tests.brokers import WAIT, free_port


class Broker(Protocol):
    """What the tests ask of a broker; its sessions outlive a stop and a kill."""

    port: int

    def start(self) -> None:
        """Start it, and wait until it listens."""

    def kill(self) -> None:
        """Kill it without warning."""

    def stop(self) -> None:
        """Stop it in good order; nothing where it does not run."""

    def clean_up(self) -> None:
        """End all that was started for it."""


class Program:
    """A broker that is one process, or one group of them."""

    def __init__(self, command: list[str], log: Path, port: int, *, environment: dict[str, str] | None = None) -> None:
        self.port = port
        self._command, self._log = command, log
        self._environment = os.environ | (environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )
        deadline = time.monotonic() + 2 * WAIT
        while not self._listens():
            assert self._process.poll() is None, f"it ended: {self._log.read_text()[-2_000:]}"
            assert time.monotonic() < deadline, f"it does not listen: {self._log.read_text()[-2_000:]}"
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill it without warning."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it in good order; nothing where it does not run."""
        self._end(signal.SIGTERM)

    def clean_up(self) -> None:
        """End all that was started for it."""
        self.stop()

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def _end(self, by: signal.Signals) -> None:
        if self._process is not None:
            if by == signal.SIGKILL:
                os.killpg(self._process.pid, by)
            else:
                self._process.send_signal(by)
            self._process.wait(WAIT)
            self._process = None


def mochi(go: str, folder: Path, *options: str) -> Broker:
    """Return mochi-mqtt, built from its modules as `tests/mochi` says, with options that `main.go` there explains."""
    program = folder / "mochi"
    built = subprocess.run(
        [go, "build", "-o", str(program), "."], cwd=Path(__file__).parent / "mochi", capture_output=True, check=False
    )
    assert built.returncode == 0, built.stderr.decode()
    port = free_port()
    command = [str(program), "-address", f"127.0.0.1:{port}", "-path", str(folder / "sessions"), *options]
    return Program(command, folder / "mochi.log", port)


def aedes(npm: str, node: str, folder: Path) -> Broker:
    """Return aedes with its sessions in LevelDB, installed from its packages as `tests/aedes` says."""
    place = folder / "aedes"
    shutil.copytree(Path(__file__).parent / "aedes", place)
    installing = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    installed = subprocess.run(installing, cwd=place, capture_output=True, check=False)
    assert installed.returncode == 0, installed.stderr.decode()
    port = free_port()
    return Program([node, str(place / "main.js"), str(port), str(folder / "sessions")], folder / "aedes.log", port)


class RabbitMq(Program):
    """RabbitMQ with its MQTT plugin, and the port mapper that Erlang wants beside it."""

    def __init__(self, program: str, epmd: str, folder: Path) -> None:
        mapper, port = free_port(), free_port()
        (folder / "plugins").write_text("[rabbitmq_mqtt].\n")
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:{port}\nmqtt.allow_anonymous = true\n"
        )
        environment = {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"ledig{port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        }
        super().__init__([program], folder / "rabbitmq.log", port, environment=environment)
        self._mapper = subprocess.Popen([epmd, "-port", str(mapper), "-address", "127.0.0.1"])

    def clean_up(self) -> None:
        """End the port mapper as well."""
        super().clean_up()
        self._mapper.terminate()
        self._mapper.wait(WAIT)

"""Real brokers other than Mosquitto, each with a folder of its own, on loopback, that leave nothing running."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from tests.brokers import WAIT, free_port
from tests.programs import asked_for, miss, path_of


class Broker(Protocol):
    """What the tests ask of a broker; its sessions outlive a stop and a kill."""

    port: int

    @property
    def runs(self) -> bool:
        """Whether it was started, and neither killed nor stopped since."""

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

    @property
    def runs(self) -> bool:
        """Whether it was started, and neither killed nor stopped since."""
        return self._process is not None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )
        deadline = time.monotonic() + 2 * WAIT
        while not _listens(self.port):
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

    def _end(self, by: signal.Signals) -> None:
        if self._process is not None:
            if by == signal.SIGKILL:
                os.killpg(self._process.pid, by)
            else:
                self._process.send_signal(by)
            self._process.wait(WAIT)
            self._process = None


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def mochi(go: str, folder: Path, *options: str) -> Broker:
    """Return mochi-mqtt, built from its modules as `tests/mochi` says, with options that `main.go` there explains."""
    program = folder / "mochi"
    _run("mochi", [go, "build", "-o", str(program), "."], Path(__file__).parent / "mochi")
    port = free_port()
    command = [str(program), "-address", f"127.0.0.1:{port}", "-path", str(folder / "sessions"), *options]
    return Program(command, folder / "mochi.log", port)


def aedes(npm: str, node: str, folder: Path) -> Broker:
    """Return aedes with its sessions in LevelDB, as `tests/aedes` says."""
    port = free_port()
    command = [node, str(_installed(npm) / "main.js"), str(port), str(folder / "sessions")]
    return Program(command, folder / "aedes.log", port)


def _installed(npm: str) -> Path:
    """Return a folder outside of the checkout with aedes and its packages, installed there once."""
    source = Path(__file__).parent / "aedes"
    names = ("main.js", "package.json", "package-lock.json")
    digest = sha256(b"".join((source / name).read_bytes() for name in names)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ledig-tests"
    place = cache / f"aedes-{digest}"
    if not place.exists():
        cache.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=cache))
        for name in names:
            shutil.copy(source / name, new)
        _run("aedes", [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], new)
        with contextlib.suppress(OSError):  # another test process was faster
            new.rename(place)
        shutil.rmtree(new, ignore_errors=True)
    return place


def _run(name: str, command: list[str], folder: Path) -> None:
    """Make a broker. Where it cannot be had, without a network say, its tests are skipped, or fail if asked for."""
    made = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if made.returncode:
        miss(name, f"it cannot be made: {made.stderr.decode()[-500:]}")


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
        deadline = time.monotonic() + WAIT
        while not _listens(mapper):  # else Erlang starts one of its own, which nobody ends
            assert time.monotonic() < deadline, "epmd does not listen"
            time.sleep(0.05)

    def clean_up(self) -> None:
        """End the port mapper as well."""
        super().clean_up()
        self._mapper.terminate()
        self._mapper.wait(WAIT)


_RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"
_NODE = 20


def make_mochi(folder: Path, *options: str) -> Broker:
    """Return mochi-mqtt, or skip the test where it cannot be had."""
    asked_for("mochi")
    go = path_of("go")
    if go is None:
        miss("mochi", "go is not installed, which builds mochi-mqtt")
    return mochi(go, folder, *options)


def make_rabbitmq(folder: Path) -> Broker:
    """Return RabbitMQ, or skip the test where it cannot be had."""
    asked_for("rabbitmq")
    epmd = path_of("epmd")
    if epmd is None or not Path(_RABBITMQ).exists():
        miss("rabbitmq", "RabbitMQ is not installed (Debian: apt-get install rabbitmq-server)")
    return RabbitMq(_RABBITMQ, epmd, folder)


def make_aedes(folder: Path) -> Broker:
    """Return aedes, or skip the test where it cannot be had."""
    asked_for("aedes")
    npm, node = path_of("npm"), path_of("node")
    if npm is None or node is None:
        miss("aedes", "node and npm are not installed, which aedes comes from")
    said = subprocess.run([node, "--version"], capture_output=True, check=True).stdout.decode().strip()
    if int(said.removeprefix("v").split(".")[0]) < _NODE:
        miss("aedes", f"node is {said}, and aedes needs {_NODE} or later")
    return aedes(npm, node, folder)

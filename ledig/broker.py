"""A broker of our own for the demo and for small houses: iotcore's, or an installed Mosquitto.

What is promised of delivery is proven on Mosquitto with persistence. These two keep sessions in memory, or in a
file that is written now and then.
"""

import importlib.util
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Protocol

from ledig.ports import LOOPBACK
from ledig.problem import CommandError
from ledig.stopping import children_deaf_to_interrupts

_SECONDS = 10.0
_MOST_PAYLOAD = 1024 * 1024
_IN_FLIGHT = 2_000


class Broker(Protocol):
    """A broker as a child process on the loopback."""

    name: str

    def stop(self) -> None:
        """End it. A second call does nothing."""
        ...


def start_broker(port: int, folder: Path) -> Broker:
    """Start a broker that speaks MQTT 3.1.1 on a loopback port.

    Raises:
        CommandError: there is neither of them here, or it does not start.
    """
    if importlib.util.find_spec("iotcore") is not None:
        return IotcoreBroker(port)
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if program is not None:
        return MosquittoBroker(program, port, folder)
    raise CommandError(
        "there is no MQTT broker: the package iotcore has none for this machine, and mosquitto is not installed;"
        " install mosquitto (Debian: apt-get install mosquitto)"
    )


class IotcoreBroker:
    """rumqttd, from iotcore's wheel."""

    name = "embedded (rumqttd)"

    def __init__(self, port: int) -> None:
        import iotcore  # noqa: PLC0415 - it has no wheel for some machines

        self._broker = iotcore.Broker(
            port=port, listen=LOOPBACK, max_payload_size=_MOST_PAYLOAD, max_inflight_count=_IN_FLIGHT
        )
        try:
            with children_deaf_to_interrupts():
                self._broker.start(timeout=_SECONDS)
        except (OSError, RuntimeError) as error:
            raise CommandError(f"the embedded broker does not start: {error}") from error

    def stop(self) -> None:
        """End it."""
        self._broker.stop()


class MosquittoBroker:
    """An installed Mosquitto with a configuration of ours."""

    name = "mosquitto"

    def __init__(self, program: str, port: int, folder: Path) -> None:
        folder = folder.absolute() / "mosquitto"
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "mosquitto.conf"
        configuration.write_text(
            f"listener {port} {LOOPBACK}\nallow_anonymous true\nmax_queued_messages 100000\n"
            f"max_inflight_messages {_IN_FLIGHT}\npersistence true\npersistence_location {folder}/\n"
        )
        with children_deaf_to_interrupts(), (folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(configuration)], stdout=log, stderr=log)  # noqa: S603 - found above
        self._await(port, folder / "mosquitto.log")

    def stop(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _await(self, port: int, log: Path) -> None:
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                socket.create_connection((LOOPBACK, port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise CommandError(f"mosquitto does not start; see {log}")

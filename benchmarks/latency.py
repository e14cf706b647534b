"""`latency.status`: from publishing a state to its showing on the status route, under a thousand messages a second.

Of `ledig serve` on the embedded store, and, as `latency.status.split`, of `ledig ingest` and `ledig api` as processes
of their own over VictoriaMetrics, where that is installed.
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.rows import Row, emit
from tests.brokers import Mosquitto, free_port
from tests.programs import path_of
from tests.victoria import Node

DESKS = 1_000
RATE = 1_000
BOUND = 500.0
_TICK = 0.02
_WAIT = 30.0


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows; their baseline is the bound of the first."""
    broker, victoria = path_of("mosquitto"), path_of("victoria-metrics")
    if broker is None:
        return
    probes = 40 if quick else 300
    text = f"ms, 99th percentile at {RATE} messages/s"
    late = _late(broker, serving, probes)
    yield Row("latency.status", late, BOUND, text, BOUND / late)
    if victoria is not None:
        late = _late(broker, partial(split, victoria), probes)
        text += ", ingest and API apart, over VictoriaMetrics"
        yield Row("latency.status.split", late, BOUND, text, BOUND / late)


def _late(program: str, serve: Callable[[Path, int], AbstractContextManager[str]], probes: int) -> float:
    """Return the 99th percentile of some probes, in ms."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(program, folder, durable=False)
        broker.start()
        try:
            with serve(folder, broker.port) as url:
                found = _probe(url, broker.port, probes)
        finally:
            broker.kill()
    return float(np.quantile(found, 0.99, method="inverted_cdf")) * 1_000


@contextmanager
def serving(folder: Path, broker: int) -> Iterator[str]:
    """Give the address of a status route of `ledig serve` with a thousand desks, on a broker's port."""
    port = free_port()
    with _running("serve", *_common(folder, broker), "--data", str(folder / "data"), "--port", str(port)):
        _until(lambda: _ready(f"http://127.0.0.1:{port}/readyz"), "ledig does not get ready")
        yield f"http://127.0.0.1:{port}/v1/sites/bench/status"


@contextmanager
def split(program: str, folder: Path, broker: int) -> Iterator[str]:
    """Give the same of `ledig api`, beside which `ledig ingest` stores what comes."""
    node, port, metrics = Node(program, folder / "victoria"), free_port(), free_port()
    node.start()
    settings = folder / "ledig.toml"
    settings.write_text(
        f'data = "{folder / "data"}"\nstore = "victoriametrics"\nvictoriametrics_url = "{node.url}"\n'
        f"metrics_port = {metrics}\n"
    )
    shared = ["--settings", str(settings), *_common(folder, broker)]
    try:
        with _running("ingest", *shared), _running("api", *shared, "--port", str(port)):
            for one in (metrics, port):
                _until(lambda one=one: _ready(f"http://127.0.0.1:{one}/readyz"), "ledig does not get ready")  # type: ignore[misc]
            yield f"http://127.0.0.1:{port}/v1/sites/bench/status"
    finally:
        node.kill()


def _common(folder: Path, broker: int) -> list[str]:
    return ["--sites", str(_site(folder)), "--broker", f"mqtt://127.0.0.1:{broker}"]


@contextmanager
def _running(*words: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "ledig", *words], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(_WAIT)


def _site(folder: Path) -> Path:
    head = '[site]\nid = "bench"\ntimezone = "Europe/Berlin"\n[[floor]]\nid = "f"\n[[zone]]\nid = "z"\nfloor = "f"\n'
    (folder / "site.toml").write_text(head)
    desks = range(DESKS)
    (folder / "spaces.csv").write_text("id,kind,zone\n" + "".join(f"s{n},desk,z\n" for n in desks))
    (folder / "sensors.csv").write_text("id,space\n" + "".join(f"d{n},s{n}\n" for n in desks))
    return folder / "site.toml"


def _ready(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _WAIT
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


def _probe(url: str, port: int, probes: int) -> list[float]:
    """Return the seconds of each probe: desk 0 changes its state, everybody else reports a thousand times a second."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(2_000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    ended = threading.Event()
    load = threading.Thread(target=_load, args=(client, ended))
    load.start()
    found = []
    try:
        with httpx.Client() as asking:
            for number in range(probes):
                found.append(_one(client, asking, url, used=number % 2 == 0))
                time.sleep(0.03)
    finally:
        ended.set()
        load.join()
        client.disconnect()
        client.loop_stop()
    return found


def _one(client: mqtt.Client, asking: httpx.Client, url: str, *, used: bool) -> float:
    wanted = "occupied" if used else "vacant"
    began = time.perf_counter()
    client.publish("ledig/v1/bench/d0/state", f'{{"occupied":{str(used).lower()}}}', qos=1)
    while True:
        rows = asking.get(url, params={"group": "space", "space": "s0"}).json()["rows"]
        if rows[0]["state"] == wanted:
            return time.perf_counter() - began
        if time.perf_counter() - began > _WAIT:
            raise TimeoutError("the state does not show")
        time.sleep(_TICK / 4)


def _load(client: mqtt.Client, ended: threading.Event) -> None:
    began, sent = time.monotonic(), 0
    while not ended.wait(_TICK):
        due = int((time.monotonic() - began) * RATE)
        while sent < due:
            desk = 1 + sent % (DESKS - 1)
            client.publish(f"ledig/v1/bench/d{desk}/state", f'{{"occupied":{str(sent % 3 == 0).lower()}}}', qos=1)
            sent += 1


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        emit(row)

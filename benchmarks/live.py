"""`live.screen`: from publishing a state to its event at each of 500 stream clients, at 20 changes a second.

A real `ledig serve` on a real broker, a thousand desks; the clients are sockets of one other process, each of which
reads its stream as a browser does. Every client's sight of every change counts. The bound is the baseline: the 99th
percentile is at most 1 s.
"""

import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import numpy as np
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.latency import DESKS, serving
from benchmarks.rows import Row, emit
from tests.brokers import Mosquitto
from tests.programs import path_of

CLIENTS = 500
RATE = 20
BOUND = 1_000.0
_TIMEOUT = 60.0
_SETTLING = 3.0
"""Seconds after the last change in which stragglers are waited for."""


class _Seen(msgspec.Struct):
    space: str
    state: str | None


class _Data(msgspec.Struct):
    rows: list[_Seen]


_decode = msgspec.json.Decoder(_Data).decode


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the row; nothing where there is no Mosquitto."""
    program = path_of("mosquitto")
    if program is None:
        return
    with tempfile.TemporaryDirectory() as name:
        broker = Mosquitto(program, Path(name), durable=False)
        broker.start()
        try:
            with serving(Path(name), broker.port) as url:
                found = asyncio.run(_watch(url, broker.port, seconds=5 if quick else 30))
        finally:
            broker.kill()
    late = float(np.quantile(found, 0.99, method="inverted_cdf")) * 1_000
    middle = float(np.median(found)) * 1_000
    text = f"ms, 99th percentile, {CLIENTS} clients, {RATE} changes/s, median {middle:.0f}"
    yield Row("live.screen", late, BOUND, text, BOUND / late)


async def _watch(url: str, broker: int, *, seconds: float) -> list[float]:
    """Return the seconds from publishing to seeing, of each change and client."""
    published: dict[tuple[str, str], float] = {}
    found: list[float] = []
    ready = [asyncio.Event() for _ in range(CLIENTS)]
    clients = [asyncio.create_task(_client(url, published, found, event)) for event in ready]
    async with asyncio.timeout(_TIMEOUT):
        await asyncio.gather(*(event.wait() for event in ready))
    changes = await asyncio.to_thread(_publish, broker, published, seconds)
    assert len(found) == changes * CLIENTS, f"{changes * CLIENTS - len(found)} were not seen"
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    return found


async def _client(url: str, published: dict[tuple[str, str], float], found: list[float], ready: asyncio.Event) -> None:
    """Read one stream for ever; note what of it was published."""
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port, limit=1 << 22)
    writer.write(f"GET /v1/sites/bench/live HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n".encode())
    event = ""
    try:
        while line := await reader.readline():
            if line.startswith(b"event: "):
                event = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                if event == "change":
                    _note(line[6:], published, found)
                ready.set()
    finally:
        writer.close()


def _note(data: bytes, published: dict[tuple[str, str], float], found: list[float]) -> None:
    now = time.perf_counter()
    for row in _decode(data).rows:
        began = published.get((row.space, row.state or ""))
        if began is not None:
            found.append(now - began)


def _publish(port: int, published: dict[tuple[str, str], float], seconds: float) -> int:
    """Change a desk after the other, each once, on the clock; return how many."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    connected.wait(_TIMEOUT)
    changes = min(int(seconds * RATE), DESKS)
    begun = time.perf_counter()
    for number in range(changes):
        time.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
        published[f"s{number}", "occupied"] = time.perf_counter()
        client.publish(f"ledig/v1/bench/d{number}/state", '{"occupied":true}', qos=1)
    time.sleep(_SETTLING)
    client.disconnect()
    client.loop_stop()
    return changes


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        emit(row)

"""`api.utilisation`: four weeks of the Betahaus at hour grain, asked for 20 times a second, against its bound.

A real uvicorn in a process of its own over a real embedded store; requests arrive on the clock, whether or not the
last was answered. The bound is the baseline: the 95th percentile of the server's own time is at most 50 ms.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import httpx
import numpy as np
import uvicorn
from prometheus_client import CollectorRegistry

from benchmarks.rows import Row, emit
from dashboards.api import ApiSettings, create_app
from simulator.betahaus import SITE
from simulator.sensors import said
from spaces.sitefile import load_site
from spaces.times import DAY, Millis, rfc3339, to_millis
from store.live import LiveStates
from store.opening import open_store

NOW: Millis = to_millis(datetime(2026, 5, 14, 14, tzinfo=UTC))
"""A Thursday afternoon: the server's clock starts here and runs on."""
WEEKS = 4
RATE = 20.0
BOUND = 50.0
"""Milliseconds."""
BATCH = 20_000


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the 95th percentile of the server's own time, and of the wait from a request's due time to its answer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        server = subprocess.Popen([sys.executable, "-m", "benchmarks.api", "serve", name], stdout=subprocess.PIPE)
        try:
            assert server.stdout is not None
            port = json.loads(server.stdout.readline())
            own, waited = zip(*asyncio.run(_load(port, seconds=10 if quick else 30)), strict=True)
        finally:
            server.terminate()
            server.wait(30)
            if server.stdout is not None:
                server.stdout.close()
    yield _row("api.utilisation", own)
    yield _row("api.utilisation.waited", waited)


def fill(folder: Path) -> None:
    """Keep what the sensors of the house said in the weeks before NOW."""
    store = open_store(folder)
    readings = said(load_site(SITE), 1, NOW - WEEKS * 7 * DAY - DAY, NOW)
    while batch := list(islice(readings, BATCH)):
        store.append(batch)
    store.close()


def serve(folder: Path) -> None:
    """Serve the store on a free port, which is printed, until told to end."""
    store, site, begun = open_store(folder), load_site(SITE), time.monotonic()

    def now() -> Millis:
        return NOW + int((time.monotonic() - begun) * 1000)

    app = create_app(ApiSettings(), store, LiveStates(store), lambda: {site.id: site}, now, CollectorRegistry())
    # The protocol must be named: only then does asyncio send at once (TCP_NODELAY).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # whoever connects from now on is waited for
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run([listener])
    store.close()


async def _load(port: int, *, seconds: float) -> list[tuple[float, float]]:
    """Ask on the clock; return (the server's own time, time from due to answered) of each request, in ms."""
    site = load_site(SITE).id
    query = {"from": rfc3339(NOW - WEEKS * 7 * DAY), "bucket": "1h"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        begun = time.perf_counter()

        async def one(due: float) -> tuple[float, float]:
            await asyncio.sleep(max(0.0, due - (time.perf_counter() - begun)))
            answer = await client.get(f"/v1/sites/{site}/utilisation", params=query)
            waited = time.perf_counter() - begun - due
            answer.raise_for_status()
            assert len(answer.json()["rows"]) >= WEEKS * 7 * 24
            return float(answer.headers["server-timing"].partition("dur=")[2]), waited * 1000

        return await asyncio.gather(*(one(index / RATE) for index in range(int(seconds * RATE))))


def _row(name: str, found: Sequence[float]) -> Row:
    high = float(np.percentile(found, 95, method="inverted_cdf"))
    return Row(name, high, BOUND, "ms, 95th percentile at 20 requests/s", BOUND / high)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
    else:
        for row in rows(quick="--quick" in sys.argv):
            emit(row)

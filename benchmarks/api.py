"""`api.utilisation`: four weeks of the Betahaus at hour grain, asked for 20 times a second, against its bound.

A real uvicorn in a process of its own over a real embedded store; requests arrive on the clock, whether or not the
last was answered. The bound is the baseline: the 95th percentile of the server's own time is at most 50 ms.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import httpx
import numpy as np

from benchmarks.rows import Row, emit
from benchmarks.serving import serve, serving
from simulator.betahaus import SITE
from simulator.sensors import said
from spaces.sitefile import load_site
from spaces.times import DAY, Millis, rfc3339, to_millis
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
        with serving("benchmarks.api", folder) as port:
            own, waited = zip(*asyncio.run(_load(port, seconds=10 if quick else 30)), strict=True)
    yield _row("api.utilisation", own)
    yield _row("api.utilisation.waited", waited)


def fill(folder: Path) -> None:
    """Keep what the sensors of the house said in the weeks before NOW."""
    store = open_store(folder)
    readings = said(load_site(SITE), 1, NOW - WEEKS * 7 * DAY - DAY, NOW)
    while batch := list(islice(readings, BATCH)):
        store.append(batch)
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
        serve(Path(sys.argv[2]), NOW, rollups=False)
    else:
        for row in rows(quick="--quick" in sys.argv):
            emit(row)

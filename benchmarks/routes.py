"""`api.routes`: what the pages ask, and `api.routes.year`: a year's panels, 20 times a second, against their bound.

A real uvicorn in a process of its own over a real embedded store that holds a year of the Betahaus and its roll-ups;
requests arrive on the clock, whether or not the last was answered, each of the addresses in turn. The bound is the
baseline: the 95th percentile of the server's own time is at most 50 ms. Then 50 clients ask for everything at once, and
no answer may be an error.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np

from benchmarks.api import BOUND, NOW, RATE
from benchmarks.dashboard import YEAR, fill
from benchmarks.rows import Row, emit
from benchmarks.serving import serve, serving
from simulator.betahaus import SITE
from spaces.sitefile import load_site
from spaces.times import DAY, rfc3339

AT_ONCE = 50
MOST_BYTES = 1_000_000
"""Of a page with all that it loads, compressed; an answer must be smaller still."""
DESKS = {"kind": "desk", "assignment": "flexible"}
PAGES = ("", "use", "size", "sensors", "kiosk", "static/now.js", "static/page.css")


class Asked(NamedTuple):
    """One address, and what became of it: the server's own time and the wait from its due time, in ms, and bytes."""

    name: str
    own: float
    waited: float
    size: int


Address = tuple[str, dict[str, str]]


def pages() -> list[Address]:
    """Return what the pages ask when they are opened, their own files apart from a few."""
    weeks = {"from": rfc3339(NOW - 28 * DAY), "to": rfc3339(NOW)}
    asked: list[Address] = [(page, {}) for page in PAGES]
    site = f"v1/sites/{load_site(SITE).id}"
    asked += [("v1/sites", {}), (f"{site}/spaces", {}), (f"{site}/status", {}), (f"{site}/sensors", {})]
    asked += [(f"{site}/status", {"group": "floor"}), (f"{site}/status", {"at": rfc3339(NOW - 100 * DAY)})]
    asked += [(f"{site}/utilisation", DESKS), (f"{site}/peaks", {**DESKS, "bucket": "1d"})]
    asked += [(f"{site}/forecast", {**DESKS, "group": "site"}), (f"{site}/sizing", {}), (f"{site}/notes", weeks)]
    asked += [(f"{site}/{name}", {**DESKS, **weeks}) for name in ("heatmap", "planning", "sessions")]
    asked += [(f"{site}/{name}", {**DESKS, **weeks, "bucket": "1d"}) for name in ("utilisation", "peaks")]
    return asked


def panels(days: int) -> list[Address]:
    """Return the panels of a year."""
    window = {"from": rfc3339(NOW - days * DAY), "to": rfc3339(NOW)}
    site = f"v1/sites/{load_site(SITE).id}"
    asked: list[Address] = [(f"{site}/heatmap", window), (f"{site}/planning", window), (f"{site}/usual", {})]
    asked += [(f"{site}/peaks", {**window, "bucket": "1w"})]
    asked += [(f"{site}/utilisation", {**window, "bucket": "1w", "group": by}) for by in ("site", "floor", "zone")]
    asked += [(f"{site}/availability", {**DESKS, **window, "bucket": "1w"})]
    return asked


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the server's own time and the wait, the largest answer, and how long 50 clients at once wait at most."""
    days, seconds = (91, 10) if quick else (YEAR, 30)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, days)
        with serving("benchmarks.routes", folder) as port:
            opened, longest = asyncio.run(_load(port, pages(), seconds))
            year, _ = asyncio.run(_load(port, panels(days), seconds))
    yield from _times("api.routes", opened)
    yield from _times("api.routes.year", year)
    largest = max(opened + year, key=lambda one: one.size)
    text = f"bytes of the largest answer, compressed ({largest.name})"
    yield Row("api.routes.bytes", largest.size, MOST_BYTES, text, MOST_BYTES / largest.size)
    text = f"ms until the last of {AT_ONCE} clients at once has all {len(pages())} answers, no errors"
    yield Row("api.routes.at_once", longest, longest, text, 1.0)


def _times(name: str, found: Sequence[Asked]) -> Iterator[Row]:
    for suffix, times in (("", [one.own for one in found]), (".waited", [one.waited for one in found])):
        high = float(np.percentile(times, 95, method="inverted_cdf"))
        yield Row(f"{name}{suffix}", high, BOUND, f"ms, 95th percentile at {RATE:g} requests/s", BOUND / high)


async def _load(port: int, asked: Sequence[Address], seconds: float) -> tuple[list[Asked], float]:
    """Ask for each address once, then on the clock, then for all of them from many sides at once."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        for path, query in asked:  # as whoever opened the page first did
            (await client.get(path, params=query)).raise_for_status()
        begun = time.perf_counter()

        async def one(number: int) -> Asked:
            due = number / RATE
            await asyncio.sleep(max(0.0, due - (time.perf_counter() - begun)))
            return await _ask(client, *asked[number % len(asked)], due + begun)

        found = await asyncio.gather(*(one(number) for number in range(int(seconds * RATE))))
        begun = time.perf_counter()
        await asyncio.gather(*(_all(client, asked, turn) for turn in range(AT_ONCE)))
        return found, (time.perf_counter() - begun) * 1_000


async def _all(client: httpx.AsyncClient, asked: Sequence[Address], turn: int) -> None:
    for number in range(len(asked)):
        await _ask(client, *asked[(number + turn) % len(asked)], time.perf_counter())


async def _ask(client: httpx.AsyncClient, path: str, query: dict[str, str], due: float) -> Asked:
    async with client.stream("GET", path, params=query) as answer:
        size = sum([len(part) async for part in answer.aiter_raw()])
        waited = (time.perf_counter() - due) * 1_000
        answer.raise_for_status()
        own = float(answer.headers["server-timing"].partition("dur=")[2])
    return Asked(path or "/", own, waited, size)


def slowest(folder: Path, days: int) -> None:
    """Say what each address costs, the second time."""
    with (
        serving("benchmarks.routes", folder) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client,
    ):
        for path, query in [*pages(), *panels(days)]:
            times = []
            for _ in range(4):
                answer = client.get(path, params=query).raise_for_status()
                times.append(float(answer.headers["server-timing"].partition("dur=")[2]))
            print(f"{times[0]:9.1f} {min(times[1:]):9.1f} ms {path} {query}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), NOW, rollups=True)
    elif sys.argv[1:2] == ["slowest"]:
        slowest(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        for row in rows(quick="--quick" in sys.argv):
            emit(row)

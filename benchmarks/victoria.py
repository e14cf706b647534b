"""`ingest.victoriametrics` against paho alone, `victoriametrics.read`, and what a reading costs there.

The server is a real victoria-metrics of the benchmark's own, which shares the machine with the broker and with
whoever drains. What a reading costs (docs/scale-out.md): python -m benchmarks.victoria --costs
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import urllib3

from benchmarks.ingest import compared
from benchmarks.rows import Row, emit
from benchmarks.stores import batched, said_in_weeks
from spaces.reading import Reading
from spaces.times import DAY, Millis
from store.embedded.duck import FILE, EmbeddedStore
from store.protocol import Store
from store.victoria.settings import VictoriaSettings
from store.victoria.victoria import VictoriaStore
from tests.programs import path_of
from tests.victoria import Cluster, Node, Program

BATCH = 5_000
_ROUNDS = 5


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    program = path_of("victoria-metrics")
    if program is None:
        return
    with tempfile.TemporaryDirectory() as name:
        servers = Servers(program, Path(name))
        try:
            yield from compared("ingest.victoriametrics", servers.fresh, quick=quick)
        finally:
            servers.stop()
        yield _reading(program, Path(name) / "read", weeks=4 if quick else 16)


class Servers:
    """One empty server after another."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        self._nodes: list[Node] = []

    def fresh(self) -> str:
        """Start an empty server in place of the last; return it as an argument of benchmarks/draining.py."""
        self.stop()
        node = Node(self._program, self._folder / f"node{len(self._nodes)}")
        self._nodes.append(node)
        node.start()
        return json.dumps({"victoriametrics": asdict(node.settings())})

    def stop(self) -> None:
        """Stop the last."""
        for node in self._nodes[-1:]:
            node.kill()


def _reading(program: str, folder: Path, *, weeks: int) -> Row:
    """Return readings a second of `read`, and of fetching the same answer without reading it."""
    readings = said_in_weeks(weeks)
    node = Node(program, folder)
    node.start()
    try:
        store = VictoriaStore(node.settings())
        _written(store, readings)
        node.flush()
        start, end = readings[0].time, readings[-1].time + 1
        ours, bare = [], []
        for _ in range(_ROUNDS):
            ours.append(len(readings) / _seconds(lambda: _all_of(store, start, end, len(readings))))
            bare.append(len(readings) / _seconds(lambda: _fetched(node, start, end)))
        store.close()
    finally:
        node.kill()
    unit = f"readings/s of {len(readings)}, its export fetched alone"
    return Row("victoriametrics.read", max(ours), max(bare), unit, max(ours) / max(bare))


def _all_of(store: Store, start: Millis, end: Millis, count: int) -> None:
    if (found := len(store.read("betahaus", start, end))) != count:
        raise RuntimeError(f"{found} of {count} readings came back")


def _fetched(node: Node, start: Millis, end: Millis) -> None:
    match = '{__name__=~"occupancy_(occupied|unknown|people)",site="betahaus"}'
    fields = {"match[]": match, "start": str(start / 1000), "end": str(end / 1000), "reduce_mem_usage": "1"}
    with urllib3.PoolManager(timeout=60.0) as pool:
        answer = pool.request("GET", f"{node.url}/api/v1/export?{urlencode(fields)}")
    if answer.status != 200:
        raise RuntimeError(answer.data.decode()[:200])


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _written(store: Store, readings: Sequence[Reading]) -> None:
    for batch in batched(readings, BATCH):
        store.append(batch)


def costs(weeks: int = 16) -> Iterator[tuple[str, float, str]]:
    """Yield what readings of the demo's house cost: name, figure, unit."""
    readings = said_in_weeks(weeks)
    count = len(readings)
    yield "readings", count, f"in {weeks} weeks, {len({row.sensor for row in readings})} sensors"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        embedded = EmbeddedStore(folder / "embedded")
        _written(embedded, readings)
        embedded.close()
        yield "embedded, disk", (folder / "embedded" / FILE).stat().st_size / count, "bytes a reading"
        if program := path_of("victoria-metrics"):
            node = Node(program, folder / "node")
            node.start()
            try:
                yield from _costs_of("one node", node.settings(), [node], node.flush, [node.data], readings)
            finally:
                node.kill()
        programs = tuple(path_of(part) for part in ("vminsert", "vmselect", "vmstorage"))
        if all(programs):
            cluster = Cluster(programs, folder / "cluster")  # type: ignore[arg-type]  # none of them is None
            cluster.start()
            try:
                parts = [cluster.insert, cluster.select, *cluster.nodes]
                folders = [one.data for one in cluster.nodes]
                yield from _costs_of("cluster", cluster.settings(), parts, cluster.flush, folders, readings)
            finally:
                cluster.kill()


def _costs_of(  # noqa: PLR0913, PLR0917 - a server's parts
    what: str,
    settings: VictoriaSettings,
    parts: Sequence[Program],
    flush: Callable[[], None],
    folders: Sequence[Path],
    readings: Sequence[Reading],
) -> Iterator[tuple[str, float, str]]:
    count, store = len(readings), VictoriaStore(settings)
    start, end = readings[0].time, readings[-1].time + 1
    server, own = _cpu_of(parts), time.process_time()
    took = _seconds(lambda: _written(store, readings))
    own = time.process_time() - own
    flush()
    time.sleep(15)  # it goes on writing to its disk
    yield f"{what}, written", count / took, "readings/s in batches of 5000"
    yield f"{what}, written, our CPU", own / count * 1e6, "us a reading"
    yield f"{what}, written, its CPU", (_cpu_of(parts) - server) / count * 1e6, "us a reading"
    server, own = _cpu_of(parts), time.process_time()
    took = min(_seconds(lambda: _all_of(store, start, end, count)) for _ in range(_ROUNDS))
    yield f"{what}, read", count / took, "readings/s, the best of five"
    yield f"{what}, read, our CPU", (time.process_time() - own) / count / _ROUNDS * 1e6, "us a reading"
    yield f"{what}, read, its CPU", (_cpu_of(parts) - server) / count / _ROUNDS * 1e6, "us a reading"
    yield f"{what}, a day read", 1e3 * _seconds(lambda: store.read("betahaus", end - DAY, end)), "ms"
    yield f"{what}, latest", 1e3 * _seconds(lambda: store.latest("betahaus")), "ms"
    yield f"{what}, extent", 1e3 * _seconds(lambda: store.extent("betahaus")), "ms"
    yield f"{what}, disk", sum(map(_size, folders)) / count, "bytes a reading"
    store.close()


def _cpu_of(parts: Sequence[Program]) -> float:
    return sum(part.cpu() for part in parts)


def _size(folder: Path) -> int:
    """Return what a folder takes on the disk."""
    return int(subprocess.check_output(["du", "-sk", str(folder)]).split()[0]) * 1024


if __name__ == "__main__":
    if "--costs" in sys.argv:
        for name, figure, unit in costs(4 if "--quick" in sys.argv else 16):
            print(f"{name:30} {figure:>12.4g} {unit}", flush=True)
    else:
        for row in rows(quick="--quick" in sys.argv):
            emit(row)

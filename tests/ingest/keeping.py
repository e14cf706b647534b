"""Every kind of store for runs of a worker: opened for one life after another, and looked into at the end."""

import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, cast

from ingest.spooled import SpoolLedger
from store.embedded.duck import EmbeddedStore
from store.influx.settings import InfluxSettings
from store.influx.store import InfluxStore
from store.lines import NANOS
from store.protocol import Store
from store.spool import Spool, SpooledStore
from store.victoria.victoria import VictoriaStore
from tests.faults.stub import InfluxStub
from tests.influx import fresh, influxd_path, some_influx
from tests.ingest.houses import NOW
from tests.ingest.lives import Choosy
from tests.ingest.packs import Key
from tests.victoria import Node, running_node

HOLD = 0.05
"""Seconds for which the spool holds what VictoriaMetrics has answered: no server is killed here."""
_LINE = re.compile(rb"occupancy,sensor=(\S+),site=(\S+) \S+ (\d+)")


class Kept(Protocol):
    """A kind of store: opened for one life after another, and looked into."""

    def open(self, folder: Path, books: SpoolLedger, plan: deque[str]) -> Store:
        """Open it, behind its spool where it has one; `plan` is for the store itself."""
        ...

    def keys(self, folder: Path, sites: Sequence[str]) -> list[Key]:
        """Return what is in it of some sites, and twice what is there twice."""
        ...


class KeptEmbedded:
    """The embedded store."""

    def open(self, folder: Path, _books: SpoolLedger, plan: deque[str]) -> Store:
        return cast("Store", Choosy(EmbeddedStore(folder / "store"), plan))

    def keys(self, folder: Path, sites: Sequence[str]) -> list[Key]:
        store = EmbeddedStore(folder / "store")
        try:
            with store.cursor() as cursor:
                rows = cursor.execute("SELECT site, sensor, epoch_ms(time) FROM occupancy").fetchall()
            return [row for row in rows if row[0] in sites]
        finally:
            store.close()


class KeptSpooled:
    """A server store behind its spool."""

    def __init__(
        self, target: Callable[[], Store], hold: float | None, keys: Callable[[Sequence[str]], list[Key]]
    ) -> None:
        self._target, self._hold, self._keys = target, hold, keys

    def open(self, folder: Path, books: SpoolLedger, plan: deque[str]) -> Store:
        target = cast("Store", Choosy(self._target(), plan))
        spool = Spool(folder / "spool", most_bytes=16 << 20)
        return SpooledStore(target, spool, hold=self._hold, settled=books.settled, shortest=0.001, longest=0.005)

    def keys(self, _folder: Path, sites: Sequence[str]) -> list[Key]:
        return self._keys(sites)


@contextmanager
def kept_stub() -> Iterator[KeptSpooled]:
    """InfluxDB's write route alone: a point of the same series and time overwrites itself."""
    with InfluxStub() as stub:
        settings = InfluxSettings(url=stub.url, org="o", bucket="b", token="t", write_timeout=20, read_timeout=20)

        def keys(sites: Sequence[str]) -> list[Key]:
            found = {match.groups() for line in stub.lines if (match := _LINE.match(line))}
            rows = [(site.decode(), sensor.decode(), int(time) // NANOS) for sensor, site, time in found]
            return [row for row in rows if row[0] in sites]

        yield KeptSpooled(lambda: InfluxStore(settings), None, keys)


def kept_influx(settings: InfluxSettings) -> KeptSpooled:
    """A real InfluxDB."""
    return KeptSpooled(lambda: InfluxStore(settings), None, lambda sites: _rows(InfluxStore(settings), sites))


def kept_victoria(node: Node) -> KeptSpooled:
    """A real VictoriaMetrics."""

    def keys(sites: Sequence[str]) -> list[Key]:
        node.flush()
        return _rows(VictoriaStore(node.settings()), sites)

    return KeptSpooled(lambda: VictoriaStore(node.settings()), HOLD, keys)


def _rows(store: Store, sites: Sequence[str]) -> list[Key]:
    try:
        return [
            (row.site, row.sensor, row.time)
            for site in sites
            for batch in store.rows(site, NOW - 100_000, NOW + 100_000)
            for row in batch
        ]
    finally:
        store.close()


@contextmanager
def keeping(name: str, folder: Path) -> Iterator[Kept]:
    """Give a kind of store; of InfluxDB, where there is none, the stub that only takes writes."""
    if name == "embedded":
        yield KeptEmbedded()
    elif name == "victoriametrics":
        with running_node(folder) as node:
            yield kept_victoria(node)
    elif os.environ.get("LEDIG_TEST_INFLUXDB_URL") or influxd_path():
        with some_influx(folder) as found:
            yield kept_influx(fresh(found))
    else:
        with kept_stub() as kept:
            yield kept

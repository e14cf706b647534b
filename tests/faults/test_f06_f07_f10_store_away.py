"""The store is down, hangs, or breaks off after the request went out: real processes, a real store, a proxy between."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx
import pytest

from spaces.reading import Reading
from store.spool import Spool, SpoolFullError
from store.victoria.victoria import VictoriaStore
from tests.brokers import Mosquitto, free_port
from tests.faults.harness import LONG, Traffic, balances, long_timeout, site_file
from tests.faults.proxy import Proxy
from tests.ledig.running import Running, listens, metric, wait_for
from tests.programs import required
from tests.victoria import Node

AWAY = 600.0 if LONG else 3.0
SPOOL = 1024 * 1024
EARLIER = 1_780_000_000_000
"""June 2026: when an earlier life filled a spool."""
pytestmark = long_timeout(1_500)


class House:
    """Ingest into VictoriaMetrics through a proxy, as a process of its own."""

    def __init__(self, folder: Path, broker: Mosquitto, node: Node, proxy: Proxy, *, spool: int = 64 * SPOOL) -> None:
        self.node, self.proxy, self.metrics = node, proxy, free_port()
        self.settings = folder / "ledig.toml"
        self.settings.write_text(
            f'data = "{folder / "data"}"\nsites = ["{site_file(folder)}"]\nbroker = "mqtt://127.0.0.1:{broker.port}"\n'
            f'store = "victoriametrics"\nvictoriametrics_url = "{proxy.url}"\nmetrics_port = {self.metrics}\n'
            f"store_timeout = 1\nspool_bytes = {spool}\n"
        )

    def running(self, module: str = "ledig") -> Running:
        return Running("ingest", "--settings", self.settings, module=module)

    def received(self) -> float:
        """Return how many messages ingest has taken."""
        return metric(self.metrics, "ledig_ingest_messages_received_total")

    def takes(self, more: float) -> None:
        """Wait until ingest has taken so many messages more."""
        before = self.received()
        wait_for(lambda: self.received() >= before + more, "it does not go on taking messages")

    def up(self) -> bool:
        return listens(self.metrics) and metric(self.metrics, "ledig_ingest_up") == 1

    def stored(self, base: int) -> list[int]:
        """Return S: the ids in the store, merged as every reading of it merges."""
        self.node.flush()
        store = VictoriaStore(self.node.settings())
        try:
            batches = store.rows("house", base - 1_000, base + 10_000_000)
            return sorted(reading.time - base for batch in batches for reading in batch)
        finally:
            store.close()

    def until_all_stored(self, traffic: Traffic) -> None:
        wanted = sorted(traffic.confirmed)
        wait_for(lambda: len(self.stored(traffic.base)) >= len(wanted), "not everything reaches the store")
        assert self.stored(traffic.base) == wanted

    def balances(self) -> bool:
        """Whether every message and every reading is accounted for, in one look at /metrics."""
        return balances(httpx.get(f"http://127.0.0.1:{self.metrics}/metrics", timeout=30).text)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    started = Node(required("victoria-metrics"), tmp_path / "victoria")
    started.start()
    yield started
    started.kill()


@pytest.fixture
def proxy(node: Node) -> Iterator[Proxy]:
    with Proxy(node.port) as between:
        yield between


def test_f06_database_down(tmp_path: Path, quick_mosquitto: Mosquitto, node: Node, proxy: Proxy) -> None:
    """Readings go to the spool and are acknowledged; when the store is back everything is in it, once."""
    house = House(tmp_path, quick_mosquitto, node, proxy)
    with house.running() as ingesting:
        wait_for(house.up, "ingest does not connect")
        with Traffic(quick_mosquitto.port, rate=500) as traffic:
            wait_for(lambda: house.received() > 500, "nothing flows")
            node.kill()
            before = house.received()
            time.sleep(AWAY)
            house.takes(500)
            after = house.received()
            # What was received at that moment may be on its way into the spool still.
            wait_for(lambda: metric(house.metrics, "ledig_spool_readings") >= after - before, "they are not spooled")
            assert metric(house.metrics, "ledig_spool_up") == 0
            assert metric(house.metrics, "ledig_spool_lag_seconds") > AWAY / 2
            assert house.balances()
            node.start()
            traffic.stop()
            house.until_all_stored(traffic)
        ingesting.interrupt()
        assert ingesting.ended() == 0


def test_f06_full_spool_holds_back_and_loses_nothing(
    tmp_path: Path, quick_mosquitto: Mosquitto, node: Node, proxy: Proxy
) -> None:
    house = House(tmp_path, quick_mosquitto, node, proxy, spool=SPOOL)
    waiting = filled(tmp_path / "data" / "spool-1")
    node.kill()
    with house.running("ledig" if LONG else "tests.faults.impatient") as ingesting:
        wait_for(lambda: listens(house.metrics), "ingest does not start")
        with Traffic(quick_mosquitto.port, rate=2_000, most=2_000) as traffic:
            wait_for(lambda: traffic.published == 2_000, "the traffic does not end")
            traffic.stop()
            wait_for(lambda: metric(house.metrics, "ledig_ingest_up") == 0, "the spool does not fill")
            assert metric(house.metrics, "ledig_spool_bytes") < 2 * SPOOL
            assert metric(house.metrics, "ledig_ingest_messages_in_flight") > 0, "unacknowledged, the broker keeps them"
            assert house.balances()
            ready = httpx.get(f"http://127.0.0.1:{house.metrics}/readyz", timeout=30)
            assert ready.status_code == 503
            assert "spool" in ready.text
            node.start()
            house.until_all_stored(traffic)
        assert len(house.stored(EARLIER)) == waiting
        ingesting.interrupt()
        assert ingesting.ended() == 0


def filled(folder: Path) -> int:
    """Fill a spool as an earlier life would have; return how many readings are in it."""
    random, count = Random(1), 0
    spool = Spool(folder, most_bytes=SPOOL)
    with suppress(SpoolFullError):
        while True:
            times = range(EARLIER + count, EARLIER + count + 500)
            spool.put([Reading("house", "s0", at, at, occupied=True, battery=random.random()) for at in times])
            count += 500
    spool.close()
    return count


def test_f07_database_hangs(tmp_path: Path, quick_mosquitto: Mosquitto, node: Node, proxy: Proxy) -> None:
    """Time-outs fire, ingest goes on by its spool, /readyz fails and /healthz holds; afterwards S = A."""
    house = House(tmp_path, quick_mosquitto, node, proxy)
    with house.running() as ingesting:
        wait_for(house.up, "ingest does not connect")
        with Traffic(quick_mosquitto.port, rate=500) as traffic:
            wait_for(lambda: house.received() > 200, "nothing flows")
            proxy.mood = "hang"
            wait_for(lambda: metric(house.metrics, "ledig_spool_up") == 0, "no time-out fires")
            memory = metric(house.metrics, "process_resident_memory_bytes")
            house.takes(500)
            assert metric(house.metrics, "process_resident_memory_bytes") < memory + 50e6
            url = f"http://127.0.0.1:{house.metrics}"
            assert httpx.get(f"{url}/healthz", timeout=30).status_code == 200
            assert httpx.get(f"{url}/readyz", timeout=30).status_code == 503
            proxy.mood = "well"
            traffic.stop()
            house.until_all_stored(traffic)
        ingesting.interrupt()
        assert ingesting.ended() == 0


def test_f10_connection_reset_after_the_request_went_out(
    tmp_path: Path, quick_mosquitto: Mosquitto, node: Node, proxy: Proxy
) -> None:
    """What the store may have taken is written again, and nothing is doubled."""
    house = House(tmp_path, quick_mosquitto, node, proxy)
    with house.running() as ingesting:
        wait_for(house.up, "ingest does not connect")
        with Traffic(quick_mosquitto.port, rate=500) as traffic:
            wait_for(lambda: house.received() > 200, "nothing flows")
            connections = proxy.connections
            proxy.mood = "cut"
            wait_for(lambda: proxy.connections > connections + 2, "it is not tried again")
            proxy.mood = "well"
            traffic.stop()
            house.until_all_stored(traffic)
        wait_for(house.balances, "the counters do not balance")
        ingesting.interrupt()
        assert ingesting.ended() == 0

"""Drains a full session in a process of its own and says what it took: ours, or paho alone by its fastest loop.

python -m benchmarks.draining {ours|paho-50|paho-1000|paho-5000} PORT PROTOCOL COUNT WINDOW FOLDER STORE

STORE is `embedded`, or a server store as JSON: {"influxdb": {settings}} or {"victoriametrics": {settings}}; a server
store stands behind its spool, as in `ledig ingest`.
"""

import json
import select
import socket
import sys
import time
from pathlib import Path

from benchmarks.brokered import PREFIX, SITE, client_of, session_of
from benchmarks.memory import peak
from ingest.collector import calm_collector
from ingest.settings import IngestSettings, Protocol
from ingest.worker import Worker
from ledig.stores import HOLD
from spaces.reading import Reading
from spaces.site import Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING
from store.embedded.duck import EmbeddedStore
from store.influx.settings import InfluxSettings
from store.influx.store import InfluxStore
from store.live import LiveStates
from store.protocol import Store
from store.spool import Spool, SpooledStore
from store.victoria.settings import VictoriaSettings
from store.victoria.victoria import VictoriaStore

Spent = dict[str, float]
NOW = 1_790_000_000_000
SPOOL = 1024 * 1024 * 1024
"""Bytes."""


def bench_site(sensors: int = 1_000) -> Site:
    """Return a site with so many desks."""
    spaces = tuple(Space(f"s{n}", f"s{n}", "desk", "z", ((BEGINNING, 1),), "flexible") for n in range(sensors))
    return Site(
        SITE,
        "Bench",
        "Europe/Berlin",
        (Floor("f", "f", 0),),
        (Zone("z", "z", "f"),),
        spaces,
        tuple(Sensor(f"d{n}", f"s{n}") for n in range(sensors)),
    )


class Watch:
    """Measures from its making on."""

    def __init__(self) -> None:
        self._memory = peak()
        self._start, self._cpu = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        """Return seconds, CPU seconds, and MiB by which the peak of memory grew."""
        return {
            "seconds": time.perf_counter() - self._start,
            "cpu": time.process_time() - self._cpu,
            "grown_mib": (peak() - self._memory) / 2**20,
        }


def open_named(store: str, folder: Path) -> Store:
    """Open the store that an argument names."""
    if store == "embedded":
        return EmbeddedStore(folder)
    ((kind, values),) = json.loads(store).items()
    spool = Spool(folder / "spool", most_bytes=SPOOL)
    if kind == "influxdb":
        return SpooledStore(InfluxStore(InfluxSettings(**values)), spool, hold=None)
    return SpooledStore(VictoriaStore(VictoriaSettings(**values)), spool, hold=HOLD)


def drain_ours(settings: IngestSettings, count: int, store: Store) -> Spent:
    """Drain by the worker into a store: with the live states noted, as in `ledig serve`, or told, as in `ledig ingest`.

    Timed from connecting to the last commit, and to the server's answer to the last reading where a spool is before
    it; opening and closing the store are not a message's cost.
    """
    store.append([Reading("warm", "up", 0, 0, occupied=True)])
    site = bench_site()
    committed = [] if settings.republish else [LiveStates(store).note]
    worker = Worker(settings, store, lambda: {site.id: site}, lambda: NOW, committed=committed)
    watch = Watch()
    worker.start()
    while (now := worker.ledger.count().readings).stored + now.spooled < count or _is_on_its_way(store):
        time.sleep(0.01)
    spent = watch.spent()
    worker.stop()
    store.close()
    return spent


def _is_on_its_way(store: Store) -> bool:
    """Whether a spool has something that the store behind it has not answered yet."""
    return isinstance(store, SpooledStore) and store.lag() > 0


def drain_paho(port: int, protocol: Protocol, count: int, window: int, reads: int) -> Spent:
    """Drain by paho alone: its external loop, at most so many reads a turn, everything acknowledged and thrown away."""
    client = client_of(f"paho-{reads}", protocol)
    client.on_socket_register_write = lambda *_: None
    taken: list[tuple[int, str, bytes | bytearray]] = []
    client.on_message = lambda _c, _d, message: taken.append((message.mid, message.topic, message.payload))
    watch = Watch()
    client.connect("127.0.0.1", port, **session_of(protocol, window))  # type: ignore[arg-type]  # as paho names them
    done = 0
    line = client.socket()
    assert isinstance(line, socket.socket)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while client.want_write():
        client.loop_write()  # CONNECT: nothing comes before it has gone
    while done < count:
        select.select([line], [], [], 1.0)
        while len(taken) < reads:
            before = len(taken)
            for _turn in range(50):
                client.loop_read()
            if len(taken) < before + 50:
                break  # the socket holds no more for now
        for mid, _topic, _payload in taken:
            client.ack(mid, 1)
        done += len(taken)
        taken.clear()
        while client.want_write():
            client.loop_write()
    spent = watch.spent()
    client.disconnect()
    while client.want_write():
        client.loop_write()
    line.close()
    return spent


def main() -> None:
    """Run one of them and print seconds, CPU seconds and by how much the peak of memory grew."""
    who, port, protocol, count, window, folder, store = sys.argv[1:]
    calm_collector()  # for both: it is of our making, and might be of anybody's
    version: Protocol = "5" if protocol == "5" else "3.1.1"
    if who == "ours":
        settings = IngestSettings(
            port=int(port),
            client_id="ours",
            protocol=version,
            prefix=PREFIX,
            receive_maximum=int(window),
            quarantine=Path(folder) / "quarantine",
            republish=store != "embedded",
        )
        spent = drain_ours(settings, int(count), open_named(store, Path(folder)))
    else:
        spent = drain_paho(int(port), version, int(count), int(window), int(who.partition("-")[2]))
    print(json.dumps(spent))


if __name__ == "__main__":
    main()

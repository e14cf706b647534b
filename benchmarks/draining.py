"""Drains a full session in a process of its own and says what it took: ours, or paho alone by its fastest loop.

python -m benchmarks.draining {ours|paho-50|paho-1000|paho-5000} PORT PROTOCOL COUNT WINDOW FOLDER
"""

import json
import resource
import select
import socket
import sys
import time
from pathlib import Path

from benchmarks.brokered import PREFIX, SITE, client_of, session_of
from ingest.settings import IngestSettings, Protocol
from ingest.worker import Worker
from spaces.reading import Reading
from spaces.site import Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING
from store.embedded.duck import EmbeddedStore
from store.live import LiveStates

Spent = dict[str, float]
NOW = 1_790_000_000_000


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
        self._memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._start, self._cpu = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        """Return seconds, CPU seconds, and MiB by which the peak of memory grew."""
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - self._memory
        return {
            "seconds": time.perf_counter() - self._start,
            "cpu": time.process_time() - self._cpu,
            "grown_mib": memory / 1024,
        }


def drain_ours(port: int, protocol: Protocol, count: int, window: int, folder: Path) -> Spent:
    """Drain by the worker, into the embedded store, with the live states noted as in `ledig serve`.

    Timed from connecting to the last commit; opening and closing the file are not a message's cost.
    """
    store = EmbeddedStore(folder)
    store.append([Reading("warm", "up", 0, 0, occupied=True)])
    site = bench_site()
    settings = IngestSettings(
        port=port,
        client_id="ours",
        protocol=protocol,
        prefix=PREFIX,
        receive_maximum=window,
        quarantine=folder / "quarantine",
    )
    live = LiveStates(store)
    worker = Worker(settings, store, lambda: {site.id: site}, lambda: NOW, committed=[live.note])
    watch = Watch()
    worker.start()
    while worker.ledger.count().stored < count:
        time.sleep(0.01)
    spent = watch.spent()
    worker.stop()
    store.close()
    return spent


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
    who, port, protocol, count, window, folder = sys.argv[1:]
    version: Protocol = "5" if protocol == "5" else "3.1.1"
    if who == "ours":
        spent = drain_ours(int(port), version, int(count), int(window), Path(folder))
    else:
        spent = drain_paho(int(port), version, int(count), int(window), int(who.partition("-")[2]))
    print(json.dumps(spent))


if __name__ == "__main__":
    main()

"""What fault tests share: traffic whose confirmations are on record, houses under it, and what must be true after.

The oracle is the traffic's own list of confirmed ids against the ids in the store: none is missing, none is
there twice, none was invented. A message's id is its `seq`, and its time is `BASE` later by as many ms.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from ingest.link import BrokerLink
from ingest.settings import IngestSettings
from spaces.times import FOREVER, Millis
from store.embedded.duck import EmbeddedStore
from store.opening import open_store
from store.protocol import StoreError
from tests.brokers import Mosquitto, free_port, listens
from tests.ledig.running import WAIT, Running, metric, wait_for
from tests.otherbrokers import Broker

LONG = os.environ.get("LEDIG_LONG") == "1"
SHORT = 300
"""Seconds after which any test is taken to hang (pyproject.toml)."""
SENSORS = 20
LATENESS: Millis = 3_600_000
"""Traffic speaks of an hour ago, so that its times, 1 ms apart, never run ahead of the clock."""
_Value = TypeVar("_Value")


def either(short: _Value, long: _Value) -> _Value:
    """Return what is for `make test`, or what is for `make soak`."""
    return long if LONG else short


def long_timeout(seconds: int) -> pytest.MarkDecorator:
    """Give a test so long where it runs its long form."""
    return pytest.mark.timeout(seconds if LONG else SHORT)


def report(text: str) -> None:
    """Say what was measured; `make soak` shows it at the end."""
    sys.stdout.write(f"{text}\n")


def base_of_now() -> Millis:
    """Return the time of the message with id 0 in traffic that begins now."""
    return int(time.time() * 1_000) - LATENESS


class Traffic:
    """A thread that publishes at QoS 1 at a bounded rate, and goes on when the broker comes back."""

    def __init__(self, port: int, *, rate: int, most: int = 1_000_000, prefix: str = "ledig/v1/house") -> None:
        self.base = base_of_now()
        self._rate, self._most, self._prefix = rate, most, prefix
        self._sent: list[mqtt.MQTTMessageInfo] = []
        self._elsewhere: set[int] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._publish, name="traffic")
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"traffic-{port}", clean_session=False)
        self._client.max_queued_messages_set(0)
        self._client.max_inflight_messages_set(2_000)
        self._client.reconnect_delay_set(1, 1)
        make_session(port)
        self._client.connect("127.0.0.1", port)

    @property
    def published(self) -> int:
        """How many messages were handed to the client: their ids are below it."""
        return len(self._sent)

    @property
    def confirmed(self) -> set[int]:
        """The ids that the broker has confirmed: A."""
        found = {number for number, info in enumerate(list(self._sent)) if info._published}
        return found - self._elsewhere

    def forgive(self, ids: set[int]) -> None:
        """Take ids out of the record: they are safe in another store."""
        self._elsewhere |= ids

    def stop(self) -> None:
        """End publishing, and wait until the broker has confirmed everything."""
        self._stopping.set()
        self._thread.join()
        wait_for(lambda: all(info._published for info in self._sent), "the broker does not confirm everything")

    def _publish(self) -> None:
        began = time.monotonic()
        while not self._stopping.wait(0.01) and self.published < self._most:
            due = min(int((time.monotonic() - began) * self._rate), self._most)
            for number in range(self.published, due):
                topic = f"{self._prefix}/s{number % SENSORS}/state"
                self._sent.append(self._client.publish(topic, payload(number, self.base), qos=1))

    def __enter__(self) -> Self:
        self._client.loop_start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()


def make_session(port: int) -> None:
    """Subscribe as ingest does, so that the broker keeps for it what comes before its first start."""
    link = BrokerLink(IngestSettings(port=port))
    link.connect()
    link.close()


def payload(number: int, base: Millis) -> str:
    """Return the state with an id."""
    return f'{{"time":{base + number},"occupied":{"true" if number // SENSORS % 2 else "false"},"seq":{number}}}'


def site_file(folder: Path) -> Path:
    """Write a site of desks with the sensors s0 and on, and one whose word holds a minute; return its file."""
    lines = ['[site]\nid = "house"\nname = "House"\ntimezone = "Europe/Berlin"\n']
    lines.append('[[floor]]\nid = "f"\n[[zone]]\nid = "z"\nfloor = "f"\n')
    for name, more in [*((f"s{number}", "") for number in range(SENSORS)), ("quiet", 'silence = "1m"\n')]:
        lines.append(f'[[space]]\nid = "{name}"\nkind = "desk"\nzone = "z"\nassignment = "flexible"\n')
        lines.append(f'[[sensor]]\nid = "{name}"\nspace = "{name}"\n{more}')
    file = folder / "site.toml"
    file.write_text("".join(lines))
    return file


class Serving(Running):
    """A running `ledig serve` over a data folder, fed by a broker."""

    def __init__(
        self,
        folder: Path,
        broker: Mosquitto | Broker,
        *,
        data: Path | None = None,
        launcher: Sequence[str] = (),
        **settings: object,
    ) -> None:
        self.port = free_port()
        self.data = data or folder / "data"
        file = folder / f"ledig-{self.port}.toml"
        file.write_text("".join(f"{name} = {_spelt(value)}\n" for name, value in settings.items()))
        super().__init__(
            "serve", "--data", self.data, "--sites", site_file(folder), "--port", self.port,
            "--broker", f"mqtt://127.0.0.1:{broker.port}", "--settings", file,
            launcher=launcher,
        )  # fmt: skip

    def ready(self) -> Self:
        """Wait until it ingests, and return it: it is our own child that listens."""
        self.until("page ")
        assert listens(self.process.pid, self.port), "somebody else listens on the port"
        wait_for(self.is_up, "ingest does not connect")
        return self

    def is_up(self) -> bool:
        """Whether messages are being stored."""
        return metric(self.port, "ledig_ingest_up") == 1

    def kill(self) -> None:
        """End it without warning."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """Ask it to end, and return its exit status."""
        self.process.terminate()
        return self.ended()

    def assert_balanced(self) -> None:
        """The counters of one scrape must balance."""
        text = httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=30).text
        assert balances(text), [line for line in text.splitlines() if line.startswith("ledig_ingest_")]


def balances(metrics: str) -> bool:
    """Whether the counts of messages balance, and those of readings, and none is negative."""
    return all(
        _balances(metrics, f"ledig_ingest_{what}_", whole)
        for what, whole in (("messages", "received_total"), ("readings", "read_total"))
    )


def _balances(metrics: str, name: str, whole: str) -> bool:
    rows = [line.rsplit(" ", 1) for line in metrics.splitlines() if line.startswith(name) and "_created" not in line]
    counts = {key.removeprefix(name): float(value) for key, value in rows}
    return min(counts.values()) >= 0 and counts.pop(whole) == sum(counts.values())


def _spelt(value: object) -> str:
    return f'"{value}"' if isinstance(value, str | Path) else str(value).lower()


def ids_through(data: Path, base: Millis) -> set[int]:
    """Return the ids in a store that a running process may hold."""
    with closing(open_store(data)) as store:
        found = store.read("house", base, FOREVER)
    names = found.sensors
    return {
        time - base
        for sensor, time in zip(found.sensor.tolist(), found.time.tolist(), strict=True)
        if names[sensor] != "quiet"
    }


def wait_until_stored(data: Path, traffic: Traffic) -> None:
    """Wait until everything confirmed is in a store, or the time is up: then the caller's oracle says what is not."""
    confirmed, until = traffic.confirmed, time.monotonic() + WAIT
    while time.monotonic() < until:
        with suppress(StoreError):
            if confirmed <= ids_through(data, traffic.base):
                return
        time.sleep(0.1)


def rows_of(data: Path) -> list[int]:
    """Return the `seq` of every row of a store that nobody holds, repeats and all."""
    store = EmbeddedStore(data)
    try:
        with store.cursor() as cursor:
            return [seq for (seq,) in cursor.execute("SELECT seq FROM readings WHERE seq IS NOT NULL").fetchall()]
    finally:
        store.close()


def assert_whole(data: Path, traffic: Traffic) -> int:
    """The oracle: A is in S, no id twice, none invented. Return how many were checked."""
    rows, confirmed = rows_of(data), traffic.confirmed
    stored = set(rows)
    missing = sorted(confirmed - stored)
    assert not missing, f"{len(missing)} of {len(confirmed)} confirmed messages are lost, such as {missing[:5]}"
    assert len(rows) == len(stored), f"{len(rows) - len(stored)} messages are stored twice"
    assert stored <= set(range(traffic.published)), "a reading was invented"
    assert confirmed, "nothing was confirmed: nothing was tried"
    report(f"{len(confirmed):,} confirmed messages, each stored once")
    return len(confirmed)


class Usage:
    """What a process uses, by the kernel's own books."""

    def __init__(self, pid: int) -> None:
        self._process = Path(f"/proc/{pid}")

    def memory(self) -> float:
        """Resident memory in MB."""
        return self._number("VmRSS") / 1_024

    def threads(self) -> int:
        """Threads."""
        return self._number("Threads")

    def descriptors(self) -> int:
        """Open descriptors."""
        return len(list((self._process / "fd").iterdir()))

    def _number(self, name: str) -> int:
        lines = (self._process / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@contextmanager
def every(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    """Do something again and again beside the block; what it raises is raised at the end."""
    ended = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        while not ended.wait(seconds):
            try:
                do()
            except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
                failed.append(error)
                return

    thread = threading.Thread(target=run, name="beside")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if failed:
        raise failed[0]

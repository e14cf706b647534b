"""Brokers other than Mosquitto: whatever was published at QoS 1 reaches the store, whatever happens to the broker.

They take minutes: run where `LEDIG_REQUIRE=rabbitmq,mochi,aedes` asks for them, and by `make soak` where their programs
are installed.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from ingest.link import BrokerLink, LinkError
from ingest.settings import IngestSettings, Protocol
from store.embedded.duck import EmbeddedStore
from tests.ingest.houses import NOW, topic
from tests.ingest.publishing import Sender
from tests.ingest.test_delivery import state, until
from tests.ingest.test_sharing import worker_of, working
from tests.otherbrokers import Broker, RabbitMq, aedes, mochi
from tests.programs import asked_for, miss, path_of

pytestmark = pytest.mark.timeout(600)
_RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"


def _go() -> str:
    asked_for("mochi")
    go = path_of("go")
    if go is None:
        miss("mochi", "go is not installed, which builds mochi-mqtt")
    return go


def _start_mochi(folder: Path) -> Broker:
    return mochi(_go(), folder)


def _start_rabbitmq(folder: Path) -> Broker:
    asked_for("rabbitmq")
    epmd = path_of("epmd")
    if epmd is None or not Path(_RABBITMQ).exists():
        miss("rabbitmq", "RabbitMQ is not installed (Debian: apt-get install rabbitmq-server)")
    return RabbitMq(_RABBITMQ, epmd, folder)


def _start_aedes(folder: Path) -> Broker:
    asked_for("aedes")
    npm, node = path_of("npm"), path_of("node")
    if npm is None or node is None:
        miss("aedes", "node and npm are not installed, which aedes comes from")
    return aedes(npm, node, folder)


class Rig(NamedTuple):
    """A broker, what to connect to it with, and a store."""

    broker: Broker
    settings: IngestSettings
    store: EmbeddedStore

    def send(self, first: int, end: int) -> None:
        """Publish states with these numbers, and return when the broker has confirmed all of them."""
        with Sender(self.broker.port, version=5 if self.settings.protocol == "5" else 4) as sender:
            sender.send_all((topic(), state(number)) for number in range(first, end))

    def work(self, settings: IngestSettings | None = None, *, expecting: int) -> None:
        """Ingest until so many readings are stored."""
        with working([worker_of(settings or self.settings, self.store)]):
            until(lambda: self.stored() == expecting, f"not every reading is stored of {expecting}")

    def stored(self) -> int:
        """How many readings the store has."""
        return len(self.store.read("house", 0, NOW))


KINDS: list[tuple[Callable[[Path], Broker], Protocol]] = [
    (_start_mochi, "5"),
    (_start_mochi, "3.1.1"),
    (_start_rabbitmq, "3.1.1"),
    (_start_aedes, "3.1.1"),
]
NAMES = ["mochi-5", "mochi-3.1.1", "rabbitmq-3.1.1", "aedes-3.1.1"]
keeping = pytest.mark.parametrize("rig", KINDS[2:], indirect=True, ids=NAMES[2:])
"""Runs a test with brokers that keep what waits in a session over their own end, and speak MQTT 3.1.1 alone."""


@pytest.fixture(params=KINDS, ids=NAMES)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    make, protocol = request.param
    yield from _rig(make(tmp_path), protocol, tmp_path)


def _rig(broker: Broker, protocol: Protocol, tmp_path: Path) -> Iterator[Rig]:
    try:
        broker.start()
        store = EmbeddedStore(tmp_path / "store")
        settings = IngestSettings(port=broker.port, protocol=protocol, quarantine=tmp_path / "quarantine")
        yield Rig(broker, settings, store)
        store.close()
    finally:
        broker.clean_up()


def test_8_000_of_8_000_are_stored_with_300_and_3_000_waiting(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.work(expecting=0)
    with caplog.at_level(logging.WARNING, "ingest"):
        rig.send(0, 300)
        rig.work(expecting=300)
        rig.send(300, 3_300)
        rig.work(replace(rig.settings, most_in_batch=500), expecting=3_300)
        with working([worker_of(rig.settings, rig.store)]):
            rig.send(3_300, 8_000)
        rig.work(expecting=8_000)  # aedes sends some of a burst when we connect again, and not before
    assert not caplog.records


def test_a_stop_and_a_kill_with_nothing_waiting_lose_nothing(rig: Rig) -> None:
    for number, end in enumerate((rig.broker.stop, rig.broker.kill)):
        rig.work(expecting=100 * number)
        end()
        rig.broker.start()
        with working([worker_of(rig.settings, rig.store)]):
            rig.send(100 * number, 100 * number + 100)
            until(lambda: rig.stored() == 100 * (number + 1), "what comes after goes nowhere")  # noqa: B023


@keeping
def test_8_000_of_8_000_are_stored_across_a_stop_a_kill_and_3_000_waiting(rig: Rig) -> None:
    rig.work(expecting=0)
    rig.send(0, 3_000)
    rig.broker.stop()
    rig.broker.start()
    rig.work(expecting=3_000)
    rig.send(3_000, 6_000)
    rig.broker.kill()
    rig.broker.start()
    rig.work(expecting=6_000)
    with working([worker_of(rig.settings, rig.store)]):
        rig.send(6_000, 7_000)
        rig.broker.kill()
        rig.broker.start()
        rig.send(7_000, 8_000)
        until(lambda: rig.stored() == 8_000, "not every reading is stored of 8,000")


@keeping
def test_who_speaks_mqtt_5_to_a_broker_of_3_1_1_is_told_what_helps(rig: Rig) -> None:
    link = BrokerLink(replace(rig.settings, protocol="5"))
    try:
        with pytest.raises(LinkError, match=r'set mqtt_protocol to "3\.1\.1"'):
            link.connect()
    finally:
        link.close()


def test_a_subscription_that_was_changed_is_made_with_messages_waiting(rig: Rig) -> None:
    rig.work(replace(rig.settings, prefix="other/v1"), expecting=0)
    with Sender(rig.broker.port, version=5 if rig.settings.protocol == "5" else 4) as sender:
        sender.send_all(("other/v1/house/d1/state", state(number)) for number in range(300))
    with working([worker_of(rig.settings, rig.store)]):
        until(lambda: _subscribed(rig), "the changed subscription is not made")


def _subscribed(rig: Rig) -> bool:
    """Whether what is published now comes."""
    rig.send(0, 10)
    return rig.stored() == 10


def test_a_larger_receive_maximum_than_the_brokers_loses_nothing(rig: Rig) -> None:
    """Each has a bound of its own on what is in flight, from 16 to 65,535; ours is the largest there is."""
    wide = replace(rig.settings, receive_maximum=65_535, most_in_batch=20_000)
    rig.work(wide, expecting=0)
    rig.send(0, 5_000)
    rig.work(wide, expecting=5_000)


def test_a_session_that_ends_at_once_leaves_nothing_and_the_next_begins_well(rig: Rig) -> None:
    """Where a broker keeps no sessions, or shorter ones than were asked for, what is published meanwhile is lost."""
    short = replace(rig.settings, session_expiry=0)
    rig.work(short, expecting=0)
    rig.send(0, 50)
    with working([worker_of(short, rig.store)]):
        rig.send(50, 100)
        until(lambda: rig.stored() == 50, "what was published while nobody was there came, or what came after did not")


@pytest.fixture
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Start mochi-mqtt with options that a test names."""
    go = _go()
    yield from _rig(mochi(go, tmp_path, *request.param), "5", tmp_path)


@pytest.mark.parametrize("started", [[]], indirect=True, ids=["mochi-5"])
def test_workers_share_what_comes(started: Rig) -> None:
    shared = [replace(started.settings, client_id=f"ledig-{number}", share="ledig") for number in (1, 2)]
    with working([worker_of(one, started.store) for one in shared]):
        started.send(0, 200)
        until(lambda: started.stored() == 200, "what is shared does not come whole")


@pytest.mark.parametrize("started", [["-expiry=60"]], indirect=True, ids=["mochi-5"])
def test_a_session_that_is_kept_shorter_than_was_asked_for_is_told_of_once(
    started: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "ingest"):
        for _ in range(2):
            started.work(expecting=0)
    told = [record.getMessage() for record in caplog.records]
    assert [one for one in told if "keeps our session for 60 s, and not for 604800 s" in one] == told[:1] * 2


@pytest.mark.parametrize("started", [["-inflight=16"]], indirect=True, ids=["mochi-5"])
def test_a_broker_with_sixteen_in_flight_loses_nothing(started: Rig) -> None:
    started.work(expecting=0)
    started.send(0, 2_000)
    started.work(replace(started.settings, receive_maximum=65_535), expecting=2_000)

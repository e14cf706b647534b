"""Brokers other than Mosquitto: whatever was published at QoS 1 reaches the store, whatever happens to the broker.

They take minutes: run where `LEDIG_REQUIRE=rabbitmq,mochi` asks for them, and by `make soak` where their programs are
installed.
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
from tests.otherbrokers import Broker, RabbitMq, mochi
from tests.programs import asked_for, miss, path_of

pytestmark = pytest.mark.timeout(600)
_RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"


def _start_mochi(folder: Path) -> Broker:
    asked_for("mochi")
    go = path_of("go")
    if go is None:
        miss("mochi", "go is not installed, which builds mochi-mqtt")
    return mochi(go, folder)


def _start_rabbitmq(folder: Path) -> Broker:
    asked_for("rabbitmq")
    epmd = path_of("epmd")
    if epmd is None or not Path(_RABBITMQ).exists():
        miss("rabbitmq", "RabbitMQ is not installed (Debian: apt-get install rabbitmq-server)")
    return RabbitMq(_RABBITMQ, epmd, folder)


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
]


@pytest.fixture(params=KINDS, ids=["mochi-5", "mochi-3.1.1", "rabbitmq-3.1.1"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    make, protocol = request.param
    broker = make(tmp_path)
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
            until(lambda: rig.stored() == 8_000, "not every reading is stored of 8,000")
    assert not caplog.records


def test_a_stop_and_a_kill_with_nothing_waiting_lose_nothing(rig: Rig) -> None:
    for number, end in enumerate((rig.broker.stop, rig.broker.kill)):
        rig.work(expecting=100 * number)
        end()
        rig.broker.start()
        with working([worker_of(rig.settings, rig.store)]):
            rig.send(100 * number, 100 * number + 100)
            until(lambda: rig.stored() == 100 * (number + 1), "what comes after goes nowhere")  # noqa: B023


@pytest.mark.parametrize("rig", KINDS[2:], indirect=True, ids=["rabbitmq-3.1.1"])
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


@pytest.mark.parametrize("rig", KINDS[2:], indirect=True, ids=["rabbitmq-3.1.1"])
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

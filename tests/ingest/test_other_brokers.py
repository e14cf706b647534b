"""Brokers other than Mosquitto: whatever was published at QoS 1 reaches the store, whatever happens to the broker.

Each is started once: where `LEDIG_REQUIRE=rabbitmq,mochi,aedes` asks for them, and by `make soak`, which sends
thousands of messages where otherwise some hundreds must do.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from ingest.link import BrokerLink, LinkError
from ingest.listening import LiveListener
from ingest.settings import IngestSettings, Protocol
from store.embedded.duck import EmbeddedStore
from tests.ingest.houses import NOW
from tests.ingest.publishing import Sender
from tests.ingest.test_delivery import state, until
from tests.ingest.test_sharing import worker_of, working
from tests.otherbrokers import Broker, make_aedes, make_mochi, make_rabbitmq

pytestmark = pytest.mark.timeout(600)
LONG = os.environ.get("LEDIG_LONG") == "1"
FEW, WAITING, ALL = 300, 3_000 if LONG else 600, 8_000 if LONG else 1_000
MAKERS: dict[str, Callable[[Path], Broker]] = {"mochi": make_mochi, "rabbitmq": make_rabbitmq, "aedes": make_aedes}
KINDS: list[tuple[str, Protocol]] = [("mochi", "5"), ("mochi", "3.1.1"), ("rabbitmq", "3.1.1"), ("aedes", "3.1.1")]
NAMES = [f"{name}-{protocol}" for name, protocol in KINDS]
keeping = pytest.mark.parametrize("rig", KINDS[2:], indirect=True, ids=NAMES[2:])
"""Runs a test with brokers that keep what waits in a session over their own end, and speak MQTT 3.1.1 alone."""
forgetting = pytest.mark.parametrize("rig", KINDS[:2], indirect=True, ids=NAMES[:2])
_numbers = count()


class Rig(NamedTuple):
    """A broker, what to connect to it with, and a store."""

    broker: Broker
    settings: IngestSettings
    store: EmbeddedStore

    def send(self, first: int, end: int, prefix: str = "") -> None:
        """Publish states with these numbers, and return when the broker has confirmed all of them."""
        topic = f"{prefix or self.settings.prefix}/house/d1/state"
        with Sender(self.broker.port, version=5 if self.settings.protocol == "5" else 4) as sender:
            sender.send_all((topic, state(number)) for number in range(first, end))

    def settle(self) -> None:
        """Leave it time to save: aedes confirms before it has stored, and what was acknowledged is saved later too."""
        time.sleep(1.0)

    def work(self, settings: IngestSettings | None = None, *, expecting: int) -> None:
        """Ingest until so many readings are stored."""
        with working([worker_of(settings or self.settings, self.store)]):
            until(lambda: self.stored() == expecting, f"not every reading is stored of {expecting}")

    def stored(self) -> int:
        """How many readings the store has."""
        return len(self.store.read("house", 0, NOW))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Broker]]:
    """Return what gives a broker that runs, by its name: started once, and again where a test left it ended."""
    made: dict[str, Broker] = {}

    def give(name: str) -> Broker:
        if name not in made:
            made[name] = MAKERS[name](tmp_path_factory.mktemp(name))
        if not made[name].runs:
            made[name].start()
        return made[name]

    yield give
    for broker in made.values():
        broker.clean_up()


@pytest.fixture(params=KINDS, ids=NAMES)
def rig(request: pytest.FixtureRequest, running: Callable[[str], Broker], tmp_path: Path) -> Iterator[Rig]:
    """Have topics and a session of the test's own at one of the brokers."""
    name, protocol = request.param
    broker = running(name)
    own = f"test{next(_numbers)}"
    settings = IngestSettings(
        port=broker.port, protocol=protocol, client_id=own, prefix=f"{own}/v1", quarantine=tmp_path / "quarantine"
    )
    store = EmbeddedStore(tmp_path / "store")
    yield Rig(broker, settings, store)
    store.close()


def test_all_is_stored_with_messages_waiting_and_without(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.work(expecting=0)
    with caplog.at_level(logging.WARNING, "ingest"):
        rig.send(0, FEW)
        rig.work(expecting=FEW)
        rig.send(FEW, WAITING)
        rig.work(replace(rig.settings, most_in_batch=100), expecting=WAITING)
        with working([worker_of(rig.settings, rig.store)]):
            rig.send(WAITING, ALL)
        rig.work(expecting=ALL)  # aedes sends some of a burst when we connect again, and not before
    assert not caplog.records


@forgetting
def test_a_stop_and_a_kill_with_nothing_waiting_lose_nothing(rig: Rig) -> None:
    for number, end in enumerate((rig.broker.stop, rig.broker.kill)):
        rig.work(expecting=100 * number)
        rig.settle()
        end()
        rig.broker.start()
        with working([worker_of(rig.settings, rig.store)]):
            rig.send(100 * number, 100 * number + 100)
            until(lambda: rig.stored() == 100 * (number + 1), "what comes after goes nowhere")  # noqa: B023


@keeping
def test_all_is_stored_across_a_stop_a_kill_and_messages_waiting(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.work(expecting=0)
    rig.send(0, FEW)
    rig.broker.stop()
    rig.broker.start()
    rig.work(expecting=FEW)
    rig.send(FEW, WAITING)
    rig.settle()
    rig.broker.kill()
    rig.broker.start()
    rig.work(expecting=WAITING)
    with working([worker_of(rig.settings, rig.store)]):
        rig.send(WAITING, ALL - 100)
        rig.settle()
        rig.broker.kill()
        rig.broker.start()
        rig.send(ALL - 100, ALL)
        until(lambda: rig.stored() == ALL, "not every reading is stored")
    assert "no longer has the session" not in caplog.text


@keeping
def test_who_speaks_mqtt_5_to_a_broker_of_3_1_1_is_told_what_helps(rig: Rig) -> None:
    link = BrokerLink(replace(rig.settings, protocol="5"))
    try:
        with pytest.raises(LinkError, match=r'set mqtt_protocol to "3\.1\.1"'):
            link.connect()
    finally:
        link.close()
    listener = LiveListener(replace(rig.settings, protocol="5"), lambda _: None)
    listener.start()
    try:
        until(lambda: 'set mqtt_protocol to "3.1.1"' in (listener.trouble() or ""), "the API is not told")
    finally:
        listener.stop()


def test_a_subscription_that_was_changed_is_made_with_messages_waiting(rig: Rig) -> None:
    other = f"other/{rig.settings.prefix}"
    rig.work(replace(rig.settings, prefix=other), expecting=0)
    rig.send(0, FEW, prefix=other)
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
    rig.send(0, WAITING)
    rig.work(wide, expecting=WAITING)


def test_a_session_that_ends_at_once_leaves_nothing_and_the_next_begins_well(rig: Rig) -> None:
    """Where a broker keeps no sessions, or shorter ones than were asked for, what is published meanwhile is lost."""
    short = replace(rig.settings, session_expiry=0)
    rig.work(short, expecting=0)
    rig.send(0, 50)
    with working([worker_of(short, rig.store)]):
        rig.send(50, 100)
        until(lambda: rig.stored() == 50, "what was published while nobody was there came, or what came after did not")

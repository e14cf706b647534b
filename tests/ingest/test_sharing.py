"""Several workers share a subscription, tell others what they commit, and retire without a loss."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from ingest.listening import LiveListener
from ingest.settings import IngestSettings
from ingest.worker import Worker
from ledig.sessions import Sessions, empty
from spaces.live import live_topic
from spaces.reading import Reading
from store.embedded.duck import EmbeddedStore
from store.live import LiveStates
from tests.brokers import Mosquitto
from tests.ingest.houses import NOW, PREFIX, house, topic
from tests.ingest.publishing import Sender
from tests.ingest.test_delivery import state, until


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "store")
    yield opened
    opened.close()


def members(broker: Mosquitto, folder: Path, count: int) -> list[IngestSettings]:
    base = IngestSettings(port=broker.port, quarantine=folder / "quarantine", share="team", republish=True)
    return [replace(base, client_id=f"worker-{number}") for number in range(count)]


def worker_of(settings: IngestSettings, store: EmbeddedStore) -> Worker:
    site = house()
    return Worker(settings, store, lambda: {site.id: site}, lambda: NOW)


@contextmanager
def working(workers: Sequence[Worker], *, ready: bool = True) -> Iterator[None]:
    for worker in workers:
        worker.start()
    try:
        if ready:
            until(lambda: all(worker.trouble() is None for worker in workers), "the workers do not connect")
        yield
    finally:
        for worker in workers:
            worker.stop()


def received(workers: Sequence[Worker]) -> list[int]:
    return [worker.ledger.count().messages.received for worker in workers]


def test_each_message_goes_to_one_worker_and_both_have_their_part(
    store: EmbeddedStore, quick_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    workers = [worker_of(settings, store) for settings in members(quick_mosquitto, tmp_path, 2)]
    with working(workers), Sender(quick_mosquitto.port) as sender:
        sender.send_all((topic(), state(number)) for number in range(1_000))
        until(lambda: sum(received(workers)) == 1_000, "not every message comes")
        until(lambda: len(store.read("house", 0, NOW)) == 1_000, "not every reading is stored")
    assert min(received(workers)) > 100
    assert all(worker.ledger.count().balances for worker in workers)
    assert sum(worker.ledger.count().readings.stored for worker in workers) == 1_000


def test_what_a_worker_leaves_behind_waits_for_it_and_goes_to_the_others_when_it_retires(
    store: EmbeddedStore, quick_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    settings = members(quick_mosquitto, tmp_path, 2)
    sessions = Sessions(tmp_path / "data")
    sessions.remember(settings)
    with working([worker_of(one, store) for one in settings]):
        pass
    with Sender(quick_mosquitto.port) as sender:
        sender.send_all((topic(), state(number)) for number in range(400))
    alone = [replace(settings[0], share=None)]
    left = sessions.left_behind(alone)
    assert [(one.client_id, one.share, one.retire) for one in left] == [
        ("worker-0", "team", True),
        ("worker-1", "team", True),
    ]
    for gone in left:
        assert empty(worker_of(gone, store), Event())
        sessions.forget(gone)
    sessions.remember(alone)
    assert sessions.left_behind(alone) == []
    assert len(store.read("house", 0, NOW)) == 400
    with working([worker_of(alone[0], store)]), Sender(quick_mosquitto.port) as sender:
        sender.send_all((topic(), state(number)) for number in range(400, 500))
        until(lambda: len(store.read("house", 0, NOW)) == 500, "what comes after goes nowhere")


def test_what_one_process_commits_another_one_hears(
    store: EmbeddedStore, quick_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    settings = replace(members(quick_mosquitto, tmp_path, 1)[0], share=None)
    live = LiveStates(store)
    listener = LiveListener(replace(settings, client_id="api"), live.note)
    listener.start()
    worker = worker_of(settings, store)
    try:
        until(lambda: listener.trouble() is None, "the listener does not connect")
        with working([worker]), Sender(quick_mosquitto.port) as sender:
            sender.send((topic(), state(0)), (topic("r1"), f'{{"time":{NOW},"people":3}}'), (topic(), "{"))
            until(lambda: len(live.in_force("house", NOW)) == 2, "it does not hear")
            sender.send((live_topic(PREFIX, "house"), "nonsense"))
            until(lambda: listener.refused == 1, "nonsense is not refused")
            until(lambda: sum(worker.ledger.count().refused.values()) == 2, "what is no state is not refused")
    finally:
        listener.stop()
    found = live.in_force("house", NOW)
    assert found["r1"] == Reading("house", "r1", NOW, NOW, occupied=True, people=3)
    assert live.generation("house", NOW // 86_400_000) > 0
    assert worker.ledger.count().refused == {"malformed": 1, "topic": 1}, "what workers say to others is no sensor's"


def test_a_listener_connects_when_the_broker_comes_back(
    store: EmbeddedStore, quick_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    settings = replace(members(quick_mosquitto, tmp_path, 1)[0], client_id="api")
    quick_mosquitto.stop()
    listener = LiveListener(settings, LiveStates(store).note)
    listener.start()
    assert listener.trouble() is not None
    quick_mosquitto.start()
    until(lambda: listener.trouble() is None, "it does not connect")
    quick_mosquitto.kill()
    until(lambda: listener.trouble() is not None, "the trouble is not told")
    quick_mosquitto.start()
    until(lambda: listener.trouble() is None, "it does not connect again")
    listener.stop()

"""The demo's broker: iotcore's where there is one, else an installed Mosquitto, else a clear answer."""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.settings import IngestSettings
from ingest.worker import Worker
from ledig.broker import Broker, IotcoreBroker, MosquittoBroker, start_broker
from ledig.problem import CommandError
from store.embedded.duck import EmbeddedStore
from tests.brokers import free_port
from tests.ingest.houses import NOW, house, topic
from tests.ingest.publishing import Sender
from tests.ledig.running import listens, wait_for
from tests.programs import required


@pytest.fixture
def without_iotcore(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine for which iotcore has no wheel."""
    whole = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "iotcore" else whole(name))


def iotcore(port: int, folder: Path) -> Broker:
    broker = start_broker(port, folder)
    assert isinstance(broker, IotcoreBroker)
    return broker


def mosquitto(port: int, folder: Path) -> Broker:
    required("mosquitto")
    broker = start_broker(port, folder)
    assert isinstance(broker, MosquittoBroker)
    return broker


def carries_a_message(start: Callable[[int, Path], Broker], folder: Path) -> None:
    port = free_port()
    broker = start(port, folder)
    store = EmbeddedStore(folder / "store")
    site = house()
    settings = IngestSettings(port=port, protocol="3.1.1", quarantine=folder / "quarantine")
    worker = Worker(settings, store, lambda: {site.id: site}, lambda: NOW)
    worker.start()
    try:
        wait_for(lambda: worker.trouble() is None, "the worker does not connect")
        with Sender(port, version=4) as sender:
            sender.send((topic(), '{"occupied": true}'))
        wait_for(lambda: worker.ledger.count().readings.stored == 1, "the message does not come")
    finally:
        worker.stop()
        store.close()
        broker.stop()
        broker.stop()
    assert not listens(port)


def test_the_embedded_broker_carries_messages_and_leaves_nothing(tmp_path: Path) -> None:
    if importlib.util.find_spec("iotcore") is None:
        pytest.skip("iotcore has no wheel for this machine")
    carries_a_message(iotcore, tmp_path)


@pytest.mark.usefixtures("without_iotcore")
def test_where_it_has_no_wheel_an_installed_mosquitto_does(tmp_path: Path) -> None:
    carries_a_message(mosquitto, tmp_path)


@pytest.mark.usefixtures("without_iotcore")
def test_where_there_is_neither_the_answer_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(CommandError, match="install mosquitto"):
        start_broker(free_port(), tmp_path)


def test_a_port_that_somebody_took_meanwhile_is_a_clear_error(tmp_path: Path) -> None:
    port = free_port()
    first = start_broker(port, tmp_path)
    try:
        with pytest.raises(CommandError, match="does not start"):
            start_broker(port, tmp_path)
    finally:
        first.stop()

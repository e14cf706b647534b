"""What a broker does not do for us, shown by a real mochi-mqtt with options: it is told, once, and the rest goes on."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Self

import pytest

from ingest.listening import LiveListener
from ingest.settings import PROTOCOLS, IngestSettings, Protocol
from ledig.sessions import empty
from store.embedded.duck import EmbeddedStore
from tests.ingest.houses import NOW, topic
from tests.ingest.publishing import Sender
from tests.ingest.test_delivery import state, until
from tests.ingest.test_sharing import worker_of, working
from tests.otherbrokers import Broker, make_mochi

both = pytest.mark.parametrize("protocol", PROTOCOLS)
REFUSED = {"5": "Not authorized", "3.1.1": "Unspecified error"}


class Poor:
    """A mochi-mqtt with options, and a store."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.refuses = folder / "refuses"
        self.broker: Broker = make_mochi(folder, f"-refuses={self.refuses}", *options)
        self.store = EmbeddedStore(folder / "store")
        self.settings = IngestSettings(port=self.broker.port, quarantine=folder / "quarantine")

    def __enter__(self) -> Self:
        self.broker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.broker.clean_up()
        self.store.close()

    def send(self, first: int, end: int) -> None:
        with Sender(self.broker.port) as sender:
            sender.send_all((topic(), state(number)) for number in range(first, end))

    def stores(self, number: int) -> None:
        until(lambda: len(self.store.read("house", 0, NOW)) == number, f"{number} readings are not stored")


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Collect what an operator is told of trouble."""
    texts: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(record.getMessage())

    collector, root = Collector(logging.WARNING), logging.getLogger("ingest")
    root.addHandler(collector)
    with caplog.at_level(logging.WARNING, "ingest"):
        yield texts
    root.removeHandler(collector)


@both
def test_a_subscription_refused_for_good_is_told_once_and_made_when_it_is_allowed(
    tmp_path: Path, protocol: Protocol, told: list[str]
) -> None:
    """Also where the session is there by then, made by the very connection over which it was refused."""
    with Poor(tmp_path) as poor:
        poor.refuses.touch()
        worker = worker_of(replace(poor.settings, protocol=protocol), poor.store)
        with working([worker], ready=False):
            why = f"does not let us subscribe to ledig/v1/#: {REFUSED[protocol]}"
            until(lambda: why in (worker.trouble() or ""), "it is not told")
            Event().wait(4.0)
            assert why in (worker.trouble() or ""), "nothing comes, and it is not told any more"
            assert len(told) == 1
            poor.refuses.unlink()
            until(lambda: worker.trouble() is None, "it is not asked again")
            poor.send(0, 10)
            poor.stores(10)


@both
def test_a_refused_subscription_that_the_session_has_stops_nothing(
    tmp_path: Path, protocol: Protocol, told: list[str]
) -> None:
    with Poor(tmp_path) as poor:
        settings = replace(poor.settings, protocol=protocol)
        with working([worker_of(settings, poor.store)]):
            pass
        poor.send(0, 300)
        poor.refuses.touch()
        worker = worker_of(settings, poor.store)
        with working([worker]):
            until(lambda: bool(told), "the refusal is not told")
            poor.send(300, 400)
            last = NOW - 1_000_000 + 300  # of those that waited mochi-mqtt may lose some
            until(lambda: len(poor.store.read("house", last, NOW)) == 100, "what comes after is not stored")
            assert worker.trouble() is None
        (text,) = told
        assert f"refused to subscribe us to ledig/v1/# once more ({REFUSED[protocol]}); its session goes on" in text


@pytest.mark.parametrize(
    ("share", "why"),
    [
        ("denied", "has no shared subscriptions, by which workers divide the messages: run one worker"),
        ("refused", "does not let us subscribe to $share/ledig/ledig/v1/+/+/+: Not authorized"),
    ],
)
def test_without_shared_subscriptions_several_workers_are_told_and_one_works(
    tmp_path: Path, share: str, why: str, told: list[str]
) -> None:
    with Poor(tmp_path, f"-share={share}") as poor:
        shared = replace(poor.settings, client_id="ledig-1", share="ledig")
        worker = worker_of(shared, poor.store)
        with working([worker], ready=False):
            until(lambda: why in (worker.trouble() or ""), "it is not told")
            Event().wait(2.0)
            assert why in (worker.trouble() or "")
        assert len(told) == 1
        assert empty(worker_of(replace(shared, retire=True), poor.store), Event()), "what was shared before is let go"
        with working([worker_of(poor.settings, poor.store)]):
            poor.send(0, 10)
            poor.stores(10)


def test_workers_share_what_comes(tmp_path: Path) -> None:
    with Poor(tmp_path) as poor:
        shared = [replace(poor.settings, client_id=f"ledig-{number}", share="ledig") for number in (1, 2)]
        with working([worker_of(one, poor.store) for one in shared]):
            poor.send(0, 200)
            poor.stores(200)


@pytest.mark.parametrize("kept", [60, 0])
def test_a_session_that_is_kept_shorter_than_was_asked_for_is_told_of_once_a_worker(
    tmp_path: Path, kept: int, told: list[str]
) -> None:
    with Poor(tmp_path, f"-expiry={kept}") as poor:
        for number in (1, 2):
            with working([worker_of(poor.settings, poor.store)]):
                pass
            assert len(told) == number
    assert all(f"keeps our session for {kept} s, and not for 604800 s" in text for text in told)


@both
def test_a_session_that_a_broker_forgot_is_told_of(tmp_path: Path, protocol: Protocol, told: list[str]) -> None:
    with Poor(tmp_path, "-path=") as poor:
        worker = worker_of(replace(poor.settings, protocol=protocol), poor.store)
        with working([worker]):
            poor.broker.kill()
            until(lambda: worker.trouble() is not None, "it is not noticed")
            poor.broker.start()
            until(lambda: worker.trouble() is None, "it does not connect again")
            poor.send(0, 10)
            poor.stores(10)
    assert len([text for text in told if "no longer has the session ledig-ingest" in text]) == 1


@both
def test_a_subscription_that_is_granted_at_qos_0_is_told_of(
    tmp_path: Path, protocol: Protocol, told: list[str]
) -> None:
    with Poor(tmp_path, "-qos=0") as poor, working([worker_of(replace(poor.settings, protocol=protocol), poor.store)]):
        until(lambda: bool(told), "it is not told")
    assert len(told) == 1
    assert "grants ledig/v1/# at QoS 0 alone" in told[0]


@both
def test_an_api_that_may_not_hear_what_workers_say_is_told_why(tmp_path: Path, protocol: Protocol) -> None:
    with Poor(tmp_path) as poor:
        poor.refuses.touch()
        listener = LiveListener(replace(poor.settings, protocol=protocol, client_id="api"), lambda _: None)
        listener.start()
        try:
            why = f"does not let us subscribe to ledig/v1/+/live: {REFUSED[protocol]}"
            until(lambda: why in (listener.trouble() or ""), "it is not told")
            poor.refuses.unlink()
            poor.broker.kill()
            poor.broker.start()
            until(lambda: listener.trouble() is None, "it is not asked again")
        finally:
            listener.stop()


def test_a_broker_with_sixteen_in_flight_loses_nothing(tmp_path: Path) -> None:
    with Poor(tmp_path, "-inflight=16") as poor:
        wide = replace(poor.settings, receive_maximum=65_535)
        with working([worker_of(wide, poor.store)]):
            pass
        poor.send(0, 2_000)
        with working([worker_of(wide, poor.store)]):
            poor.stores(2_000)

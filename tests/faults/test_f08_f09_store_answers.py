"""What the store answers: part of a batch refused, nobody let in, too much at once, busy. A stub gives the answers."""

import json
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.settings import IngestSettings
from ingest.spooled import SpoolLedger
from ingest.worker import Worker
from store.influx.settings import InfluxSettings
from store.influx.store import InfluxStore
from store.spool import Spool, SpooledStore
from tests.brokers import Mosquitto
from tests.faults.stub import OK, InfluxStub, Reply
from tests.ingest.houses import NOW, house, topic
from tests.ingest.publishing import Sender
from tests.ledig.running import wait_for

SHORTEST = 0.25
"""Seconds for which a store is left alone after its first failure: between this and twice as many."""


class Fed:
    """A worker between a real broker and the stub."""

    def __init__(self, folder: Path, broker: Mosquitto, stub: InfluxStub) -> None:
        settings = InfluxSettings(url=stub.url, org="o", bucket="b", token="secret", write_timeout=5, read_timeout=5)
        books, site = SpoolLedger(), house()
        spool = Spool(folder / "spool", most_bytes=16 * 1024 * 1024)
        self.store = SpooledStore(
            InfluxStore(settings), spool, hold=None, settled=books.settled, shortest=SHORTEST, longest=3.0
        )
        self.quarantine = folder / "quarantine" / "refused.jsonl"
        ingest = IngestSettings(port=broker.port, quarantine=folder / "quarantine")
        self.worker = Worker(ingest, self.store, lambda: {site.id: site}, lambda: NOW)
        books.keep_for(self.worker)
        self.stub, self._broker = stub, broker

    def send(self, count: int) -> None:
        with Sender(self._broker.port) as sender:
            sender.send_all(
                (topic(), f'{{"time":{NOW - 100_000 + n},"occupied":true,"seq":{n}}}') for n in range(count)
            )

    def settled(self, count: int) -> bool:
        found = self.worker.ledger.count()
        return found.messages.received >= count and found.messages.in_flight == 0 and found.readings.spooled == 0


@pytest.fixture
def stub() -> Iterator[InfluxStub]:
    with InfluxStub() as running:
        yield running


@pytest.fixture
def fed(tmp_path: Path, quick_mosquitto: Mosquitto, stub: InfluxStub) -> Iterator[Fed]:
    made = Fed(tmp_path, quick_mosquitto, stub)
    made.worker.start()
    wait_for(lambda: made.worker.trouble() is None, "the worker does not connect")
    yield made
    made.worker.stop()
    made.store.close()


def sequences(lines: list[bytes]) -> list[int]:
    return sorted(int(line.split(b"seq=")[1].split(b"i")[0]) for line in set(lines))


@pytest.mark.parametrize("status", [400, 422])
def test_f08_one_of_a_thousand_is_refused(fed: Fed, status: int) -> None:
    """999 are stored, one is in the quarantine with the store's reason, and nothing is tried for ever."""
    complaint = json.dumps({"code": "invalid", "message": "unable to parse: bad number"})
    fed.stub.decide = lambda lines: Reply(status, complaint) if any(b"seq=617i" in line for line in lines) else OK
    fed.send(1_000)
    wait_for(lambda: fed.settled(1_000), "not everything is settled")
    count = fed.worker.ledger.count()
    assert (count.readings.stored, count.refused) == (999, {"store": 1})
    assert count.balances
    assert sequences(fed.stub.lines) == [n for n in range(1_000) if n != 617]
    (entry,) = map(json.loads, fed.quarantine.read_text().splitlines())
    assert entry["reason"] == "store"
    assert "unable to parse" in entry["detail"]
    assert '"seq":617' in entry["payload"]
    asked = len(fed.stub.asked)
    time.sleep(4 * SHORTEST)
    assert len(fed.stub.asked) == asked, "it is left alone afterwards"


@pytest.mark.parametrize("status", [401, 403])
def test_f09_nobody_is_let_in(fed: Fed, status: int) -> None:
    """Readings are kept, somebody is told, the store is left alone; with a good token all of them arrive."""
    fed.stub.decide = lambda _: Reply(status, json.dumps({"code": "unauthorized", "message": "unauthorized access"}))
    fed.send(100)
    wait_for(lambda: fed.worker.ledger.count().readings.spooled == 100, "they are not kept")
    wait_for(lambda: "token" in (fed.store.trouble() or ""), "nobody is told")
    assert "secret" not in (fed.store.trouble() or "")
    asked, began = len(fed.stub.asked), time.monotonic()
    time.sleep(2)
    assert len(fed.stub.asked) - asked <= time.monotonic() - began, "under one request a second"
    fed.stub.decide = lambda _: OK
    wait_for(lambda: fed.settled(100), "they do not arrive")
    assert sequences(fed.stub.lines) == list(range(100))
    assert fed.worker.ledger.count().balances


def test_f09_too_much_at_once_is_split(fed: Fed) -> None:
    fed.stub.decide = lambda lines: Reply(413, "{}") if len(lines) > 50 else OK
    fed.send(1_000)
    wait_for(lambda: fed.settled(1_000), "not everything is settled")
    assert fed.worker.ledger.count().readings.stored == 1_000
    assert sequences(fed.stub.lines) == list(range(1_000))


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "least"),
    [("2", 1.9), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.2), ("soon", 0.2), ("-7", 0.2), ("1000000000", 1.0)],
)
def test_f09_a_busy_store_is_waited_for_as_it_asks(fed: Fed, status: int, asked: str, least: float) -> None:
    """At most 300 s whatever it asks for, never in a tight loop, and all of them arrive in the end."""
    fed.stub.decide = lambda _: Reply(status, "{}", (("Retry-After", asked),))
    fed.send(50)
    wait_for(lambda: fed.worker.ledger.count().readings.spooled == 50, "they are not kept")
    wait_for(lambda: fed.store.trouble() is not None, "nobody is told")
    if asked == "1000000000":
        requests = len(fed.stub.asked)
        time.sleep(least)
        assert len(fed.stub.asked) == requests
        return
    wait_for(lambda: len(fed.stub.asked) > 1, "it is never asked again")
    busy = list(fed.stub.asked)
    fed.stub.decide = lambda _: OK
    assert min(then - before for before, then in pairwise(busy)) >= least, busy
    wait_for(lambda: fed.settled(50), "they do not arrive")
    assert sequences(fed.stub.lines) == list(range(50))

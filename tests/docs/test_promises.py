"""What the README promises beside what the tests of ingest and stores show already."""

import time
from collections.abc import Sequence
from pathlib import Path

from ingest.settings import IngestSettings
from ingest.worker import Worker
from spaces.reading import Reading
from store.embedded.duck import EmbeddedStore
from store.protocol import Appended, StoreError
from tests.brokers import Mosquitto
from tests.ingest.houses import NOW, house, topic
from tests.ingest.publishing import Sender

MOST = 40
WAIT = 60.0


class Full(EmbeddedStore):
    """The real store on a disk that takes nothing."""

    def append(self, batch: Sequence[Reading]) -> Appended:
        raise StoreError(f"no space left for {len(batch)} readings")


def test_while_the_store_fails_no_more_is_held_than_the_receive_maximum(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    site, store = house(), Full(tmp_path / "store")
    settings = IngestSettings(port=quick_mosquitto.port, receive_maximum=MOST, quarantine=tmp_path / "quarantine")
    worker = Worker(settings, store, lambda: {site.id: site}, lambda: NOW)
    worker.start()
    try:
        _until(worker, None)
        with Sender(quick_mosquitto.port) as sender:
            sender.send_all((topic(), f'{{"time":{NOW - number},"occupied":true}}') for number in range(10 * MOST))
        _until(worker, "no space left")
        time.sleep(0.5)  # what could come has come
        count, held = worker.ledger.count(), len(worker._link._incoming)
    finally:
        worker.stop()
        store.close()
    assert count.readings.stored == 0
    assert count.messages.in_flight + held <= MOST


def _until(worker: Worker, trouble: str | None) -> None:
    deadline = time.monotonic() + WAIT
    while not (worker.trouble() is None if trouble is None else trouble in (worker.trouble() or "")):
        assert time.monotonic() < deadline, worker.trouble()
        time.sleep(0.01)

"""F5: ingest is away for longer than the broker's queue is long."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import Mosquitto
from tests.faults.harness import SENSORS, Serving, base_of_now, rows_of
from tests.ingest.publishing import Sender
from tests.ledig.running import metric, wait_for
from tests.programs import required

QUEUE, COUNT = 400, 1_000


@pytest.fixture
def short_queue(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that keeps few messages for whoever is away."""
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(required("mosquitto"), folder, most_queued=QUEUE, durable=False)
    broker.start()
    yield broker
    broker.stop()


def test_f05_what_the_broker_has_dropped_is_found_and_counted(tmp_path: Path, short_queue: Mosquitto) -> None:
    base = base_of_now()
    with Serving(tmp_path, short_queue) as serving:
        serving.ready()
        publish(short_queue, base, 0, SENSORS)
        wait_for(lambda: metric(serving.port, "ledig_ingest_readings_stored_total") == SENSORS, "not stored")
        assert metric(serving.port, "ledig_ingest_sequence_missing") == 0
        assert serving.terminate() == 0
    publish(short_queue, base, SENSORS, COUNT)
    with Serving(tmp_path, short_queue) as serving:
        serving.ready()
        wait_for(lambda: metric(serving.port, "ledig_ingest_readings_stored_total") >= QUEUE, "not stored")
        publish(short_queue, base, COUNT, COUNT + SENSORS)  # the next of each sensor shows what is missing before it
        last = metric(serving.port, "ledig_ingest_readings_stored_total")
        wait_for(lambda: metric(serving.port, "ledig_ingest_messages_in_flight") == 0, "in flight")
        wait_for(lambda: metric(serving.port, "ledig_ingest_readings_stored_total") >= QUEUE + SENSORS, f"only {last}")
        counted = metric(serving.port, "ledig_ingest_sequence_missing")
        serving.assert_balanced()
        assert serving.terminate() == 0
    lost = COUNT + SENSORS - len(rows_of(serving.data))
    assert lost > 0, "the queue did not overflow: nothing was tried"
    assert counted == lost


def publish(broker: Mosquitto, base: int, first: int, end: int) -> None:
    """Publish messages whose sensors number their own, from nought on."""
    with Sender(broker.port) as sender:
        sender.send_all(
            (
                f"ledig/v1/house/s{number % SENSORS}/state",
                f'{{"time":{base + number},"occupied":true,"seq":{number // SENSORS}}}',
            )
            for number in range(first, end)
        )

"""F21: all sensors drop at once, and return."""

import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.brokers import Mosquitto
from tests.faults.flood import RawClient
from tests.faults.harness import SENSORS, Serving, Usage, either, long_timeout, report
from tests.ledig.running import metric, wait_for

CLIENTS = either(200, 1_000)
STORMS = either(2, 5)


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Allow as many descriptors as the clients, the broker and we need."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8_192, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def connected(port: int, number: int) -> RawClient:
    return RawClient(port, f"sensor-{number}", will=(f"ledig/v1/house/x{number % SENSORS}-{number}/status", b"offline"))


def confirmed(client: RawClient) -> bool:
    client.collect(0)
    return client.confirmed == 1


def stored(serving: Serving, count: int) -> bool:
    return metric(serving.port, "ledig_ingest_readings_stored_total") >= count


def say(client: RawClient, number: int) -> None:
    client.publish([(f"ledig/v1/house/x{number % SENSORS}-{number}/state", b'{"occupied":true}')])


@long_timeout(600)
@pytest.mark.usefixtures("many_descriptors")
def test_f21_all_clients_that_drop_are_back_in_a_minute_and_nothing_leaks(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    with Serving(tmp_path, quick_mosquitto) as serving, ExitStack() as stack:
        serving.ready()
        clients = [connected(quick_mosquitto.port, number) for number in range(CLIENTS)]
        broker = Usage(quick_mosquitto.pid)
        metric(serving.port, "ledig_ingest_up")
        before = Usage(serving.process.pid).descriptors(), broker.descriptors()
        for storm in range(1, STORMS + 1):
            began = time.monotonic()
            for client in clients:
                client.drop()
            clients = [connected(quick_mosquitto.port, number) for number in range(CLIENTS)]
            for number, client in enumerate(clients):
                say(client, number)
            count = 2 * storm * CLIENTS  # each was said to be offline, and spoke again
            wait_for(partial(stored, serving, count), "not all are back")
            took = time.monotonic() - began
            report(f"{CLIENTS} clients back, and heard, in {took:.1f} s")
            assert took < 60
        for client in clients:
            stack.callback(client.close)
            wait_for(partial(confirmed, client), "the broker does not confirm it")
        after = Usage(serving.process.pid).descriptors(), broker.descriptors()
        assert after[0] <= before[0] + 2, (before, after)
        assert after[1] <= before[1] + 2, (before, after)
        serving.assert_balanced()
        assert serving.terminate() == 0

"""F22: ten times the design rate of 1,000 messages a second."""

import time
from contextlib import ExitStack
from pathlib import Path

from tests.brokers import Mosquitto
from tests.faults.flood import RawClient
from tests.faults.harness import SENSORS, Serving, Usage, base_of_now, either, long_timeout, payload, report, rows_of
from tests.ledig.running import metric, wait_for

RATE = 10_000
SECONDS = either(4, 60)
BOUND = either(250.0, 400.0)
"""MB that ingest, store, API and page may use together meanwhile."""


@long_timeout(600)
def test_f22_ten_times_the_design_rate_is_taken_in_bounded_memory_and_leaves_no_lag(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    with Serving(tmp_path, quick_mosquitto) as serving, ExitStack() as stack:
        serving.ready()
        usage = Usage(serving.process.pid)
        client, base, most = RawClient(quick_mosquitto.port, "flood"), base_of_now(), 0.0
        stack.callback(client.close)
        began = time.monotonic()
        for sent in range(0, RATE * SECONDS, 100):
            client.publish([message(number, base) for number in range(sent, sent + 100)])
            if sent % 1_000 == 0:
                most = max(most, usage.memory())
            time.sleep(max(began + sent / RATE - time.monotonic(), 0))
        took = time.monotonic() - began
        assert took < 5 * SECONDS, "the flood was no flood: this machine is too slow or too busy"
        wait_for(lambda: collected(client) == RATE * SECONDS, "the broker does not confirm everything")
        name = "ledig_ingest_readings_stored_total"
        wait_for(lambda: metric(serving.port, name) == RATE * SECONDS, "it does not drain")
        lag = time.monotonic() - began - took
        most = max(most, usage.memory())
        report(f"{RATE * SECONDS:,} messages in {took:.1f} s, drained {lag:.1f} s later, at most {most:.0f} MB")
        assert lag < max(10, SECONDS), f"it drained {lag:.1f} s after the last message"
        assert metric(serving.port, "ledig_ingest_messages_in_flight") == 0
        assert most < BOUND
        serving.assert_balanced()
        assert serving.terminate() == 0
    rows = rows_of(serving.data)
    assert len(rows) == RATE * SECONDS
    assert set(rows) == set(range(RATE * SECONDS))


def message(number: int, base: int) -> tuple[str, bytes]:
    return f"ledig/v1/house/s{number % SENSORS}/state", payload(number, base).encode()


def collected(client: RawClient) -> int:
    client.collect(0.1)
    return client.confirmed

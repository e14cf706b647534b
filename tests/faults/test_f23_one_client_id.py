"""F23: two workers with one client id, which the broker plays against each other."""

import time
from pathlib import Path

from tests.brokers import Mosquitto
from tests.faults.harness import Serving, Traffic, either, long_timeout, rows_of, wait_until_stored
from tests.ledig.running import metric, wait_for

SECONDS = either(2.0, 30.0)


@long_timeout(300)
def test_f23_two_workers_with_one_client_id_lose_nothing_and_say_what_is_wrong(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    with (
        Serving(tmp_path, quick_mosquitto) as first,
        Serving(tmp_path, quick_mosquitto, data=tmp_path / "other") as second,
        Traffic(quick_mosquitto.port, rate=500) as traffic,
    ):
        for serving in (first, second):
            serving.until("page ")
        for serving in (first, second):
            serving.until("another client uses the id ledig-ingest; give each worker a client_id of its own")
        time.sleep(SECONDS)
        wait_for(lambda: metric(second.port, "ledig_ingest_readings_stored_total") > 0, "the second has no turn")
        assert second.terminate() == 0
        first.until("ingest: well again")
        traffic.stop()
        others = set(rows_of(second.data))
        traffic.forgive(others)
        wait_until_stored(first.data, traffic)
        first.assert_balanced()
        assert first.terminate() == 0
        stored = set(rows_of(first.data))
        assert traffic.confirmed <= stored
        assert stored | others == set(range(traffic.published))

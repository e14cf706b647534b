"""F1: ingest is killed again and again under load."""

import time
from pathlib import Path
from random import Random

from tests.brokers import Mosquitto
from tests.faults.harness import Serving, Traffic, assert_whole, either, long_timeout, wait_until_stored

KILLS = either(4, 50)


@long_timeout(600)
def test_f01_what_was_confirmed_is_stored_once_however_often_ingest_is_killed(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    moments = Random(1)
    with Traffic(quick_mosquitto.port, rate=1_000) as traffic:
        for _ in range(KILLS):
            with Serving(tmp_path, quick_mosquitto) as serving:
                serving.until("page ")
                time.sleep(moments.uniform(0, 0.6))
                serving.kill()
        with Serving(tmp_path, quick_mosquitto) as serving:
            serving.ready()
            traffic.stop()
            wait_until_stored(serving.data, traffic)
            serving.assert_balanced()
            assert serving.terminate() == 0
        assert_whole(tmp_path / "data", traffic)

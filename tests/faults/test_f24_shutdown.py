"""F24: asked to end under load, twice; and killed where it does not."""

import signal
import time
from pathlib import Path
from random import Random

from tests.brokers import Mosquitto
from tests.faults.harness import Serving, Traffic, assert_whole, either, long_timeout, wait_until_stored

ROUNDS = either(1, 10)
GRACE = 10.0
"""Seconds that a supervisor waits before it kills."""


@long_timeout(600)
def test_f24_what_ends_under_load_has_committed_or_not_acknowledged(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    moments = Random(1)
    with Traffic(quick_mosquitto.port, rate=1_000) as traffic:
        for _ in range(ROUNDS):
            for _ in range(2):
                with Serving(tmp_path, quick_mosquitto) as serving:
                    serving.ready()
                    time.sleep(moments.uniform(0, 0.5))
                    asked = time.monotonic()
                    assert serving.terminate() == 0
                    assert time.monotonic() - asked < GRACE
            with Serving(tmp_path, quick_mosquitto) as serving:  # one that hangs: the grace passes, and it is killed
                serving.ready()
                time.sleep(moments.uniform(0, 0.5))
                serving.process.send_signal(signal.SIGSTOP)
                serving.process.terminate()
                time.sleep(0.2)
                assert serving.process.poll() is None
                serving.kill()
        with Serving(tmp_path, quick_mosquitto) as serving:
            serving.ready()
            traffic.stop()
            wait_until_stored(serving.data, traffic)
            serving.assert_balanced()
            assert serving.terminate() == 0
        assert_whole(tmp_path / "data", traffic)

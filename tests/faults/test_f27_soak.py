"""F27: the design rate for a while; nothing grows."""

import time
from pathlib import Path
from statistics import median

from tests.brokers import Mosquitto
from tests.faults.harness import (
    Serving,
    Traffic,
    Usage,
    assert_whole,
    either,
    every,
    long_timeout,
    report,
    wait_until_stored,
)
from tests.ledig.running import rows

SECONDS = either(8, 600)
GROWTH = either(40.0, 120.0)
"""MB by which memory may rise from the second quarter to the last. Ten minutes are less than DuckDB's round: what it
has not moved from its log of 24 MB into the file, some 560,000 readings, lies in memory."""


@long_timeout(900)
def test_f27_memory_descriptors_and_threads_stay_level(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    memory, descriptors, threads = [], [], []
    with Serving(tmp_path, quick_mosquitto) as serving, Traffic(quick_mosquitto.port, rate=1_000) as traffic:
        usage = Usage(serving.ready().process.pid)

        def ask() -> None:
            rows(serving.port, "v1/sites/house/status", group="space")
            rows(serving.port, "v1/sites/house/utilisation", bucket="15m")

        until = time.monotonic() + SECONDS
        with every(1.0, ask):
            while time.monotonic() < until:
                memory.append(usage.memory())
                descriptors.append(usage.descriptors())
                threads.append(usage.threads())
                time.sleep(SECONDS / 100)
        traffic.stop()
        wait_until_stored(serving.data, traffic)
        serving.assert_balanced()
        assert serving.terminate() == 0
        checked = assert_whole(serving.data, traffic)
    assert checked > 0.9 * 1_000 * SECONDS
    quarter = len(memory) // 4  # of as many looks as a busy machine has let us have
    assert quarter > 5, "hardly anything was looked at"
    early, late = slice(quarter, 2 * quarter), slice(3 * quarter, None)
    report(f"memory {median(memory[early]):.0f}, then {median(memory[late]):.0f} MB")
    report(f"descriptors {median(descriptors[early]):.0f}, then {median(descriptors[late]):.0f}")
    report(f"threads {median(threads[early]):.0f}, then {median(threads[late]):.0f}")
    assert median(memory[late]) < median(memory[early]) + GROWTH, memory[::10]
    assert median(descriptors[late]) <= median(descriptors[early]) + 3, descriptors[::10]
    assert median(threads[late]) <= median(threads[early]) + 3, threads[::10]

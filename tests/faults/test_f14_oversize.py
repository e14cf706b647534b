"""F14: payloads from a byte to ten megabytes, and topics as long as MQTT allows."""

from pathlib import Path

from tests.brokers import Mosquitto
from tests.faults.harness import Serving, Usage, base_of_now, either, every, long_timeout, payload, report
from tests.ingest.publishing import Sender
from tests.ledig.running import metric, wait_for

SIZES = (1, 100, 10_000, 65_536, 65_537, 1_000_000, 10_000_000)
ROUNDS = either(4, 40)
AT_ONCE = 20
"""Of the largest, one behind the other."""
FLAT = 80.0
"""MB that memory may rise by from the first round on."""
LONG_TOPICS = (
    "ledig/v1/" + "x" * 60_000 + "/s0/state",
    "ledig/v1/house/" + "s" * 65 + "/state",
    "ledig/v1" + "/x" * 150,
)


@long_timeout(600)
def test_f14_what_is_too_large_is_refused_and_memory_stays_flat(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    base = base_of_now()
    with Serving(tmp_path, quick_mosquitto) as serving, Sender(quick_mosquitto.port) as sender:
        usage = Usage(serving.ready().process.pid)
        seen: list[float] = []
        first = 0.0
        with every(0.02, lambda: seen.append(usage.memory())):
            for number in range(ROUNDS):
                bad = [("ledig/v1/house/s0/state", b"x" * size) for size in (*SIZES, *[SIZES[-1]] * AT_ONCE)]
                sender.send(*bad, *((topic, payload(0, base)) for topic in LONG_TOPICS))
                sender.send(("ledig/v1/house/s0/state", payload(number, base)))
                wait_for(lambda most=number + 1: stored(serving) == most, "the good one is not stored")  # type: ignore[misc]
                first = first or max(seen)
        report(
            f"{ROUNDS} rounds of {AT_ONCE + 1} x 10 MB: at most {first:.0f} MB in the first, {max(seen):.0f} MB in all"
        )
        assert max(seen) < first + FLAT, (first, max(seen))
        assert first < 300, "the first round alone took much"
        assert refused(serving, "too_large") == ROUNDS * (len(SIZES) + AT_ONCE - 4)
        assert refused(serving, "malformed") == ROUNDS * 4
        assert refused(serving, "topic") == ROUNDS * len(LONG_TOPICS)
        serving.assert_balanced()
        assert serving.terminate() == 0


def stored(serving: Serving) -> float:
    return metric(serving.port, "ledig_ingest_readings_stored_total")


def refused(serving: Serving, reason: str) -> float:
    return metric(serving.port, f'ledig_ingest_messages_refused_total{{reason="{reason}"}}')

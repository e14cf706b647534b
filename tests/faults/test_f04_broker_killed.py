"""F4: the broker is killed under load and comes back on its port."""

import signal
import time
from pathlib import Path

from tests.brokers import Mosquitto
from tests.faults.harness import Serving, Traffic, assert_whole, either, long_timeout, report, wait_until_stored
from tests.ingest.publishing import Sender
from tests.ledig.running import metric, rows, wait_for

KILLS = either(2, 10)
LEFT = 3.0
"""Seconds for which the quiet sensor's word still holds when the broker is killed."""


def quiet(port: int) -> str:
    """Return the state of the space whose sensor says nothing more."""
    found = {row["space"]: row["state"] for row in rows(port, "v1/sites/house/status", group="space")}
    return str(found["quiet"])


@long_timeout(600)
def test_f04_a_broker_that_was_killed_is_met_again_and_nothing_is_lost_or_invented(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Serving(tmp_path, mosquitto) as serving, Traffic(mosquitto.port, rate=100) as traffic:
        serving.ready()
        for number in range(KILLS):
            if number % 2:  # what comes is in the broker's hands alone
                serving.process.send_signal(signal.SIGSTOP)
            killed_under_load(mosquitto, traffic)
            mosquitto.start()
            serving.process.send_signal(signal.SIGCONT)
            back = time.monotonic()
            wait_for(lambda: hears(serving), "it does not connect again")
            took = time.monotonic() - back
            report(f"heard again {took:.1f} s after the broker was back")
            assert took < 30
        traffic.stop()
        wait_until_stored(serving.data, traffic)
        serving.assert_balanced()
        assert serving.terminate() == 0
        assert_whole(serving.data, traffic)


def killed_under_load(broker: Mosquitto, traffic: Traffic) -> None:
    """Kill a broker, and forgive the traffic what the broker may have confirmed and not saved.

    Mosquitto confirms first and saves at the end of its round. A save that has ended may have begun before we
    looked; the next one had not.
    """
    saved = traffic.confirmed
    for _ in range(2):
        before = broker.saved()
        wait_for(lambda before=before: broker.saved() != before, "the broker does not save")  # type: ignore[misc]
    broker.kill()
    time.sleep(0.3)  # confirmations that were under way
    traffic.forgive(traffic.confirmed - saved)


def hears(serving: Serving) -> bool:
    """Whether messages come in: more than a moment ago."""
    name = "ledig_ingest_messages_received_total"
    before = metric(serving.port, name)
    time.sleep(0.1)
    return serving.is_up() and metric(serving.port, name) > before


def test_f04_past_the_silence_limit_a_state_is_unknown_and_never_vacant(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    with Serving(tmp_path, quick_mosquitto) as serving:
        serving.ready()
        spoke = int(time.time() * 1_000 + LEFT * 1_000 - 60_000)
        with Sender(quick_mosquitto.port) as sender:
            sender.send(("ledig/v1/house/quiet/state", f'{{"time":{spoke},"occupied":true}}'))
        wait_for(lambda: quiet(serving.port) == "occupied", "it is not stored")
        quick_mosquitto.kill()
        seen: set[str] = set()

        def unknown() -> bool:
            seen.add(state := quiet(serving.port))
            return state == "unknown"

        wait_for(unknown, "the word holds for ever")
        late = time.time() - (spoke / 1_000 + 60)
        assert -0.1 < late < 2, late
        assert seen == {"occupied", "unknown"}
        assert serving.terminate() == 0

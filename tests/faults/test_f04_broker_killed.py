"""F4: the broker is killed under load and comes back on its port."""

import signal
import time
from pathlib import Path

from tests.brokers import Mosquitto
from tests.faults.harness import Serving, Traffic, assert_whole, either, long_timeout, report, wait_until_stored
from tests.ingest.publishing import Sender
from tests.ledig.running import metric, rows, wait_for

KILLS = either(2, 10)
RATE = either(40, 100)
"""Messages a second, each of which the broker saves to disk, and again when it is acknowledged."""
HELD = either(40, 100)
"""Messages more that the broker has confirmed before it is killed."""
LEFT = (3.0, 9.0, 27.0)
"""Seconds for which the quiet sensor's word still holds: more where it was over before the word was seen."""
SLACK = 0.1
"""Seconds by which clocks of this machine may differ."""


def quiet(port: int) -> str:
    """Return the state of the space whose sensor says nothing more."""
    found = {row["space"]: row["state"] for row in rows(port, "v1/sites/house/status", group="space")}
    return str(found["quiet"])


@long_timeout(600)
def test_f04_a_broker_that_was_killed_is_met_again_and_nothing_is_lost_or_invented(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Serving(tmp_path, mosquitto) as serving:
        serving.ready()
        with Traffic(mosquitto.port, rate=RATE) as traffic:
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
    """Kill a broker, and forgive the traffic what the broker may have confirmed and not saved."""
    enough = len(traffic.confirmed) + HELD
    wait_for(lambda: len(traffic.confirmed) >= enough, "the broker does not confirm")
    saved = traffic.confirmed
    broker.save()
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
    """No answer to a question of before the limit is unknown, and none to one of after it is anything else."""
    with Serving(tmp_path, quick_mosquitto) as serving:
        serving.ready()
        limit = next(limit for left in LEFT if (limit := occupied_until(serving, quick_mosquitto, left)))
        quick_mosquitto.kill()
        seen: set[str] = set()

        def unknown() -> bool:
            asked = time.time()
            seen.add(state := quiet(serving.port))
            answered = time.time()
            assert answered > limit - SLACK if state == "unknown" else asked < limit + SLACK, (state, asked - limit)
            return state == "unknown"

        wait_for(unknown, "the word holds for ever")
        assert seen <= {"occupied", "unknown"}
        assert serving.terminate() == 0


def occupied_until(serving: Serving, broker: Mosquitto, left: float) -> float | None:
    """Let the quiet sensor say a word that holds so many seconds more; return until when (s), None: it is not seen."""
    stored = metric(serving.port, STORED)
    limit = time.time() + left
    spoke = int((limit - 60) * 1_000)
    with Sender(broker.port) as sender:
        sender.send(("ledig/v1/house/quiet/state", f'{{"time":{spoke},"occupied":true}}'))
    wait_for(lambda: metric(serving.port, STORED) > stored, "it is not stored")
    return spoke / 1_000 + 60 if quiet(serving.port) == "occupied" else None


STORED = "ledig_ingest_readings_stored_total"

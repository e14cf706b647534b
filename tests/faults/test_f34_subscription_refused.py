"""F34: a broker that refuses the subscription for good."""

from pathlib import Path

from tests.faults.harness import Serving, Traffic, either, ids_through, long_timeout, payload
from tests.ingest.publishing import Sender
from tests.ledig.running import wait_for
from tests.otherbrokers import make_mochi

SECONDS, RATE = either(2.0, 30.0), 100


@long_timeout(300)
def test_f34_a_subscription_that_is_refused_for_good_is_told_and_one_that_the_session_has_goes_on(
    tmp_path: Path,
) -> None:
    refuses = tmp_path / "refuses"
    broker = make_mochi(tmp_path, f"-refuses={refuses}")
    broker.start()
    try:
        refuses.touch()
        with Serving(tmp_path, broker) as serving:
            serving.until("does not let us subscribe to ledig/v1/#: Not authorized")
            refuses.unlink()
            wait_for(serving.is_up, "it is not asked again")
            refuses.touch()
            assert serving.terminate() == 0
            assert serving.said.count("does not let us subscribe") <= 2, "once by the log, once by whoever watches"
        with Traffic(broker.port, rate=RATE) as waiting:
            wait_for(lambda: waiting.published > RATE, "nothing is published")
            waiting.stop()
        # Of what waits in a session that is taken up again mochi-mqtt may lose some, also without ledig.
        with Serving(tmp_path, broker) as serving:
            serving.until("its session goes on, and we ask again")
            wait_for(serving.is_up, "a refused subscription that is there stops it")
            with Sender(broker.port) as sender:
                later = range(waiting.published, waiting.published + int(SECONDS * RATE))
                sender.send_all(("ledig/v1/house/s0/state", payload(number, waiting.base)) for number in later)
            wait_for(lambda: ids_through(serving.data, waiting.base) >= set(later), "some are lost")
            serving.assert_balanced()
            assert serving.terminate() == 0
    finally:
        broker.clean_up()

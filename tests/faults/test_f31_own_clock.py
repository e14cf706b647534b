"""F31: our own clock is wrong: ahead by ten years, behind at boot with a queue waiting, jumping while we run."""

import json
from pathlib import Path

import pytest

from ingest.clockwatch import PATIENCE
from spaces.clocks import WRONG
from spaces.reading import Reading
from spaces.times import DAY, HOUR, MINUTE, SECOND, Millis, rfc3339
from tests.brokers import Mosquitto
from tests.faults.rig import Rig
from tests.faults.test_f17_clocks import assert_sound
from tests.ingest.houses import NOW, house, topic
from tests.ingest.publishing import Sender
from tests.ledig.running import wait_for

TEN_YEARS = 3_653 * DAY


def said(time: Millis | None, *, occupied: bool, sensor: str = "d1") -> tuple[str, str]:
    """Return a message, with its time where it tells one."""
    told = {} if time is None else {"time": time}
    return topic(sensor), json.dumps({**told, "occupied": occupied})


def stored(rig: Rig, sensor: str = "d1") -> list[Millis]:
    """Return the times of all that is stored of a sensor."""
    return [one.time for batch in rig.store.rows("house", 0, 1 << 45) for one in batch if one.sensor == sensor]


def assert_it_waits(rig: Rig, *messages: tuple[str, str]) -> None:
    """Send messages, and see that they are neither settled nor acknowledged while the clock is doubted."""
    before = rig.worker.ledger.count().messages.settled
    rig.hand(*messages)
    wait_for(lambda: rig.doubts, "nobody says that the clock is doubted")
    assert rig.worker.ledger.count().messages.settled == before


def assert_it_goes_on(rig: Rig, settled: int) -> None:
    """See that all messages are settled now, and that nothing is in the way."""
    wait_for(lambda: rig.worker.ledger.count().messages.settled == settled, "messages go on waiting")
    wait_for(lambda: rig.worker.trouble() is None, "trouble stays")
    assert rig.worker.ledger.count().balances


def test_f31_a_clock_ahead_for_two_seconds_is_not_believed(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    with Rig(tmp_path, quick_mosquitto, house(), NOW, synchronised=False) as rig:
        rig.send(said(None, occupied=True))
        rig.now += TEN_YEARS
        assert_it_waits(rig, said(None, occupied=False))
        rig.pass_(2 * SECOND)
        rig.now -= TEN_YEARS
        assert_it_goes_on(rig, 2)
        assert stored(rig) == [NOW, NOW + 2 * SECOND]
        assert rig.states()["desk"] == "vacant"
        assert_sound(rig)


def test_f31_what_was_stamped_ahead_is_not_for_good(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    """The operating system calls its clock right here, and it is not."""
    with Rig(tmp_path, quick_mosquitto, house(), NOW) as rig:
        rig.send(said(NOW - MINUTE, occupied=True), said(None, occupied=True, sensor="r1"))
        rig.now += TEN_YEARS
        rig.send(said(None, occupied=True))
        rig.now += 2 * SECOND - TEN_YEARS
        assert rig.states()["desk"] == "occupied", "that of a minute ago"
        rig.send(said(None, occupied=False))
        assert stored(rig) == [NOW - MINUTE, NOW + 2 * SECOND, NOW + TEN_YEARS]
        assert rig.states()["desk"] == "vacant"
        assert_sound(rig)
    with Rig(tmp_path, quick_mosquitto, house(), NOW + MINUTE) as rig:
        assert rig.states() == {"desk": "vacant", "room": "occupied"}, "a start learns nothing wrong"
        rig.send(said(None, occupied=True), said(None, occupied=False), said(None, occupied=False, sensor="r1"))
        assert len(stored(rig)) == 5
        assert [time for time in stored(rig) if time > NOW + MINUTE + SECOND] == [NOW + TEN_YEARS]
        assert rig.states() == {"desk": "occupied", "room": "vacant"}
        rig.now += SECOND
        assert rig.states() == {"desk": "vacant", "room": "vacant"}
        assert rig.worker.ledger.count().refused == {}
        assert_sound(rig)


def test_f31_a_stamp_is_never_more_than_a_day_ahead(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    wrong = WRONG + 1
    for ahead, expected in ((DAY, [NOW + DAY, NOW + DAY + 1]), (wrong, [NOW, NOW + wrong])):
        with Rig(tmp_path, quick_mosquitto, house(), NOW + ahead, name=f"ahead-{ahead}") as rig:
            rig.send(said(None, occupied=False))
            rig.now = NOW
            rig.send(said(None, occupied=True))
            assert stored(rig) == expected


@pytest.mark.parametrize("behind", [3 * HOUR, NOW])
def test_f31_a_queue_waits_for_a_clock_that_is_behind_at_boot(
    tmp_path: Path, quick_mosquitto: Mosquitto, behind: Millis
) -> None:
    """Three hours, or since 1970: a machine without a battery for its clock."""
    with Rig(tmp_path, quick_mosquitto, house(), NOW - 4 * HOUR) as rig:
        rig.send(said(NOW - 4 * HOUR, occupied=True))
    queue = [said(NOW - 3 * HOUR + MINUTE * n, occupied=n % 2 == 0) for n in range(180)]
    with Sender(quick_mosquitto.port) as sender:
        sender.send_all(queue)
    for _ in range(2):
        with Rig(tmp_path, quick_mosquitto, house(), NOW - behind, synchronised=False) as rig:
            assert_it_waits(rig)
            rig.pass_(5 * MINUTE)
            count = rig.worker.ledger.count()
            assert (count.messages.settled, count.refused) == (0, {}), "it waits, and nothing is acknowledged"
    with Rig(tmp_path, quick_mosquitto, house(), NOW - behind, synchronised=False) as rig:
        wait_for(lambda: rig.doubts, "a clock behind is not doubted")
        rig.now, rig.synchronised = NOW, True
        assert_it_goes_on(rig, len(queue))
        assert rig.worker.ledger.count().refused == {}
        assert stored(rig) == [NOW - 4 * HOUR, *(NOW - 3 * HOUR + MINUTE * n for n in range(180))]
        assert_sound(rig)


def test_f31_a_clock_that_nobody_sets_is_gone_by_after_a_quarter_of_an_hour(
    tmp_path: Path, quick_mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    behind = NOW - 3 * HOUR
    with Rig(tmp_path, quick_mosquitto, house(), behind, synchronised=False) as rig:
        early = said(behind - MINUTE, occupied=False, sensor="r1")
        assert_it_waits(rig, said(NOW, occupied=True), early)
        rig.pass_(PATIENCE + SECOND)
        assert_it_goes_on(rig, 2)
        assert "no time server has set the clock in 15 minutes" in caplog.text
        assert stored(rig) == [rig.now], "a time ahead counts as of its receipt"
        assert stored(rig, "r1") == [behind - MINUTE], "another as it is told"
        assert rig.states() == {"desk": "occupied", "room": "vacant"}
        rig.pass_(SECOND)
        rig.send(said(NOW + SECOND, occupied=False))
        assert rig.states()["desk"] == "vacant"
        rig.now, rig.synchronised = NOW + MINUTE, True
        rig.send(said(NOW + MINUTE, occupied=True), said(NOW + DAY, occupied=False))
        assert stored(rig)[-1] == NOW + MINUTE, "once it is set all is judged as ever"
        assert rig.worker.ledger.count().refused == {"too_late": 1}
        assert rig.states()["desk"] == "occupied"


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR, -20 * DAY])
def test_f31_a_clock_that_jumps_while_running_is_waited_for(
    tmp_path: Path, quick_mosquitto: Mosquitto, jump: Millis
) -> None:
    with Rig(tmp_path, quick_mosquitto, house(), NOW, synchronised=False) as rig:
        rig.publish([Reading("house", "d1", NOW - MINUTE, NOW, occupied=True)])
        rig.now += jump
        assert_it_waits(rig, said(NOW, occupied=False), said(None, occupied=False, sensor="r1")
        )  # fmt: skip
        rig.pass_(MINUTE)
        rig.now -= jump
        assert_it_goes_on(rig, 3)
        assert (stored(rig), stored(rig, "r1")) == ([NOW - MINUTE, NOW], [NOW + MINUTE])
        rig.pass_(MINUTE)
        rig.now, rig.synchronised = rig.now + HOUR, True
        rig.send(said(rig.now, occupied=True))
        assert stored(rig)[-1] == rig.now, "a jump of a clock that is set now has mended it"
        assert rfc3339(rig.now) in [row["last"] for row in rig.ask("sensors")]

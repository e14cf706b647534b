"""Our own clock is doubted with reason, and for so long that it may still be set."""

from dataclasses import dataclass

import pytest

from ingest.clockwatch import PATIENCE, Clock, ClockWatch
from ingest.refusals import Reason, Refusal
from ingest.verdicts import Verdict
from spaces.clocks import AHEAD
from spaces.reading import Reading
from spaces.times import DAY, HOUR, MINUTE, SECOND
from tests.ingest.houses import NOW, message

PLAIN = [Verdict(message("{}"))]
LATER = [Verdict(message("{}"), (), (Refusal(Reason.TOO_LATE, "it is"),))]


@dataclass
class Machine:
    """A machine whose clock a test sets; it has been running for a minute."""

    now: int = NOW
    running: int = MINUTE
    synchronised: bool = False

    def watch(self) -> ClockWatch:
        return ClockWatch(Clock(lambda: self.now, lambda: self.synchronised, lambda: self.running))

    def pass_(self, time: int) -> None:
        self.now += time
        self.running += time


def test_a_clock_that_nobody_sets_is_believed_while_nothing_speaks_against_it() -> None:
    machine = Machine()
    watch = machine.watch()
    for _ in range(9):
        machine.pass_(HOUR)
        assert watch.doubt(machine.now, PLAIN) is None
    assert not watch.by_receipt


@pytest.mark.parametrize("verdicts", [PLAIN, LATER])
def test_a_clock_that_is_set_by_others_is_always_believed(verdicts: list[Verdict]) -> None:
    machine = Machine(synchronised=True)
    watch = machine.watch()
    watch.learn([Reading("s", "d", NOW + 99 * DAY, NOW)])
    for jump in (3_653 * DAY, -DAY, HOUR):
        machine.now += jump
        assert watch.doubt(machine.now, verdicts) is None
    machine.synchronised = False
    assert watch.doubt(machine.now, PLAIN) is None, "it was right when it was set"


def test_messages_that_tell_a_later_time_wait_until_the_clock_is_set() -> None:
    machine = Machine()
    watch = machine.watch()
    why = watch.doubt(machine.now, LATER)
    assert why is not None
    assert "2026-11-18T" in why
    assert "messages tell a later time" in why
    machine.pass_(PATIENCE - SECOND)
    assert watch.doubt(machine.now, LATER) == why, "the same words: they are logged once"
    machine.now, machine.synchronised = machine.now + 3 * HOUR, True
    assert watch.doubt(machine.now, PLAIN) is None
    assert not watch.by_receipt


def test_what_is_doubted_in_vain_goes_by_receipt_until_the_clock_is_set() -> None:
    machine = Machine()
    watch = machine.watch()
    assert watch.doubt(machine.now, LATER)
    machine.pass_(PATIENCE + SECOND)
    assert watch.doubt(machine.now, LATER) is None
    assert watch.by_receipt
    machine.pass_(HOUR)
    for verdicts in (PLAIN, LATER, PLAIN):
        assert watch.doubt(machine.now, verdicts) is None, "it does not wait twice for the same"
        assert watch.by_receipt
    machine.synchronised = True
    assert watch.doubt(machine.now, PLAIN) is None
    assert not watch.by_receipt


@pytest.mark.parametrize("jump", [3_653 * DAY, 2 * HOUR, -2 * HOUR, -AHEAD - SECOND])
def test_a_clock_that_jumps_while_we_run_is_doubted_until_it_is_back(jump: int) -> None:
    machine = Machine()
    watch = machine.watch()
    machine.pass_(HOUR)
    assert watch.doubt(machine.now, PLAIN) is None
    machine.now += jump
    why = watch.doubt(machine.now, PLAIN)
    assert why is not None
    assert f"moved by {abs(jump) // SECOND} s {'forward' if jump > 0 else 'back'}" in why
    machine.pass_(2 * SECOND)
    machine.now -= jump
    assert watch.doubt(machine.now, PLAIN) is None
    machine.now += AHEAD
    assert watch.doubt(machine.now, PLAIN) is None, "what is within five minutes speaks against nothing"


def test_a_clock_behind_what_most_sensors_have_told_is_doubted() -> None:
    machine = Machine()
    watch = machine.watch()
    times = (NOW + 3 * HOUR, NOW + 2 * HOUR, NOW - HOUR)
    watch.learn([Reading("s", f"d{time}", time, time) for time in times])
    assert "most sensors have been heard later" in (watch.doubt(machine.now, PLAIN) or "")


def test_one_sensor_that_was_stamped_ahead_casts_no_doubt() -> None:
    machine = Machine()
    watch = machine.watch()
    times = (NOW + 3_653 * DAY, NOW - HOUR, NOW - 2 * HOUR)
    watch.learn([Reading("s", f"d{time}", time, time) for time in times])
    assert watch.doubt(machine.now, PLAIN) is None
    assert ClockWatch(Clock(lambda: NOW, lambda: False)).doubt(NOW, PLAIN) is None


def heard(*ago: int, stamped: bool = False) -> list[Reading]:
    """Return the newest readings of sensors that were heard so long ago."""
    return [Reading("s", f"d{number}", NOW - time, NOW - time, stamped=stamped) for number, time in enumerate(ago)]


def test_what_was_stamped_years_ahead_speaks_against_no_clock_by_which_the_house_was_heard_today() -> None:
    watch = Machine().watch()
    ahead = heard(*[-3_653 * DAY] * 9, stamped=True)
    watch.learn([*ahead, *heard(HOUR)])
    assert watch.doubt(NOW, PLAIN) is None
    watch.learn([*heard(*[-3 * HOUR] * 2), *ahead])
    assert watch.doubt(NOW, PLAIN) is not None, "nobody was heard in the last day: the clock may be behind by more"


def test_sensors_that_have_long_been_silent_do_not_outvote_those_that_were_heard_later_than_now() -> None:
    watch = Machine().watch()
    watch.learn(heard(*[30 * DAY] * 20, -3 * HOUR, -3 * HOUR, -2 * HOUR))
    assert "most sensors have been heard later" in (watch.doubt(NOW, PLAIN) or "")
    watch = Machine().watch()
    watch.learn(heard(MINUTE, HOUR, 2 * HOUR, -3 * HOUR))
    assert watch.doubt(NOW, PLAIN) is None, "one sensor is one clock"

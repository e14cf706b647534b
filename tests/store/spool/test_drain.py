"""The drain, step by step on a clock of its own: what it writes, when, and what it does about answers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from store.protocol import ForbiddenError, StoreError
from store.spool import Settled, Spool
from store.spool.drain import Drain
from store.spool.pace import LONGEST_ASKED, Pace
from tests.store.spool.targets import RestartedServer, Server, readings

DAY = 86_400.0


class House:
    """A spool, a server and a drain between them; `run` lets time pass."""

    def __init__(self, folder: Path, server: Server, *, hold: float | None = None) -> None:
        self.spool = Spool(folder, most_bytes=64 << 20)
        self.server = server
        self.now = 0.0
        self.settled: list[Settled] = []
        self.drain = Drain(
            server,
            self.spool,
            hold=hold,
            settled=self.settled.append,
            monotonic=lambda: self.now,
            pace=Pace(Random(1)),
        )

    def run(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> None:
        end = self.now + seconds
        while not until() and self.now <= end:
            self.now += self.drain.step()
        self.now = min(self.now, end)

    def requests_in(self, seconds: float) -> int:
        before = len(self.server.asked)
        self.run(seconds)
        return len(self.server.asked) - before

    @property
    def state(self) -> tuple[int, str | None]:
        """How much waits, and why."""
        return self.spool.depth(), self.drain.away or self.drain.ill or self.drain.unseen

    @property
    def stored(self) -> int:
        return sum(one.stored for one in self.settled)

    @property
    def refused(self) -> list[tuple[int | None, str]]:
        return [(reading.seq, reason) for one in self.settled for reading, reason in one.refused]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, Server())
    yield made
    made.spool.close()


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, RestartedServer(), hold=30.0)
    yield made
    made.spool.close()


def test_what_is_spooled_is_written_in_large_batches_and_settled(house: House) -> None:
    for number in range(120):
        house.spool.put(readings(100, number * 100))
    house.run(1)
    assert house.server.has == set(readings(12_000))
    assert house.server.asked == [5_000, 5_000, 2_000]
    assert (house.stored, house.spool.depth()) == (12_000, 0)
    assert all(one.own for one in house.settled)


def test_one_bad_reading_in_a_thousand_is_found_and_told_and_the_others_are_stored(house: House) -> None:
    house.spool.put(readings(1_000))
    house.server.refuses = lambda reading: reading.seq == 617
    house.run(1)
    assert house.server.has == {reading for reading in readings(1_000) if reading.seq != 617}
    assert house.refused == [(617, "a reading of the batch is refused")]
    assert (house.stored, house.spool.depth()) == (999, 0)
    assert len(house.server.asked) < 25
    assert house.requests_in(DAY) == 0


def test_several_bad_readings_among_many_are_each_found(house: House) -> None:
    house.spool.put(readings(4_000))
    house.server.refuses = lambda reading: reading.seq in {0, 1, 1_999, 3_999}
    house.run(1)
    assert sorted(str(seq) for seq, _ in house.refused) == ["0", "1", "1999", "3999"]
    assert house.stored == 3_996


def test_a_store_that_refuses_everything_is_doubted_and_asked_less_and_less(house: House) -> None:
    house.spool.put(readings(1_000))
    house.server.refuses = lambda _: True
    assert house.requests_in(3_600) < 1_000
    assert house.spool.depth() == 1_000
    assert house.drain.ill is not None
    assert "refuses one reading after another" in house.drain.ill
    house.server.refuses = lambda _: False
    house.run(60)
    assert house.state == (0, None)
    assert house.stored + len(house.refused) == 1_000
    assert len(house.refused) < 200


def test_a_run_of_bad_readings_does_not_hold_up_good_ones(house: House) -> None:
    house.spool.put(readings(200))
    house.server.refuses = lambda reading: reading.time < 100
    house.run(10)
    assert len(house.server.has) == 100
    house.spool.put(readings(5_000, 200))
    house.run(31)
    assert len(house.server.has) == 5_100
    for number in range(100):
        house.spool.put(readings(10, 5_200 + number * 10))
        house.run(1)
    house.run(60)
    assert (house.stored, len(house.refused), house.spool.depth()) == (6_100, 100, 0)


def test_a_batch_that_is_too_large_is_split_and_the_size_is_remembered(house: House) -> None:
    house.server.takes = 1_300
    house.spool.put(readings(10_000))
    house.run(1)
    assert house.stored == 10_000
    assert [size for size in house.server.asked if size > 1_300] == [5_000, 2_500]
    house.spool.put(readings(5_000, 10_000))
    house.run(61)
    assert house.stored == 15_000
    assert max(house.server.asked[-4:]) == 1_250


def test_a_reading_that_is_too_large_alone_is_refused(house: House) -> None:
    house.server.takes = 0
    house.spool.put(readings(1))
    house.run(1)
    assert house.refused == [(0, "more than 0 readings")]


def test_while_the_store_is_away_it_is_asked_less_and_less(house: House) -> None:
    house.spool.put(readings(10))
    house.server.fails = StoreError("nobody there")
    assert 4 <= house.requests_in(10) <= 7
    house.run(120)
    assert 10 <= house.requests_in(300) <= 21
    assert house.drain.away == "the store is away: nobody there"
    house.server.fails = None
    house.run(31)
    assert (house.stored, house.state) == (10, (0, None))
    house.server.fails = StoreError("again")
    house.spool.put(readings(10, 10))
    house.run(60.5)
    assert house.drain.is_waiting
    house.server.fails = None
    house.run(1.1)
    assert house.stored == 20


@pytest.mark.parametrize(("asked", "granted"), [(7.0, 7.0), (0.0, 0.5), (-3.0, 0.5), (float("nan"), 0.5), (1e9, 300.0)])
def test_a_store_that_asks_for_time_is_given_it_within_reason(house: House, asked: float, granted: float) -> None:
    house.spool.put(readings(10))
    house.server.fails = StoreError("busy")
    house.server.fails.retry_after = asked
    house.run(0)
    assert house.server.asked == [10]
    house.now = granted - 0.01
    house.drain.step()
    assert house.server.asked == [10]
    house.now = granted * 1.1 + 0.01
    house.drain.step()
    assert house.server.asked == [10, 10]
    assert granted <= LONGEST_ASKED


def test_a_store_that_does_not_let_us_in_is_alarmed_and_nothing_is_thrown_away(house: House) -> None:
    house.spool.put(readings(10))
    house.server.fails = ForbiddenError("the token has expired")
    assert house.requests_in(3_600) <= 3_600 / 15 + 1
    assert house.drain.away == "the store does not let us in: the token has expired"
    assert (house.spool.depth(), house.refused) == (10, [])
    house.server.fails = None
    house.run(31)
    assert house.stored == 10


def test_a_failure_amid_a_search_goes_on_where_it_was(house: House) -> None:
    house.spool.put(readings(1_000))
    house.server.refuses = lambda reading: reading.seq == 5
    for _ in range(30):
        house.server.fails = None
        house.drain.step()
        house.server.fails = StoreError("away again")
        house.now += 60
        house.drain.step()
        house.now += 60
    assert house.refused == [(5, "a reading of the batch is refused")]
    assert house.stored == 999


def test_what_is_held_goes_when_the_time_is_over_and_the_store_is_what_it_was(holding: House) -> None:
    holding.spool.put(readings(10))
    holding.run(29)
    assert holding.server.has == set(readings(10))
    assert (holding.spool.depth(), holding.settled) == (10, [])
    assert holding.drain.lag() == 0.0
    holding.run(3)
    assert (holding.spool.depth(), holding.stored) == (0, 10)
    assert len(holding.server.asked) == 1


def test_where_everything_passes_the_spool_readings_gather_for_a_moment(holding: House) -> None:
    for number in range(1_000):
        holding.spool.put(readings(1, number))
        holding.run(0.01)
    assert holding.server.has >= set(readings(900))
    assert 90 <= len(holding.server.asked) <= 110


def test_what_a_restart_has_lost_is_written_again(holding: House) -> None:
    assert isinstance(holding.server, RestartedServer)
    holding.spool.put(readings(10))
    holding.run(5)
    holding.spool.put(readings(10, 10))
    holding.run(20)
    holding.server.kill()
    assert holding.server.has == set()
    holding.run(2)
    assert holding.server.has == set(readings(20))
    holding.server.flush()
    holding.run(40)
    assert (holding.spool.depth(), holding.stored) == (0, 20)


def test_a_restart_just_before_the_end_of_the_hold_is_noticed(holding: House) -> None:
    assert isinstance(holding.server, RestartedServer)
    holding.spool.put(readings(10))
    holding.run(1)
    holding.now += 500.0
    holding.server.kill()
    holding.run(1)
    assert holding.server.has == set(readings(10))
    assert holding.spool.depth() == 10


def test_a_store_that_does_not_tell_of_restarts_is_trusted_until_a_connection_breaks(tmp_path: Path) -> None:
    house = House(tmp_path, Server(), hold=30.0)
    house.spool.put(readings(10))
    house.run(10)
    house.spool.put(readings(1, 10))
    house.server.fails = StoreError("reset")
    house.run(5)
    house.server.fails, house.server.lately = None, set()
    house.run(31)
    assert house.server.has == set(readings(11))
    house.run(70)
    assert house.spool.depth() == 0
    house.spool.close()


def test_when_it_cannot_be_seen_whether_the_store_lost_something_all_is_kept(holding: House) -> None:
    assert isinstance(holding.server, RestartedServer)
    holding.spool.put(readings(10))
    holding.run(5)
    holding.server.life = None
    holding.run(100)
    assert holding.spool.depth() == 10
    assert holding.drain.unseen == "the store does not tell any more when it was started"
    holding.server.life = 2
    holding.run(10)
    assert len(holding.server.asked) == 2
    holding.run(31)
    assert holding.state == (0, None)


def test_a_store_that_is_away_does_not_let_go_of_anything(holding: House) -> None:
    holding.spool.put(readings(10))
    holding.run(5)
    holding.server.fails = StoreError("away")
    holding.run(500)
    assert holding.spool.depth() == 10
    assert holding.drain.unseen == "away"


def test_what_was_refused_is_not_written_again_after_a_restart(holding: House) -> None:
    assert isinstance(holding.server, RestartedServer)
    holding.spool.put(readings(100))
    holding.server.refuses = lambda reading: reading.seq == 5
    holding.run(5)
    assert holding.spool.depth() == 99
    holding.server.kill()
    asked = len(holding.server.asked)
    holding.run(5)
    assert holding.server.asked[asked:] == [99]
    assert len(holding.refused) == 1


def test_looking_after_the_store_is_no_burden(holding: House) -> None:
    assert isinstance(holding.server, RestartedServer)
    holding.spool.put(readings(10))
    holding.run(29)
    assert holding.server.looked <= 31
    holding.run(600)
    looked = holding.server.looked
    holding.run(600)
    assert holding.server.looked - looked <= 21


def test_what_an_earlier_life_left_is_settled_apart(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=64 << 20)
    spool.put(readings(10))
    spool.close()
    house = House(tmp_path, Server())
    house.spool.put(readings(5, 10))
    house.run(1)
    assert [(one.stored, one.own) for one in house.settled] == [(10, False), (5, True)]
    house.spool.close()


def test_a_listener_that_fails_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: Settled) -> None:
        raise ZeroDivisionError

    spool, server = Spool(tmp_path, most_bytes=64 << 20), Server()
    drain = Drain(server, spool, hold=None, settled=fails, monotonic=lambda: 0.0, pace=Pace(Random(1)))
    spool.put(readings(10))
    drain.step()
    assert (spool.depth(), server.has) == (0, set(readings(10)))
    assert "a listener to settled readings failed" in caplog.text
    spool.close()

"""The store with a spool before it keeps the store contract, whatever the one behind it does."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from spaces.reading import Reading
from store.embedded.duck import EmbeddedStore
from store.protocol import Appended, ForbiddenError, RefusalError, Store, StoreError, TooLargeError
from store.spool import Settled, Spool, SpooledStore, SpoolFullError
from tests.store.contract import StoreContract
from tests.store.spool.targets import RestartedServer, Server, Unreliable, readings

MIB = 1 << 20


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


class TestSpooledStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        opened = SpooledStore(EmbeddedStore(tmp_path), Spool(tmp_path / "spool", most_bytes=64 * MIB), hold=None)
        yield opened
        opened.close()


class Restarted(SpooledStore):
    """A store that waits after each append until everything is settled, and is made anew every now and then."""

    def __init__(self, folder: Path, *, hold: float | None) -> None:
        self._folder, self._held = folder, hold
        self._target = Unreliable(EmbeddedStore(folder), 7, answers_too=False)
        self._lock = threading.Lock()
        self._appends = 0
        self._open()

    def _open(self) -> None:
        self._became: list[Settled] = []
        super().__init__(
            self._target,
            Spool(self._folder / "spool", most_bytes=64 * MIB),
            hold=self._held,
            settled=self._became.append,
            random=Random(3),
            shortest=0.001,
            longest=0.004,
        )

    def append(self, batch: Sequence[Reading]) -> Appended:
        with self._lock:
            done = super().append(batch)
            self._appends += 1
            if self._appends % 3 == 0:
                self._stop()
                self._open()
            wait_for(lambda: self._is_settled(done, len(batch)))
            became, self._became[:] = list(self._became), []
            stored = done.stored + sum(one.stored for one in became)
            return Appended(stored, len(batch) - stored)

    def _is_settled(self, done: Appended, length: int) -> bool:
        became = sum(one.stored + one.duplicate for one in self._became)
        return done.stored + done.duplicate + became >= length and not self.depth()

    def _stop(self) -> None:
        self._target.is_open_ended = True
        super().close()
        self._target.is_open_ended = False


class TestSpooledStoreBeforeAnUnreliableOne(StoreContract):
    @pytest.fixture(params=[None, 0.01], ids=["written through", "held"])
    def store(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
        opened = Restarted(tmp_path, hold=request.param)
        yield opened
        opened.close()


class House:
    """A spooled store before a server, and what was settled."""

    def __init__(self, folder: Path, *, hold: float | None = None, most_bytes: int = 64 * MIB) -> None:
        self.server = RestartedServer() if hold else Server()
        self.settled: list[Settled] = []
        self.store = SpooledStore(
            self.server,
            Spool(folder, most_bytes=most_bytes),
            hold=hold,
            settled=self.settled.append,
            shortest=0.01,
            longest=0.05,
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.store.close()


def test_while_the_store_is_up_nothing_touches_the_spool(house: House) -> None:
    assert house.store.append(readings(10)) == (10, 0, 0)
    assert house.store.append(readings(12)) == (2, 10, 0)
    assert house.store.append([]) == (0, 0, 0)
    assert (house.store.depth(), house.store.oldest(), house.store.lag()) == (0, None, 0.0)
    assert house.store.trouble() is None


@pytest.mark.parametrize("error", [StoreError("away"), ForbiddenError("expired")])
def test_while_it_is_away_readings_rest_on_disk_and_drain_when_it_is_back(house: House, error: StoreError) -> None:
    house.server.fails = error
    assert house.store.append(readings(10)) == (0, 0, 10)
    assert house.store.append(readings(10, 10)) == (0, 0, 10)
    assert house.store.depth() == 20
    assert house.store.bytes() > 0
    assert house.store.oldest() is not None
    trouble = house.store.trouble()
    assert trouble is not None
    assert trouble.endswith(f"{error}; 20 readings wait in the spool")
    house.server.fails = None
    wait_for(lambda: not house.store.depth())
    wait_for(lambda: sum(one.stored for one in house.settled) == 20)
    assert house.server.has == set(readings(20))
    assert house.store.trouble() is None
    assert house.store.append(readings(5, 20)) == (5, 0, 0)


def test_a_store_that_hangs_is_waited_for_once_and_not_by_every_append(house: House) -> None:
    class Hanging(Server):
        def __init__(self) -> None:
            super().__init__()
            self.waited_for_by: list[threading.Thread] = []

        def append(self, batch: Sequence[Reading]) -> Appended:
            self.waited_for_by.append(threading.current_thread())
            return super().append(batch)

    hanging = Hanging()
    hanging.fails = StoreError("timed out")
    store = SpooledStore(hanging, Spool(house.store.spool.folder / "other", most_bytes=MIB), hold=None)
    for number in range(20):
        assert store.append(readings(10, number * 10)).spooled == 10
    assert hanging.waited_for_by.count(threading.current_thread()) == 1
    store.close()


@pytest.mark.parametrize(("takes", "error"), [(3, TooLargeError), (100, RefusalError)])
def test_what_the_store_answers_to_a_live_batch_is_the_callers(
    house: House, takes: int, error: type[StoreError]
) -> None:
    house.server.takes = takes
    house.server.refuses = lambda reading: reading.seq == 5
    with pytest.raises(error):
        house.store.append(readings(10))
    assert (house.store.depth(), house.store.trouble()) == (0, None)


def test_live_readings_go_straight_on_while_it_drains(tmp_path: Path) -> None:
    class Slow(Server):
        """Takes its time with what is drained until it is told to go on."""

        def __init__(self) -> None:
            super().__init__()
            self.drains, self.goes_on = threading.Event(), threading.Event()

        def append(self, batch: Sequence[Reading]) -> Appended:
            if len(batch) > 10:
                self.drains.set()
                assert self.goes_on.wait(60), "a live append waits for the drain"
            return super().append(batch)

    first = Spool(tmp_path, most_bytes=64 * MIB)
    for number in range(20):
        first.put(readings(2_500, number * 2_500))
    first.close()
    server = Slow()
    store = SpooledStore(server, Spool(tmp_path, most_bytes=64 * MIB), hold=None)
    assert server.drains.wait(60)
    for number in range(20):
        assert store.append(readings(10, 1_000_000 + number * 10)) == (10, 0, 0)
        assert store.depth() == 50_000
    server.goes_on.set()
    wait_for(lambda: not store.depth())
    assert len(server.has) == 50_200
    store.close()


def test_a_full_spool_is_an_error_and_takes_more_when_it_has_drained(tmp_path: Path) -> None:
    house = House(tmp_path, most_bytes=MIB)
    house.server.fails = StoreError("away")
    put = 0
    with pytest.raises(SpoolFullError, match="is full"):  # noqa: PT012 - the last of many
        while True:
            house.store.append(readings(1_000, put))
            put += 1_000
    house.server.fails = None
    wait_for(lambda: not house.store.depth())
    assert house.store.append(readings(1_000, put)).stored == 1_000
    assert house.server.has == set(readings(put + 1_000))
    house.store.close()


def test_with_a_hold_an_append_returns_when_it_is_on_disk_and_refusals_are_told(tmp_path: Path) -> None:
    house = House(tmp_path, hold=0.2)
    house.server.refuses = lambda reading: reading.seq == 5
    assert house.store.append(readings(10)) == (0, 0, 10)
    wait_for(lambda: len(house.server.has) == 9)
    wait_for(lambda: not house.store.depth())
    wait_for(lambda: sum(one.stored for one in house.settled) == 9)
    assert [reading.seq for one in house.settled for reading, _ in one.refused] == [5]
    house.store.close()


def test_what_is_held_is_written_again_by_the_next_process(tmp_path: Path) -> None:
    first = House(tmp_path, hold=1_000.0)
    first.store.append(readings(10))
    wait_for(lambda: len(first.server.has) == 10)
    first.store.close()
    assert (first.settled, first.server.closed) == ([], True)
    second = House(tmp_path, hold=0.1)
    wait_for(lambda: not second.store.depth())
    wait_for(lambda: [(one.stored, one.own) for one in second.settled] == [(10, False)])
    assert second.server.has == set(readings(10))
    second.store.close()


def test_reads_are_the_targets(house: House) -> None:
    house.store.append(readings(10))
    assert len(house.store.read("s", 0, 99)) == 0
    assert sum(len(batch) for batch in house.store.rows("s", 0, 5)) == 5
    assert (house.store.latest("s"), house.store.extent("s"), house.store.sites()) == ([], None, ())


def test_closing_twice_and_before_the_start_is_fine(tmp_path: Path) -> None:
    store = SpooledStore(Server(), Spool(tmp_path, most_bytes=MIB), hold=None, start=False)
    store.close()
    store.close()


def test_a_drain_thread_that_has_ended_is_told(house: House) -> None:
    with house.store._turn:
        house.store._stopping = True
        house.store._turn.notify_all()
    house.store._thread.join()
    house.store._stopping = False
    assert house.store.trouble() == "the thread that drains the spool has ended"

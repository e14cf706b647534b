"""Random runs, by seed: requests and answers get lost, servers restart, processes end without a word."""

import shutil
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from spaces.reading import Reading
from spaces.readings import readings_from
from store.embedded.duck import EmbeddedStore
from store.protocol import RefusalError, StoreError
from store.spool import Settled, Spool, SpooledStore
from tests.store.spool.targets import RestartedServer, Server, Unreliable, readings

MIB = 1 << 20


class Run:
    """One life after another of a spooled store before a server that outlives them, on a clock of its own.

    The drain's steps are taken by hand, so that a run is the same each time.
    """

    def __init__(self, folder: Path, server: Server, *, hold: float | None, seed: int) -> None:
        self.random = Random(seed)
        self.server = server
        self.hold = hold
        self.acknowledged: set[Reading] = set()
        self.refused: list[int | None] = []
        self.now = 0.0
        self._folder, self._life = folder, 0
        self.own = Settled()
        self.spooled = self.put = 0
        self.store = self._opened()

    def _opened(self) -> SpooledStore:
        return SpooledStore(
            self.server,
            Spool(self._folder / f"life{self._life}", most_bytes=64 * MIB),
            hold=self.hold,
            settled=self._settle,
            monotonic=lambda: self.now,
            random=self.random,
            start=False,
        )

    def _settle(self, settled: Settled) -> None:
        self.refused.extend(reading.seq for reading, _ in settled.refused)
        if settled.own:
            self.spooled -= settled.stored + settled.duplicate + len(settled.refused)

    def append(self) -> None:
        batch = readings(self.random.choice([1, 3, 40, 700]), self.put)
        self.put += len(batch)
        try:
            appended = self.store.append(batch)
        except RefusalError:
            self.acknowledged |= {one for one in batch if not self.server.refuses(one)}
            for one in batch:
                if not self.server.refuses(one):
                    self.spooled += self.store.append([one]).spooled
            return
        self.spooled += appended.spooled
        self.acknowledged |= set(batch)

    def step(self) -> None:
        self.now += self.random.choice([0.0, 0.1, 3.0])
        self.store._drain.step()

    def crash(self) -> None:
        """End as by a kill: what the next life finds is the files as they are now."""
        self._life += 1
        shutil.copytree(self._folder / f"life{self._life - 1}", self._folder / f"life{self._life}")
        self.store.close()
        self.spooled = 0
        self.store = self._opened()
        assert self.store.spool.damaged() == (0, 0, ())

    def finish(self) -> None:
        self.server.fails = None
        for _ in range(20_000):
            if not self.store.depth():
                break
            self.now += max(0.1, self.store._drain.step())
        self.store.close()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("hold", [None, 30.0])
def test_everything_acknowledged_is_stored_whatever_happens(tmp_path: Path, hold: float | None, seed: int) -> None:
    run = Run(tmp_path, RestartedServer(), hold=hold, seed=seed)
    assert isinstance(run.server, RestartedServer)
    run.server.refuses = lambda reading: reading.time % 401 == 400
    for _ in range(250):
        what = run.random.choices(["append", "step", "fail", "heal", "crash", "kill", "flush"], [8, 12, 2, 3, 1, 1, 2])
        match what[0]:
            case "append":
                run.append()
            case "step":
                run.step()
            case "fail":
                run.server.fails = StoreError("away")
            case "heal":
                run.server.fails = None
            case "crash":
                run.crash()
            case "kill" if hold is not None:
                run.server.kill()
            case "kill" | "flush":
                run.server.flush()
        assert 0 <= run.spooled <= run.store.depth()
    run.finish()
    wanted = {one for one in run.acknowledged if not run.server.refuses(one)}
    assert wanted <= run.server.has
    assert run.spooled == 0
    assert {one.seq for one in run.acknowledged - wanted} <= set(run.refused)


@pytest.mark.parametrize("seed", range(4))
def test_lost_requests_and_lost_answers_double_nothing_on_a_real_store(seed: int) -> None:
    with TemporaryDirectory() as folder:
        embedded = EmbeddedStore(Path(folder))
        target = Unreliable(embedded, seed, answers_too=True)
        store = SpooledStore(
            target, Spool(Path(folder) / "spool", most_bytes=64 * MIB), hold=None, shortest=0.001, longest=0.005
        )
        for number in range(40):
            store.append(readings(50, number * 50))
        target.share = 0.0
        while store.depth():
            store.append(readings(1))
        with embedded.cursor() as cursor:
            assert cursor.execute("SELECT count(*) FROM readings").fetchall() == [(2_000,)]
        assert store.read("s", 0, 99_999).time.tolist() == readings_from(readings(2_000)).time.tolist()
        store.close()

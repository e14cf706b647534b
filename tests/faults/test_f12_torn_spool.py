"""F12: a spool whose file or log is cut, flipped or emptied starts, loses what was damaged alone, and says how much.

The oracle is the bytes themselves: a record that still lies whole somewhere in the damaged files must be there.
"""

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from spaces.reading import Reading
from store.spool import Spool, SpooledStore
from store.spool.files import FILE
from tests.faults.harness import either
from tests.store.spool.targets import Server

MIB = 1 << 20
LOG = f"{FILE}-wal"
ENDS_AT = """
import os, sys
from pathlib import Path
folder, steps = Path(sys.argv[1]), int(sys.argv[2])
def step(event, arguments):
    global steps
    changes = event in ("os.rename", "os.remove", "os.link", "sqlite3.connect", "shutil.copyfile", "os.truncate")
    if changes and str(folder) in str(arguments):
        if steps == 0:
            os._exit(9)
        steps -= 1
from store.spool import Spool
sys.addaudithook(step)
Spool(folder, most_bytes=2 << 20).close()
"""
SEEDS = range(either(4, 100))
Damage = Callable[[bytearray, Random], None]


def cut(data: bytearray, random: Random) -> None:
    del data[max(0, len(data) - random.randint(1, 4_096)) :]


def flip_one(data: bytearray, random: Random) -> None:
    data[random.randrange(len(data))] ^= random.randint(1, 255)


def flip_many(data: bytearray, random: Random) -> None:
    for _ in range(random.randint(2, 40)):
        flip_one(data, random)


def wipe_a_stretch(data: bytearray, random: Random) -> None:
    start = random.randrange(len(data))
    length = min(random.randint(1, 4_096), len(data) - start)
    data[start : start + length] = bytes(length)


def empty_the_metadata(data: bytearray, random: Random) -> None:
    length = random.choice([16, 100, 4_096, 16_384])
    data[:length] = bytes(min(length, len(data)))


def lose_all(data: bytearray, random: Random) -> None:
    del random
    data.clear()


def scatter(data: bytearray, random: Random) -> None:
    data[:] = random.randbytes(len(data))


class Left:
    """A spool as a kill leaves it, with records that were carried over, some in the log alone, and some done."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.records: dict[int, bytes] = {}
        self.readings: dict[int, list[Reading]] = {}
        spool = Spool(folder / "before", most_bytes=2 * MIB)
        at = 0
        for _ in range(random.randint(20, 120)):
            count = random.choice([1, 3, 20, 400])
            spool.put([reading(random, number) for number in range(at, at + count)])
            at += count
            if random.random() < 0.1:
                spool.done([taken.id for taken in spool.take(500)])
        self.readings = {taken.id: taken.batch for taken in spool.take(10**9)}
        self.folder = folder / "after"
        shutil.copytree(spool.folder, self.folder)
        shutil.copytree(spool.folder, folder / "look")
        spool.close()
        with closing(sqlite3.connect(folder / "look" / FILE)) as connection:
            self.records = dict(connection.execute("SELECT id, body FROM records"))
        self._newest = self.records[max(self.records)], self.records.pop(0, b"")

    def damage(self, name: str, how: Damage, random: Random) -> bytes:
        data = bytearray((self.folder / name).read_bytes())
        how(data, random)
        (self.folder / name).write_bytes(data)
        return bytes(data)

    def whole(self) -> set[int]:
        """Return the records whose bytes lie somewhere in the files, as they were written."""
        return {number for number, body in self.records.items() if self._lies_there(body)}

    def newest_is_whole(self) -> bool:
        """Whether what tells of the newest changes lies there still; else there are things that nobody can know."""
        return all(self._lies_there(body) for body in self._newest)

    def _lies_there(self, body: bytes) -> bool:
        return any(body in (self.folder / name).read_bytes() for name in (FILE, LOG))


def reading(random: Random, number: int) -> Reading:
    return Reading("house", f"d{random.randrange(10**6)}", number, number + 9, occupied=True, seq=number)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [FILE, LOG])
@pytest.mark.parametrize(
    "how",
    [cut, flip_one, flip_many, wipe_a_stretch, empty_the_metadata, lose_all, scatter],
    ids=lambda how: how.__name__,
)
def test_f12_a_damaged_spool_starts_and_loses_what_was_damaged_alone(
    tmp_path: Path, how: Damage, name: str, seed: int
) -> None:
    random = Random(f"{how.__name__} {name} {seed}")
    left = Left(tmp_path, random)
    damaged = left.damage(name, how, random)
    whole, tells = left.whole(), left.newest_is_whole()
    spool = Spool(left.folder, most_bytes=2 * MIB)
    found = {taken.id: taken.batch for taken in spool.take(10**9)}
    lost = left.records.keys() - found.keys()
    assert whole <= found.keys()
    assert all(found[number] == left.readings[number] for number in found.keys() & left.records.keys())
    assert spool.depth() == sum(map(len, found.values()))
    told, readings_lost = spool.damaged(), sum(len(left.readings[number]) for number in lost)
    if tells:
        assert (told.records, told.readings) == (len(lost), readings_lost)
    else:
        assert told.records <= len(lost)
        assert told.readings <= readings_lost
    if told.copies:
        kept = told.copies[0] if name == FILE else told.copies[0].with_name(f"{told.copies[0].name}-wal")
        assert kept.read_bytes() == damaged
    else:
        assert not lost or how is lose_all
    spool.put([reading(random, 0)])
    spool.close()


def test_f12_what_a_damaged_spool_still_holds_drains_when_its_process_starts(tmp_path: Path) -> None:
    random = Random(5)
    left = Left(tmp_path, random)
    left.damage(FILE, empty_the_metadata, random)
    left.damage(LOG, cut, random)
    whole = {one for number in left.whole() for one in left.readings[number]}
    server = Server()
    store = SpooledStore(server, Spool(left.folder, most_bytes=2 * MIB), hold=None)
    end = time.monotonic() + 60
    while store.depth() and time.monotonic() < end:
        time.sleep(0.01)
    store.close()
    assert whole <= server.has


def test_f12_a_rescue_that_is_killed_is_finished_by_the_next_start(tmp_path: Path) -> None:
    """At each step of the rescue the process is taken to end: nothing more than the damaged record is ever lost."""
    random = Random(6)
    left = Left(tmp_path, random)
    left.damage(FILE, lose_all, random)
    whole = left.whole()
    steps = 0
    while True:
        folder = tmp_path / f"step{steps}"
        shutil.copytree(left.folder, folder)
        ended = subprocess.run([sys.executable, "-c", ENDS_AT, str(folder), str(steps)], timeout=60, check=False)
        spool = Spool(folder, most_bytes=2 * MIB)
        assert whole <= {taken.id for taken in spool.take(10**9)}
        spool.close()
        if ended.returncode == 0:
            break
        assert ended.returncode == 9
        steps += 1
    assert steps > 10


def test_f12_damage_that_comes_to_light_while_it_runs_is_rescued_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=2 * MIB)
    ids = [spool.put([reading(Random(number), number) for number in range(300)]) for _ in range(20)]
    spool.done(ids[:5])
    spool._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    ((body,),) = spool._database.execute("SELECT body FROM records WHERE id = ?", (ids[9],)).fetchall()
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data.replace(body, body[:-9] + bytes(9)))
    spool._database.execute("PRAGMA shrink_memory")
    server = Server()
    store = SpooledStore(server, spool, hold=None, shortest=0.01, longest=0.02)
    end = time.monotonic() + 60
    while store.depth() and time.monotonic() < end:
        time.sleep(0.01)
    told = spool.damaged()
    store.close()
    assert (told.records, told.readings) == (1, 300)
    assert sum(server.asked) >= 14 * 300

"""The queue on disk: durable on return, bounded in bytes, and never silent."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spaces.reading import Reading
from store.protocol import StoreError, TooLargeError
from store.spool import Spool, SpoolFullError
from tests.store.spool.targets import readings

MIB = 1 << 20
PUTTING = """
import sys
from pathlib import Path
from store.spool import Spool
from tests.store.spool.targets import readings
spool = Spool(Path(sys.argv[1]), most_bytes=64 << 20)
at = 0
while True:
    count = 1 + at % 997
    spool.put(readings(count, at))
    at += count
    print(at, flush=True)
"""
IN_SHORT_FILES = """
import resource, sys
from pathlib import Path
from store.protocol import StoreError
from store.spool import Spool, SpoolFullError
from tests.store.spool.targets import readings
spool = Spool(Path(sys.argv[1]), most_bytes=64 << 20)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
put = 0
try:
    while True:
        spool.put(readings(400, put))
        put += 400
except SpoolFullError:
    sys.exit("taken for its own bound")
except StoreError as error:
    print(put, error)
assert spool.depth() == put == sum(len(taken.batch) for taken in spool.take(10**9))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
spool.put(readings(400, put))
assert spool.depth() == put + 400
spool.close()
"""
AS_NOBODY = """
import os, sys
from pathlib import Path
from store.protocol import StoreError
from store.spool import Spool
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    Spool(Path(sys.argv[1]), most_bytes=64 << 20)
except StoreError as error:
    print(error)
"""


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool", most_bytes=64 * MIB)
    yield opened
    opened.close()


def contents(spool: Spool) -> list[Reading]:
    return [reading for taken in spool.take(10**9) for reading in taken.batch]


def run(script: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_put_is_taken_in_order_and_stays_until_it_is_done(spool: Spool) -> None:
    spool.put(readings(1_300))
    spool.put(readings(7, 1_300))
    assert contents(spool) == contents(spool) == readings(1_307)
    assert spool.depth() == 1_307
    first = spool.take(1_000)
    spool.done([taken.id for taken in first])
    assert contents(spool) == readings(307, 1_000)
    assert spool.depth() == 307


def test_a_take_keeps_to_its_most_and_goes_on_behind_a_record(spool: Spool) -> None:
    for number in range(10):
        spool.put(readings(10, number * 10))
    first = spool.take(35)
    assert sum(len(taken.batch) for taken in first) == 30
    rest = spool.take(1_000, after=first[-1].id)
    assert [reading for taken in rest for reading in taken.batch] == readings(70, 30)
    assert len(spool.take(3)) == 1


def test_it_outlives_its_process_and_tells_its_lives_apart(tmp_path: Path) -> None:
    first = Spool(tmp_path, most_bytes=64 * MIB, clock=lambda: 1_000)
    first.put(readings(5))
    first.close()
    second = Spool(tmp_path, most_bytes=64 * MIB, clock=lambda: 61_000)
    newest = second.put(readings(5, 5))
    assert (second.depth(), second.oldest(), second.age()) == (10, 1_000, 60.0)
    assert second.is_own(newest)
    (earlier,) = second.take(1_000)
    assert not second.is_own(earlier.id)
    assert second.age(after=earlier.id) == 0.0
    second.done([earlier.id, newest])
    assert (second.depth(), second.oldest(), second.age()) == (0, None, 0.0)
    second.close()
    second.close()


def test_a_record_may_lose_some_of_its_readings(spool: Spool) -> None:
    number = spool.put(readings(10))
    spool.replace(number, readings(9))
    assert contents(spool) == readings(9)
    spool.replace(number, [])
    assert (spool.depth(), contents(spool)) == (0, [])


@pytest.mark.parametrize("size", [4, 40, 1_500])
def test_it_is_full_at_its_bytes_and_takes_more_when_some_are_done(tmp_path: Path, size: int) -> None:
    most = 2 * MIB
    spool = Spool(tmp_path, most_bytes=most)
    put, largest, said = fill(spool, size)
    assert spool.depth() == put
    assert most * 0.6 < largest <= most
    assert re.search(r"is full: \d+ readings in \d+ of 2097152 bytes", said)
    assert [reading.seq for reading in contents(spool)] == list(range(put))
    done = spool.take(put // 2)
    spool.done([taken.id for taken in done])
    spool.put(incompressible(size, put))
    assert spool.bytes() <= most
    spool.close()


def test_what_its_bound_leaves_no_room_for_is_never_taken_for_a_full_disk(tmp_path: Path) -> None:
    for number in range(25):
        spool = Spool(tmp_path / str(number), most_bytes=2 * MIB)
        put, _, said = fill(spool, 1_500)
        assert put
        assert "is full" in said
        spool.close()


def incompressible(count: int, first: int) -> list[Reading]:
    noise = os.urandom(100 * count).hex()
    return [Reading("s", noise[200 * n : 200 * n + 200], 5, 5, occupied=True, seq=first + n) for n in range(count)]


def fill(spool: Spool, size: int) -> tuple[int, int, str]:
    """Put batches until it is full; return the readings put, the most bytes that it had, and what it said."""
    put, largest = 0, 0
    while True:
        try:
            spool.put(incompressible(size, put))
        except SpoolFullError as error:
            return put, largest, str(error)
        put += size
        largest = max(largest, spool.bytes())


def test_space_is_given_back_when_it_has_drained(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=64 * MIB)
    for at in range(0, 60_000, 2_000):
        spool.put(incompressible(2_000, at))
    assert spool.bytes() > 6 * MIB
    while taken := spool.take(5_000):
        spool.done([one.id for one in taken])
    assert spool.bytes() <= MIB
    spool.close()


def test_a_batch_too_large_for_it_is_told_apart_from_a_full_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=MIB)
    with pytest.raises(TooLargeError):
        spool.put(incompressible(3_000, 0))
    assert spool.depth() == 0
    spool.close()


def test_a_second_process_is_turned_away(spool: Spool) -> None:
    with pytest.raises(StoreError, match="held by another process"):
        Spool(spool.folder, most_bytes=MIB)


def test_a_bound_that_holds_nothing_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1048576"):
        Spool(tmp_path, most_bytes=1_000)


def test_a_closed_spool_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=MIB)
    spool.close()
    with pytest.raises(StoreError, match="is closed"):
        spool.put(readings(1))


def test_what_a_kill_leaves_holds_all_that_was_put(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", PUTTING, str(tmp_path / "spool")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    acknowledged = 0
    for _ in range(60):
        acknowledged = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split(b"\n")
    process.stdout.close()
    process.wait()
    acknowledged = max([acknowledged, *(int(line) for line in rest[:-1] if line)])
    spool = Spool(tmp_path / "spool", most_bytes=64 * MIB)
    found = [reading.seq for reading in contents(spool)]
    assert found == list(range(len(found)))
    assert acknowledged <= len(found) <= acknowledged + 997
    assert spool.damaged() == (0, 0, ())
    spool.close()


def test_a_disk_that_takes_no_more_is_an_error_and_loses_nothing(tmp_path: Path) -> None:
    said = run(IN_SHORT_FILES, tmp_path / "spool")
    assert int(said.split()[0]) > 0
    assert "takes no readings" in said


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if not os.access(folder, os.X_OK):
            pytest.skip("the way to the test's folder is closed to others")
    spool = Spool(tmp_path / "spool", most_bytes=MIB)
    spool.put(readings(3))
    spool.close()
    closed = Path("/tmp") / f"ledig-closed-{os.getpid()}"
    shutil.copytree(tmp_path / "spool", closed)
    try:
        closed.chmod(0o555)
        assert f"the spool folder {closed} cannot be written to" in run(AS_NOBODY, closed)
        assert f"the spool folder {closed / 'in'} cannot be made: Permission denied" in run(AS_NOBODY, closed / "in")
    finally:
        closed.chmod(0o755)
        shutil.rmtree(closed)


def test_a_folder_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made: Not a directory"):
        Spool(tmp_path / "file" / "spool", most_bytes=MIB)

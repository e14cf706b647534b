"""F25: killed while a new store is made, at each of its writes.

The operating system kills a process that writes beyond the size that its files may have (RLIMIT_FSIZE, SIGXFSZ): at
that very write, and what of it still fits is written. So each length that the files have on the way is one at which a
kill finds them, and no moment is left to chance.
"""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from spaces.reading import Reading
from spaces.times import FOREVER
from store.embedded.duck import FILE
from store.opening import open_store
from store.protocol import StoreError
from tests.docs.papers import ROOT
from tests.faults.harness import either

WRITES = (*range(0, 12_288, either(4_096, 512)), 100, 4_095, 4_097, 8_193, 12_287)
"""Lengths up to which DuckDB writes the heads of its file."""
LATER = tuple(range(12_288, 20_480, either(4_096, 512)))
PROGRAM = """
import resource, signal, sys
from pathlib import Path
from spaces.reading import Reading
from store.opening import open_store
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
store = open_store(Path(sys.argv[1]))
for time in range(int(sys.argv[3])):
    store.append([Reading("house", "s0", time, 1, occupied=True)])
    print("stored", flush=True)
"""


def killed_at(folder: Path, length: int, readings: int = 0) -> int:
    """Let a store be made until a file of it would be longer; return how many readings it had confirmed before."""
    command: Sequence[str] = [sys.executable, "-c", PROGRAM, str(folder), str(length), str(readings)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert run.returncode == -signal.SIGXFSZ, run.stderr
    return run.stdout.count("stored")


@pytest.mark.parametrize("length", WRITES)
def test_f25_a_store_whose_making_was_killed_is_made_by_the_next_start(tmp_path: Path, length: int) -> None:
    killed_at(tmp_path, length)
    assert (tmp_path / FILE).stat().st_size == length
    assert_it_works(tmp_path, 0)


@pytest.mark.parametrize("length", LATER)
def test_f25_what_a_store_had_confirmed_is_there_when_it_was_killed_at_a_later_write(
    tmp_path: Path, length: int
) -> None:
    assert_it_works(tmp_path, killed_at(tmp_path, length, readings=1_000))


@pytest.mark.parametrize("length", [0, 4_096, 8_192])
def test_f25_a_short_file_with_a_log_beside_it_is_left_alone(tmp_path: Path, length: int) -> None:
    """Nobody has seen such a pair. What is in the log may have been acknowledged."""
    (tmp_path / FILE).write_bytes(bytes(length))
    log = tmp_path / f"{FILE}.wal"
    log.write_bytes(b"readings, perhaps")
    with pytest.raises(StoreError):
        open_store(tmp_path)
    assert (tmp_path / FILE).stat().st_size == length
    assert log.read_bytes() == b"readings, perhaps"


def assert_it_works(folder: Path, confirmed: int) -> None:
    """See that a store opens, has what was confirmed (and at most what came after it), and takes readings."""
    store = open_store(folder)
    try:
        assert confirmed <= len(store.read("house", 0, FOREVER)) <= confirmed + 1
        store.append([Reading("house", "s1", 1, 1, occupied=True)])
        assert [reading.sensor for reading in store.latest("house")][-1] == "s1"
    finally:
        store.close()

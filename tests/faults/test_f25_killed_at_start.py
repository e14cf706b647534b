"""F25: killed while a new store is made."""

import subprocess
import sys
import time
from pathlib import Path
from random import Random

from spaces.reading import Reading
from spaces.times import FOREVER
from store.opening import open_store
from tests.docs.papers import ROOT
from tests.faults.harness import either, long_timeout

KILLS = either(8, 50)
LONGEST = 2.0
"""Kills are spread over so many times what the making of a store takes here."""
PROGRAM = """
import sys
from pathlib import Path
from store.opening import open_store
print("making", flush=True)
open_store(Path(sys.argv[1]))
print("made", flush=True)
sys.stdin.read()
"""


@long_timeout(300)
def test_f25_a_store_whose_making_was_killed_is_made_by_the_next_start(tmp_path: Path) -> None:
    moments = Random(1)
    unfinished, takes = 0, made(tmp_path / "undisturbed")
    for number in range(KILLS):
        folder = tmp_path / str(number)
        unfinished += not made_before_the_kill(folder, moments.uniform(0, LONGEST * takes))
        store = open_store(folder)
        try:
            store.append([Reading("house", "s0", 1, 1, occupied=True)])
            assert len(store.read("house", 0, FOREVER)) == 1
        finally:
            store.close()
    assert unfinished, "no kill came in time: nothing was tried"


def made(folder: Path) -> float:
    """Make a store in a process of its own; return the seconds that it took."""
    with started(folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "making\n"
        began = time.monotonic()
        assert process.stdout.readline() == "made\n"
        return time.monotonic() - began


def started(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def made_before_the_kill(folder: Path, after: float) -> bool:
    """Kill a start so long after it began to make a store; return whether it had."""
    with started(folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "making\n"
        time.sleep(after)
        process.kill()
        return process.stdout.read() == "made\n"

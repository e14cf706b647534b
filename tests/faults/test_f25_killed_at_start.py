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
TAKES = 0.03
"""Seconds in which a store is made; kills are spread over twice that."""
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
    unfinished = 0
    for number in range(KILLS):
        folder = tmp_path / str(number)
        unfinished += not made_before_the_kill(folder, moments.uniform(0, 2 * TAKES))
        store = open_store(folder)
        try:
            store.append([Reading("house", "s0", 1, 1, occupied=True)])
            assert len(store.read("house", 0, FOREVER)) == 1
        finally:
            store.close()
    assert unfinished, "no kill came in time: nothing was tried"


def made_before_the_kill(folder: Path, after: float) -> bool:
    """Kill a start so long after it began to make a store; return whether it had."""
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "making\n"
        time.sleep(after)
        process.kill()
        return process.stdout.read() == "made\n"

"""F2 and F3: a crash between commit and acknowledgement, and one before the commit."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.brokers import Mosquitto
from tests.docs.papers import ROOT
from tests.faults.harness import (
    Traffic,
    assert_whole,
    either,
    long_timeout,
    rows_of,
    site_file,
    wait_until_stored,
)
from tests.faults.runner import CRASHED

CRASHES = either(2, 20)


def crashed(folder: Path, broker: Mosquitto, point: str, batch: int) -> None:
    """Work until the point."""
    with started(folder, broker, point, batch) as process:
        try:
            assert process.wait(60) == CRASHED
        finally:
            process.kill()


def counted(folder: Path, broker: Mosquitto, traffic: Traffic) -> tuple[int, int]:
    """Work until everything is stored; return how many were stored, and how many were there already."""
    with started(folder, broker, "none", 0) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        traffic.stop()
        wait_until_stored(folder / "data", traffic)
        process.terminate()
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 0
    stored, duplicate, balances = said.split()
    assert balances == "True"
    return int(stored), int(duplicate)


def started(folder: Path, broker: Mosquitto, point: str, batch: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.faults.runner", str(folder), str(broker.port), point, str(batch)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.mark.parametrize("number", range(CRASHES))
@long_timeout(120)
def test_f02_what_was_committed_and_not_acknowledged_comes_again_and_is_stored_once(
    tmp_path: Path, quick_mosquitto: Mosquitto, number: int
) -> None:
    site_file(tmp_path)
    with Traffic(quick_mosquitto.port, rate=1_000) as traffic:
        crashed(tmp_path, quick_mosquitto, "after-commit", Random(number).randrange(1, 20))
        before = len(rows_of(tmp_path / "data"))
        stored, duplicate = counted(tmp_path, quick_mosquitto, traffic)
        assert duplicate > 0, "nothing came again: the crash was not where it should be"
        assert before + stored == assert_whole(tmp_path / "data", traffic)


@pytest.mark.parametrize("number", range(CRASHES))
@long_timeout(120)
def test_f03_what_was_not_committed_was_not_acknowledged_either(
    tmp_path: Path, quick_mosquitto: Mosquitto, number: int
) -> None:
    site_file(tmp_path)
    with Traffic(quick_mosquitto.port, rate=1_000) as traffic:
        crashed(tmp_path, quick_mosquitto, "before-commit", Random(number).randrange(1, 20))
        before = len(rows_of(tmp_path / "data"))
        stored, _ = counted(tmp_path, quick_mosquitto, traffic)
        assert before + stored == assert_whole(tmp_path / "data", traffic)

"""However much waits in the spool, it is never in memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LONG = os.environ.get("LEDIG_LONG") == "1"
SMALL, LARGE = (1_000_000, 10_000_000) if LONG else (50_000, 250_000)
MOST_MORE = 8.0
"""MiB by which five or ten times as many readings may take more."""


def grown(count: int, folder: Path) -> float:
    """Return the MiB by which the peak rises while so many readings are put, and drain into nothing."""
    command = [sys.executable, "-m", "benchmarks.spool", "sink", str(count), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)
    return float(json.loads(done.stdout)["grown_mib"])


@pytest.mark.timeout(1_800 if LONG else 300)
def test_a_long_outage_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    assert grown(LARGE, tmp_path / "large") < grown(SMALL, tmp_path / "small") + MOST_MORE

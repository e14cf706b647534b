"""What the operating system says of its clock."""

import os
import re
import shutil
import subprocess
import time

import pytest

from ledig.clock import is_synchronised, running, wall_clock


def test_the_running_time_is_of_the_machine_and_goes_on() -> None:
    first, wall = running(), wall_clock()
    time.sleep(0.05)
    assert 0.05 <= (running() - first) / 1_000 < 30
    assert abs(wall / 1_000 - time.time()) < 30


@pytest.mark.skipif(shutil.which("timedatectl") is None, reason="timedatectl is not installed")
def test_whether_the_clock_is_set_by_others_is_what_systemd_says() -> None:
    run = subprocess.run(
        ["timedatectl", "show", "-p", "NTPSynchronized"], capture_output=True, text=True, check=False, env=os.environ
    )
    said = re.fullmatch(r"NTPSynchronized=(yes|no)\n", run.stdout)
    if said is None:
        pytest.skip(f"timedatectl does not say: {run.stderr.strip()}")
    assert is_synchronised() == (said[1] == "yes")

"""F11: the disk of the data folder is full. It is a small one of its own, which nobody else sees."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.brokers import Mosquitto
from tests.docs.papers import ROOT
from tests.faults.harness import (
    Serving,
    Traffic,
    assert_whole,
    either,
    every,
    long_timeout,
)
from tests.ledig.running import metric, rows, wait_for
from tests.programs import required

ROUNDS = either(1, 5)
SIZE = 96
"""MB of the disk; 64 of it stay free for the store's own work."""


class SmallDisk:
    """A file system in memory, in a mount name space of its own that a sleeping process keeps."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        mount = f"mount -t tmpfs -o size={megabytes}m none {folder} && echo mounted && exec sleep 1000"
        self.folder = folder
        self._keeper = subprocess.Popen(
            [required("unshare"), "-m", "sh", "-c", mount],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._keeper.stdout is not None
        said = self._keeper.stdout.readline()
        if said != "mounted\n":
            self.close()
            pytest.skip(f"no file system can be mounted here: {said.strip()}")
        self.launcher = (required("nsenter"), "-t", str(self._keeper.pid), "-m")

    def seen(self, path: Path) -> Path:
        """Return a path of the disk as it is reached from outside."""
        return Path(f"/proc/{self._keeper.pid}/root{path}")

    def fill(self) -> None:
        """Leave no room."""
        with self.seen(self.folder / "ballast").open("ab", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"x" * 100_000)
            except OSError:
                pass

    def free(self) -> None:
        """Take away what fills it."""
        self.seen(self.folder / "ballast").unlink()

    def close(self) -> None:
        """Let go of it."""
        self._keeper.kill()
        self._keeper.wait()
        assert self._keeper.stdout is not None
        self._keeper.stdout.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    small = SmallDisk(folder, SIZE)
    yield small
    small.close()


@long_timeout(600)
def test_f11_a_full_disk_stops_acknowledging_reads_go_on_and_room_resumes_it(
    tmp_path: Path, quick_mosquitto: Mosquitto, disk: SmallDisk
) -> None:
    data = disk.folder / "data"
    with (
        Serving(tmp_path, quick_mosquitto, data=data, launcher=disk.launcher) as serving,
        Traffic(quick_mosquitto.port, rate=500) as traffic,
    ):
        serving.ready()

        def read() -> None:
            rows(serving.port, "v1/sites/house/status", group="space")
            rows(serving.port, "v1/sites/house/utilisation", bucket="15m")

        with every(0.2, read):
            for _ in range(ROUNDS):
                wait_for(lambda: stored(serving) > 0, "nothing is stored")
                disk.fill()
                wait_for(lambda: not serving.is_up(), "a full disk is not told")
                said = httpx.get(f"http://127.0.0.1:{serving.port}/readyz", timeout=30)
                assert said.status_code == 503
                assert "the disk is full" in said.text
                assert httpx.get(f"http://127.0.0.1:{serving.port}/healthz", timeout=30).status_code == 200
                before = stored(serving)
                assert stored(serving) == before
                disk.free()
                wait_for(lambda before=before: serving.is_up() and stored(serving) > before, "not resumed")  # type: ignore[misc]
        traffic.stop()
        wait_for(lambda: stored(serving) >= traffic.published, "not all is stored")
        serving.assert_balanced()
        assert serving.terminate() == 0
        copy = shutil.copytree(disk.seen(data), tmp_path / "copy")  # DuckDB finds its way back to our own folder
        assert_whole(copy, traffic)


def test_f11_a_write_that_fails_half_way_loses_nothing_and_the_store_goes_on(tmp_path: Path) -> None:
    """As above without the reserve, by which the store stops before DuckDB meets the end of the disk.

    Its log is what cannot grow here. Where the disk fills while the log is moved into the file, DuckDB has ended the
    process under readers (docs/faults.md): the reserve is there so that it does not come to that.
    """
    disk = SmallDisk(tmp_path, 16)
    try:
        with disk.seen(tmp_path / "ballast").open("wb") as ballast:
            ballast.write(b"x" * 8_000_000)
        command = [*disk.launcher, sys.executable, "-m", "tests.faults.filling", str(tmp_path)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        said = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True, env=environment).stdout
    finally:
        disk.close()
    found = json.loads(said)
    assert all("Failed to commit" in reason for reason in found["said"]), found
    assert found["resumed"] > 0
    assert (found["lost"], found["invented"], found["twice"]) == (0, 0, 0)
    assert found["reads"].pop("went well") > 10 * sum(found["reads"].values()), found


def stored(serving: Serving) -> float:
    return metric(serving.port, "ledig_ingest_readings_stored_total")

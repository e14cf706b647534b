"""The wheel in an environment of its own, away from the checkout: what a newcomer has who installs it."""

import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from ledig.shadowing import NAMES
from tests.brokers import free_port
from tests.docs.papers import ROOT
from tests.ledig.running import Running, answer, plain_environment, rows, wait_for
from tests.packaging.wheels import build_wheel, tracked
from tests.programs import miss

pytestmark = pytest.mark.timeout(300, func_only=True)
"""A registry takes as long as it takes: what is installed is there before the time of a test begins."""
INSTALLING = 1_200.0
"""Seconds that fetching a hundred megabytes may take."""
SPEED = 7_200
"""Two hours a second: weeks of history are made by `tests/ledig/test_demo.py`, here it comes over MQTT."""


class Home(NamedTuple):
    """An environment that holds ledig alone, and a folder to work in."""

    program: Path
    python: Path
    folder: Path

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *map(str, arguments)],
            cwd=self.folder, env=plain_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def evaluate(self, code: str) -> str:
        done = subprocess.run(
            [self.python, "-c", code],
            cwd=self.folder,
            env=plain_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tracked(), tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Install the locked dependencies and the wheel into an empty environment, as pip does everywhere."""
    folder = tmp_path_factory.mktemp("home")
    python = folder / "environment" / "bin" / "python"
    venv.create(folder / "environment", with_pip=False, symlinks=True)
    _ask_registry(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    for what in (["--require-hashes", "-r", str(ROOT / "requirements.lock")], ["--no-deps", str(wheel)]):
        subprocess.run([*pip, "--no-compile", *what], check=True, timeout=INSTALLING)
    (folder / "work").mkdir()
    return Home(python.with_name("ledig"), python, folder / "work")


def _ask_registry(folder: Path) -> None:
    """Skip the test where pip reaches no registry of packages: one small package is asked for."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--retries", "1", "--no-cache-dir"]
    download = ["download", "--quiet", "--no-deps", "--dest", str(folder / "asked"), "six"]
    asked = subprocess.run([*pip, *download], capture_output=True, text=True, check=False, timeout=INSTALLING)
    if asked.returncode:
        miss("registry", f"pip reaches no registry of packages: {asked.stderr.strip().splitlines()[-1]}")


def test_every_file_of_our_packages_is_in_it(wheel: Path) -> None:
    ours = {path for path in tracked() if path.split("/")[0] in NAMES}
    there = set(zipfile.ZipFile(wheel).namelist())
    assert {path for path in there if ".dist-info/" not in path} == ours
    assert {Path(path).suffix for path in ours} > {".toml", ".csv", ".html", ".css", ".js", ".svg"}


def test_commands_are_of_the_wheel_and_not_of_the_checkout(home: Home) -> None:
    done = home.run("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ledig")
    assert not done.stderr
    for name in NAMES:
        place = Path(home.evaluate(f"import {name}; print({name}.__file__)"))
        assert place.is_relative_to(home.python.parents[1])


@pytest.fixture(scope="module")
def demo(home: Home) -> Iterator[tuple[int, int]]:
    """Run the demo as a newcomer does, but fast; give the ports of its page and of its broker, and end it by Ctrl-C."""
    port, broker = free_port(), free_port()
    options = ("--speed", SPEED, "--port", port, "--broker-port", broker)
    with Running("demo", *options, folder=home.folder, program=home.program) as running:
        running.until("page ")
        yield port, broker
        running.interrupt()
        assert running.ended() == 0


def test_the_demo_shows_its_page_with_all_that_belongs_to_it(demo: tuple[int, int]) -> None:
    port, _ = demo
    page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True, timeout=30)
    assert page.status_code == 200
    parts = re.findall(r'(?:src|href)="(static/[^"]+)"', page.text)
    assert len(parts) > 5
    for part in parts:
        assert httpx.get(str(page.url.join(part)), timeout=30).status_code == 200, part


def test_the_demo_answers_figures(demo: tuple[int, int]) -> None:
    port, _ = demo
    (site,) = rows(port, "v1/sites")
    assert site["site"] == "betahaus"
    wait_for(lambda: 0 < (_utilisation(port) or 0) < 1, "no figure comes of what is said")


def _utilisation(port: int) -> float | None:
    (week,) = answer(port, "v1/sites/betahaus/utilisation", bucket="1w", group="site")["rows"][-1:]
    found: float | None = week["utilisation"]
    return found


def test_check_finds_the_house_in_the_wheel_and_the_broker_of_the_demo(home: Home, demo: tuple[int, int]) -> None:
    _, broker = demo
    house = home.evaluate("from simulator.betahaus import SITE; print(SITE)")
    (home.folder / "check.toml").write_text('mqtt_protocol = "3.1.1"\n')
    options = ("--sites", house, "--data", "other", "--broker", f"mqtt://127.0.0.1:{broker}")
    done = home.run("check", "--settings", "check.toml", *options)
    assert done.returncode == 0, done.stderr
    assert "site betahaus: 102 flexible and 48 fixed desks" in done.stdout

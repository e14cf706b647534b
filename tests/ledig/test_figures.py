"""`ledig figures` without an API: from the store of the settings, held or not. Lines are taken by a VictoriaMetrics."""

import json
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledig.clock import wall_clock
from ledig.main import run
from spaces.reading import Reading
from spaces.times import HOUR
from store.opening import open_store, through
from tests.brokers import WAIT, free_port
from tests.ledig.test_sizing import site_file
from tests.programs import required
from tests.victoria import Node, asked


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Give a server that takes the lines of InfluxDB."""
    node = Node(required("victoria-metrics"), tmp_path_factory.mktemp("victoria"))
    node.start()
    yield node
    node.kill()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store in which three desks have been in use for a day, until now."""
    folder, now = tmp_path_factory.mktemp("data"), wall_clock()
    with closing(open_store(folder)) as store:
        times = [now - hours * HOUR for hours in range(24)]
        store.append(
            [Reading("hut", f"s-flex-{desk}", time, time, occupied=True) for desk in range(3) for time in times]
        )
    return folder


@pytest.fixture
def flags(server: Node, data: Path, tmp_path: Path) -> list[str]:
    """Return the command on that store."""
    (tmp_path / "token").write_text("any")
    house = site_file(tmp_path / "house", fixed=0, hours='daily = "00:00-24:00"')
    named = {
        "--data": data,
        "--sites": house,
        "--influxdb-url": server.url,
        "--influxdb-token-file": tmp_path / "token",
    }
    return ["figures", "--days", "2", *(str(word) for pair in named.items() for word in pair)]


def series(server: Node, field: str, **tags: str) -> list[dict[str, list[float]]]:
    """Return the series of a field of figures."""
    server.flush()
    chosen = ",".join(f'{name}="{value}"' for name, value in tags.items())
    match = urllib.parse.quote(f"ledig_figure_{field}{{{chosen}}}")
    return [json.loads(line) for line in asked(f"{server.url}/api/v1/export?match[]={match}").splitlines()]


def written(server: Node, field: str, **tags: str) -> list[float]:
    """Return the values of the one series, once the server shows it: new ones take it a moment."""
    deadline = time.monotonic() + WAIT
    while not (found := series(server, field, **tags)):
        assert time.monotonic() < deadline, f"no {field} of {tags}"
        time.sleep(0.1)
    (one,) = found
    return one["values"]


def test_figures_are_written_from_the_store(flags: list[str], server: Node, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(flags) == 0
    said = capfd.readouterr()
    assert "points written" in said.out
    assert said.err.count("ingest_urls") == 1, "what is left out is told, and how to get it"
    assert written(server, "occupied", figure="status", by="site")[-1] == 3
    assert max(written(server, "peak", figure="peaks", bucket="1d", site="hut")) == 3
    assert written(server, "heard_minutes", figure="v1-pipeline"), "what the store knows of the pipeline"
    assert not series(server, "received", figure="v1-pipeline"), "no counts of no process"


def test_a_viewer_key_shuts_nobody_out_who_reads_the_store(flags: list[str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a-viewer-key-of-the-tests")
    assert run([*flags, "--api-key-file", str(tmp_path / "key")]) == 0


def test_a_process_that_holds_the_store_is_worked_through(flags: list[str], data: Path) -> None:
    with closing(open_store(data)):
        done = subprocess.run(
            [sys.executable, "-m", "ledig", *flags], capture_output=True, text=True, check=True, timeout=120
        )
    assert "working through it" in done.stderr
    assert "points written" in done.stdout


def test_whoever_follows_lets_go_of_the_store_between_rounds(flags: list[str], data: Path) -> None:
    """Else `ledig serve` could not be started beside it."""
    command = [sys.executable, "-m", "ledig", *flags, "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert "points written" in following.stdout.readline()
        with closing(open_store(data)) as store:
            assert through(store) is None
        following.terminate()
        assert following.wait(60) == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--data", "nowhere"], "there is no store in nowhere"),
        (["--sites", "nowhere"], "nowhere"),
        (["--api-url", f"http://127.0.0.1:{free_port()}"], "does not answer"),
    ],
)
def test_what_is_in_the_way_is_told(
    flags: list[str], more: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run([*flags, *more]) == 2
    error = capfd.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_without_a_site_it_says_how_to_name_one(flags: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    place = flags.index("--sites")
    assert run(flags[:place] + flags[place + 2 :]) == 2
    assert "no site is named" in capfd.readouterr().err

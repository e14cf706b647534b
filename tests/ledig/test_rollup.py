"""`ledig rollup` and its loop: beside a server store, one at a time, killed at any moment, stopped in good order."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from ledig.clock import wall_clock
from ledig.main import run
from ledig.rolling import RollupLoop
from ledig.rollup import seconds_between
from ledig.rollupmetrics import RollupCollector
from ledig.settings import load_settings
from spaces.reading import Reading
from spaces.site import Site
from spaces.sitefile import load_site
from spaces.times import DAY, HOUR, Millis
from store.live import LiveStates
from store.opening import open_store
from store.protocol import Store
from store.rollups import RollupFiles
from store.victoria.victoria import VictoriaStore
from tests.brokers import Mosquitto
from tests.ledig.running import Running, metric, rows, wait_for
from tests.ledig.test_commands import house
from tests.ledig.test_split import Split
from tests.programs import required
from tests.rollups.village import BASE, assert_they_hold, some_days, village
from tests.victoria import Node

NOW: Millis = BASE + 3 * DAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "data")
    opened.append(some_days(Random(1), village(), 3, 400))
    yield opened
    opened.close()


def loop_over(store: Store, folder: Path, *, every: float = 0.01, clock: Millis = NOW) -> RollupLoop:
    sites = {"village": village()}
    return RollupLoop(store, LiveStates(store), lambda: sites, lambda: clock, folder, every)


def test_the_loop_rolls_up_by_itself_and_ends_when_asked(store: Store, tmp_path: Path) -> None:
    files, loop = RollupFiles(tmp_path / "rollups"), loop_over(store, tmp_path / "rollups")
    loop.start()
    wait_for(lambda: len(files.days("village")) == 3 or loop.trouble() is not None, "nothing is rolled up")
    loop.stop()
    assert loop.trouble() is None
    assert assert_they_hold(village(), store, files) > 2 * 96


def test_one_loop_of_a_folder_writes_and_another_takes_over_when_it_ends(store: Store, tmp_path: Path) -> None:
    first, second = (loop_over(store, tmp_path / "rollups") for _ in range(2))
    assert first.round(rest=False) > 0
    assert second.round(rest=False) == 0
    assert (first.has_turn(), second.has_turn()) == (True, False)
    for path in (tmp_path / "rollups").rglob("*.parquet"):
        path.unlink()
    assert second.round(rest=False) == 0
    first.stop()
    assert second.round(rest=False) > 0
    second.stop()


def test_metrics_tell_how_fresh_roll_ups_are_and_who_writes_them(store: Store, tmp_path: Path) -> None:
    loop, other = (loop_over(store, tmp_path / "rollups") for _ in range(2))
    assert told(loop) == {"quarter_hours_total": 0, "due_days": 0, "writes": 0, "up": 1}
    due: list[float] = []
    count = loop.round(lambda _done, _all: due.append(told(loop)["due_days"]), rest=False)
    assert due == [3, 2, 1, 0]
    found = told(loop)
    assert 0 <= found.pop("age_seconds") < 60
    assert found == {"quarter_hours_total": count, "due_days": 0, "writes": 1, "up": 1}
    assert other.round(rest=False) == 0
    assert told(other) == {"quarter_hours_total": 0, "due_days": 0, "writes": 0, "up": 1}
    loop.stop()


def told(loop: RollupLoop) -> dict[str, float]:
    """Return what the metrics of a loop say."""
    samples = [sample for found in RollupCollector(loop).collect() for sample in found.samples]
    return {sample.name.removeprefix("ledig_rollup_"): sample.value for sample in samples}


def test_a_folder_that_is_deleted_while_it_runs_is_made_again(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "rollups"
    loop = loop_over(store, folder)
    assert loop.round(rest=False) > 0
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
    assert loop.round(rest=False) > 0
    assert loop.has_turn()
    assert assert_they_hold(village(), store, RollupFiles(folder)) > 2 * 96
    loop.stop()


def test_what_is_in_the_way_is_told_and_got_over(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "rollups"
    folder.write_text("in the way")
    loop = loop_over(store, folder)
    loop.start()
    wait_for(lambda: "roll-ups are not kept" in (loop.trouble() or ""), "the trouble is not told")
    folder.unlink()
    wait_for(lambda: loop.trouble() is None and bool(RollupFiles(folder).days("village")), "it does not get over it")
    loop.stop()


@pytest.fixture
def victoria(tmp_path: Path) -> Iterator[Node]:
    node = Node(required("victoria-metrics"), tmp_path / "victoria")
    node.start()
    yield node
    node.kill()


def put(victoria: Node, site: Site, random: Random, count: int, *, now: Millis) -> None:
    """Have the only sensor of a site say something at moments of the last two days."""
    times = [now - random.randrange(2 * DAY) for _ in range(count)]
    store = VictoriaStore(victoria.settings())
    store.append([Reading(site.id, "d1", time, time, occupied=random.random() < 0.6) for time in times])
    victoria.flush()
    store.close()


def check(victoria: Node, site: Site, data: Path) -> int:
    """See that whatever stands of the roll-ups is right; return how many quarter-hours stand."""
    with closing(VictoriaStore(victoria.settings())) as store:
        return assert_they_hold(site, store, RollupFiles(data / "rollups"))


def test_beside_a_server_store_it_is_killed_at_any_moment_and_another_goes_on(
    tmp_path: Path, quick_mosquitto: Mosquitto, victoria: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    split, random, now = Split(tmp_path, quick_mosquitto, victoria), Random(5), wall_clock()
    split.settings.write_text(split.settings.read_text() + "rollup_seconds = 1\n")
    site = load_site(house(tmp_path))
    put(victoria, site, random, 100, now=now)
    files = split.data / "rollups"
    with Running("rollup", "--settings", split.settings) as rolling:
        rolling.until("roll-ups of")
        wait_for(lambda: any(files.rglob("*.parquet")), "nothing is rolled up")
        assert metric(split.rollup_metrics, "ledig_rollup_writes") == 1
        wait_for(
            lambda: httpx.get(f"http://127.0.0.1:{split.rollup_metrics}/readyz").is_success, "it does not get ready"
        )
        put(victoria, site, random, 50, now=now)
        time.sleep(random.random())
        rolling.process.kill()
    check(victoria, site, split.data)
    assert run(["rollup", "--settings", str(split.settings), "--once"]) == 0
    assert "quarter-hours were rolled up" in capsys.readouterr().out
    assert check(victoria, site, split.data) > 2 * 96 - 4
    with split.api() as showing:
        showing.until("page ")
        window: dict[str, Any] = {"from": now - 2 * DAY, "to": now // HOUR * HOUR, "bucket": "1h"}
        found = [rows(split.port, f"v1/sites/hut/{path}", **window) for path in ("utilisation", "peaks")]
        for path in files.rglob("*.parquet"):
            path.unlink()
        wanted = [rows(split.port, f"v1/sites/hut/{path}", **window) for path in ("utilisation", "peaks")]
        assert found == wanted
        showing.interrupt()
        assert showing.ended() == 0


@pytest.mark.parametrize(("said", "seconds"), [("0", 15), ("7", 7)])
def test_where_serve_is_told_to_leave_roll_ups_alone_rollup_looks_for_them_no_more_often(
    said: str, seconds: int
) -> None:
    assert seconds_between(load_settings(None, {"LEDIG_ROLLUP_SECONDS": said})) == seconds


def test_of_the_embedded_store_serve_keeps_the_rollups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rollup", "--data", str(tmp_path), "--sites", str(house(tmp_path)), "--once"]) == 2
    assert "ledig serve" in capsys.readouterr().err

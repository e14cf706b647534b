"""F26: figures that are asked for while the broker and ingest are killed, and while messages come late."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from dashboards.rollups.freshness import Fingerprints
from ledig.clock import wall_clock
from ledig.keeping import Keeper
from spaces.sitebook import SiteBook
from store.live import LiveStates
from store.opening import open_store
from store.rollups import RollupFiles
from tests.brokers import Mosquitto
from tests.faults.harness import LATENESS, Serving, Traffic, either, every, long_timeout, report
from tests.ledig.running import wait_for
from tests.rollups.village import assert_they_hold

ROUNDS = either(1, 10)
SHARES = ("utilisation", "lo", "hi", "coverage", "people_coverage", "capacity_utilisation")


class Asking:
    """Asks a house for its figures, and looks at every one that comes back."""

    def __init__(self, base: int) -> None:
        self.answers = 0
        self.figures = 0
        self.unknown = 0
        self._window = {"from": str(base - 3 * LATENESS), "to": str(base + 2 * LATENESS)}

    def ask(self, port: int) -> None:
        """Ask once; a house that has just been killed does not answer."""
        for path in ("utilisation", "peaks", "heatmap"):
            try:
                found = httpx.get(f"http://127.0.0.1:{port}/v1/sites/house/{path}", params=self._window, timeout=10)
            except httpx.TransportError:
                return
            assert found.status_code == 200, found.text
            answer = json.loads(found.text, parse_constant=_no_number)
            for row in answer["rows"]:
                self._look(row)
            self.answers += 1

    def until_answered(self, more: int) -> None:
        """Wait until so many answers more have come."""
        before = self.answers
        wait_for(lambda: self.answers >= before + more, "no answers come")

    def _look(self, row: dict[str, Any]) -> None:
        for name in SHARES:
            if (value := row.get(name)) is not None:
                assert 0 <= value <= 1, row
                self.figures += 1
        if row.get("open_hours"):
            assert row["coverage"] is not None, f"coverage is not shown: {row}"
            assert row["known_hours"] <= row["open_hours"] + 1e-9, row
            self.unknown += row["coverage"] < 1
        if row.get("peak") is not None:
            assert 0 <= row["peak"] <= row["peak_upper"] <= row["capacity"], row


def _no_number(name: str) -> None:
    raise AssertionError(f"{name} in an answer")


@long_timeout(600)
def test_f26_no_figure_is_ever_nan_or_above_a_hundred_per_cent_and_coverage_is_shown(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Traffic(mosquitto.port, rate=either(50, 200)) as traffic:
        asking = Asking(traffic.base)
        for serving in killed_again_and_again(tmp_path, mosquitto):
            with every(0.05, lambda port=serving.port: asking.ask(port)):  # type: ignore[misc]
                serving.ready()
                asking.until_answered(6)
                mosquitto.kill()
                wait_for(lambda house=serving: not house.is_up(), "the trouble is not told")  # type: ignore[misc]
                asking.until_answered(3)
                mosquitto.start()
                wait_for(serving.is_up, "it does not connect again")
                asking.until_answered(3)
                wait_for(lambda: any((tmp_path / "data" / "rollups").rglob("*.parquet")), "nothing is rolled up")
                serving.kill()
    report(f"{asking.answers:,} answers, {asking.figures:,} shares in them, {asking.unknown:,} rows not wholly known")
    assert asking.answers > 10 * ROUNDS
    assert asking.figures > 100 * ROUNDS
    assert asking.unknown > 0, "all was known: nothing was tried"
    report(f"{quarters_that_hold(tmp_path):,} quarter-hours rolled up, each as it is from readings")


def quarters_that_hold(folder: Path) -> int:
    """See that what killed processes have rolled up is what readings say, before and after it is refreshed."""
    (site,) = SiteBook([folder / "site.toml"]).current().values()
    files = RollupFiles(folder / "data" / "rollups")
    with closing(open_store(folder / "data")) as store:
        assert assert_they_hold(site, store, files) > 0, "nothing was rolled up: nothing was tried"
        now, keeper = wall_clock(), Keeper(site, store, Fingerprints(store, LiveStates(store)), files)
        for day in keeper.due(now, 0.0):
            keeper.refresh(day, now)
        assert keeper.due(now, 0.0) == []
        return assert_they_hold(site, store, files)


def killed_again_and_again(folder: Path, broker: Mosquitto) -> Iterator[Serving]:
    for _ in range(ROUNDS):
        with Serving(folder, broker, rollup_seconds=1) as serving:
            yield serving

"""`dashboard.year`: the panels of a year's *Use* dashboard from roll-ups, against the same panels from readings.

The demo's house, whose sensors repeat every five minutes what they see, as radio sensors do; figures are the same.
Both are asked through HTTP, of a process each over the same embedded store, and must say the same. Work is the
processor time of that process for all panels of a dashboard that is open; `dashboard.year.opened` is that of the first
time after a start, with nothing in memory. From readings means that no states are kept between two panels.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import httpx
from prometheus_client import CollectorRegistry

from benchmarks.api import NOW
from benchmarks.rows import Row, emit
from dashboards.api import ApiSettings, create_app
from dashboards.rollups.freshness import Fingerprints
from ledig.keeping import Keeper
from simulator.betahaus import SITE
from simulator.sensors import said
from spaces.sitefile import load_site
from spaces.times import DAY, MINUTE, Millis, rfc3339
from store.embedded.duck import EmbeddedStore
from store.live import LiveStates
from store.opening import open_store
from store.rollups import RollupFiles
from tests.web.served import Served

YEAR = 365
EVERY: Millis = 5 * MINUTE
HEARTBEATS = """
INSERT INTO readings
SELECT series, time + beat * ?, lag, occupied, people, battery, NULL, stamped
FROM (SELECT *, lead(time) OVER (PARTITION BY series ORDER BY time) AS next FROM readings), range(1, 24) AS beats(beat)
WHERE time + beat * ? < next
ORDER BY 2
"""
"""Repeats what each sensor said until it says something else, for at most two hours."""
LEAST = 20.0
"""Times less work that roll-ups must be."""
Panel = tuple[str, dict[str, str]]
PANELS: tuple[Panel, ...] = (
    ("utilisation", {"bucket": "1d", "usage": "false"}),
    ("utilisation", {"bucket": "1w", "group": "floor", "usage": "false"}),
    ("utilisation", {"bucket": "1w", "group": "zone", "usage": "false"}),
    ("peaks", {"bucket": "1d"}),
    ("peaks", {"bucket": "1d", "kind": "desk", "assignment": "flexible"}),
    ("heatmap", {}),
    ("heatmap", {"group": "kind"}),
    ("planning", {}),
    ("planning", {"group": "kind"}),
)


class Cost(NamedTuple):
    """Processor seconds of all panels at first and again, and the answers."""

    first: float
    again: float
    answers: list[object]


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield how many times less work roll-ups are, and how fast the slowest panel is."""
    days = 91 if quick else YEAR
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, days)
        readings, rolled = (_asked(folder, days, how) for how in ("readings", "rollups"))
    assert readings.answers == rolled.answers, "the answers differ"
    text = f"times less processor time for {len(PANELS)} panels of {days} days"
    for name, times in (("", readings.again / rolled.again), (".opened", readings.first / rolled.first)):
        yield Row(f"dashboard.year{name}", times, LEAST, text, times / LEAST)


def fill(folder: Path, days: int) -> None:
    """Keep what the sensors of the house said, and roll it up."""
    site, store = load_site(SITE), EmbeddedStore(folder)
    readings = said(site, 1, NOW - (days + 1) * DAY, NOW)
    while batch := list(islice(readings, 20_000)):
        store.append(batch)
    with store.cursor() as cursor:
        cursor.execute(HEARTBEATS, [EVERY, EVERY])
    keeper = Keeper(site, store, Fingerprints(store, LiveStates(store)), RollupFiles(folder / "rollups"))
    for day in keeper.due(NOW, 0.0):
        keeper.refresh(day, NOW)
    for month in keeper.unbound(0.0):
        keeper.bind(month, 0.0)
    store.close()


def _asked(folder: Path, days: int, how: str) -> Cost:
    command = [sys.executable, "-m", "benchmarks.dashboard", "ask", str(folder), str(days), how]
    return Cost(*json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))


def ask(folder: Path, days: int, how: str, panels: Sequence[Panel] = ()) -> Cost:
    """Ask for all panels twice, of an API in this process."""
    site, store = load_site(SITE), open_store(folder)
    files = RollupFiles(folder / "rollups") if how == "rollups" else None
    settings = ApiSettings() if files else ApiSettings(cached_mb=0)
    live, registry = LiveStates(store), CollectorRegistry()
    app = create_app(settings, store, live, lambda: {site.id: site}, lambda: NOW, registry, rollups=files)
    window = {"from": rfc3339(NOW - days * DAY), "to": rfc3339(NOW)}
    served = Served(app)
    served.start()
    with httpx.Client(base_url=served.url, timeout=600) as client:
        costs, answers = [], []
        for _ in range(2):
            begun = _work()
            answers = [
                client.get(f"v1/sites/{site.id}/{path}", params=window | more) for path, more in panels or PANELS
            ]
            costs.append(_work() - begun)
    served.stop()
    store.close()
    return Cost(costs[0], costs[1], [answer.raise_for_status().json()["rows"] for answer in answers])


def _work() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def profile(folder: Path, days: int, how: str) -> None:
    """Say what each panel costs."""
    for panel in PANELS:
        cost = ask(folder, days, how, [panel])
        print(f"{cost.first:.3f} s, again {cost.again:.3f} s: {panel}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        print(json.dumps(ask(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))
    elif sys.argv[1:2] == ["profile"]:
        profile(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        for row in rows(quick="--quick" in sys.argv):
            emit(row)

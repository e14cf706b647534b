"""`rollup.live` and `rollup.late`: how many readings a second roll-ups keep up with, and how fast they have a late day.

Live: a house of desks that speak once a minute, rolled up as its quarter-hours are settled. What counts is the
processor time of rolling up, reading included, on however many cores; not that of storing. Late: all of a day comes
when the days around it have long been rolled up.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.rows import Row, emit
from dashboards.rollups.freshness import Fingerprints
from ledig.keeping import Keeper
from simulator.betahaus import SITE
from simulator.sensors import said
from spaces.reading import Reading
from spaces.site import CalendarRule, Floor, Sensor, Site, Space, Zone
from spaces.sitefile import load_site
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis
from store.fingerprints import QUARTER
from store.live import LiveStates
from store.opening import open_store
from store.rollups import RollupFiles

START: Millis = 20_580 * DAY
DESKS, ZONES = 5_000, 10
LEAST = 100_000.0
MOST = 1.0
"""Seconds."""
BATCH = 20_000


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    with tempfile.TemporaryDirectory() as name:
        rate = _live(Path(name), quarters=2 if quick else 8)
        yield Row("rollup.live", rate, LEAST, f"readings/s of {DESKS} desks, by processor time", rate / LEAST)
    with tempfile.TemporaryDirectory() as name:
        seconds = _late(Path(name))
        yield Row("rollup.late", seconds, MOST, "s for a day of the demo's house", MOST / seconds)


def large_house() -> Site:
    """Return a house of many flexible desks."""
    spaces = tuple(
        Space(f"d{n}", f"Desk {n}", "desk", f"z{n % ZONES}", ((BEGINNING, 1),), "flexible") for n in range(DESKS)
    )
    return Site(
        id="large", name="Large", timezone="Europe/Berlin", floors=(Floor("f", "Floor", 1),),
        zones=tuple(Zone(f"z{n}", f"Zone {n}", "f") for n in range(ZONES)), spaces=spaces,
        sensors=tuple(Sensor(f"s{n}", f"d{n}") for n in range(DESKS)),
        calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ((0, 24 * 60),))),),
    )  # fmt: skip


def _minutes(chance: np.random.Generator, used: np.ndarray, start: Millis, end: Millis) -> Iterator[list[Reading]]:
    """Yield what all desks say, minute by minute; now and then somebody comes or goes."""
    for minute in range(start, end, MINUTE):
        used ^= chance.random(DESKS) < 0.02
        times = (minute + chance.integers(0, MINUTE, DESKS)).tolist()
        yield [
            Reading("large", f"s{n}", times[n], times[n] + 40, occupied=occupied)
            for n, occupied in enumerate(used.tolist())
        ]


def _live(folder: Path, quarters: int) -> float:
    chance, used, store, site = np.random.default_rng(1), np.zeros(DESKS, dtype=bool), open_store(folder), large_house()
    keeper = Keeper(site, store, Fingerprints(store, LiveStates(store)), RollupFiles(folder / "rollups"))
    begin = START + 10 * HOUR
    for batch in _minutes(chance, used, begin - 3 * HOUR, begin):
        store.append(batch)
    _refresh(keeper, begin)
    count, work = 0, 0.0
    for now in range(begin + QUARTER, begin + (quarters + 1) * QUARTER, QUARTER):
        for batch in _minutes(chance, used, now - QUARTER, now):
            store.append(batch)
            count += len(batch)
        begun = time.process_time()
        _refresh(keeper, now)
        work += time.process_time() - begun
    store.close()
    return count / work


def _late(folder: Path) -> float:
    """Return the seconds until a day that came late is rolled up."""
    site, store, now = load_site(SITE), open_store(folder), START + 5 * DAY
    keeper = Keeper(site, store, Fingerprints(store, LiveStates(store)), RollupFiles(folder / "rollups"))
    late = range(START + 2 * DAY, START + 3 * DAY)
    readings = [reading for reading in said(site, 1, START, START + 5 * DAY) if reading.time not in late]
    batches = iter(readings)
    while batch := list(islice(batches, BATCH)):
        store.append(batch)
    _refresh(keeper, now)
    store.append([reading for reading in said(site, 1, START, START + 5 * DAY) if reading.time in late])
    keeper = Keeper(site, store, Fingerprints(store, LiveStates(store)), RollupFiles(folder / "rollups"))
    begun = time.perf_counter()
    refreshed = _refresh(keeper, now)
    seconds = time.perf_counter() - begun
    assert refreshed >= DAY // QUARTER
    store.close()
    return seconds


def _refresh(keeper: Keeper, now: Millis) -> int:
    return sum(keeper.refresh(day, now) for day in keeper.due(now, 0.0))


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        emit(row)

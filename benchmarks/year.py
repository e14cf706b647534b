"""`figures.year`: a year's heat map and the P95 of its daily peaks, for a house of 10,000 desks, from roll-ups.

Everything an API does for such an answer is in the time: looking which roll-ups hold, reading them from their files
anew, and the figures. Beside it the same with a tenth of the readings beneath. Roll-ups are made of the readings of a
week and stand for every week of the year; what of them is not read here (spaces one by one, levels, running
minima) is left out of the files.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analytics.buckets import edges
from analytics.groups import group_spaces
from analytics.planning import order_statistic
from analytics.rollup import figures
from analytics.rollup.layout import Layout
from analytics.rollup.rolled import BY_SPACE, LEVELS, RUNS, Rolled
from analytics.rollup.rolling import roll
from analytics.spacestates import reach, space_states
from benchmarks.rows import Row, emit
from dashboards.rollups.binding import bind
from dashboards.rollups.freshness import reached
from dashboards.rollups.source import Rollups
from dashboards.rollups.translation import Want, sections_of
from spaces.readings import Readings
from spaces.site import CalendarRule, Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, HOUR, Millis
from store.fingerprints import QUARTER
from store.live import LiveStates
from store.opening import open_store
from store.rollups import Listed, RollupFiles, month_of
from store.rollups.headers import header_of

DESKS, ZONES, FLOORS = 10_000, 50, 5
USES = 5
"""Of each desk a working day: two readings each."""
MOST_MS = 100.0
MOST_TIMES = 1.2
ROUNDS = 30
"""Of which the best counts, once the first has found out what there is."""
COLUMNS = ("occupied", "unknown", "peak", "peak_at", "peak_upper")


class Answer(NamedTuple):
    """What was asked for, and how long that took in seconds."""

    p95: float
    hours: float
    seconds: float


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the time, and how many times that is of the time with a tenth of the readings."""
    weeks = 9 if quick else 53
    with tempfile.TemporaryDirectory() as name:
        few, many = (_Year(Path(name) / str(used), used, weeks) for used in (DESKS // 10, DESKS))
        answers = [[year.ask() for year in (few, many)] for _ in range(ROUNDS + 1)]
        for year in (few, many):
            year.store.close()
    less, ours = (min(answer.seconds for answer in found) for found in zip(*answers[1:], strict=True))
    for one, other in zip(answers[0], (DESKS // 10, DESKS), strict=True):
        assert 0 < one.p95 <= other, "a peak is of desks"
        assert one.hours > 0
    text = f"ms, {5 * weeks * DESKS * USES * 2 / 1e6:.3g} M readings beneath"
    yield Row("figures.year", ours * 1e3, MOST_MS, text, MOST_MS / (ours * 1e3))
    times = ours / less
    yield Row("figures.year.readings", times, MOST_TIMES, "x the time with a tenth beneath", MOST_TIMES / times)


class _Year:
    """A house with its roll-ups: `used` desks are used on working days, and weeks are alike."""

    def __init__(self, folder: Path, used: int, weeks: int) -> None:
        folder.mkdir()
        self.site, self.store, files = house(), open_store(folder), RollupFiles(folder / "rollups")
        self.groups = group_spaces(self.site, "site")
        self.start = self.site.midnight(date(2026, 1, 1))
        self.end = self.site.midnight(date(2026, 1, 1) + timedelta(days=min(7 * weeks, 365)))
        self.now = self.end + 3 * DAY
        self.rollups = Rollups(files, self.store, LiveStates(self.store), most_bytes=0)
        layout = Layout.of(self.site, ())
        days = range(self.start // DAY, self.end // DAY + 1)
        week = [_day(layout, used, day) for day in days[:7]]
        listed = [_write(files, layout, day, _moved(week[n % 7], day * DAY)) for n, day in enumerate(days)]
        for _, month in groupby(listed, key=lambda one: month_of(one.day)):
            assert bind(self.site.id, layout, list(month), files, files.sheets)

    def ask(self) -> Answer:
        """Ask for the heat map and the P95 of daily peaks."""
        began = time.perf_counter()
        fresh = self.rollups.over(self.site, self.start, self.end, self.now)
        assert fresh is not None
        cohorts = figures.wanted(fresh.layout, self.groups, fresh.start, fresh.end)
        rolled = fresh.read(Want(tuple(cohorts.tolist()), COLUMNS))
        heat = figures.heatmap(fresh.layout, rolled, self.groups)
        days = edges(self.site.tz, fresh.start, fresh.end, "1d")
        peak = figures.peaks(fresh.layout, rolled, self.groups, days, sustained=False).peak[0]
        p95 = order_statistic(peak[~np.isnan(peak)], 95)
        return Answer(p95, float(np.nansum(heat.occupied_hours)), time.perf_counter() - began)


def house() -> Site:
    """Return the house: desks in zones on floors, open on working days that are no holidays."""
    zones = tuple(Zone(f"z{number}", f"Zone {number}", f"f{number % FLOORS}") for number in range(ZONES))
    desks = tuple(
        Space(f"d{number}", f"Desk {number}", "desk", f"z{number % ZONES}", ((BEGINNING, 1),), "flexible")
        for number in range(DESKS)
    )
    hours = dict.fromkeys(range(5), ((7 * 60, 21 * 60),))
    return Site(
        id="year",
        name="House",
        timezone="Europe/Berlin",
        floors=tuple(Floor(f"f{number}", f"Floor {number}", number) for number in range(FLOORS)),
        zones=zones,
        spaces=desks,
        sensors=tuple(Sensor(f"s-{desk.id}", desk.id, silence=DAY) for desk in desks),
        calendars=(CalendarRule(weekly=hours, holidays="DE-BE"),),
    )


def _day(layout: Layout, used: int, day: int) -> Rolled:
    """Roll up a day, without what is not read; nobody comes at weekends (day 4 of 1970 was a Sunday)."""
    chance = np.random.default_rng(day)
    uses = USES if (day + 3) % 7 < 5 else 0
    times = np.sort(chance.integers(6 * HOUR, 20 * HOUR, (used, 2 * uses)), axis=1) + day * DAY
    sensors = sorted(entry.id for entry in layout.site.sensors)[:used]
    readings = Readings(
        tuple(sensors),
        np.repeat(np.arange(used, dtype=np.int32), 2 * uses),
        times.reshape(-1),
        np.tile(np.array([1, 0] * uses, dtype=np.int8), used),
        np.full(times.size, -1, dtype=np.int32),
    )
    rolled = roll(layout, space_states(layout.site, readings, day * DAY, (day + 1) * DAY), day * DAY, (day + 1) * DAY)
    return replace(
        rolled,
        levels={name: np.zeros(0, dtype=kind) for name, kind in LEVELS.items()},
        runs={name: np.zeros(0, dtype=kind) for name, kind in RUNS.items()},
        spaces={name: np.zeros((0, 96), dtype=kind) for name, kind in BY_SPACE.items()},
    )


def _moved(rolled: Rolled, start: Millis) -> Rolled:
    return replace(rolled, start=start, end=start + DAY)


def _write(files: RollupFiles, layout: Layout, day: int, rolled: Rolled) -> Listed:
    """Write the file of a day beneath which the (empty) store has nothing that was not rolled up."""
    since, until = reached(rolled.start, rolled.end, reach(layout.site))
    header = header_of(
        digest=layout.digest(rolled.start, rolled.end),
        start=rolled.start,
        end=rolled.end,
        since=since,
        prints=np.zeros((until - since) // QUARTER, dtype=np.int64),
    )
    files.write(layout.site.id, day, header, sections_of(rolled))
    signature = files.signature(layout.site.id, day, header.digest)
    assert signature is not None
    return Listed(day, signature, header)


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        emit(row)

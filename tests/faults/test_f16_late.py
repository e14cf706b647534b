"""F16: readings that come late, from a second to seven days, and in any order."""

from pathlib import Path
from random import Random

from dashboards.rollups.freshness import Fingerprints
from ledig.keeping import Keeper
from spaces.times import DAY, HOUR, MINUTE, SECOND
from store.rollups import RollupFiles
from tests.api.office import NOW, office, week
from tests.brokers import Mosquitto
from tests.faults.rig import Rig
from tests.rollups.village import assert_they_hold

TURNS = 7
"""Days in which each figure is asked for once, before all of them are held against those in order."""
LATE = (SECOND, MINUTE, HOUR, DAY, 3 * DAY, 7 * DAY)


def test_f16_figures_of_late_and_permuted_readings_equal_those_in_order(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    site, random = office(), Random(1)
    readings = sorted(week(site), key=lambda reading: reading.time)
    lateness = [random.choice(LATE) if random.random() < 0.3 else 0 for _ in readings]
    with Rig(tmp_path, quick_mosquitto, site, NOW, name="in-order") as rig:
        rig.publish(readings)
        rig.now = NOW + 7 * DAY
        expected = rig.figures(NOW - 7 * DAY, NOW)
    files = RollupFiles(tmp_path / "rollups")
    with Rig(tmp_path, quick_mosquitto, site, NOW - 7 * DAY, name="late", rollups=files) as rig:
        keeper = Keeper(site, rig.store, Fingerprints(rig.store, rig.live), files)
        refreshed = 0
        came = sorted(zip(readings, lateness, strict=True), key=lambda one: one[0].time + one[1])
        seen = set()
        for day in range(14):
            rig.now = NOW - 7 * DAY + (day + 1) * DAY
            due = [one for one, late in came if rig.now - DAY < one.time + late <= rig.now]
            due += [one for one, late in came if one.time + late == NOW - 7 * DAY] if day == 0 else []
            due += [one for one, late in came if day == 0 and one.time + late < NOW - 7 * DAY]
            random.shuffle(due)
            rig.publish(due)
            some = {"begin": day % TURNS, "step": TURNS}
            seen.add(rig.figures(NOW - 7 * DAY, NOW, **some))  # the days of it are in memory from now on
            for late in keeper.due(rig.now, 0.0) if day % 3 != 1 else ():  # and lag behind now and then
                refreshed += keeper.refresh(late, rig.now)
        assert rig.figures(NOW - 7 * DAY, NOW) == expected
        for late in keeper.due(rig.now, 0.0):
            refreshed += keeper.refresh(late, rig.now)
        assert rig.figures(NOW - 7 * DAY, NOW) == expected, "roll-ups are not what readings are"
        assert assert_they_hold(site, rig.store, files) == 14 * 96 + 38, "not all of it is rolled up"
        assert refreshed > 2 * 14 * 96, "hardly anything was rolled up again: nothing was tried"
        assert len(seen) > 7, "the figures did not change as readings came: nothing was tried"
        assert rig.worker.ledger.count().readings.stored == len(readings)

"""F16: readings that come late, from a second to seven days, and in any order."""

from pathlib import Path
from random import Random

from spaces.times import DAY, HOUR, MINUTE, SECOND
from tests.api.office import NOW, office, week
from tests.brokers import Mosquitto
from tests.faults.rig import Rig

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
    with Rig(tmp_path, quick_mosquitto, site, NOW - 7 * DAY, name="late") as rig:
        came = sorted(zip(readings, lateness, strict=True), key=lambda one: one[0].time + one[1])
        seen = set()
        for day in range(14):
            rig.now = NOW - 7 * DAY + (day + 1) * DAY
            due = [one for one, late in came if rig.now - DAY < one.time + late <= rig.now]
            due += [one for one, late in came if one.time + late == NOW - 7 * DAY] if day == 0 else []
            due += [one for one, late in came if day == 0 and one.time + late < NOW - 7 * DAY]
            random.shuffle(due)
            rig.publish(due)
            seen.add(rig.figures(NOW - 7 * DAY, NOW))  # the days of it are in memory from now on
        assert rig.figures(NOW - 7 * DAY, NOW) == expected
        assert len(seen) > 7, "the figures did not change as readings came: nothing was tried"
        assert rig.worker.ledger.count().stored == len(readings)

"""F15: a whole day twice more, shuffled."""

from pathlib import Path
from random import Random

from spaces.times import DAY
from tests.api.office import NOW, office, week
from tests.brokers import Mosquitto
from tests.faults.rig import Rig


def test_f15_every_figure_of_a_day_that_came_again_and_shuffled_is_identical_to_the_bit(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    site = office()
    day = [reading for reading in week(site) if reading.time >= NOW - DAY]
    shuffled = [*day, *day]
    Random(1).shuffle(shuffled)
    with Rig(tmp_path, quick_mosquitto, site, NOW) as rig:
        rig.publish(day)
        before = rig.figures(NOW - DAY, NOW)
        rig.publish(shuffled)
        assert rig.figures(NOW - DAY, NOW) == before
        count = rig.worker.ledger.count()
        assert (count.readings.stored, count.readings.duplicate) == (len(day), 2 * len(day))
    with Rig(tmp_path, quick_mosquitto, site, NOW, name="other") as other:
        other.publish(shuffled)
        assert other.figures(NOW - DAY, NOW) == before
    assert b'"utilisation": 0.' in before

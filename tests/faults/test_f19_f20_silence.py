"""F19 and F20: a sensor that falls silent, and a retained message of three days ago."""

from pathlib import Path

import pytest

from spaces.reading import Reading
from spaces.site import SILENCE
from spaces.times import DAY, HOUR, MINUTE, rfc3339
from tests.brokers import Mosquitto
from tests.faults.rig import Rig
from tests.ingest.houses import NOW, house, topic
from tests.ingest.publishing import Sender


@pytest.mark.parametrize("occupied", [True, False])
def test_f19_a_silent_sensor_is_unknown_in_the_live_view_and_in_the_figures(
    tmp_path: Path, quick_mosquitto: Mosquitto, *, occupied: bool
) -> None:
    with Rig(tmp_path, quick_mosquitto, house(), NOW) as rig:
        rig.publish([Reading("house", sensor, NOW, NOW, occupied=occupied) for sensor in ("d1", "r1")])
        rig.now = NOW + SILENCE - 1
        assert rig.states() == dict.fromkeys(("desk", "room"), "occupied" if occupied else "vacant")
        rig.publish([Reading("house", "r1", rig.now, rig.now, occupied=occupied)])
        rig.now = NOW + SILENCE
        assert rig.states() == {"desk": "unknown", "room": "occupied" if occupied else "vacant"}
        (silent,) = [row for row in rig.ask("sensors") if row["silent"]]
        assert silent["sensor"] == "d1"
        rig.now = NOW + 3 * SILENCE
        window = {"from_": rfc3339(NOW), "to": rfc3339(NOW + 2 * SILENCE)}
        (row,) = [
            row for row in rig.ask("utilisation", **window, bucket="1d", group="space") if row["group"] == "desk"
        ][-1:]
        assert row["known_hours"] == pytest.approx(SILENCE / HOUR)
        assert row["coverage"] < 1
        assert row["utilisation"] == float(occupied), "of what is known"
        assert row["lo"] < row["hi"]


def test_f20_a_retained_message_of_three_days_ago_is_not_taken_as_fresh(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    old = NOW - 3 * DAY
    with Sender(quick_mosquitto.port) as sender:
        sender.send((topic(), f'{{"time":{old},"occupied":true}}'), (topic("r1"), '{"occupied":true}'), retain=True)
    with Rig(tmp_path, quick_mosquitto, house(), NOW) as rig:
        rig.settled(2)
        assert rig.states() == {"desk": "unknown", "room": "unknown"}
        assert rig.worker.ledger.count().refused == {"retained": 1}
        (row,) = [row for row in rig.ask("sensors") if row["sensor"] == "d1"]
        assert row["silent"]
        assert row["last"] == rfc3339(old)
        rig.publish([Reading("house", "d1", NOW - MINUTE, NOW, occupied=False)])
        assert rig.states()["desk"] == "vacant"

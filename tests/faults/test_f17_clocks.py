"""F17: clocks that are wrong: a sensor's, and our own."""

from pathlib import Path
from typing import Any

import pytest

from spaces.reading import Reading
from spaces.times import DAY, HOUR, MINUTE, SECOND, parse_instant, rfc3339
from tests.brokers import Mosquitto
from tests.faults.rig import Rig
from tests.ingest.houses import NOW, house, topic

TIMES = {
    "an hour ahead": (NOW + HOUR, "too_late"),
    "2099": (4_070_908_800_000, "too_late"),
    "microseconds": (NOW * 1_000, "too_late"),
    "nanoseconds": (NOW * 1_000_000, "too_late"),
    "seconds": (NOW // 1_000, "seconds"),
    "1970": (0, "seconds"),
    "1970 in words": ("1970-01-01T00:00:07Z", "too_early"),
    "an hour behind": (NOW - HOUR, None),
    "a little ahead": (NOW + 4 * MINUTE, None),
}


@pytest.mark.parametrize("clock", TIMES)
def test_f17_a_sensors_clock_is_taken_late_or_refused_and_never_ahead_in_the_live_view(
    tmp_path: Path, quick_mosquitto: Mosquitto, clock: str
) -> None:
    time, reason = TIMES[clock]
    spelt = f'"{time}"' if isinstance(time, str) else str(time)
    with Rig(tmp_path, quick_mosquitto, house(), NOW) as rig:
        rig.publish([Reading("house", "d1", NOW - 30 * MINUTE, NOW, occupied=False)])
        rig.send((topic(), f'{{"time":{spelt},"occupied":true}}'))
        assert rig.worker.ledger.count().refused == ({reason: 1} if reason else {})
        assert rig.states()["desk"] == "vacant", "what is newest and not ahead is in force"
        assert_sound(rig)
        if clock == "a little ahead":
            rig.now = NOW + 4 * MINUTE
            assert rig.states()["desk"] == "occupied"
        if clock == "an hour behind":
            late = next(iter(rig.store.read("house", NOW - HOUR, NOW - HOUR + 1).time.tolist()))
            assert NOW - late == HOUR, "kept at its own time"


@pytest.mark.parametrize("back", [SECOND, 10 * MINUTE, DAY])
def test_f17_our_own_clock_may_step_back(tmp_path: Path, quick_mosquitto: Mosquitto, back: int) -> None:
    with Rig(tmp_path, quick_mosquitto, house(), NOW) as rig:
        rig.publish([Reading("house", "d1", NOW - back - HOUR, NOW, occupied=True)])
        rig.publish([Reading("house", "d1", NOW, NOW, occupied=False)])
        rig.send((topic(), '{"occupied":false}'))
        rig.now -= back
        rig.send((topic(), '{"occupied":true}'))
        count = rig.worker.ledger.count()
        assert count.readings.stored == 4, "a stamped message never falls before the sensor's newest time"
        assert_sound(rig)
        assert rig.states()["desk"] != "vacant", "what lies ahead is not in force"
        rig.now = NOW + SECOND
        assert rig.states()["desk"] == "occupied"
        assert_sound(rig)


def assert_sound(rig: Rig) -> None:
    """No negative duration, no figure out of bounds, nothing of the future."""
    for row in rig.ask("utilisation", from_=rfc3339(NOW - 2 * DAY), to=rfc3339(NOW + DAY), bucket="1h", group="space"):
        for name in ("utilisation", "lo", "hi", "coverage"):
            assert row[name] is None or 0 <= row[name] <= 1, row
        for name in ("occupied_hours", "known_hours", "open_hours"):
            assert row[name] is None or 0 <= row[name] <= 1, row
    for row in rig.ask("status", group="space"):
        assert_past(row, rig.now)
    for row in rig.ask("sensors"):
        assert row["last"] is None or parse_instant(row["last"]) <= rig.now
        assert row["silent_minutes"] is None or row["silent_minutes"] >= 0


def assert_past(row: dict[str, Any], now: int) -> None:
    assert row.get("since") is None or parse_instant(row["since"]) <= now

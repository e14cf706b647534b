"""F18: days of 23 and 25 hours, and of 23.5 and 24.5."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from spaces.reading import Reading
from spaces.site import Site
from spaces.times import DAY, HOUR, MINUTE, rfc3339
from tests.analytics.oracle import Oracle, figures
from tests.brokers import Mosquitto
from tests.faults.rig import Rig
from tests.ingest.houses import NOW, house

CHANGES = {
    ("Europe/Berlin", date(2026, 3, 29)): 23.0,
    ("Europe/Berlin", date(2026, 10, 25)): 25.0,
    ("America/St_Johns", date(2026, 3, 8)): 23.0,
    ("America/St_Johns", date(2026, 11, 1)): 25.0,
    ("Australia/Lord_Howe", date(2026, 4, 5)): 24.5,
    ("Australia/Lord_Howe", date(2026, 10, 4)): 23.5,
    ("Asia/Kathmandu", date(2026, 5, 4)): 24.0,
}
NAMES = ("utilisation", "lo", "hi", "occupied_hours", "known_hours", "open_hours", "coverage")


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_f18_a_day_with_a_clock_change_is_as_long_as_it_was_and_its_figures_are_right(
    tmp_path: Path, quick_mosquitto: Mosquitto, zone: str, day: date
) -> None:
    site = replace(house(), timezone=zone)
    start, end = site.midnight(day), site.midnight(day + timedelta(days=1))
    said = list(readings(site, start - DAY, end + DAY))
    with Rig(tmp_path, quick_mosquitto, site, NOW) as rig:
        rig.publish(said)
        (row,) = rig.ask("utilisation", from_=rfc3339(start), to=rfc3339(end), bucket="1d", group="site")
        hours = rig.ask("utilisation", from_=rfc3339(start), to=rfc3339(end), bucket="1h", group="site")
    assert end - start == CHANGES[zone, day] * HOUR
    assert row["open_hours"] == pytest.approx(CHANGES[zone, day] * len(site.spaces))
    expected = figures(Oracle(site, said, start, end), site.spaces, lambda _: True)
    assert {name: row[name] for name in NAMES} == pytest.approx({name: expected[name] for name in NAMES}, abs=1e-6)
    for name in ("occupied_hours", "known_hours", "open_hours"):
        assert sum(hour[name] or 0 for hour in hours) == pytest.approx(row[name], abs=1e-5)


def readings(site: Site, start: int, end: int) -> Iterator[Reading]:
    """Say something every few minutes, and nothing for four hours once."""
    for sensor in site.sensors:
        random, time = Random(sensor.id), start
        while time < end:
            yield Reading(site.id, sensor.id, time, time, occupied=random.random() < 0.5)
            time += random.randrange(5, 60) * MINUTE if random.random() < 0.95 else 4 * HOUR

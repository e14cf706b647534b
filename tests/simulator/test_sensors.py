"""What sensors say: the truth, late by what sensors are late by, and the same whichever way it is asked for."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.faults import FAULTS
from simulator.fleet import COUNTER_PULSE, PULSE
from simulator.sensors import COUNTER_GRID, said, said_days
from simulator.week import Presence, presences
from spaces.reading import Reading
from spaces.site import Sensor, Site
from spaces.times import DAY, HOUR, MINUTE, SECOND, Millis
from tests.simulator.houses import SEED, betahaus, small

MONDAY = date(2026, 11, 16)
THURSDAY, FRIDAY = MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)
CHANGE = date(2026, 10, 25)
"""The clock is set back on this Sunday."""


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    one, again, other = (
        msgspec.json.encode(list(said_days(betahaus(), seed, MONDAY, MONDAY))) for seed in (SEED, SEED, SEED + 1)
    )
    assert one == again
    assert one != other


@pytest.mark.parametrize(
    "site", [betahaus(), small(), small((20 * 60, 28 * 60))], ids=["Betahaus", "always open", "at night"]
)
def test_windows_put_together_hold_what_one_window_holds(site: Site) -> None:
    start = site.midnight(CHANGE - timedelta(days=2)) + 7 * HOUR + 17
    end = start + 5 * DAY
    edges = [*range(start, end, 7 * HOUR + 123), end]
    whole = list(said(site, SEED, start, end))
    assert [reading for a, b in pairwise(edges) for reading in said(site, SEED, a, b)] == whole


@settings(max_examples=20, deadline=None)
@given(begin=st.integers(0, 3 * DAY), length=st.integers(0, 2 * DAY))
def test_a_window_is_the_cut_of_the_days(begin: Millis, length: Millis) -> None:
    site = small((8 * 60, 26 * 60))
    origin = site.midnight(MONDAY)
    days = [one for batch in said_days(site, SEED, MONDAY, MONDAY + timedelta(days=6)) for one in batch]
    start, end = origin + begin, origin + begin + length
    assert list(said(site, SEED, start, end)) == [one for one in days if start <= one.time < end]


def test_readings_ascend_in_time_and_no_identity_comes_twice() -> None:
    readings = _said_in_week(betahaus())
    assert all(a.time <= b.time for a, b in pairwise(readings))
    assert len({(one.sensor, one.time) for one in readings}) == len(readings)
    assert all(one.received == one.time and not one.stamped for one in readings)


def test_each_day_counts_its_readings_from_nought() -> None:
    for batch in said_days(betahaus(), SEED, MONDAY, FRIDAY):
        for own in _by_sensor(batch).values():
            assert [one.seq for one in own] == list(range(len(own)))


def test_sensors_speak_at_least_at_their_pulse_and_batteries_fall_slowly() -> None:
    site = betahaus()
    silent = _faulty(site)
    for sensor, own in _by_sensor(_said_in_week(site)).items():
        desk = site.space_by_id[site.sensors_by_id[sensor][0].space].kind == "desk"
        if sensor not in silent:
            assert max(b.time - a.time for a, b in pairwise(own)) <= (PULSE if desk else COUNTER_PULSE)
        levels = [one.battery for one in own]
        assert all((level is not None) == desk for level in levels)
        if desk:
            assert sum(a != b for a, b in pairwise(levels)) <= 2
        assert all((one.people is None) == desk and one.occupied is not None for one in own)


def test_a_quarter_of_a_year_has_about_nine_hundred_thousand_readings() -> None:
    assert 9_000 < len(_said_in_week(betahaus())) / 7 < 14_000


def test_the_dying_battery_is_silent_from_early_thursday_on() -> None:
    site = betahaus()
    fault = FAULTS[site.id][0]
    sensor = next(sensor.id for sensor in site.sensors if sensor.space == fault.space)
    midnight = site.midnight(THURSDAY)
    times = [one.time for one in said(site, SEED, midnight, midnight + 2 * DAY) if one.sensor == sensor]
    before = [time for time in times if time < midnight + 12 * HOUR]
    assert midnight + 5 * HOUR <= max(before) < midnight + 5 * HOUR + 30 * MINUTE
    assert min(time for time in times if time not in before) >= midnight + 30 * HOUR


def test_a_site_of_ones_own_has_no_faults() -> None:
    site = small((8 * 60, 20 * 60))
    for own in _by_sensor(_said_in_week(site)).values():
        assert max(b.time - a.time for a, b in pairwise(own)) <= PULSE


def test_what_desks_say_is_the_truth_within_their_latency() -> None:
    """Gaps shorter than the vacancy delay are not seen; what is left differs by at most 4 s an edge."""
    site = betahaus()
    readings, truth = _by_sensor(_said_in_week(site)), _truth_of_week(site)
    for sensor in site.sensors:
        if site.space_by_id[sensor.space].kind == "desk" and sensor.id not in _faulty(site):
            runs = _bridged(truth[sensor.space], sensor.vacancy_delay)
            seen = _occupied_runs(readings[sensor.id], sensor)
            assert len(seen) == len(runs), sensor
            for (a, b), (start, end) in zip(seen, runs, strict=True):
                assert a - start == b - end
                assert 0 < a - start <= 4 * SECOND


def test_what_counters_say_is_the_truth_within_their_grid() -> None:
    site = betahaus()
    readings, truth = _by_sensor(_said_in_week(site)), _truth_of_week(site)
    for sensor in site.sensors:
        if site.space_by_id[sensor.space].kind != "desk" and sensor.id not in _faulty(site):
            counted = sum(a.people * (b.time - a.time) for a, b in pairwise(readings[sensor.id]) if a.people)
            own = truth[sensor.space]
            assert abs(counted - sum(one.people * (one.end - one.start) for one in own)) <= _late_at_most(own)


def test_two_sensors_of_one_desk_say_the_same_a_little_apart() -> None:
    site = small((8 * 60, 20 * 60))
    own = _by_sensor(_said_in_week(site))
    seen = [_occupied_runs(own[f"d4-{side}"], site.sensors_by_id[f"d4-{side}"][0]) for side in "ab"]
    assert len(seen[0]) > 3
    for (a, b), (start, end) in zip(*seen, strict=True):
        assert max(abs(a - start), abs(b - end)) <= 4 * SECOND


def test_a_sensor_speaks_while_it_is_mounted_alone() -> None:
    site = small((8 * 60, 20 * 60))
    moved = site.midnight(MONDAY + timedelta(days=2))
    sensors = (
        Sensor("moved", "d1", until=moved),
        Sensor("moved", "d2", since=moved),
        Sensor("later", "d3", since=moved),
    )
    readings = _by_sensor(_said_in_week(_with_sensors(site, sensors)))
    assert min(one.time for one in readings["later"]) >= moved
    assert min(one.time for one in readings["moved"]) < moved
    own = [one.time for one in readings["moved"]]
    assert len(set(own)) == len(own)


def test_a_site_without_sensors_says_nothing() -> None:
    assert _said_in_week(_with_sensors(small(), ())) == []


def test_an_empty_window_holds_nothing() -> None:
    assert list(said(betahaus(), SEED, 10**12, 10**12)) == []


def _with_sensors(site: Site, sensors: tuple[Sensor, ...]) -> Site:
    return Site(
        site.id, site.name, site.timezone, site.floors, site.zones, site.spaces, sensors, calendars=site.calendars
    )


def _said_in_week(site: Site) -> list[Reading]:
    return [one for batch in said_days(site, SEED, MONDAY, MONDAY + timedelta(days=6)) for one in batch]


def _truth_of_week(site: Site) -> dict[str, list[Presence]]:
    found: dict[str, list[Presence]] = defaultdict(list)
    for number in range(7):
        for one in presences(site, SEED, MONDAY + timedelta(days=number)):
            found[one.space].append(one)
    return found


def _by_sensor(readings: Iterable[Reading]) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        found[reading.sensor].append(reading)
    return found


def _faulty(site: Site) -> set[str]:
    spaces = {fault.space for fault in FAULTS[site.id]}
    return {sensor.id for sensor in site.sensors if sensor.space in spaces}


def _occupied_runs(readings: list[Reading], sensor: Sensor) -> list[tuple[Millis, Millis]]:
    """Return when a sensor says occupied, the vacancy delay taken off again."""
    runs: list[tuple[Millis, Millis]] = []
    since = None
    for reading in readings:
        if reading.occupied and since is None:
            since = reading.time
        elif not reading.occupied and since is not None:
            runs.append((since, reading.time - sensor.vacancy_delay))
            since = None
    return runs


def _bridged(own: list[Presence], gap: Millis) -> list[tuple[Millis, Millis]]:
    runs: list[tuple[Millis, Millis]] = []
    for one in own:
        if runs and one.start - runs[-1][1] <= gap:
            runs[-1] = (runs[-1][0], one.end)
        else:
            runs.append((one.start, one.end))
    return runs


def _late_at_most(own: list[Presence]) -> Millis:
    """Every one who comes or goes is seen up to one mark of the grid too late."""
    return 2 * COUNTER_GRID * sum(one.people for one in own)

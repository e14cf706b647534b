"""Simulated bookings: they fit who was there, and ledig finds out what became of each."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, pairwise
from pathlib import Path

import numpy as np

from analytics.bookings import KEPT, LEFT_EARLY, NO_SHOW, Booked, booking_figures, judge
from analytics.groups import group_spaces
from analytics.spacestates import space_states
from simulator.bookings import bookings, bookings_between, write_calendars
from simulator.sensors import said
from simulator.truth import write_simulation
from simulator.week import presences
from spaces.bookings import read_bookings
from spaces.readings import readings_from
from spaces.times import DAY, HOUR, parse_instant
from tests.simulator.houses import SEED, betahaus

MONDAY = date(2026, 11, 16)
THURSDAY = MONDAY + timedelta(days=3)
OUTCOMES = {"kept": KEPT, "left early": LEFT_EARLY, "no-show": NO_SHOW}


def test_they_lie_on_quarter_hours_inside_opening_hours_and_apart() -> None:
    site = betahaus()
    found = bookings(site, SEED, THURSDAY)
    assert found == bookings(site, SEED, THURSDAY)
    assert {one.start % (HOUR // 4) for one in found} == {one.end % (HOUR // 4) for one in found} == {0}
    midnight = site.midnight(THURSDAY)
    assert all(midnight + 8 * HOUR <= one.start < one.end <= midnight + 20 * HOUR for one in found)
    for one, other in pairwise(found):
        assert one.space != other.space or one.end <= other.start
    assert bookings(site, SEED, MONDAY - timedelta(days=1)) == []


def test_nobody_is_there_in_what_is_never_held() -> None:
    site = betahaus()
    there = presences(site, SEED, THURSDAY)
    for one in bookings(site, SEED, THURSDAY):
        met = any(who.space == one.space and who.start < one.end and who.end > one.start for who in there)
        assert met == (one.truth != "no-show")


def test_what_became_of_each_is_found_out_from_what_sensors_said() -> None:
    """On a day without a fault of a room's sensor."""
    site = betahaus()
    start = site.midnight(THURSDAY)
    truly = bookings(site, SEED, THURSDAY)
    assert min(Counter(one.truth for one in truly).values()) >= 2
    index = {space.id: number for number, space in enumerate(site.spaces)}
    columns = np.array([(index[one.space], one.start, one.end) for one in truly], dtype=np.int64).T
    states = space_states(site, readings_from(said(site, SEED, start - HOUR, start + DAY)), start, start + DAY)
    judged = judge(site, states, Booked(*columns))
    assert judged.outcome.tolist() == [OUTCOMES[one.truth] for one in truly]
    found = booking_figures(site, states, group_spaces(site, "kind", kind="room"), Booked(*columns))
    assert found.no_shows.tolist() == [sum(one.truth == "no-show" for one in truly)]
    assert found.used_unbooked[0] > 0, "some walk in"


def test_calendars_hold_what_is_booked(tmp_path: Path) -> None:
    site = betahaus()
    last = MONDAY + timedelta(days=2)
    rooms = [space.id for space in site.spaces if space.kind == "room"]
    truly = [one for day in range(3) for one in bookings(site, SEED, MONDAY + timedelta(days=day))]
    days = bookings_between(site, SEED, MONDAY, last)
    assert write_calendars(site, chain.from_iterable(days), tmp_path) == len(truly)
    found, mistakes = read_bookings(tmp_path, rooms, site.tz)
    assert mistakes == []
    start = site.midnight(MONDAY)
    read = {
        (room, *booking) for room, mine in found.calendars.items() for booking in mine.between(start, start + 3 * DAY)
    }
    assert read == {(one.space, one.start, one.end) for one in truly}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{room}.ics" for room in rooms)


def test_a_simulation_has_its_bookings_and_what_became_of_them(tmp_path: Path) -> None:
    site = betahaus()
    start = site.midnight(THURSDAY)
    write_simulation(site, SEED, start, start + DAY, tmp_path)
    with (tmp_path / "bookings.csv").open(encoding="utf-8") as stream:
        rows = [(row["space"], parse_instant(row["start"]), row["truth"]) for row in csv.DictReader(stream)]
    assert rows == [(one.space, one.start, one.truth) for one in bookings(site, SEED, THURSDAY)]
    assert len(list((tmp_path / "bookings").iterdir())) == 12


def test_a_site_without_rooms_has_no_calendars(tmp_path: Path) -> None:
    site = betahaus()
    desks = replace(site, spaces=tuple(space for space in site.spaces if space.kind == "desk"))
    assert write_calendars(desks, [], tmp_path / "new") == 0
    assert not (tmp_path / "new").exists()

"""The truth of simulated days: it looks like the house's week, and is possible."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.house import House, OpenDay
from simulator.people import visits
from simulator.week import Presence, presences
from spaces.calendar import open_intervals
from spaces.site import Members, Site
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis
from tests.simulator.houses import SEED, betahaus, small

MONDAY = date(2026, 11, 16)
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]
THURSDAY, WEDNESDAY = WEEK[3], WEEK[2]

UNLIKE = {
    "always open": small(),
    "at night": small((20 * 60, 28 * 60)),
    "closed at noon": small((8 * 60, 12 * 60), (13 * 60, 18 * 60)),
    "a quarter-hour": small((9 * 60, 9 * 60 + 15)),
    "far away": small((8 * 60, 20 * 60), timezone="Asia/Kathmandu"),
    "crowded": small((8 * 60, 20 * 60), members=(Members(BEGINNING, 9, 90),)),
    "large cafe": small((8 * 60, 20 * 60), seats=80),
}


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    site = betahaus()
    assert presences(site, SEED, THURSDAY) == presences(site, SEED, THURSDAY)
    assert presences(site, SEED, THURSDAY) != presences(site, SEED + 1, THURSDAY)
    assert presences(site, SEED, THURSDAY) != presences(site, SEED, THURSDAY + timedelta(weeks=1))


@pytest.mark.parametrize("day", WEEK)
def test_nobody_is_at_two_places_at_once_in_betahaus(day: date) -> None:
    _one_place_at_a_time(betahaus(), day)


@pytest.mark.parametrize("name", UNLIKE)
def test_any_site_file_comes_to_life_possibly(name: str) -> None:
    """One place a person, one person a desk, nobody outside the hours of a space."""
    for day in (*WEEK, date(2026, 10, 25), date(2026, 3, 29)):
        _one_place_at_a_time(UNLIKE[name], day)
        _possible(UNLIKE[name], day)


@pytest.mark.parametrize("name", ["always open", "at night", "closed at noon", "far away", "crowded"])
def test_any_site_file_is_used(name: str) -> None:
    site = UNLIKE[name]
    kinds = {site.space_by_id[found.space].kind for day in WEEK for found in presences(site, SEED, day)}
    assert {"desk", "room", "cafe"} <= kinds


@pytest.mark.parametrize("day", WEEK)
def test_betahaus_is_used_as_it_can_be(day: date) -> None:
    _possible(betahaus(), day)


def test_closed_days_are_empty() -> None:
    for day in (date(2026, 12, 25), date(2026, 12, 24), date(2027, 3, 8), date(2026, 5, 1), WEEK[5], WEEK[6]):
        assert presences(betahaus(), SEED, day) == [], day


def test_the_middle_of_the_week_is_busy_and_friday_thin() -> None:
    peaks = np.array([[_peak_desks(day + timedelta(weeks=week)) for day in WEEK[:5]] for week in range(4)])
    monday, tuesday, wednesday, thursday, friday = peaks.mean(axis=0).tolist()
    assert min(tuesday, wednesday, thursday) > monday > friday
    assert 0.62 < np.mean([tuesday, wednesday, thursday]) / 102 < 0.84
    assert peaks.max() <= 102


def test_the_house_fills_in_the_morning_and_thins_out_at_noon() -> None:
    used = np.mean([_flexible(day) for day in WEEK[1:4]], axis=0)
    early, before_noon, noon, afternoon, evening = (used[int(hour * 4)] for hour in (8.5, 11.5, 13, 14.5, 19.5))
    assert early < 10
    assert before_noon > 60
    assert noon < 0.85 * min(before_noon, afternoon)
    assert evening < 25


def test_the_demo_begins_in_a_lively_house() -> None:
    assert _flexible(THURSDAY)[42] > 45
    assert _people("cafe", THURSDAY)[42] > 10


def test_about_fifty_founders_have_breakfast_on_thursdays() -> None:
    for week in range(6):
        day = THURSDAY + timedelta(weeks=week)
        if presences(betahaus(), SEED, day):
            assert 42 <= _people("cafe", day)[38] <= 60
    assert _people("cafe", WEDNESDAY)[38] < 20


def test_the_bar_is_full_on_wednesday_evenings_alone() -> None:
    for day in WEEK[:5]:
        evening = _people("cafe", day)[80:96]
        assert (evening.max() > 25) == (day == WEDNESDAY), day
    assert _people("cafe", WEDNESDAY)[92] == 0


def test_rooms_are_used_by_parties_and_by_people_alone() -> None:
    site = betahaus()
    found = [one for day in WEEK for one in presences(site, SEED, day) if site.space_by_id[one.space].kind == "room"]
    large = [one.people for one in found if site.space_by_id[one.space].capacity[0][1] >= 6]
    assert large.count(1) > 20
    assert max(large) > 6
    assert np.median([one.people for one in found]) > 1


def test_desks_without_an_owner_stay_empty() -> None:
    site = betahaus()
    fixed = {space.id for space in site.spaces if space.assignment == "fixed"}
    used = {one.space for day in WEEK for one in presences(site, SEED, day)}
    assert len(fixed & used) == 46


def _one_place_at_a_time(site: Site, day: date) -> None:
    ordered = sorted(visits(House(site), SEED, day), key=lambda visit: (visit.person, visit.start))
    for person, group in groupby(ordered, key=lambda visit: visit.person):
        assert all(a.end <= b.start for a, b in pairwise(group)), (day, person)


def _possible(site: Site, day: date) -> None:
    found = presences(site, SEED, day)
    anchor = OpenDay(House(site), day).anchor
    for name, group in groupby(found, key=lambda one: one.space):
        space, own = site.space_by_id[name], list(group)
        opened = open_intervals(site, space, anchor - DAY, anchor + 3 * DAY)
        assert all(a.end <= b.start for a, b in pairwise(own))
        assert all(any(a <= one.start < one.end <= b for a, b in opened.tolist()) for one in own), (name, day)
        if space.kind in {"desk", "room"}:
            assert max(one.people for one in own) <= space.capacity_at(anchor)
    assert [
        site.spaces.index(site.space_by_id[name]) for name, _ in groupby(found, key=lambda one: one.space)
    ] == sorted({site.spaces.index(site.space_by_id[one.space]) for one in found})


def _flexible(day: date) -> NDArray[np.int64]:
    site = betahaus()
    wanted = {space.id for space in site.spaces if space.assignment == "flexible"}
    return _sampled([one for one in presences(site, SEED, day) if one.space in wanted], site.midnight(day))


def _people(space: str, day: date) -> NDArray[np.int64]:
    site = betahaus()
    return _sampled([one for one in presences(site, SEED, day) if one.space == space], site.midnight(day))


def _sampled(found: Sequence[Presence], midnight: Millis) -> NDArray[np.int64]:
    """Return the people at each quarter-hour of a day, shape (96,)."""
    moments = midnight + np.arange(96) * HOUR // 4
    start, end, people = np.array([(one.start, one.end, one.people) for one in found], dtype=np.int64).reshape(-1, 3).T
    within = (start[:, None] <= moments) & (moments < end[:, None])
    return np.array((within * people[:, None]).sum(axis=0))


def _peak_desks(day: date) -> int:
    return int(_flexible(day).max(initial=0))


def test_presences_are_at_least_a_second_long() -> None:
    assert min(one.end - one.start for one in presences(betahaus(), SEED, THURSDAY)) >= MINUTE // 60

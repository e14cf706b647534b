"""/sizing: a row a number of desks, for these members or others, and never a word on a few fixed desks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.sizing.told import COLUMNS
from dashboards.answers.histories import Histories
from spaces.reading import Reading
from spaces.site import Members, Site
from spaces.times import DAY, HOUR, rfc3339
from tests.api.office import NOW, Office, office, week
from tests.api.shapes import assert_problem

WEEKS = 14
FIRST = date(2026, 8, 10)
WINDOW = {"from": rfc3339(office().midnight(FIRST)), "to": rfc3339(NOW)}


def named() -> Site:
    """Return the office with members in its file, and sensors that speak twice a day."""
    site = office()
    sensors = tuple(replace(sensor, silence=14 * HOUR) for sensor in site.sensors)
    return replace(site, members=(Members(0, 9, 8),), sensors=sensors)


def used(site: Site) -> Iterator[Reading]:
    """Yield weeks in which each desk is used from its own hour on for as long as chance has it, or not at all."""
    chance = np.random.default_rng(1)
    for day in range(WEEKS * 7 + 4):
        midnight = site.midnight(FIRST + timedelta(days=day))
        for space in site.spaces:
            if space.kind == "desk":
                begin = midnight + int(chance.integers(8 * 60, 12 * 60)) * 60_000
                end = begin + int(chance.integers(1, 7 * 60)) * 60_000
                comes = chance.random() < 0.7
                for time, occupied in ((midnight, False), (begin, comes), (end, False)):
                    if time <= NOW:
                        yield Reading(site.id, f"s-{space.id}", time, time, occupied=occupied)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office with fourteen weeks of readings; not to be changed."""
    site = named()
    with Office(tmp_path_factory.mktemp("sized"), list(used(site)), site=site) as opened:
        yield opened


def test_rows_are_measured_as_far_as_demand_was_and_imputed_beyond(house: Office) -> None:
    answer = house.answer("sizing", **WINDOW)
    rows, meta = answer["rows"], answer["meta"]
    assert [row["desks"] for row in rows] == list(range(1, len(rows) + 1))
    assert {tuple(row) for row in rows} == {tuple(COLUMNS)}
    # With three of four desks in demand hardly one is left: what is beyond two nobody has measured.
    assert [row["imputed"] for row in rows] == [row["desks"] > 2 for row in rows]
    for one, more in pairwise(rows):
        for name in ("full", "short", "unserved_hours", "days_a_month"):
            assert one[name] >= more[name]
        assert one["imputed"] != more["imputed"] or one["short"] == more["full"]
        assert one["days_a_month_lo"] <= one["days_a_month"] <= one["days_a_month_hi"]
    assert (meta["pool"], meta["installed"], meta["members"], meta["weeks"]) == ("flexible", 4, 8, 14)
    assert meta["members_a_desk"] == 2
    assert meta["window"] == {"from": "2026-08-09T22:00:00Z", "to": "2026-11-15T23:00:00Z"}
    assert meta["headline"].startswith("With 4 flexible desks, somebody is 15 minutes without a desk on ")
    assert meta["intervals"]["level"] == 0.9
    assert len(meta["attendance"]) == 5
    assert 0 < meta["censored_share"] < 1
    assert all(row["days_a_month_imputed"] >= row["days_a_month"] for row in rows)


def test_more_members_need_more_desks_and_the_same_ones_as_many(house: Office) -> None:
    found: dict[int, Any] = {members: house.answer("sizing", members=members, **WINDOW) for members in (4, 8, 16, 32)}
    needed = [answer["meta"]["recommended"]["desks"] for answer in found.values()]
    assert needed == sorted(needed)
    assert needed[0] < needed[-1]
    assert all(row["imputed"] for row in found[16]["rows"])
    plain = house.answer("sizing", **WINDOW)["meta"]["recommended"]["desks"]
    assert found[8]["meta"]["recommended"]["desks"] == plain
    assert "and 16 members" in found[16]["meta"]["headline"]


def test_a_stricter_target_needs_more_desks(house: Office) -> None:
    needed = [house.answer("sizing", target=target, **WINDOW)["meta"]["recommended"]["desks"] for target in (5, 1, 0)]
    assert needed == sorted(needed)


def test_fixed_desks_are_sized_as_whole_blocks_alone(house: Office) -> None:
    meta = house.answer("sizing", pool="fixed", **WINDOW)["meta"]
    assert (meta["installed"], meta["members"], meta["censored_share"]) == (9, 9, 0)
    assert meta["headline"].startswith("If the 9 fixed desks were shared, somebody would be 15 minutes")
    hidden = house.answer("sizing", pool="fixed", zone="team", **WINDOW)
    (row,) = hidden["rows"]
    assert {name for name, value in row.items() if value is not None} == {"group", "reason"}
    assert hidden["meta"]["headline"] == row["reason"]
    assert "recommended" not in hidden["meta"]


def test_under_twelve_weeks_there_is_no_interval(house: Office) -> None:
    answer = house.answer("sizing", **{**WINDOW, "to": rfc3339(NOW - 40 * DAY)})
    assert {row["days_a_month_lo"] for row in answer["rows"]} == {None}
    assert answer["meta"]["intervals"]["reason"] == "fewer than 12 weeks"
    assert "fewer than 12 weeks" in answer["meta"]["headline"]


def test_what_is_not_known_is_null_with_a_reason(house: Office) -> None:
    before = house.answer("sizing", from_=rfc3339(NOW - 300 * DAY), to=rfc3339(NOW - 200 * DAY))
    assert {row["reason"] for row in before["rows"]} == {"no data"}
    assert len(before["rows"]) == 4
    assert {row["days_a_month"] for row in before["rows"]} == {None}
    ahead = house.answer("sizing", from_=rfc3339(NOW + DAY), to=rfc3339(NOW + 9 * DAY))
    assert {row["reason"] for row in ahead["rows"]} == {"not yet"}
    none = house.answer("sizing", kind="room")
    assert none["rows"] == []
    assert "no flexible desks" in none["meta"]["headline"]
    weekend = house.answer("sizing", from_="2026-11-14T00:00:00+01:00", to="2026-11-16T00:00:00+01:00")
    assert {row["reason"] for row in weekend["rows"]} == {"closed"}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "pool": ({"pool": "flexibel"}, "flexible"),
    "members": ({"members": 0}, "greater than or equal to 1"),
    "far": ({"members": 1_000, **WINDOW}, "demand of 8 members is scaled to 1 to 80"),
    "target": ({"target": -1}, "greater than or equal to 0"),
    "nan": ({"target": "nan"}, "target"),
    "window": ({"from": rfc3339(NOW), "to": rfc3339(NOW - DAY)}, "is not before"),
    "long": ({"from": rfc3339(NOW - 4_000 * DAY)}, "the limit is 400"),
    "zone": ({"zone": "nowhere"}, "has no zone"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_parameters_are_told(house: Office, name: str) -> None:
    query, message = WRONG[name]
    problem = assert_problem(house.get("v1/sites/office/sizing", **query), 422)
    assert message in problem["detail"]


def test_without_members_in_the_file_there_is_a_curve_but_nothing_to_scale(tmp_path: Path) -> None:
    with Office(tmp_path, list(week(office()))) as bare:
        window = {"from": rfc3339(NOW - 5 * DAY), "to": rfc3339(NOW)}
        meta = bare.answer("sizing", **window)["meta"]
        assert (meta["members"], meta["attendance"], meta["members_a_desk"]) == (None, None, None)
        problem = assert_problem(bare.get("v1/sites/office/sizing", members=5, **window), 422)
        assert "names no flexible members" in problem["detail"]


def test_what_happens_today_touches_nothing_that_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = named()
    with Office(tmp_path, list(used(site)), site=site) as live:
        before = live.ask("sizing", **WINDOW)

        def never(*_: object) -> None:
            raise AssertionError("measured again")

        monkeypatch.setattr(Histories, "_read", never)
        live.note(Reading("office", "s-mixed-0", NOW - HOUR, NOW, occupied=True))
        assert live.ask("sizing", **WINDOW) == before


def test_a_late_reading_is_seen(tmp_path: Path) -> None:
    site = named()
    with Office(tmp_path, list(used(site)), site=site) as changed:
        before = changed.ask("sizing", **WINDOW)
        assert changed.ask("sizing", **WINDOW) == before
        late = site.midnight(date(2026, 9, 14)) + 13 * HOUR
        for desk in range(4):
            changed.note(Reading("office", f"s-mixed-{desk}", late, NOW, occupied=True))
        assert changed.ask("sizing", **WINDOW) != before

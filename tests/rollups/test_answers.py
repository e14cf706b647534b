"""Answers of the API are the same with roll-ups as without, at any moment, and cost less."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from dashboards.rollups.source import Fresh, Rollups
from spaces.clocks import AHEAD
from spaces.site import CalendarRule, Sensor, Site
from spaces.times import DAY, HOUR, MINUTE, Millis, rfc3339
from tests.api.office import NOW, office, said, week
from tests.rollups.answers import Twins, twins

MONTH = {"from_": NOW - 30 * DAY, "to": NOW + DAY}
WEEK = {"from_": NOW - 7 * DAY, "to": NOW}
_MEANT: tuple[dict[str, Any], ...] = (
    {"bucket": "1d", "group": "site"},
    {"bucket": "1h", "group": "zone", "measure": "people"},
    {"bucket": "1w", "group": "floor", "assignment": "flexible"},
    {"bucket": "15m", "group": "kind", "kind": "room", "floor": "f2"},
    {"bucket": "1d", "group": "kind", "measure": "people"},
)
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    *((path, meant) for path in ("utilisation", "peaks", "availability") for meant in _MEANT),
    *(("heatmap", {"group": group}) for group in ("site", "floor", "zone", "kind", "space")),
    ("heatmap", {"zone": "mixed", "assignment": "flexible"}),
    *(
        ("planning", {"group": group, "measure": measure})
        for group in ("site", "kind")
        for measure in ("spaces", "people")
    ),
    ("utilisation", {"bucket": "1d", "group": "space", "zone": "meet"}),
    ("peaks", {"bucket": "1d", "space": "elbe"}),
]


def named(question: tuple[str, dict[str, Any]]) -> str:
    return " ".join([question[0], *(str(value) for value in question[1].values())])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    with twins(tmp_path_factory.mktemp("twins"), list(week(office()))) as opened:
        opened.refresh()
        yield opened


@pytest.mark.parametrize("question", QUESTIONS, ids=named)
@pytest.mark.parametrize("window", [MONTH, WEEK, {"from_": NOW - 50 * HOUR, "to": NOW - 3 * HOUR + MINUTE}], ids=str)
def test_answers_equal_those_from_readings(pair: Twins, question: tuple[str, dict[str, Any]], window: Any) -> None:
    path, query = question
    assert pair.same(path, **{**window, **query})


def test_what_is_rolled_up_is_not_read_again(pair: Twins) -> None:
    for path, group in itertools.product(("utilisation", "peaks", "heatmap"), ("site", "floor", "zone", "kind")):
        pair.read()
        more = {"utilisation": {"bucket": "1d", "usage": "false"}, "peaks": {"bucket": "1d"}}
        pair.rolled.answer(path, **MONTH, group=group, **more.get(path, {}))
        assert pair.read() < 4 * HOUR, "more was read than the quarter-hour that is not over, and its silence limit"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Twins]:
    with twins(tmp_path, list(week(office()))) as opened:
        opened.refresh()
        yield opened


def ask_all(pair: Twins) -> list[Any]:
    """Ask for some of everything, and see that both say the same."""
    return [
        pair.same("utilisation", **MONTH, bucket="1d", group="zone"),
        pair.same("peaks", **WEEK, bucket="1h", measure="people"),
        pair.same("heatmap", **MONTH, group="floor"),
    ]


def test_a_late_reading_is_in_the_next_answer_before_it_is_rolled_up(own: Twins) -> None:
    site, random = own.rolled.site, Random(1)
    before = ask_all(own)
    for lateness in (MINUTE, DAY, 20 * DAY):
        space = random.choice([space for space in site.spaces if space.id in {"elbe", "havel"}])
        time = NOW - lateness
        own.note(said(site, space, time, used=True), said(site, space, time + MINUTE // 2, used=False))
        after = ask_all(own)
        assert after != before, "it is not seen"
        before = after
        if lateness == DAY:
            own.refresh()
    own.refresh()
    assert ask_all(own) == before
    own.read()
    own.rolled.answer("heatmap", **MONTH)
    assert own.read() < 4 * HOUR


def test_the_first_count_of_a_space_changes_what_its_idle_time_counted_before(own: Twins) -> None:
    """Of days that are long over too, though nothing was said of them: then its emptiness was nobody's, now it is."""
    asked = {"bucket": "1d", "group": "zone", "kind": "room"}
    before = own.same("utilisation", **MONTH, **asked), own.same("peaks", **MONTH, **asked, measure="people")
    havel = next(space for space in own.rolled.site.spaces if space.id == "havel")
    own.note(msgspec.structs.replace(said(own.rolled.site, havel, NOW - HOUR, used=True), people=3))
    after = own.same("utilisation", **MONTH, **asked), own.same("peaks", **MONTH, **asked, measure="people")
    counted = [
        [row["people_coverage"] for row in rows if row["time"] < rfc3339(NOW - 3 * DAY)] for rows, _ in (before, after)
    ]
    assert counted[0] != counted[1]


def test_figures_that_are_long_over_are_not_worked_out_again(own: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask_all(own)
    worked: list[Millis] = []
    over = Rollups.over

    def watched(self: Rollups, site: Site, start: Millis, end: Millis, now: Millis) -> Fresh | None:
        worked.append(min(end, now) - start)
        return over(self, site, start, end, now)

    monkeypatch.setattr(Rollups, "over", watched)
    own.at(NOW + MINUTE)
    ask_all(own)
    assert max(worked) < 3 * DAY
    own.note(said(own.rolled.site, own.rolled.site.spaces[-2], NOW - 20 * DAY, used=True))
    assert ask_all(own) != first
    assert max(worked) > 20 * DAY


def test_a_reading_that_nobody_told_of_is_in_the_next_answer_that_looks(own: Twins) -> None:
    site = own.rolled.site
    own.rolled.store.append([said(site, site.spaces[-2], NOW - HOUR, used=True)])
    ask_all(own)
    own.rolled.store.append([said(site, site.spaces[-2], NOW - 3 * DAY, used=True)])
    for one in (own.rolled, own.plain):  # what a poll of the store does
        one.live.note([said(site, site.spaces[-3], NOW - 3 * DAY + HOUR, used=True)])
    ask_all(own)


def test_answers_stay_right_while_time_goes_by_and_clocks_step_back(own: Twins) -> None:
    site = own.rolled.site
    own.note(*(said(site, space, NOW + AHEAD - MINUTE, used=True) for space in site.spaces if space.id != "attic"))
    for step in (MINUTE, 6 * MINUTE, 3 * HOUR, -2 * HOUR, DAY):
        own.at(NOW + step)
        ask_all(own)
        if step > 0:
            own.refresh()
            ask_all(own)


def test_a_changed_site_file_changes_the_next_answer(own: Twins) -> None:
    site = own.rolled.site
    before = ask_all(own)
    moved: Millis = NOW - 2 * DAY
    later = replace(site, calendars=(CalendarRule(weekly=dict.fromkeys(range(7), ((6 * 60, 22 * 60),))),))
    moved_sensor = Sensor("s-havel", "attic", since=moved)
    mapped = tuple(replace(one, until=moved) if one.id == "s-havel" else one for one in site.sensors)
    for changed in (later, replace(site, sensors=(*mapped, moved_sensor)), office({"team": 6}), site):
        own.become(changed)
        found = ask_all(own)
        assert (found == before) == (changed is site)
        own.refresh()
        assert ask_all(own) == found


def test_hours_off_the_quarter_hour_are_answered_from_readings(own: Twins) -> None:
    odd = CalendarRule(weekly=dict.fromkeys(range(5), ((8 * 60 + 10, 19 * 60 + 5),)))
    own.become(replace(own.rolled.site, calendars=(odd,)))
    own.refresh()
    ask_all(own)


def test_files_deleted_or_damaged_under_the_api_change_no_answer(own: Twins, tmp_path: Path) -> None:
    before = ask_all(own)
    paths = sorted((tmp_path / "rollups").rglob("*.parquet"))
    content = paths[2].read_bytes()
    middle = len(content) // 3
    paths[0].unlink()
    paths[1].write_bytes(b"PAR1")
    paths[2].write_bytes(content[:middle] + bytes(2000) + content[middle + 2000 :])
    paths[3].write_bytes(content)  # of another day
    assert ask_all(own) == before
    own.refresh()
    own.read()
    assert ask_all(own) == before
    for path in paths:
        path.unlink(missing_ok=True)
    assert ask_all(own) == before


def test_a_window_before_all_data_or_in_the_future_is_null_with_its_reason(own: Twins) -> None:
    rows = own.same("utilisation", from_=NOW - 300 * DAY, to=NOW - 200 * DAY, bucket="1w")
    assert {row["reason"] for row in rows} == {"no data"}
    rows = own.same("peaks", from_=NOW + DAY, to=NOW + 9 * DAY, bucket="1d")
    assert {row["reason"] for row in rows} == {"not yet"}

"""Roll-ups put together piece by piece, in whatever order readings came, equal those made of all readings at once."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.groups import group_spaces
from analytics.rollup import figures
from analytics.rollup.cohorts import QUARTER
from analytics.rollup.fusing import fuse
from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled, differences, join, splice
from analytics.rollup.rolling import roll
from analytics.utilisation import utilisation
from spaces.reading import Reading
from spaces.site import CalendarRule, Site
from spaces.times import MINUTE, Millis
from tests.analytics.houses import House, houses, states_of, ticks, tried
from tests.analytics.rollup.oracle import assert_equal, calendared, rolled_of


def made_of(house: House, rows: Sequence[Reading], start: Millis, end: Millis) -> Rolled:
    """Roll up part of a house from some readings."""
    part = replace(house, rows=list(rows), start=start, end=end)
    return roll(Layout.of(house.site, ()), states_of(part), start, end)


def touched(site: Site, row: Reading, start: Millis, end: Millis) -> tuple[Millis, Millis]:
    """Return the quarter-hours of a window whose states a reading may change, in whatever order it came."""
    entries = site.sensors_by_id[row.sensor]
    low = row.time - max(entry.vacancy_delay for entry in entries)
    high = row.time + max(entry.silence for entry in entries)
    low, high = low // QUARTER * QUARTER, -(-high // QUARTER) * QUARTER
    return min(max(low, start), end), max(min(high, end), start)


@tried(25)
@given(houses(), st.data())
def test_readings_in_any_order_spliced_in_equal_a_recomputation(house: House, data: st.DataObject) -> None:
    """Late, repeated, shuffled and dropped: what each batch touches is rolled up anew, and no more."""
    end = max(house.end // QUARTER * QUARTER, house.start)
    repeated = data.draw(st.lists(st.sampled_from(house.rows), max_size=3)) if house.rows else []
    shuffled = data.draw(st.permutations(house.rows + repeated))
    rows = shuffled[: data.draw(st.integers(0, len(shuffled)))]
    rolled, here = made_of(house, [], house.start, end), list[Reading]()
    while rows:
        size = data.draw(st.integers(1, 12))
        batch, rows = rows[:size], rows[size:]
        here += batch
        for row in batch:
            low, high = touched(house.site, row, house.start, end)
            if low < high:
                rolled = splice(rolled, made_of(house, here, low, high))
        assert not list(differences(rolled, made_of(house, here, house.start, end)))


@tried(25)
@given(calendared(), st.lists(st.integers(0, 130), max_size=4))
def test_a_window_rolled_up_in_parts_equals_the_whole(house: House, cuts: list[int]) -> None:
    layout, whole = rolled_of(house)
    first = house.start // QUARTER
    inner = {(first + cut) * QUARTER for cut in cuts}
    marks = sorted({house.start, house.end, *(cut for cut in inner if house.start < cut < house.end)})
    states = states_of(house)
    parts = [roll(layout, states, low, high) for low, high in pairwise(marks)]
    assert not list(differences(join(parts), whole))
    for part in parts:
        assert not list(differences(whole.cut(part.start, part.end), part))


@tried(60)
@given(calendared(), st.data())
def test_a_window_cut_within_quarter_hours_equals_the_whole(house: House, data: st.DataObject) -> None:
    """Few quarter-hours in many parts, so that each is cut more than once, at moments at which something happens."""
    start = data.draw(st.sampled_from((house.start, house.start + 7 * MINUTE)))
    house = replace(house, start=start, end=min(house.end, start + data.draw(st.sampled_from((1, 3, 40))) * QUARTER))
    moments = [row.time for row in house.rows if house.start < row.time < house.end]
    near = ticks(house.start, house.end) | st.integers(house.start, house.end)
    cuts = data.draw(st.lists(near | st.sampled_from(moments) if moments else near, max_size=12))
    layout, whole = rolled_of(house)
    states = states_of(house)
    marks = sorted({house.start, house.end, *(cut for cut in cuts if house.start < cut < house.end)})
    fused = fuse([roll(layout, states, low, high) for low, high in pairwise(marks)])
    assert not list(differences(fused, whole))
    columns = ("grouped", "levels", "runs", "spaces")
    assert [_kinds(fused, name) for name in columns] == [_kinds(whole, name) for name in columns]


def _kinds(rolled: Rolled, name: str) -> dict[str, str]:
    return {column: values.dtype.name for column, values in getattr(rolled, name).items()}


@tried(25)
@given(houses(), st.data())
def test_under_one_digest_a_changed_site_file_changes_no_rollup(house: House, data: st.DataObject) -> None:
    """A sensor replaced, a desk moved or seats added later leave what was rolled up before as it is."""
    changed = replace(house, site=_changed(house, data))
    low = data.draw(ticks(house.start, house.end)) // QUARTER * QUARTER
    low, high = max(low, house.start), house.end
    one, other = Layout.of(house.site, ()), Layout.of(changed.site, ())
    if one.digest(low, high) == other.digest(low, high):
        before = roll(one, states_of(house), low, high)
        assert not list(differences(before, roll(other, states_of(changed), low, high)))
    if one.hash == other.hash:
        assert one.digest(low, high) == other.digest(low, high)


def _changed(house: House, data: st.DataObject) -> Site:
    site, moment = house.site, data.draw(ticks(house.start - 180 * MINUTE, house.end + 180 * MINUTE))
    sensors = list(site.sensors)
    if sensors:
        place = data.draw(st.integers(0, len(sensors) - 1))
        change = data.draw(st.sampled_from(("since", "until", "silence", "vacancy_delay", "space")))
        value: dict[str, Any] = {"since": moment, "until": moment, "silence": 30 * MINUTE, "vacancy_delay": 5 * MINUTE}
        value["space"] = data.draw(st.sampled_from([space.id for space in site.spaces]))
        changed = replace(sensors[place], **{change: value[change]})
        sensors[place] = changed if changed.since < changed.until else sensors[place]
    spaces = list(site.spaces)
    if data.draw(st.booleans()):
        seats = dict(spaces[0].capacity) | {moment: 9}
        spaces[0] = replace(spaces[0], capacity=tuple(sorted(seats.items())))
    return replace(site, sensors=tuple(sensors), spaces=tuple(spaces))


@tried(10)
@given(houses())
def test_new_hours_leave_rollups_as_they_are_and_change_figures(house: House) -> None:
    always, seldom = (
        replace(house.site, calendars=(CalendarRule(weekly=dict.fromkeys(range(7), hours)),))
        for hours in (((0, 1440),), ((600, 660),))
    )
    assert Layout.of(always, ()).hash == Layout.of(seldom, ()).hash
    _, rolled = rolled_of(replace(house, site=always))
    groups, marks = group_spaces(seldom, "site"), rolled.lengths.cumsum() + rolled.start
    marks = marks[[0, -1]]
    if marks[0] % QUARTER == 0:
        expected = utilisation(seldom, states_of(replace(house, site=seldom)), groups, marks)
        assert_equal(figures.utilisation(Layout.of(seldom, ()), rolled, groups, marks), expected)


def test_what_does_not_fit_is_not_put_together() -> None:
    house = House(Site("h", "House", "Europe/Berlin", (), (), (), ()), [], 0, 8 * QUARTER)
    _, whole = rolled_of(house)
    early, late = whole.cut(0, QUARTER), whole.cut(2 * QUARTER, 3 * QUARTER)
    for parts in ([], [early, late]):
        with pytest.raises(ValueError, match=r"join|fit"):
            join(parts)
    with pytest.raises(ValueError, match="touch"):
        splice(early, late)
    with pytest.raises(ValueError, match="quarter-hour"):
        whole.cut(0, MINUTE)
    with pytest.raises(ValueError, match="not within"):
        early.cut(0, 2 * QUARTER)

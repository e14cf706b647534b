"""Roll-ups equal what is rolled up anew from readings, to the last bit, whatever came in between."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.privacy.blocks import blocks
from analytics.rollup.layout import Layout
from analytics.rollup.rolled import differences
from dashboards.rollups.translation import Want, rolled_of
from spaces.site import Site
from spaces.times import DAY, HOUR, MINUTE, Millis
from store.fingerprints import QUARTER
from store.opening import open_store
from store.rollups import RollupFiles
from tests.rollups.village import BASE, Desk, anew, batches, said, some_days, village

DAYS = 3
NOW = BASE + DAYS * DAY
quick = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rollups")


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    opened = open_desk(folder, village())
    yield opened
    opened.store.close()


def open_desk(folder: Path, site: Site) -> Desk:
    return Desk(site, open_store(folder / "store"), RollupFiles(folder / "rollups"))


def fill(desk: Desk, random: Random, count: int = 200) -> None:
    """Have readings of all days come, and rolled up."""
    desk.come(some_days(random, desk.site, DAYS, count))
    desk.refresh(NOW)


def refresh_and_check(desk: Desk) -> None:
    desk.refresh(NOW)
    check(desk, NOW - 30 * MINUTE)


def check(desk: Desk, end: Millis, days: range = range(BASE // DAY, BASE // DAY + DAYS)) -> None:
    """See that the files of days hold what is rolled up anew, as far as that is settled."""
    layout = Layout.of(desk.site, blocks(desk.site))
    for day in days:
        with desk.files.opened(desk.site.id, day, layout.digest(day * DAY, (day + 1) * DAY)) as file:
            assert file is not None
            found = rolled_of(file, Want.everything(layout))
        assert found.end == min((day + 1) * DAY, end)
        assert list(differences(found, anew(desk.site, desk.store, day * DAY, found.end))) == []


@quick
@given(st.integers(0, 2**32), st.data())
def test_any_order_of_arrival_gives_the_same_roll_ups(
    tmp_path_factory: pytest.TempPathFactory, seed: int, data: st.DataObject
) -> None:
    random, site = Random(seed), village(moved=BASE + DAY + 5 * HOUR)
    desk = open_desk(tmp_path_factory.mktemp("any-order"), site)
    readings = some_days(random, site, DAYS, data.draw(st.sampled_from([1, 40, 120])))
    late = [(reading, reading.time + random.choice([0, 0, 0, HOUR, DAY, 5 * DAY])) for reading in readings]
    late += random.sample(late, len(late) // 4)  # some come twice
    came = [reading for reading, _ in sorted(late, key=lambda one: one[1])]
    now = BASE
    for batch in batches(random, came):
        now = max(now, *(reading.time for reading in batch)) + random.choice([0, MINUTE, HOUR])
        random.shuffle(batch)
        desk.come(batch)
        if random.random() < 0.7:
            desk.refresh(now, random.choice([1, 99]))
        if random.random() < 0.2:
            desk.restart(village(delay=random.choice([20, 5]) * MINUTE, moved=BASE + random.choice([1, 2]) * DAY))
    desk.restart(site)
    now = max(now, NOW - 7 * MINUTE)
    desk.come([readings[0]])
    desk.refresh(now)
    assert desk.keeper.due(now, 0.0) == []
    check(desk, (now - 20 * MINUTE) // QUARTER * QUARTER, range(readings[0].time // DAY, BASE // DAY + DAYS))
    desk.store.close()


def test_a_day_grows_by_the_quarter_hours_that_are_settled(desk: Desk) -> None:
    for reading in some_days(Random(3), desk.site, 1, 80):
        desk.come([reading])
        desk.refresh(reading.time)
    desk.refresh(BASE + DAY + 20 * MINUTE)
    assert desk.rolled <= 96 * 3, "quarter-hours were rolled up again and again"
    check(desk, BASE + DAY, range(BASE // DAY, BASE // DAY + 1))


def test_a_late_reading_has_what_it_touches_rolled_up_again_and_no_more(desk: Desk) -> None:
    random = Random(4)
    fill(desk, random, 500)
    before = desk.rolled
    desk.come([said(random, desk.site, BASE + 30 * HOUR + MINUTE)])
    assert desk.keeper.due(NOW, 0.0) == [BASE // DAY + 1]
    refresh_and_check(desk)
    # Its quarter-hour, two hours of silence limit after it, and two that reach into the vacancy delay before it.
    assert desk.rolled - before == 1 + 8 + 2


def test_what_another_process_wrote_into_the_store_is_noticed_without_being_told(desk: Desk) -> None:
    random = Random(5)
    fill(desk, random)
    desk.store.append([said(random, desk.site, time) for time in (BASE + 5 * HOUR, BASE + DAY - MINUTE)])
    desk.restart()
    assert desk.keeper.due(NOW, 0.0) == [BASE // DAY + 1, BASE // DAY]
    refresh_and_check(desk)


def test_a_changed_site_file_makes_new_files_of_the_days_it_changes_alone(desk: Desk) -> None:
    fill(desk, Random(6))
    desk.restart(village(moved=BASE + 2 * DAY + 9 * HOUR))
    assert desk.keeper.due(NOW, 0.0) == [BASE // DAY + 2]
    refresh_and_check(desk)
    desk.restart(village())
    assert desk.keeper.due(NOW, 0.0) == [], "the old files were thrown away at once"


def test_files_deleted_or_damaged_at_any_time_are_made_again(desk: Desk, folder: Path) -> None:
    fill(desk, Random(7))
    paths = sorted((folder / "rollups").rglob("*.parquet"))
    assert len(paths) == DAYS
    paths[0].unlink()
    paths[1].write_bytes(paths[1].read_bytes()[:-9])
    paths[2].write_bytes(b"")
    assert len(desk.keeper.due(NOW, 0.0)) == DAYS
    refresh_and_check(desk)
    for path in paths:
        path.unlink()
    (folder / "rollups" / "village").rmdir()
    refresh_and_check(desk)


def test_a_file_with_damaged_numbers_is_made_anew_when_a_part_of_it_is_due(desk: Desk, folder: Path) -> None:
    random = Random(8)
    fill(desk, random)
    path = min((folder / "rollups").rglob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2 - 200 : len(content) // 2 + 200] = bytes(400)
    path.write_bytes(content)
    desk.come([said(random, desk.site, BASE + 5 * HOUR)])
    refresh_and_check(desk)


def test_a_site_without_readings_has_nothing_to_be_rolled_up(desk: Desk, folder: Path) -> None:
    assert desk.keeper.due(BASE, 0.0) == []
    assert not (folder / "rollups").exists()

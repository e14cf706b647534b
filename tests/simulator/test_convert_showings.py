"""Wall-clock times on the time line: what the clock shows twice is told apart by the order of rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.convert.refusals import Reason, RowError
from simulator.convert.showings import Showings, exactly, showings
from spaces.times import HOUR, MINUTE, Millis, to_datetime, to_millis

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
HALF_PAST = datetime(2017, 10, 29, 2, 30)  # noqa: DTZ001 - what the wall shows


def settle(times: Sequence[datetime], zone: ZoneInfo = COPENHAGEN, rule: str = "") -> list[tuple[Millis | None, bool]]:
    """Return (moment, guessed) of each wall-clock time, in the order given."""
    rows: Showings[int] = Showings(rule)
    settled = [row for index, local in enumerate(times) for row in rows.take("a", showings(local, zone), index)]
    settled += rows.finish()
    assert sorted(row.item for row in settled) == list(range(len(times)))
    return [(row.moment, row.guessed) for row in sorted(settled, key=lambda row: row.item)]


def wall(moments: Sequence[Millis], zone: ZoneInfo = COPENHAGEN) -> list[datetime]:
    return [to_datetime(moment).astimezone(zone).replace(tzinfo=None, fold=0) for moment in moments]


def test_the_repeated_hour_goes_on_where_it_would_go_back() -> None:
    first, second = showings(HALF_PAST, COPENHAGEN)
    assert settle([HALF_PAST, HALF_PAST]) == [(first, False), (second, False)]
    assert second == first + HOUR
    assert to_datetime(first).isoformat() == "2017-10-29T00:30:00+00:00"


def test_a_skipped_time_is_refused() -> None:
    with pytest.raises(RowError, match="the clock skips it") as caught:
        showings(datetime(2017, 3, 26, 2, 30), COPENHAGEN)  # noqa: DTZ001 - what the wall shows
    assert caught.value.reason is Reason.SKIPPED


@given(
    st.sampled_from([(COPENHAGEN, 2017, 10, 29), (LORD_HOWE, 2023, 4, 2), (ZoneInfo("America/New_York"), 2026, 11, 1)]),
    st.sampled_from([1, 5, 10, 15, 30]),
    st.booleans(),
    st.integers(0, 3),
)
def test_regular_rows_through_the_change_keep_their_moments_whichever_way_they_run(
    change: tuple[ZoneInfo, int, int, int],
    minutes: int,
    backwards: bool,  # noqa: FBT001 - drawn
    hours: int,
) -> None:
    zone, *day = change
    start = to_millis(datetime(*day, tzinfo=zone)) - hours * HOUR  # type: ignore[misc,arg-type] # three numbers
    moments = [start + step * minutes * MINUTE for step in range((6 + hours) * 60 // minutes)]
    moments = moments[::-1] if backwards else moments
    assert settle(wall(moments, zone), zone) == [(moment, False) for moment in moments]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_file_that_begins_or_ends_inside_the_hour_is_told_by_its_other_side(backwards: bool) -> None:  # noqa: FBT001
    first = showings(HALF_PAST, COPENHAGEN).first
    moments = [first - 20 * MINUTE + step * 20 * MINUTE for step in range(5)]
    for part in (moments, [first - 2 * HOUR, *moments], [*moments, first + 5 * HOUR]):
        ordered = part[::-1] if backwards and part is not moments else part
        assert [moment for moment, _ in settle(wall(ordered))] == ordered


def test_one_showing_alone_is_taken_for_the_first_and_said_to_be_a_guess() -> None:
    before, after = HALF_PAST - timedelta(hours=1), HALF_PAST + timedelta(hours=1)
    first, second = showings(HALF_PAST, COPENHAGEN)
    assert settle([before, HALF_PAST, after])[1] == (first, True)
    assert settle([before, HALF_PAST, after], rule="second")[1] == (second, True)
    assert settle([before, HALF_PAST, after], rule="leave-out")[1] == (None, False)


def test_shuffled_rows_tell_nothing_and_are_left_out_unless_the_mapping_decides() -> None:
    quarter = timedelta(minutes=15)
    shuffled = [HALF_PAST - 2 * quarter, HALF_PAST, HALF_PAST - quarter, HALF_PAST, HALF_PAST - quarter, HALF_PAST]
    around = [HALF_PAST - 8 * quarter, *shuffled, HALF_PAST + 8 * quarter]
    assert [moment for moment, _ in settle(around)[1:-1]] == [None] * 6
    assert settle(around, rule="first")[2] == (showings(HALF_PAST, COPENHAGEN).first, True)


def test_rows_around_that_go_both_ways_tell_nothing() -> None:
    later = HALF_PAST + timedelta(hours=3)
    assert settle([later, HALF_PAST, later])[1] == (None, False)


def test_each_sensor_has_an_order_of_its_own() -> None:
    rows: Showings[str] = Showings()
    moment = showings(HALF_PAST, COPENHAGEN)
    for sensor in ("a", "b"):
        assert list(rows.take(sensor, exactly(moment.first - 9 * HOUR), sensor))
        assert not list(rows.take(sensor, moment, sensor))
    assert {row.moment for row in rows.finish()} == {moment.first}

"""Gaps in sequence numbers: found, counted, and closed by what comes late."""

from random import Random

from ingest.gaps import Gaps
from spaces.reading import Reading


def said(*numbers: int, sensor: str = "d1", start: int = 0) -> list[Reading]:
    """Readings a second apart with these numbers; a number's time is its own, so that order can be shuffled."""
    return [Reading("house", sensor, start + number * 1_000, 0, occupied=True, seq=number) for number in numbers]


def test_numbers_that_follow_one_another_leave_nothing_out() -> None:
    gaps = Gaps()
    gaps.note([*said(*range(50)), *said(*range(20), sensor="d2")])
    assert gaps.missing == 0


def test_what_was_left_out_is_counted_by_sensor() -> None:
    gaps = Gaps()
    gaps.note([*said(3, 4, 9), *said(1, 2, 4, sensor="d2")])
    assert gaps.missing == 4 + 1


def test_what_comes_late_is_no_longer_missing_and_a_repeat_changes_nothing() -> None:
    gaps = Gaps()
    gaps.note(said(0, 10))
    gaps.note(said(5, 5, 0, 10))
    assert gaps.missing == 8
    gaps.note(said(*range(10)))
    assert gaps.missing == 0


def test_any_order_ends_with_nothing_missing() -> None:
    for seed in range(20):
        shuffled = list(range(1, 40))
        Random(seed).shuffle(shuffled)
        gaps = Gaps()
        gaps.note(said(0, *shuffled))
        assert gaps.missing == 0


def test_a_sensor_that_begins_anew_leaves_nothing_out() -> None:
    gaps = Gaps()
    gaps.note(said(700, 701))
    gaps.note(said(0, 1, 2, start=1_000_000))
    assert gaps.missing == 0


def test_numbers_go_on_from_the_life_before() -> None:
    gaps = Gaps(said(7))
    gaps.note(said(11))
    assert gaps.missing == 3


def test_readings_without_numbers_say_nothing() -> None:
    gaps = Gaps()
    gaps.note([Reading("house", "d1", time, time, occupied=True) for time in range(5)])
    assert gaps.missing == 0

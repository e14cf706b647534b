"""The demo's clock: never asleep, never backwards, and in the end in real time."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.demo_clock import DemoClock, latest_thursday, next_thursday, resume
from spaces.calendar import open_intervals
from spaces.times import DAY, HOUR, SECOND, Millis, to_datetime, to_millis
from tests.simulator.houses import betahaus, small


class Stopwatch:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def at(text: str) -> Millis:
    """Return a moment of Berlin."""
    return to_millis(datetime.fromisoformat(text).replace(tzinfo=betahaus().tz))


def test_it_runs_in_real_time_from_its_start() -> None:
    watch = Stopwatch()
    clock = DemoClock(1_000, monotonic=watch)
    assert clock() == 1_000
    watch.seconds += 2.5
    assert clock() == 3_500
    assert clock.is_live


def test_with_speed_it_catches_up_and_then_runs_in_real_time() -> None:
    watch = Stopwatch()
    clock = DemoClock(0, monotonic=watch, speed=11, target=100 * SECOND)
    watch.seconds += 5
    assert (clock(), clock.is_live) == (55 * SECOND, False)
    watch.seconds += 5
    assert (clock(), clock.is_live) == (110 * SECOND, True)
    watch.seconds += 5
    assert (clock(), clock.is_live) == (115 * SECOND, True)


@given(steps=st.lists(st.floats(0, 1e6), max_size=20), speed=st.floats(1, 1e6), ahead=st.integers(0, 28 * DAY))
def test_it_never_goes_back_and_never_passes_real_time(steps: list[float], speed: float, ahead: Millis) -> None:
    watch = Stopwatch()
    clock = DemoClock(0, monotonic=watch, speed=speed, target=ahead)
    shown = clock()
    for step in steps:
        watch.seconds += step
        assert shown <= clock() <= ahead + (watch.seconds - 100) * SECOND + 1
        shown = clock()


@pytest.mark.parametrize(("speed", "target"), [(0.5, None), (float("nan"), None), (2, -1)])
def test_a_clock_that_could_never_arrive_is_refused(speed: float, target: Millis | None) -> None:
    with pytest.raises(ValueError, match="below 1"):
        DemoClock(0, monotonic=Stopwatch(), speed=speed, target=target)


@pytest.mark.parametrize(
    ("now", "following", "latest"),
    [
        ("2026-11-18T12:00", "2026-11-19T10:30", "2026-11-12T10:30"),
        ("2026-11-19T10:30", "2026-11-19T10:30", "2026-11-19T10:30"),
        ("2026-11-19T10:31", "2026-11-26T10:30", "2026-11-19T10:30"),
        ("2026-11-19T10:29", "2026-11-19T10:30", "2026-11-12T10:30"),
        ("2026-11-22T23:00", "2026-11-26T10:30", "2026-11-19T10:30"),
        ("2026-12-20T09:00", "2027-01-07T10:30", "2026-12-17T10:30"),
        ("2026-05-14T12:00", "2026-05-21T10:30", "2026-05-07T10:30"),
        ("2026-10-24T12:00", "2026-10-29T10:30", "2026-10-22T10:30"),
    ],
    ids=["Wednesday", "that moment", "after", "before", "Sunday", "Christmas", "Ascension Day", "clock change"],
)
def test_thursdays_are_open_ones_at_half_past_ten_in_berlin(now: str, following: str, latest: str) -> None:
    assert next_thursday(betahaus(), at(now)) == at(following)
    assert latest_thursday(betahaus(), at(now)) == at(latest)


@given(st.datetimes(datetime(2025, 6, 1), datetime(2028, 1, 1)))  # noqa: DTZ001 - the zone comes next
def test_a_start_always_meets_an_open_house(moment: datetime) -> None:
    site, now = betahaus(), to_millis(moment.replace(tzinfo=UTC))
    for start in (next_thursday(site, now), latest_thursday(site, now), resume(site, now, now + DAY)):
        local = to_datetime(start).astimezone(site.tz)
        assert len(open_intervals(site, None, start, start + HOUR // 2)) == 1
        assert (10, 30) <= (local.hour, local.minute) <= (16, 0)
    assert latest_thursday(site, now) <= now <= next_thursday(site, now) <= latest_thursday(site, now) + 29 * DAY


@pytest.mark.parametrize(
    ("last", "start"),
    [
        (None, "2026-11-19T10:30"),
        ("2026-11-17T14:00", "2026-11-17T14:00"),
        ("2026-11-17T10:00", "2026-11-19T10:30"),
        ("2026-11-19T18:00", "2026-11-26T10:30"),
        ("2026-11-21T12:00", "2026-11-26T10:30"),
    ],
    ids=["no data", "goes on", "too early", "too late", "a Saturday"],
)
def test_a_demo_goes_on_where_its_data_ends_unless_the_house_sleeps_then(last: str | None, start: str) -> None:
    found = resume(betahaus(), at(last) if last else None, at("2026-11-24T22:00"))
    assert found == at(start)


def test_a_house_that_is_closed_on_thursdays_begins_on_one_all_the_same() -> None:
    site = small((18 * 60, 20 * 60))
    assert next_thursday(site, at("2026-11-18T12:00")) == at("2026-11-19T10:30")

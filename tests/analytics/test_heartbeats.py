"""How long a sensor may be silent is learnt from its first week, within bounds, and then fixed."""

import pytest

from analytics.heartbeats import LEAST, MOST, WEEK, heartbeat_limits
from spaces.learnt import Limit
from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.site import SILENCE
from spaces.times import DAY, HOUR, MINUTE, Millis


def limit(*times: Millis, now: Millis) -> Limit | None:
    rows = [Reading("s", "d", time, time, occupied=False) for time in times]
    return heartbeat_limits(readings_from(rows), now).get("d")


@pytest.mark.parametrize(
    ("every", "learnt"),
    [(MINUTE, LEAST), (10 * MINUTE, 30 * MINUTE), (HOUR, 3 * HOUR), (6 * HOUR, 18 * HOUR), (DAY, MOST)],
)
def test_three_times_the_interval_within_bounds(every: Millis, learnt: Millis) -> None:
    assert limit(*range(0, WEEK + 2 * HOUR, every), now=WEEK + 2 * HOUR) == Limit(learnt, fixed=True)


def test_the_longest_interval_of_the_week_counts_and_what_comes_later_does_not() -> None:
    hourly = range(0, WEEK, HOUR)
    longer = [time for time in hourly if not DAY < time < DAY + 4 * HOUR]
    assert limit(*longer, now=WEEK) == Limit(12 * HOUR, fixed=True)
    assert limit(*hourly, WEEK + 2 * HOUR, WEEK + 99 * HOUR, now=WEEK + 9 * DAY) == Limit(9 * HOUR, fixed=True)


def test_before_a_week_is_over_it_grows_by_half_hours_and_is_two_hours_at_least() -> None:
    assert limit(0, 10 * MINUTE, now=DAY) == Limit(SILENCE, fixed=False)
    assert limit(0, 50 * MINUTE, now=DAY) == Limit(150 * MINUTE, fixed=False)
    assert limit(0, 51 * MINUTE, now=DAY) == Limit(180 * MINUTE, fixed=False)


def test_who_has_spoken_once_has_told_nothing() -> None:
    assert limit(0, now=WEEK) is None
    assert limit(now=WEEK) is None

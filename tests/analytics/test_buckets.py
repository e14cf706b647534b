"""Buckets lie where the local clock says, over every clock change; the window is widened to them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.buckets import Bucket, auto_bucket, edges
from spaces.times import DAY, HOUR, MINUTE, Millis, to_datetime, to_millis
from tests.analytics.houses import DAYS, tried
from tests.analytics.test_figures import BUCKETS

MINUTES: dict[Bucket, int] = {"15m": 15, "1h": 60}
BERLIN = ZoneInfo("Europe/Berlin")
windows = st.tuples(st.sampled_from(sorted(DAYS)), st.integers(0, 400 * 96), st.integers(0, 3 * DAY))
"""Zone, start in quarter-hours after the beginning of 2026, length in ms."""


def label(zone: str, moment: Millis, bucket: Bucket) -> tuple[object, ...]:
    """Return what all moments of one bucket share."""
    local = to_datetime(moment).astimezone(ZoneInfo(zone))
    if bucket == "1d":
        return (local.date(),)
    if bucket == "1w":
        return (local.date() - timedelta(days=local.weekday()),)
    return local.date(), local.hour, local.minute // MINUTES[bucket], local.utcoffset()


@tried(60)
@given(windows, st.sampled_from(BUCKETS), st.integers(-1, 1))
def test_an_edge_is_where_the_local_label_changes(window: tuple[str, int, int], bucket: Bucket, beside: int) -> None:
    zone, quarter, length = window
    start = to_millis(datetime.fromisoformat("2026-01-01T00:00:00Z")) + quarter * 15 * MINUTE + beside
    marks = edges(ZoneInfo(zone), start, start + length, bucket).tolist()
    assert marks[0] <= start
    assert marks[-1] >= start + length
    assert len(marks) == 1 or (marks[1] > start and marks[-2] < start + length)
    quarters = range(marks[0], marks[-1], 15 * MINUTE)
    changes = [at for at in quarters if label(zone, at, bucket) != label(zone, at - 1, bucket)]
    assert changes == marks[:-1]
    assert label(zone, marks[-1], bucket) != label(zone, marks[-1] - 1, bucket)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 4), 24)])
def test_a_day_has_23_24_or_25_hours(day: date, hours: int) -> None:
    start = to_millis(datetime(day.year, day.month, day.day, tzinfo=BERLIN))
    whole = edges(BERLIN, start, start + 1, "1d")
    assert np.diff(whole).tolist() == [hours * HOUR]
    assert len(edges(BERLIN, int(whole[0]), int(whole[1]), "1h")) == hours + 1


def test_the_half_hour_that_lord_howe_repeats_is_a_bucket_of_its_own() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    start = to_millis(datetime(2026, 4, 5, tzinfo=zone))
    lengths = np.diff(edges(zone, start, start + 4 * HOUR, "1h")) // MINUTE
    assert lengths.tolist() == [60, 60, 30, 60, 60]


def test_a_day_that_never_was_has_no_bucket() -> None:
    """Samoa went from 29 to 31 December 2011."""
    zone = ZoneInfo("Pacific/Apia")
    start, end = (to_millis(datetime(2011, 12, day, tzinfo=zone)) for day in (29, 31))
    assert np.diff(edges(zone, start, end + DAY, "1d")).tolist() == [DAY, DAY]


def test_the_finest_bucket_that_fits_is_chosen() -> None:
    start = to_millis(datetime(2026, 5, 4, tzinfo=BERLIN))
    points = {96: "15m", 95: "1h", 24: "1h", 23: "1d", 0: "1w"}
    assert {most: auto_bucket(BERLIN, start, start + DAY, most) for most in points} == points

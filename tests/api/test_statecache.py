"""Cached states are those that a fresh look at the store would give, whatever came since."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.privacy.blocks import blocks
from analytics.privacy.veil import veil
from analytics.spacestates import SpaceStates, reach, space_states
from dashboards.answers.statecache import AT_ONCE, StateCache
from spaces.reading import Reading
from spaces.readings import Readings
from spaces.site import Site
from spaces.times import DAY, HOUR, MINUTE, Millis
from store.embedded.duck import EmbeddedStore
from store.live import LiveStates
from tests.api.office import NOW, office, said, week


class Counted(EmbeddedStore):
    """An embedded store that notes what is read from it."""

    reads: list[tuple[Millis, Millis]]

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        self.reads.append((start, end))
        return super().read(site, start, end)


class Kept:
    """A cache over a store, beside the slow way."""

    def __init__(self, folder: Path, readings: Sequence[Reading], site: Site, most_bytes: int = 10_000_000) -> None:
        self.store = Counted(folder)
        self.store.reads = []
        self.store.append(readings)
        self.live = LiveStates(self.store)
        self.site = site
        self.cache = StateCache(self.store, self.live, most_bytes=most_bytes)

    def note(self, *batch: Reading) -> None:
        self.store.append(batch)
        self.live.note(batch)

    def agrees(self, start: Millis, end: Millis, now: Millis = NOW) -> None:
        """Assert that the cache gives what a fresh computation gives."""
        found = self.cache.over(self.site, start, end, now)
        end = min(end, now)
        assert found is not None
        before, after = reach(self.site)
        readings = EmbeddedStore.read(self.store, self.site.id, start - before, min(end + after, now + 1))
        _assert_same(found, veil(space_states(self.site, readings, start, end), blocks(self.site)))


def _assert_same(one: SpaceStates, other: SpaceStates) -> None:
    assert (one.spaces, one.window) == (other.spaces, other.window)
    for name in ("space", "start", "end", "occupied", "people"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


def _site() -> Site:
    """Return the office with sensors that hold "occupied" for 20 minutes after people left."""
    site = office()
    return replace(site, sensors=tuple(replace(sensor, vacancy_delay=20 * MINUTE) for sensor in site.sensors))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    kept = Kept(tmp_path_factory.mktemp("kept"), list(week(office())), _site())
    yield kept
    kept.store.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    opened = Kept(tmp_path, list(week(office())), _site())
    yield opened
    opened.store.close()


moments = st.integers((NOW - 9 * DAY) // MINUTE, NOW // MINUTE - 1).map(lambda minutes: minutes * MINUTE)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments, st.integers(1, 4 * DAY), st.integers(-2 * HOUR, 2 * HOUR))
def test_any_window_in_any_order_is_as_fresh(shared: Kept, start: Millis, length: int, later: int) -> None:
    shared.agrees(start, start + length, max(NOW + later, start + 1))


def test_a_late_reading_is_seen_by_the_next_request_and_by_neighbouring_days(kept: Kept) -> None:
    midnight = NOW // DAY * DAY - 2 * DAY
    space = kept.site.space_by_id["mixed-0"]
    kept.agrees(NOW - 6 * DAY, NOW)
    for time in (midnight - MINUTE, midnight + MINUTE, midnight, midnight - 1, NOW - HOUR, NOW - 8 * DAY):
        for used in (True, False):
            kept.note(said(kept.site, space, time + used, used=used))
            kept.agrees(NOW - 6 * DAY, NOW)
            kept.agrees(NOW - 9 * DAY, NOW)


def test_a_changed_site_file_is_seen_and_an_equal_one_keeps_what_is_known(kept: Kept) -> None:
    kept.agrees(NOW - 3 * DAY, NOW - 2 * DAY)
    kept.store.reads.clear()
    kept.site = _site()
    kept.agrees(NOW - 3 * DAY, NOW - 2 * DAY)
    assert kept.store.reads == []
    moved = [replace(sensor, space="attic") if sensor.space == "mixed-0" else sensor for sensor in kept.site.sensors]
    kept.site = replace(kept.site, sensors=tuple(moved))
    kept.agrees(NOW - 3 * DAY, NOW - 2 * DAY)
    assert len(kept.store.reads) == 1


def test_past_days_are_read_once_and_neighbours_in_one_go(kept: Kept) -> None:
    today = NOW // DAY * DAY
    before, after = reach(kept.site)
    kept.cache.over(kept.site, NOW - 5 * DAY, NOW, NOW)
    assert kept.store.reads == [((NOW - 5 * DAY) // DAY * DAY - before, NOW + 1)]
    kept.store.reads.clear()
    kept.cache.over(kept.site, NOW - 6 * DAY, NOW, NOW + 1)
    sixth = (NOW - 6 * DAY) // DAY * DAY
    assert kept.store.reads == [(sixth - before, sixth + DAY + after), (today - before, NOW + 2)]
    kept.store.reads.clear()
    kept.cache.over(kept.site, NOW - 200 * DAY, NOW - 100 * DAY, NOW)
    assert len(kept.store.reads) == -(-101 // AT_ONCE)


def test_a_day_that_has_just_ended_is_not_kept_while_what_comes_may_change_it(kept: Kept) -> None:
    """With a vacancy delay, a "vacant" minutes after midnight reaches back over it."""
    midnight = NOW // DAY * DAY
    now = midnight + 5 * MINUTE
    kept.agrees(midnight - DAY, midnight, now)
    kept.agrees(midnight - DAY, midnight, now + 10 * MINUTE)
    kept.agrees(midnight - DAY, midnight, now + DAY)


def test_memory_is_bounded_and_what_was_longest_unasked_goes_first(tmp_path: Path) -> None:
    kept = Kept(tmp_path, list(week(office())), _site(), most_bytes=20_000)
    for back in range(6, 1, -1):
        kept.agrees(NOW - back * DAY, NOW - back * DAY + HOUR)
    kept.store.reads.clear()
    kept.cache.over(kept.site, NOW - 2 * DAY, NOW - 2 * DAY + HOUR, NOW)
    assert kept.store.reads == [], "the newest is kept"
    kept.cache.over(kept.site, NOW - 6 * DAY, NOW - 6 * DAY + HOUR, NOW)
    assert len(kept.store.reads) == 1, "the oldest is gone"
    kept.store.close()


def test_many_at_once_read_a_day_once(kept: Kept) -> None:
    threads = [
        threading.Thread(target=kept.cache.over, args=(kept.site, NOW - 3 * DAY, NOW - 2 * DAY, NOW)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept.store.reads) == 1


def test_of_the_future_there_are_no_states(kept: Kept) -> None:
    assert kept.cache.over(kept.site, NOW, NOW + DAY, NOW) is None
    assert kept.cache.over(kept.site, NOW + DAY, NOW + 2 * DAY, NOW) is None
    assert kept.store.reads == []

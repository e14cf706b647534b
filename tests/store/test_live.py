"""The readings in force, whatever the order in which they come."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces.clocks import AHEAD
from spaces.reading import Reading, merge
from spaces.times import DAY, MINUTE
from store.embedded.duck import EmbeddedStore
from store.live import BEHIND, LiveStates
from tests.store.contract import some


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """A store without readings, which stays so."""
    store = EmbeddedStore(tmp_path_factory.mktemp("bare"))
    yield store
    store.close()


def said(time: int, sensor: str = "d", *, occupied: bool | None = True, received: int | None = None) -> Reading:
    return Reading("s", sensor, time, time if received is None else received, occupied=occupied)


def test_what_was_stored_before_is_in_force(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.append(some(9))
    live = LiveStates(store)
    assert {name: reading.time for name, reading in live.in_force("s", 5000).items()} == {
        "d0": 1006,
        "d1": 1007,
        "d2": 1008,
    }
    store.close()


def test_a_reading_ahead_of_the_clock_is_not_in_force_yet(bare: EmbeddedStore) -> None:
    live = LiveStates(bare)
    live.note([said(1_000_000), said(1_000_000 + 4 * MINUTE, occupied=False, received=1_000_000)])
    assert live.in_force("s", 1_000_000 + MINUTE)["d"].occupied is True
    assert live.in_force("s", 1_000_000 + 4 * MINUTE)["d"].occupied is False
    assert live.in_force("s", 999_999) == {}


def test_after_a_start_what_lies_ahead_hides_nothing_that_is_in_force(tmp_path: Path) -> None:
    store, now = EmbeddedStore(tmp_path), 9 * DAY
    ahead = now + 3_653 * DAY
    store.append([said(now - 1), said(now - 2, "e", occupied=False)])
    store.append([said(ahead, "d", occupied=False), said(ahead, "f")])
    live = LiveStates(store, lambda: now)
    assert {name: reading.time for name, reading in live.in_force("s", now).items()} == {"d": now - 1, "e": now - 2}
    live.note([said(now + MINUTE, "f"), said(now + MINUTE, occupied=None)])
    assert {name: one.time for name, one in live.in_force("s", now + MINUTE).items() if name != "e"} == {
        "d": now + MINUTE,
        "f": now + MINUTE,
    }
    assert live.in_force("s", ahead)["d"].time == ahead, "a clock that was behind finds its newest readings"
    store.close()


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(-40 * MINUTE, AHEAD)), min_size=1, max_size=60),
    st.integers(-AHEAD, BEHIND),
)
def test_the_newest_not_after_now_is_in_force_in_any_order(
    bare: EmbeddedStore, steps: list[tuple[int, int]], back: int
) -> None:
    """Readings come up to five minutes ahead of their receipt, or late; clocks are up to a minute behind receipts."""
    live = LiveStates(bare)
    receipts = [DAY + step * MINUTE // 2 for step, _ in steps]
    times = [received + after for received, (_, after) in zip(receipts, steps, strict=True)]
    for time, received in zip(times, receipts, strict=True):
        live.note([said(time, occupied=time % 60_000 == 0, received=received)])
    now = max(receipts) - back
    expected = max((time for time in times if time <= now), default=None)
    found = live.in_force("s", now).get("d")
    assert (found.time if found else None) == expected


def test_contents_of_one_identity_merge(bare: EmbeddedStore) -> None:
    live = LiveStates(bare)
    one, other = said(7, occupied=False), Reading("s", "d", 7, 3, people=2, occupied=True)
    live.note([one])
    live.note([other])
    assert live.in_force("s", 7) == {"d": merge(one, other)}


def test_a_busy_sensor_is_kept_within_bounds(bare: EmbeddedStore) -> None:
    live = LiveStates(bare)
    live.note([said(step * 100) for step in range(20_000)])
    assert len(live._held["s"]["d"]) <= BEHIND // 100 + 1
    live.note([said(step * 100, "ahead", received=0) for step in range(20_000)])
    assert len(live._held["s"]["ahead"]) <= AHEAD // 100 + 1


def test_each_new_reading_changes_the_generation_of_its_day_alone(bare: EmbeddedStore) -> None:
    live = LiveStates(bare)
    before = [live.generation("s", day) for day in range(4)]
    live.note([said(2 * DAY), said(3 * DAY - 1)])
    assert [live.generation("s", day) for day in range(4)] == [before[0], before[1], before[2] + 2, before[3]]
    assert live.generation("other", 2) == 0

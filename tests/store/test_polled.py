"""Live states of a process that does not ingest heal from the store."""

import time
from pathlib import Path

from spaces.reading import Reading
from spaces.times import DAY
from store.embedded.duck import EmbeddedStore
from store.polled import PolledStates
from tests.store.contract import some


def test_what_nobody_told_is_read_from_the_store(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.append(some(6))
    live = PolledStates(store)
    store.append([Reading("s", "d0", 5_000, 5_000, occupied=True), Reading("t", "x", 6_000, 6_000, occupied=False)])
    assert live.in_force("s", 9_000)["d0"].time < 5_000
    live.refresh()
    assert live.in_force("s", 9_000)["d0"].time == 5_000
    assert live.in_force("t", 9_000)["x"].occupied is False
    store.close()


def test_asking_again_changes_nothing_where_nothing_is_new(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.append(some(6))
    live = PolledStates(store)
    before = live.generation("s", 0)
    live.refresh()
    assert live.generation("s", 0) == before
    store.close()


def test_every_day_is_held_to_be_changed_after_a_while(tmp_path: Path) -> None:
    now = [0.0]
    store = EmbeddedStore(tmp_path)
    live = PolledStates(store, stale=300.0, monotonic=lambda: now[0])
    first = live.generation("s", 3)
    now[0] = 299.0
    assert live.generation("s", 3) == first
    now[0] = 301.0
    assert live.generation("s", 3) > first
    live.note([Reading("s", "d", 3 * DAY, 3 * DAY)])
    assert live.generation("s", 3) > first + 1
    store.close()


def test_it_asks_by_itself_until_it_is_stopped(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    live = PolledStates(store, every=0.02)
    live.start()
    store.append(some(3))
    deadline = time.monotonic() + 60
    while not live.in_force("s", 9_000):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    live.stop()
    live.stop()
    store.close()

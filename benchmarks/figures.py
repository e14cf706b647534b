"""`figures.site`: a site's utilisation and exact peaks per hour from its transitions, against DuckDB, Polars, pandas.

Every contender runs in a process of its own, over columns that lie ready in the form it likes best (a native table
for DuckDB), and its best run counts. All must give the same whole numbers: occupied milliseconds and peak per hour.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from analytics.transitions import transition_figures
from benchmarks.contest import Answer, Columns, Contenders, assert_equal, contend, in_turns
from benchmarks.rows import Row, emit
from spaces.times import DAY, HOUR

DESKS = 10_000
USES = 5
"""Of each desk a day: two transitions each."""
FIRST = 1_767_225_600_000
"""2026-01-01T00:00Z."""
MOST_MEMORY = 4.0
WANTED = ("time", "desk", "direction", "edges")
"""Answers are occupied milliseconds and peak of each hour, shape (2, hours)."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    days = 25 if quick else 250
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write_transitions(folder, days)
        runs = in_turns("benchmarks.figures", CONTENDERS, folder)
        assert_equal(CONTENDERS, folder)
    best = {contender: min(run.seconds for run in rounds) for contender, rounds in runs.items()}
    ours = best.pop("ledig")
    rival = min(best, key=lambda contender: best[contender])
    count = f"{days * DESKS * USES * 2 / 1e6:g} M transitions"
    yield Row("figures.site", ours, best[rival], f"s for {count}, best other {rival}", best[rival] / ours)
    extra = max(run.extra_bytes for run in runs["ledig"]) / size
    yield Row("figures.site.memory", extra, MOST_MEMORY, "x input", MOST_MEMORY / extra)


def write_transitions(folder: Path, days: int) -> int:
    """Write shuffled columns; each desk's uses of a day lie between 07:00 and 21:00. Return their bytes."""
    chance = np.random.default_rng(1)
    times = chance.integers(7 * HOUR, 21 * HOUR, (days, DESKS, 2 * USES))
    times.sort(axis=2)
    times += FIRST + np.arange(days)[:, None, None] * DAY
    order = chance.permutation(times.size)
    desks, directions = np.arange(DESKS, dtype=np.int32)[:, None], np.array([1, -1] * USES, dtype=np.int8)
    columns: Columns = {
        "time": times,
        "desk": np.broadcast_to(desks, times.shape),
        "direction": np.broadcast_to(directions, times.shape),
    }
    for column, values in columns.items():
        np.save(folder / f"{column}.npy", values.reshape(-1)[order])
    np.save(folder / "edges.npy", np.arange(FIRST, FIRST + days * DAY + 1, HOUR))
    return sum(values.dtype.itemsize * values.size for values in columns.values())


def _ledig(columns: Columns) -> Callable[[], Answer]:
    def ask() -> Answer:
        found = transition_figures(columns["time"], columns["direction"], columns["edges"], spaces=DESKS)
        return np.stack((found.occupied, found.peak))

    return ask


def _duckdb(columns: Columns) -> Callable[[], Answer]:
    """Use a native table; the packed key sorts faster than two columns, and rows than peers."""
    import duckdb  # noqa: PLC0415 - each contender loads its own library alone
    import pyarrow as pa  # noqa: PLC0415

    connection = duckdb.connect()
    connection.register("arrow", pa.table({name: columns[name] for name in ("time", "desk", "direction")}))
    connection.execute("CREATE TABLE transitions AS SELECT * FROM arrow")
    connection.unregister("arrow")
    query = f"""
        WITH levels AS (
            SELECT time - {FIRST} AS since, direction, sum(direction) OVER (
                ORDER BY time * 2 + (direction > 0)::INT ROWS UNBOUNDED PRECEDING
            ) AS level
            FROM transitions
        )
        SELECT since // {HOUR} AS hour,
            sum(direction)::BIGINT AS net,
            coalesce(sum(direction) FILTER (since % {HOUR} = 0), 0)::BIGINT AS edge,
            sum(direction * ({HOUR} - since % {HOUR}))::BIGINT AS area,
            coalesce(max(level) FILTER (since % {HOUR} > 0), -1)::BIGINT AS crest
        FROM levels GROUP BY hour
    """

    def ask() -> Answer:
        return _put_together(columns, connection.execute(query).fetchnumpy())

    return ask


def _polars(columns: Columns) -> Callable[[], Answer]:
    import polars as pl  # noqa: PLC0415

    frame = pl.DataFrame({name: columns[name] for name in ("time", "desk", "direction")})
    since = pl.col("key") // 2 - FIRST
    direction = pl.col("key") % 2 * 2 - 1
    query = (
        frame.lazy()
        .select(key=pl.col("time") * 2 + (pl.col("direction") > 0).cast(pl.Int64))
        .sort("key")
        .select(since=since, direction=direction, level=direction.cum_sum())
        .with_columns(hour=pl.col("since") // HOUR, past=pl.col("since") % HOUR)
        .group_by("hour")
        .agg(
            net=pl.col("direction").sum(),
            edge=pl.col("direction").filter(pl.col("past") == 0).sum(),
            area=(pl.col("direction") * (HOUR - pl.col("past"))).sum(),
            crest=pl.col("level").filter(pl.col("past") > 0).max().fill_null(-1),
        )
    )

    def ask() -> Answer:
        found = query.collect()
        return _put_together(columns, {name: found[name].to_numpy() for name in found.columns})

    return ask


def _pandas(columns: Columns) -> Callable[[], Answer]:
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415

    frame = pd.DataFrame({name: columns[name] for name in ("time", "desk", "direction")})

    def ask() -> Answer:
        key = (frame["time"] * 2 + (frame["direction"] > 0)).sort_values(ignore_index=True)
        since, direction = key // 2 - FIRST, key % 2 * 2 - 1
        past, level = since % HOUR, direction.cumsum()
        steps = pd.DataFrame({"hour": since // HOUR, "net": direction, "area": direction * (HOUR - past)})
        steps["edge"], steps["crest"] = direction.where(past == 0, 0), level.where(past > 0, -1)
        found = steps.groupby("hour").agg({"net": "sum", "edge": "sum", "area": "sum", "crest": "max"}).reset_index()
        return _put_together(columns, {name: found[name].to_numpy() for name in found.columns})

    return ask


def _put_together(columns: Columns, found: Columns) -> Answer:
    """Carry levels over the hours, those without a transition too: a few thousand rows, the same for every other.

    Found of each hour: the sum of directions (`net`), that of its first moment (`edge`), of direction x time
    left (`area`), and the largest level after its first moment (`crest`).
    """
    hours = len(columns["edges"]) - 1
    table = np.zeros((4, hours), dtype=np.int64)
    table[3] = -1
    table[:, found["hour"].astype(np.int64)] = [found[name] for name in ("net", "edge", "area", "crest")]
    before = np.cumsum(table[0]) - table[0]
    return np.stack((before * HOUR + table[2], np.maximum(before + table[1], table[3])))


CONTENDERS: Contenders = {
    "ledig": _ledig,
    "duckdb": _duckdb,
    "polars": _polars,
    "pandas": _pandas,
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--contender"]:
        contend(CONTENDERS, sys.argv[2], Path(sys.argv[3]), WANTED)
    else:
        for row in rows(quick="--quick" in sys.argv):
            emit(row)

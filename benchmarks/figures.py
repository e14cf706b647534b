"""`figures.site`: utilisation and exact peaks per hour of a site from its transitions, against three rivals."""

import sys
from collections.abc import Callable, Iterator

import numpy as np

from analytics.transitions import transition_figures
from benchmarks.contest import Answer, Columns, Contenders
from benchmarks.rows import Row, emit
from benchmarks.transitions import DESKS, FIRST, carried, contest, duckdb_table, hours_of, is_contender, told
from spaces.times import HOUR

MOST_MEMORY = 4.0


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    outcome = contest("benchmarks.figures", CONTENDERS, quick=quick)
    yield outcome.against_rivals("figures.site")
    yield outcome.memory("figures.site.memory", MOST_MEMORY)


def _ledig(columns: Columns) -> Callable[[], Answer]:
    def ask() -> Answer:
        found = transition_figures(columns["time"], columns["direction"], columns["edges"], spaces=DESKS)
        return np.stack((found.occupied, found.peak))

    return ask


def _duckdb(columns: Columns) -> Callable[[], Answer]:
    """Use a native table; the packed key sorts faster than two columns, and rows than peers."""
    connection = duckdb_table(told(columns))
    query = f"""
        WITH levels AS (
            SELECT time - {FIRST} AS since, direction, sum(direction) OVER (
                ORDER BY time * 2 + (direction > 0)::INT ROWS UNBOUNDED PRECEDING
            ) AS level
            FROM transitions
        )
        SELECT since // {HOUR} AS cell,
            sum(direction)::BIGINT AS net,
            coalesce(sum(direction) FILTER (since % {HOUR} = 0), 0)::BIGINT AS edge,
            sum(direction * ({HOUR} - since % {HOUR}))::BIGINT AS area,
            coalesce(max(level) FILTER (since % {HOUR} > 0), -1)::BIGINT AS crest
        FROM levels GROUP BY cell
    """

    def ask() -> Answer:
        return carried(connection.execute(query).fetchnumpy(), hours_of(columns))

    return ask


def _polars(columns: Columns) -> Callable[[], Answer]:
    import polars as pl  # noqa: PLC0415

    frame = pl.DataFrame(told(columns))
    since = pl.col("key") // 2 - FIRST
    direction = pl.col("key") % 2 * 2 - 1
    query = (
        frame.lazy()
        .select(key=pl.col("time") * 2 + (pl.col("direction") > 0).cast(pl.Int64))
        .sort("key")
        .select(since=since, direction=direction, level=direction.cum_sum())
        .with_columns(cell=pl.col("since") // HOUR, past=pl.col("since") % HOUR)
        .group_by("cell")
        .agg(
            net=pl.col("direction").sum(),
            edge=pl.col("direction").filter(pl.col("past") == 0).sum(),
            area=(pl.col("direction") * (HOUR - pl.col("past"))).sum(),
            crest=pl.col("level").filter(pl.col("past") > 0).max().fill_null(-1),
        )
    )

    def ask() -> Answer:
        found = query.collect()
        return carried({name: found[name].to_numpy() for name in found.columns}, hours_of(columns))

    return ask


def _pandas(columns: Columns) -> Callable[[], Answer]:
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415

    frame = pd.DataFrame(told(columns))

    def ask() -> Answer:
        key = (frame["time"] * 2 + (frame["direction"] > 0)).sort_values(ignore_index=True)
        since, direction = key // 2 - FIRST, key % 2 * 2 - 1
        past, level = since % HOUR, direction.cumsum()
        steps = pd.DataFrame({"cell": since // HOUR, "net": direction, "area": direction * (HOUR - past)})
        steps["edge"], steps["crest"] = direction.where(past == 0, 0), level.where(past > 0, -1)
        found = steps.groupby("cell").agg({"net": "sum", "edge": "sum", "area": "sum", "crest": "max"}).reset_index()
        return carried({name: found[name].to_numpy() for name in found.columns}, hours_of(columns))

    return ask


CONTENDERS: Contenders = {
    "ledig": _ledig,
    "duckdb": _duckdb,
    "polars": _polars,
    "pandas": _pandas,
}


if __name__ == "__main__" and not is_contender(CONTENDERS):
    for row in rows(quick="--quick" in sys.argv):
        emit(row)

"""`figures.zones`: the transitions of `figures.site`, for the site and each of its 50 zones, against the same rivals.

The rivals have each transition's zone in a column of their own; ours looks it up by the desk. All must give the same
whole numbers, for the site and for each zone: occupied milliseconds and peak per hour. `figures.zones.sort` is against
numpy's bare sort of the timestamps, which nothing that finds peaks gets around.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np

from analytics.transitions import Grouping, group_transition_figures
from benchmarks.contest import Answer, Columns, Contenders
from benchmarks.rows import Row, emit
from benchmarks.transitions import DESKS, FIRST, carried, contest, duckdb_table, hours_of, is_contender, told
from spaces.times import HOUR

ZONES = 50
MOST_MEMORY = 3.0
MOST_SORTS = 7.0
SORT = "sort"
ZONE_OF = (np.arange(DESKS) // (DESKS // ZONES)).astype(np.int32)


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    outcome = contest("benchmarks.zones", CONTENDERS, quick=quick, beside=(SORT,))
    yield outcome.against_rivals("figures.zones", among=f", {ZONES} zones", beside=(SORT,))
    sorts = outcome.best["ledig"] / outcome.best[SORT]
    yield Row("figures.zones.sort", sorts, MOST_SORTS, "x np.sort of the times", MOST_SORTS / sorts)
    yield outcome.memory("figures.zones.memory", MOST_MEMORY)


def _ledig(columns: Columns) -> Callable[[], Answer]:
    grouping = Grouping(columns["desk"], ZONE_OF, ZONES)

    def ask() -> Answer:
        found = group_transition_figures(columns["time"], columns["direction"], columns["edges"], grouping)
        return np.concatenate([np.stack((one.occupied, one.peak)).reshape(2, -1) for one in found], axis=1)

    return ask


def _sort(columns: Columns) -> Callable[[], Answer]:
    def ask() -> Answer:
        return np.sort(columns["time"])[:1]

    return ask


def _duckdb(columns: Columns) -> Callable[[], Answer]:
    """Use a native table; the packed key sorts faster than two columns, and rows than peers."""
    connection = duckdb_table(_with_zones(columns))

    def query(partition: str, zone: str) -> str:
        return f"""
            WITH levels AS (
                SELECT {zone} AS zone, time - {FIRST} AS since, direction, sum(direction) OVER (
                    {partition} ORDER BY time * 2 + (direction > 0)::INT ROWS UNBOUNDED PRECEDING
                ) AS level
                FROM transitions
            )
            SELECT zone * {hours_of(columns)} + since // {HOUR} AS cell,
                sum(direction)::BIGINT AS net,
                coalesce(sum(direction) FILTER (since % {HOUR} = 0), 0)::BIGINT AS edge,
                sum(direction * ({HOUR} - since % {HOUR}))::BIGINT AS area,
                coalesce(max(level) FILTER (since % {HOUR} > 0), -1)::BIGINT AS crest
            FROM levels GROUP BY cell
        """

    def ask() -> Answer:
        site = connection.execute(query("", "0")).fetchnumpy()
        zones = connection.execute(query("PARTITION BY zone", "zone")).fetchnumpy()
        return _put_together(columns, site, zones)

    return ask


def _polars(columns: Columns) -> Callable[[], Answer]:
    """One packed key with the zone on top: one sort, and levels that each zone ends at 0."""
    import polars as pl  # noqa: PLC0415

    frame = pl.DataFrame(_with_zones(columns))
    hours = hours_of(columns)

    def query(zone: pl.Expr) -> pl.LazyFrame:
        since, direction = pl.col("key") // 2 % (hours * HOUR), pl.col("key") % 2 * 2 - 1
        return (
            frame.lazy()
            .select(key=(zone * (hours * HOUR) + pl.col("time") - FIRST) * 2 + (pl.col("direction") > 0).cast(pl.Int64))
            .sort("key")
            .select(
                cell=pl.col("key") // (2 * HOUR),
                past=since % HOUR,
                direction=direction,
                level=direction.cum_sum(),
            )
            .group_by("cell")
            .agg(
                net=pl.col("direction").sum(),
                edge=pl.col("direction").filter(pl.col("past") == 0).sum(),
                area=(pl.col("direction") * (HOUR - pl.col("past"))).sum(),
                crest=pl.col("level").filter(pl.col("past") > 0).max().fill_null(-1),
            )
        )

    asked = [query(pl.lit(0, dtype=pl.Int64)), query(pl.col("zone").cast(pl.Int64))]

    def ask() -> Answer:
        found = [one.collect() for one in asked]
        return _put_together(columns, *({name: one[name].to_numpy() for name in one.columns} for one in found))

    return ask


def _pandas(columns: Columns) -> Callable[[], Answer]:
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415

    frame = pd.DataFrame(_with_zones(columns))
    span = hours_of(columns) * HOUR

    def cells(zone: int | pd.Series) -> Columns:
        key = ((zone * span + frame["time"] - FIRST) * 2 + (frame["direction"] > 0)).sort_values(ignore_index=True)
        since, direction = key // 2, key % 2 * 2 - 1
        past, level = since % HOUR, direction.cumsum()
        steps = pd.DataFrame({"cell": since // HOUR, "net": direction, "area": direction * (HOUR - past)})
        steps["edge"], steps["crest"] = direction.where(past == 0, 0), level.where(past > 0, -1)
        found = steps.groupby("cell").agg({"net": "sum", "edge": "sum", "area": "sum", "crest": "max"}).reset_index()
        return {name: found[name].to_numpy() for name in found.columns}

    def ask() -> Answer:
        return _put_together(columns, cells(0), cells(frame["zone"].astype(np.int64)))

    return ask


def _with_zones(columns: Columns) -> dict[str, Answer]:
    return {**told(columns), "zone": ZONE_OF[columns["desk"]].astype(np.int8)}


def _put_together(columns: Columns, *found: Columns) -> Answer:
    """Carry levels over the hours of the site, and of each zone: every zone begins and ends empty."""
    return np.concatenate(
        [carried(one, groups * hours_of(columns)) for one, groups in zip(found, (1, ZONES), strict=True)], axis=1
    )


CONTENDERS: Contenders = {"ledig": _ledig, SORT: _sort, "duckdb": _duckdb, "polars": _polars, "pandas": _pandas}


if __name__ == "__main__" and not is_contender(CONTENDERS):
    for row in rows(quick="--quick" in sys.argv):
        emit(row)

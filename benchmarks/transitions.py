"""What contests over a site's transitions share: the columns, what is made of them, and the rows of the outcome.

Every contender runs in a process of its own, over columns that lie ready in the form it likes best (a native table
for DuckDB), and its best run counts. All must give the same whole numbers: occupied milliseconds and peak of each
hour, shape (2, hours).
"""

import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.contest import Answer, Columns, Contenders, assert_equal, contend, in_turns
from benchmarks.rows import Row
from spaces.times import DAY, HOUR

DESKS = 10_000
USES = 5
"""Of each desk a day: two transitions each."""
FIRST = 1_767_225_600_000
"""2026-01-01T00:00Z."""
_WANTED = ("time", "desk", "direction", "edges")
_AGGREGATES = ("net", "edge", "area", "crest")


class Outcome(NamedTuple):
    """How a contest ended: the best seconds of each contender, and the memory of ours beside that of its input."""

    days: int
    best: Mapping[str, float]
    extra: float

    def against_rivals(self, name: str, *, among: str = "", beside: Collection[str] = ()) -> Row:
        """Return the row of ours against the best of the others, those left out that are only `beside`."""
        rival = min(self.best.keys() - {"ledig", *beside}, key=lambda contender: self.best[contender])
        ours, count = self.best["ledig"], f"{self.days * DESKS * USES * 2 / 1e6:g} M transitions{among}"
        return Row(name, ours, self.best[rival], f"s for {count}, best other {rival}", self.best[rival] / ours)

    def memory(self, name: str, most: float) -> Row:
        """Return the row of the memory that ours took."""
        return Row(name, self.extra, most, "x input", most / self.extra)


def contest(module: str, contenders: Iterable[str], *, quick: bool, beside: Collection[str] = ()) -> Outcome:
    """Hold a contest between the contenders of a module; of those `beside` no answer is asked.

    Raises:
        AssertionError: their answers differ.
    """
    days = 25 if quick else 250
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = _write(folder, days)
        runs = in_turns(module, contenders, folder)
        assert_equal([contender for contender in contenders if contender not in beside], folder)
    best = {contender: min(run.seconds for run in rounds) for contender, rounds in runs.items()}
    return Outcome(days, best, max(run.extra_bytes for run in runs["ledig"]) / size)


def is_contender(contenders: Contenders) -> bool:
    """Take part in a contest, if it is that for which this process was started."""
    if sys.argv[1:2] != ["--contender"]:
        return False
    contend(contenders, sys.argv[2], Path(sys.argv[3]), _WANTED)
    return True


def told(columns: Columns) -> dict[str, Answer]:
    """Return what a rival is told of each transition."""
    return {name: columns[name] for name in ("time", "desk", "direction")}


def duckdb_table(columns: Mapping[str, Answer]) -> Any:
    """Return a connection of DuckDB to a native table `transitions` of some columns."""
    import duckdb  # noqa: PLC0415 - each contender loads its own library alone
    import pyarrow as pa  # noqa: PLC0415

    connection = duckdb.connect()
    connection.register("arrow", pa.table(columns))
    connection.execute("CREATE TABLE transitions AS SELECT * FROM arrow")
    connection.unregister("arrow")
    return connection


def hours_of(columns: Columns) -> int:
    """Return how many hours are asked about."""
    return len(columns["edges"]) - 1


def carried(found: Columns, cells: int) -> Answer:
    """Carry levels over the hours, those without a transition too: a few thousand rows, the same for every rival.

    Found of each hour (`cell`): the sum of directions (`net`), that of its first moment (`edge`), of direction x time
    left (`area`), and the largest level after its first moment (`crest`).
    """
    table = np.zeros((4, cells), dtype=np.int64)
    table[3] = -1
    table[:, found["cell"].astype(np.int64)] = [found[name] for name in _AGGREGATES]
    before = np.cumsum(table[0]) - table[0]
    return np.stack((before * HOUR + table[2], np.maximum(before + table[1], table[3])))


def _write(folder: Path, days: int) -> int:
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

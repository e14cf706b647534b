"""Alternating runs: in which order, what becomes of results that were cut short, and which way is better."""

import json
from pathlib import Path

import pytest

from benchmarks.alternate import Run, better, compare, left, read
from benchmarks.rows import Row

RATE = Row("rate", 30.0, 10.0, "rows/s", 3.0)
TIME = Row("time", 10.0, 30.0, "ms", 3.0)
OWN = Row("own", 10.0, 10.0, "ms until the last has its answer", 1.0)


def test_both_sides_take_turns_and_what_is_done_is_not_run_again() -> None:
    assert [side for _, side, _ in left(["api"], 3, [])] == ["old", "new", "new", "old", "old", "new"]
    done = [Run("api", "old", 0, 1.0, 0, [RATE])]
    assert list(left(["api", "spool"], 1, done)) == [("api", "new", 0), ("spool", "old", 0), ("spool", "new", 0)]


@pytest.mark.parametrize(
    ("row", "ours", "wanted"),
    [(RATE, 60.0, 2.0), (RATE, 15.0, 0.5), (TIME, 5.0, 2.0), (TIME, 20.0, 0.5), (OWN, 20.0, 0.5)],
)
def test_above_one_is_better_whatever_the_unit(row: Row, ours: float, wanted: float) -> None:
    assert better([(row, row._replace(ours=ours))]) == wanted


def test_rows_are_compared_by_the_median_of_pairs() -> None:
    """A run that only one side has made counts for nothing."""
    measured = {"old": (10.0, 20.0, 30.0), "new": (11.0, 20.0)}
    runs = [
        Run("p", side, number, 1.0, 0, [Row("rate", ours, 5.0, "rows/s", ours / 5)])
        for side, numbers in measured.items()
        for number, ours in enumerate(numbers)
    ]
    [one] = compare(runs)
    assert (one.name, one.runs, one.old, one.new) == ("rate", 2, 15.0, 15.5)
    assert one.better == pytest.approx(1.05)


def test_a_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    file, run = tmp_path / "results.jsonl", Run("p", "old", 0, 1.0, 0, [RATE])
    assert read(file) == []
    line = json.dumps({**run._asdict(), "rows": [RATE._asdict()]})
    file.write_text(f"{line}\n{line[:20]}")
    assert read(file) == [run]

"""`python -m benchmarks.alternate CHECKOUT`: every row of this checkout and of another, in turns, and how they compare.

Part by part, in the order A B B A: what the machine does besides falls on both. Each run is a process of its own in its
own environment. What was measured goes into a file of JSON lines as it comes, and a later call goes on from there: it
may run in slices in the background. What is told is new / old, turned so that above 1 is better, whatever the unit: a
row says by its own ratio which way that is.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.rows import Row

HERE = Path(__file__).parents[1]
LEAST = 0.95
"""Below it a row is flagged."""
SIDES = ("old", "new")
_LIST = "import json; from benchmarks.__main__ import PARTS; print(json.dumps(list(PARTS)))"


class Run(NamedTuple):
    """One run of one part by one side: its rows, how long it took in s, and whether it went well."""

    part: str
    side: str
    number: int
    seconds: float
    status: int
    rows: Sequence[Row]


class Compared(NamedTuple):
    """A row of both sides: medians over the runs of what each measured, of its ratios, and of one by the other."""

    name: str
    unit: str
    runs: int
    old: float
    new: float
    old_ratio: float
    new_ratio: float
    better: float


def main() -> None:
    """Run what is not measured yet, then print how the rows compare; exit with 1 where one is flagged."""
    said = _arguments().parse_args()
    folders = dict(zip(SIDES, (said.checkout.resolve(), said.new.resolve()), strict=True))
    parts = said.parts or _parts(folders)
    if not said.tell:
        with said.results.open("a", encoding="utf-8") as file:
            for part, side, number in left(parts, said.runs, read(said.results)):
                run = measure(folders[side], part, side, number, quick=said.quick)
                file.write(json.dumps({**run._asdict(), "rows": [row._asdict() for row in run.rows]}) + "\n")
                file.flush()
                print(f"{part} {side} {number}: {run.seconds:.0f} s, {_how(run)}", flush=True)
    found = list(compare(run for run in read(said.results) if run.part in parts))
    for one in found:
        print(_line(one), flush=True)
    flagged = sum(one.better < LEAST for one in found)
    print(f"{len(found)} rows, {flagged} below {LEAST}")
    sys.exit(1 if flagged or not found else 0)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alternate", description=__doc__)
    parser.add_argument("checkout", type=Path, help="the other checkout, with its own .venv")
    parser.add_argument("parts", nargs="*", help="parts of the benchmarks (default: all that both have)")
    parser.add_argument("--new", type=Path, default=HERE, help="in place of this checkout")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default: 5)")
    parser.add_argument("--quick", action="store_true", help="smaller runs; keep their results in a file of their own")
    parser.add_argument("--results", type=Path, default=Path("alternate.jsonl"), help="file that results are added to")
    parser.add_argument("--tell", action="store_true", help="measure nothing, tell of what the file holds")
    return parser


def _parts(folders: Mapping[str, Path]) -> list[str]:
    """Return the parts that both checkouts have, in the order of the new one."""
    old, new = (json.loads(_python(folders[side], "-c", _LIST).stdout) for side in SIDES)
    return [part for part in new if part in old]


def left(parts: Sequence[str], runs: int, done: Iterable[Run]) -> Iterator[tuple[str, str, int]]:
    """Yield what is still to be run, as A B B A.

    >>> list(left(["api"], 2, []))
    [('api', 'old', 0), ('api', 'new', 0), ('api', 'new', 1), ('api', 'old', 1)]
    """
    known = {(run.part, run.side, run.number) for run in done}
    for part in parts:
        for number in range(runs):
            for side in SIDES if number % 2 == 0 else SIDES[::-1]:
                if (part, side, number) not in known:
                    yield part, side, number


def measure(folder: Path, part: str, side: str, number: int, *, quick: bool) -> Run:
    """Run one part of a checkout; one that fails is told of, and not run again."""
    begun = time.monotonic()
    ran = _python(folder, "-m", "benchmarks", part, *(["--quick"] if quick else []))
    rows = [Row(**json.loads(line)) for line in ran.stdout.splitlines() if line.startswith("{")]
    return Run(part, side, number, time.monotonic() - begun, ran.returncode, rows)


def _python(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a checkout's own Python with that checkout's code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYTHONPATH"] = str(folder)
    command = [str(folder / ".venv/bin/python"), *words]
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=False)


def read(file: Path) -> list[Run]:
    """Return the runs that a file holds; none where there is none. A line that was cut short is left out."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            told: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            continue
        found.append(Run(**{**told, "rows": [Row(**row) for row in told["rows"]]}))
    return found


def compare(runs: Iterable[Run]) -> Iterator[Compared]:
    """Yield the rows that both sides have, of the runs that both have made."""
    rows: dict[str, dict[int, dict[str, Row]]] = {}
    for run in runs:
        for row in run.rows:
            rows.setdefault(row.name, {}).setdefault(run.number, {})[run.side] = row
    for name, numbers in rows.items():
        pairs = [(sides["old"], sides["new"]) for sides in numbers.values() if len(sides) == len(SIDES)]
        if pairs:
            old, new = (median(row.ours for row in side) for side in zip(*pairs, strict=True))
            old_ratio, new_ratio = (median(row.ratio for row in side) for side in zip(*pairs, strict=True))
            yield Compared(name, pairs[-1][1].unit, len(pairs), old, new, old_ratio, new_ratio, better(pairs))


def better(pairs: Sequence[tuple[Row, Row]]) -> float:
    """Return the median of new / old over pairs of runs (old, new), turned so that above 1 is better.

    >>> rate, time = Row("a", 30.0, 10.0, "rows/s", 3.0), Row("b", 10.0, 30.0, "ms", 3.0)
    >>> better([(rate, rate._replace(ours=60.0))]), better([(time, time._replace(ours=20.0))])
    (2.0, 0.5)
    """
    more = _more_is_better([row for pair in pairs for row in pair])
    return median(_over(new.ours, old.ours) if more else _over(old.ours, new.ours) for old, new in pairs)


def _over(one: float, other: float) -> float:
    return 1.0 if one == other else one / other if other else float("inf")


def _more_is_better(rows: Sequence[Row]) -> bool:
    """Whether a larger number is better: its ratio is then ours / baseline, else baseline / ours.

    Of a row that is its own baseline the ratio tells nothing; those there are are times.
    """
    apart = max(rows, key=lambda row: abs(row.ratio - 1))
    straight, turned = _over(apart.ours, apart.baseline), _over(apart.baseline, apart.ours)
    return abs(straight - apart.ratio) < abs(turned - apart.ratio)


def _how(run: Run) -> str:
    return f"{len(run.rows)} rows" if run.status == 0 else f"FAILED with {run.status} after {len(run.rows)} rows"


def _line(one: Compared) -> str:
    flag = "BELOW " if one.better < LEAST else "      "
    ratios = f"ratio {one.old_ratio:.3g} -> {one.new_ratio:.3g}"
    return f"{flag}{one.better:6.3f}  {one.name}: {one.old:.4g} -> {one.new:.4g} {one.unit}, {ratios} ({one.runs} runs)"


if __name__ == "__main__":
    main()

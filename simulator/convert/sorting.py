"""Values of a dump in order of time, however they came: in memory as far as it goes, then through a file."""

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from spaces.times import Millis

RECORD = np.dtype([("time", "<i8"), ("value", "<i8"), ("line", "<i8"), ("series", "<i4"), ("file", "<i4")])
"""What one value is: 32 bytes."""
HELD = 1_000_000
"""Values held in memory before they go into the file: 32 MB, and three times as much while they are sorted."""

Records = NDArray[np.void]


class Sorter:
    """Takes values in any order and gives them ascending in (time, series, file, line)."""

    def __init__(self, folder: Path, held: int = HELD) -> None:
        """Use a nameless file in `folder` for what is more than `held` values."""
        self._folder = folder
        self._held = held
        self._columns = _new_columns()
        self._spill: BinaryIO | None = None
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(run.length for run in self._runs) + len(self._columns[0])

    def add(self, time: Millis, value: int, line: int, series: int, file: int) -> None:
        """Take a value."""
        times, values, lines, all_series, files = self._columns
        times.append(time)
        values.append(value)
        lines.append(line)
        all_series.append(series)
        files.append(file)
        if len(times) >= self._held:
            self._write()

    def parts(self) -> Iterator[Records]:
        """Yield all values, part by part; those of one moment are in one part. To be called once."""
        held = self._sorted()
        if not self._runs:
            if len(held):
                yield held
            return
        runs = [_Window(run, self._spill) for run in self._runs]
        runs.append(_Window(_Run(0, 0), None, held))
        yield from _merged(runs)

    def close(self) -> None:
        """Let go of the file."""
        if self._spill is not None:
            self._spill.close()

    def _write(self) -> None:
        rows = self._sorted()
        if self._spill is None:
            self._spill = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by close()
        self._runs.append(_Run(self._spill.seek(0, 2), len(rows)))
        self._spill.write(rows.tobytes())

    def _sorted(self) -> Records:
        rows = np.empty(len(self._columns[0]), dtype=RECORD)
        for name, column in zip(RECORD.names or (), self._columns, strict=True):
            rows[name] = np.frombuffer(column, dtype=RECORD[name]) if len(column) else []
        self._columns = _new_columns()
        return _in_order(rows)


def _new_columns() -> Sequence["array[int]"]:
    return array("q"), array("q"), array("q"), array("i"), array("i")


def _in_order(rows: Records) -> Records:
    return rows[np.lexsort((rows["line"], rows["file"], rows["series"], rows["time"]))]


@dataclass(frozen=True, slots=True)
class _Run:
    """Sorted values in the file, from a byte on."""

    start: int
    length: int


class _Window:
    """The next values of a run; at least two moments of it, as long as there are."""

    BLOCK = 50_000

    def __init__(self, run: _Run, spill: BinaryIO | None, rows: Records | None = None) -> None:
        self._run = run
        self._spill = spill
        self._read = 0
        self.rows = np.empty(0, dtype=RECORD) if rows is None else rows

    @property
    def ended(self) -> bool:
        """Whether nothing is left in the file."""
        return self._read >= self._run.length

    def fill(self) -> None:
        """Read on until there are two moments."""
        while not self.ended and (not len(self.rows) or self.rows["time"][0] == self.rows["time"][-1]):
            assert self._spill is not None
            number = min(self.BLOCK, self._run.length - self._read)
            self._spill.seek(self._run.start + self._read * RECORD.itemsize)
            more = np.frombuffer(self._spill.read(number * RECORD.itemsize), dtype=RECORD)
            self.rows = np.concatenate([self.rows, more])
            self._read += number

    def take(self, before: Millis | None) -> Records:
        """Return what lies before a moment, or all."""
        cut = len(self.rows) if before is None else int(np.searchsorted(self.rows["time"], before))
        taken, self.rows = self.rows[:cut], self.rows[cut:]
        return taken


def _merged(windows: Sequence[_Window]) -> Iterator[Records]:
    while True:
        for window in windows:
            window.fill()
        ends = [int(window.rows["time"][-1]) for window in windows if not window.ended]
        part = np.concatenate([window.take(min(ends) if ends else None) for window in windows])
        if len(part):
            yield _in_order(part)
        if not ends:
            return

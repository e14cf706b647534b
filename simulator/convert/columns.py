"""All rows of a dump in compact columns, so that they can be put in order of time however they came."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.convert.rows import Row
from spaces.times import Millis


class Clash(NamedTuple):
    """Two rows of one series at one moment that say different things: (source, line) of the first and the later."""

    first: tuple[int, int]
    later: tuple[int, int]


class Columns:
    """Rows of several sources, 24 bytes each."""

    def __init__(self) -> None:
        self.series: dict[tuple[str, str], int] = {}
        """Index of each (sensor, kind of value), in order of appearance."""
        self._time = array("q")
        self._series = array("i")
        self._value = array("i")
        self._source = array("i")
        self._line = array("i")

    def __len__(self) -> int:
        return len(self._time)

    def add(self, source: int, values: str, row: Row) -> None:
        """Take up a row of a source, whose column holds `values`."""
        self._time.append(row.time)
        self._series.append(self.series.setdefault((row.sensor, values), len(self.series)))
        self._value.append(row.value)
        self._source.append(source)
        self._line.append(row.line)

    def in_order(self) -> "Ordered":
        """Return the rows ascending in (time, series), each moment of a series once: its first row stands."""
        time, series, value, source, line = (
            np.frombuffer(column, dtype=column.typecode)
            for column in (self._time, self._series, self._value, self._source, self._line)
        )
        order = np.lexsort((series, time))
        time, series, value = time[order], series[order], value[order]
        new = _differs(time) | _differs(series)
        first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
        clashing = np.flatnonzero(value != value[first])
        where = [(int(source[row]), int(line[row])) for row in order[first[clashing]]]
        later = [(int(source[row]), int(line[row])) for row in order[clashing]]
        return Ordered(
            time=time[new],
            series=series[new],
            value=value[new],
            repeated=len(order) - int(new.sum()) - len(clashing),
            clashes=[Clash(*pair) for pair in zip(where, later, strict=True)],
        )


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rows in order of time, without repeats; `repeated` counts those that only repeated an earlier one."""

    time: NDArray[np.int64]
    series: NDArray[np.int32]
    value: NDArray[np.int32]
    repeated: int
    clashes: list[Clash]

    def __len__(self) -> int:
        return len(self.time)

    def chunks(self, rows: int) -> Iterator[list[tuple[Millis, int, int]]]:
        """Yield lists of so many rows, each a (time, series, value)."""
        for start in range(0, len(self), rows):
            part = slice(start, start + rows)
            columns = (self.time[part].tolist(), self.series[part].tolist(), self.value[part].tolist())
            yield list(zip(*columns, strict=True))

    def gaps(self, every: Millis) -> int:
        """Return how many rows come later than `every` after the row of their series before them."""
        order = np.lexsort((self.time, self.series))
        apart, series = np.diff(self.time[order]), self.series[order]
        return int(np.count_nonzero((apart > every) & (series[1:] == series[:-1])))


def _differs(column: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.bool_]:
    differs = np.ones(len(column), dtype=np.bool_)
    np.not_equal(column[1:], column[:-1], out=differs[1:])
    return differs

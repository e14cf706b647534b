"""Between roll-ups and the sections of their files: a row a cohort, a row a space, and one for the site."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.layout import Layout
from analytics.rollup.rolled import BY_SPACE, GROUPED, LEVELS, RUNS, Columns, Rolled, quarters_of
from spaces.times import Millis
from store.rollups import RollupFile, Section

_LONG = {"level": LEVELS, "run": RUNS}
"""Tables with any number of rows a cohort; in a file their columns have these prefixes."""


@dataclass(frozen=True, slots=True)
class Want:
    """What of a file is read: of some cohorts (indexes, ascending) some columns of `GROUPED`, and what else."""

    cohorts: tuple[int, ...]
    grouped: tuple[str, ...] = tuple(GROUPED)
    spaces: tuple[str, ...] = ()
    levels: bool = False
    runs: bool = False
    counting: bool = False
    """Whether `Rolled.counting` is read; else it tells of no space."""

    @classmethod
    def everything(cls, layout: Layout) -> "Want":
        """Return what a whole file holds."""
        return cls(
            tuple(range(len(layout.masks))), tuple(GROUPED), tuple(BY_SPACE), levels=True, runs=True, counting=True
        )

    def of(self, rolled: Rolled) -> Rolled:
        """Return just this of a roll-up that holds more."""
        part = rolled.only(np.array(self.cohorts, dtype=np.int32))
        return Rolled(
            part.start,
            part.end,
            part.cohorts,
            _picked(part.grouped, self.grouped),
            part.counting if self.counting else part.counting[:, :0],
            part.levels if self.levels else None,
            part.runs if self.runs else None,
            _picked(part.spaces, self.spaces) if self.spaces and part.spaces is not None else None,
        )


class Reader(Protocol):
    """An open file, of a day or of a month."""

    def read(self, name: str, columns: Iterable[str], rows: Sequence[int] | None = None) -> Section:
        """Return some columns of a section, of all rows or of some (ascending)."""
        ...


def sections_of(rolled: Rolled) -> Mapping[str, Section]:
    """Return the sections of a roll-up that holds everything."""
    assert rolled.spaces is not None
    space = Section.dense(_rows(rolled.spaces), rolled.spaces)
    return {"site": site_of(rolled), "cohort": cohorts_of(rolled), "space": space}


def site_of(rolled: Rolled) -> Section:
    """Return the section of what is said of the site."""
    return Section.dense(1, {"counting": rolled.counting.reshape(1, -1)})


def cohorts_of(rolled: Rolled) -> Section:
    """Return the section of a roll-up's cohorts, with its long tables."""
    section = Section.dense(len(rolled.cohorts), rolled.grouped)
    for name, table in (("level", rolled.levels), ("run", rolled.runs)):
        if table is not None:
            places = np.searchsorted(table["cohort"], np.append(rolled.cohorts, np.iinfo(np.int32).max))
            columns = {f"{name}_{column}": table[column] for column in _LONG[name] if column != "cohort"}
            section = section.also(columns, places.astype(np.int64))
    return section


def rolled_of(file: RollupFile, want: Want) -> Rolled:
    """Read a roll-up.

    Raises:
        Damaged: the file is no use.
    """
    return read_from(file, file.header.start, file.header.end, want)


def read_from(file: Reader, start: Millis, end: Millis, want: Want) -> Rolled:
    """Read what is wanted of a file that covers [start, end).

    Raises:
        Damaged: the file is no use.
    """
    wanted = [name for name, asked in (("level", want.levels), ("run", want.runs)) if asked]
    long = [f"{name}_{column}" for name in wanted for column in _LONG[name] if column != "cohort"]
    columns = [*want.grouped, *long]
    cohorts = file.read("cohort", columns, want.cohorts) if columns else Section(0, {}, {})
    spaces = file.read("space", want.spaces) if want.spaces else None
    return Rolled(
        start,
        end,
        np.array(want.cohorts, dtype=np.int32),
        {name: cohorts.matrix(name) for name in want.grouped},
        _counting(file, len(quarters_of(start, end)), want),
        _long(cohorts, "level", want) if want.levels else None,
        _long(cohorts, "run", want) if want.runs else None,
        None if spaces is None else {name: spaces.matrix(name) for name in want.spaces},
    )


def _counting(file: Reader, quarters: int, want: Want) -> NDArray[np.bool_]:
    if not want.counting:
        return np.zeros((quarters, 0), dtype=np.bool_)
    found: NDArray[np.bool_] = file.read("site", ["counting"]).values["counting"]
    return found.reshape(quarters, -1)


def _long(section: Section, name: str, want: Want) -> Columns:
    columns = {column: f"{name}_{column}" for column in _LONG[name] if column != "cohort"}
    lengths = np.diff(section.places[next(iter(columns.values()))])
    cohort = np.repeat(np.array(want.cohorts, dtype=np.int32), lengths)
    return {"cohort": cohort} | {column: section.values[key] for column, key in columns.items()}


def _picked(columns: Columns | None, names: Collection[str]) -> Columns:
    return {} if columns is None else {name: columns[name] for name in names}


def _rows(columns: Columns) -> int:
    first: NDArray[np.int32] = columns["occupied"]
    return len(first)

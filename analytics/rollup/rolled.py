"""States of a site, rolled up by UTC quarter-hour: columns, and how they are put together again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.cohorts import QUARTER
from spaces.times import Millis

Whole = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]

GROUPED: Mapping[str, type[np.generic]] = {
    "occupied": np.int64,
    "unknown": np.int64,
    "people": np.int64,
    "counted": np.int64,
    "seats_counted": np.int64,
    "seats_used": np.int64,
    "idle": np.int64,
    "idle_seats": np.int64,
    "peak": np.int32,
    "peak_at": np.int32,
    "peak_upper": np.int32,
    "people_peak": np.int32,
    "people_peak_at": np.int32,
    "people_upper": np.int32,
    "idle_at": np.int32,
}
"""Columns of a cohort and quarter-hour. Time is in ms, summed over spaces (people, seats):

``occupied``, ``unknown``; ``people`` (person-ms); ``counted``: time in which the people of a space are known, with
``seats_counted`` and, of what is occupied, ``seats_used`` (seat-ms); ``idle``, ``idle_seats``: time in which a
space other than a desk is vacant and does not count, which is a count of nobody only if it counts at other times.

``peak``: the most spaces in use at once, -1 where none is ever known; ``peak_at``: the first moment of that, in ms
after the quarter-hour's beginning, -1 where there is none; ``peak_upper`` counts the unknown as well. ``people_peak``,
``people_peak_at`` the same of people where any are known; ``people_upper`` adds the seats of whom nobody knows;
``idle_at``: the first moment at which a space is idle, -1 where none is."""
BY_SPACE: Mapping[str, type[np.generic]] = {
    "occupied": np.int32,
    "unknown": np.int32,
    "people": np.int32,
    "counted": np.int32,
    "most": np.int32,
    "begun": np.int16,
    "used_first": np.bool_,
    "used_last": np.bool_,
}
"""Columns of a space and quarter-hour: the first four as above; ``most`` is the largest count, -1 where none came;
``begun``: how often use began after the first moment of the quarter-hour; ``used_first`` and ``used_last``: whether
the space is in use at its first and its last moment, from which follows whether use began on the edge."""
LEVELS: Mapping[str, type[np.generic]] = {
    "cohort": np.int32,
    "quarter": np.int32,
    "occupied": np.int32,
    "unknown": np.int32,
    "time": np.int32,
}
"""For how long (ms) of a quarter-hour so many spaces of a cohort were occupied and so many unknown, ascending."""
RUNS: Mapping[str, type[np.generic]] = {
    "cohort": np.int32,
    "quarter": np.int32,
    "people": np.bool_,
    "late": np.bool_,
    "offset": np.int32,
    "level": np.int32,
}
"""Running minima of the spaces in use, or of the people, from which sustained peaks across an edge follow.

The level is -2 where nothing is known, and -1 where no people are but a space is idle: nobody, if that counts at all.
Of a cohort and quarter-hour in which people are as many as spaces there are no rows for people.

Where not ``late``: the fewest in use before a moment of the quarter-hour, that moment apart, are the ``level`` of the
last row whose ``offset`` (ms) is less. Where ``late``: the fewest from a moment to the end are the ``level`` of the
last row whose offset is not more. Ascending in (cohort, quarter, people, late, offset)."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """What states of [start, end) come to, by cohort and by space, in q quarter-hours of UTC.

    Quarter-hours are numbered from 1970; the first and the last may be cut by the window's ends, every other is whole.
    Content that was not asked for when it was read is left out: ``cohorts`` says of which cohorts (indexes into the
    layout's, ascending) ``grouped``, ``levels`` and ``runs`` are; ``spaces``, ``levels`` and ``runs`` may be absent.
    """

    start: Millis
    end: Millis
    cohorts: NDArray[np.int32]
    grouped: Columns
    """Arrays of shape (cohorts, q), by the names of `GROUPED`, or some of them."""
    counting: NDArray[np.bool_]
    """Of the spaces that are no desks (`Layout.counters`): of which a count came, shape (q, spaces)."""
    levels: Columns | None = None
    """Long columns (`LEVELS`), ascending in (cohort, quarter)."""
    runs: Columns | None = None
    """Long columns (`RUNS`), ascending in (cohort, quarter)."""
    spaces: Columns | None = None
    """Arrays of shape (spaces, q), by the names of `BY_SPACE`, or some of them."""

    @property
    def quarters(self) -> range:
        """The numbers of the quarter-hours."""
        return quarters_of(self.start, self.end)

    @property
    def lengths(self) -> Whole:
        """How much of each quarter-hour lies within the window, in ms."""
        return np.diff(quarter_marks(self.start, self.end))

    def cut(self, start: Millis, end: Millis) -> "Rolled":
        """Return the part of [start, end), which must be cut at quarter-hours or not at all.

        Raises:
            ValueError: it is cut within a quarter-hour, or reaches beyond.
        """
        if not self.start <= start <= end <= self.end:
            raise ValueError(f"[{start}, {end}) is not within [{self.start}, {self.end})")
        for moment, own in ((start, self.start), (end, self.end)):
            if moment % QUARTER and moment != own:
                raise ValueError(f"{moment} is not on a quarter-hour")
        kept = quarters_of(start, end)
        part = slice(kept.start - self.quarters.start, kept.stop - self.quarters.start)
        return Rolled(
            start,
            end,
            self.cohorts,
            {name: values[:, part] for name, values in self.grouped.items()},
            self.counting[part],
            _rows_within(self.levels, kept),
            _rows_within(self.runs, kept),
            None if self.spaces is None else {name: values[:, part] for name, values in self.spaces.items()},
        )

    def only(self, cohorts: NDArray[np.int32]) -> "Rolled":
        """Return what is of some of the cohorts (ascending, all of them here)."""
        place = np.searchsorted(self.cohorts, cohorts)
        return replace(
            self,
            cohorts=cohorts,
            grouped={name: values[place] for name, values in self.grouped.items()},
            levels=_rows_of(self.levels, cohorts),
            runs=_rows_of(self.runs, cohorts),
        )


def quarters_of(start: Millis, end: Millis) -> range:
    """Return the numbers of the quarter-hours that touch [start, end)."""
    return range(start // QUARTER, -(-end // QUARTER) if end > start else start // QUARTER)


def quarter_marks(start: Millis, end: Millis) -> Whole:
    """Return the edges of those quarter-hours, the outer ones moved into the window: one more than there are."""
    numbers = quarters_of(start, end)
    return np.clip(np.arange(numbers.start, numbers.stop + 1, dtype=np.int64) * QUARTER, start, end)


def splice(old: Rolled, new: Rolled) -> Rolled:
    """Return `old` with what `new` covers replaced by it; `new` may begin in `old` and reach beyond, or touch it.

    Raises:
        ValueError: they do not touch, differ in content, or `new` cuts a quarter-hour of `old`.
    """
    if new.start > old.end or new.end < old.start:
        raise ValueError(f"[{new.start}, {new.end}) does not touch [{old.start}, {old.end})")
    parts = [new]
    if old.start < new.start:
        parts.insert(0, old.cut(old.start, new.start))
    if new.end < old.end:
        parts.append(old.cut(new.end, old.end))
    return join(parts)


def join(parts: Sequence[Rolled]) -> Rolled:
    """Join roll-ups that follow one another without a gap, each beginning on a quarter-hour where another ends.

    Raises:
        ValueError: there is nothing to join, or it does not fit.
    """
    if not parts:
        raise ValueError("there is nothing to join")
    if len(parts) == 1:
        return parts[0]
    for one, other in pairwise(parts):
        if one.end != other.start or other.start % QUARTER:
            raise ValueError(f"[{one.start}, {one.end}) and [{other.start}, {other.end}) do not fit together")
        if not np.array_equal(one.cohorts, other.cohorts):
            raise ValueError("roll-ups of different cohorts do not fit together")
    return Rolled(
        parts[0].start,
        parts[-1].end,
        parts[0].cohorts,
        _side_by_side([part.grouped for part in parts]),
        np.concatenate([part.counting for part in parts]),
        _chained([part.levels for part in parts]),
        _chained([part.runs for part in parts]),
        _beside([part.spaces for part in parts]),
    )


def _side_by_side(parts: Sequence[Columns]) -> Columns:
    """Join dense columns; those that some part lacks are left out."""
    return {
        name: np.concatenate([part[name] for part in parts], axis=1)
        for name in parts[0]
        if all(name in part for part in parts)
    }


def _beside(parts: Sequence[Columns | None]) -> Columns | None:
    there = [part for part in parts if part is not None]
    return _side_by_side(there) if len(there) == len(parts) else None


def _chained(parts: Sequence[Columns | None]) -> Columns | None:
    """Join long columns, and bring them into the order of cohorts again."""
    there = [part for part in parts if part is not None]
    if len(there) < len(parts):
        return None
    cohort = np.concatenate([part["cohort"] for part in there])
    order = by_cohort(cohort)
    return {name: np.concatenate([part[name] for part in there])[order] for name in there[0]}


def by_cohort(cohort: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the stable order by cohort; numpy sorts 16-bit integers by radix, ten times faster than others."""
    small = len(cohort) and cohort.max() < 1 << 16
    return np.argsort(cohort.astype(np.uint16) if small else cohort, kind="stable")


def _rows_within(table: Columns | None, kept: range) -> Columns | None:
    if table is None:
        return None
    inside = (table["quarter"] >= kept.start) & (table["quarter"] < kept.stop)
    return {name: values[inside] for name, values in table.items()}


def _rows_of(table: Columns | None, cohorts: NDArray[np.int32]) -> Columns | None:
    if table is None:
        return None
    inside = np.isin(table["cohort"], cohorts)
    return {name: values[inside] for name, values in table.items()}


def differences(one: Rolled, other: Rolled) -> Iterator[str]:
    """Yield what two roll-ups differ in: nothing, where they are equal to the last bit."""
    if (one.start, one.end) != (other.start, other.end):
        yield "window"
    if not np.array_equal(one.cohorts, other.cohorts):
        yield "cohorts"
    if not np.array_equal(one.counting, other.counting):
        yield "counting"
    for kind in ("grouped", "levels", "runs", "spaces"):
        mine, theirs = getattr(one, kind), getattr(other, kind)
        if (mine is None) != (theirs is None) or (mine is not None and mine.keys() != theirs.keys()):
            yield kind
        elif mine is not None:
            yield from (f"{kind}.{name}" for name in mine if not np.array_equal(mine[name], theirs[name]))

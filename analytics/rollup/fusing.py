"""Joining roll-ups that were cut within quarter-hours: what they come to together is what one roll-up of all would."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.cohorts import QUARTER
from analytics.rollup.crowds import running_fewest
from analytics.rollup.rolled import GROUPED, Columns, Rolled, join

Cells = NDArray[np.int64]
"""For each row of a long table its cohort and quarter-hour, as one number."""
_FIRSTS = {"peak_at": "peak", "people_peak_at": "people_peak", "idle_at": ""}
"""Moments, and what is at its most then; of idle spaces any moment is as good."""
_MOST = frozenset({"peak", "peak_upper", "people_peak", "people_upper", "most"})
_LATEST = np.int32(QUARTER)


def fuse(parts: Sequence[Rolled]) -> Rolled:
    """Join roll-ups that follow one another without a gap, wherever they were cut.

    Raises:
        ValueError: there is nothing to join, or it does not fit.
    """
    parts = [part for part in parts if part.start < part.end] or list(parts[:1])
    return join([_fused(run) if len(run) > 1 else run[0] for run in _runs(parts)])


def _runs(parts: Sequence[Rolled]) -> list[list[Rolled]]:
    """Return the parts, those together that share a quarter-hour with the one before."""
    runs: list[list[Rolled]] = [[part] for part in parts[:1]]
    for one, other in pairwise(parts):
        if one.end == other.start and other.start % QUARTER:
            runs[-1].append(other)
        else:
            runs.append([other])
    return runs


def _fused(parts: Sequence[Rolled]) -> Rolled:
    if any(not np.array_equal(one.cohorts, other.cohorts) for one, other in pairwise(parts)):
        raise ValueError("roll-ups of different cohorts do not fit together")
    numbers = np.concatenate([np.arange(part.quarters.start, part.quarters.stop) for part in parts])
    first = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    counting = np.logical_or.reduceat(np.concatenate([part.counting for part in parts]), first, axis=0)
    return Rolled(
        parts[0].start,
        parts[-1].end,
        parts[0].cohorts,
        _grouped(_wide([part.grouped for part in parts]), first),
        counting,
        _levels([part.levels for part in parts]),
        _minima([part.runs for part in parts]),
        _spaces([part.spaces for part in parts], first),
    )


def _wide(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}


def _grouped(wide: Columns, first: NDArray[np.intp]) -> Columns:
    return {name: _reduced(name, wide, first).astype(wide[name].dtype) for name in GROUPED if name in wide}


def _reduced(name: str, wide: Columns, first: NDArray[np.intp]) -> NDArray[Any]:
    """Return one column of whole quarter-hours: a sum, a highest level, or the first moment of one."""
    values = wide[name]
    if name not in _FIRSTS:
        return (np.maximum if name in _MOST else np.add).reduceat(values, first, axis=1)
    there = values >= 0
    if (level := _FIRSTS[name]) in wide:
        most = np.maximum.reduceat(wide[level], first, axis=1)
        there &= wide[level] == np.repeat(most, np.diff(np.append(first, values.shape[1])), axis=1)
    earliest = np.minimum.reduceat(np.where(there, values, _LATEST), first, axis=1)
    return np.where(earliest == _LATEST, -1, earliest)


def _spaces(parts: Sequence[Columns | None], first: NDArray[np.intp]) -> Columns | None:
    """Return what is said of each space; use that began just where a quarter-hour was cut is counted here."""
    there = [part for part in parts if part is not None]
    if len(there) < len(parts):
        return None
    wide = _wide(there)
    last = np.append(first[1:], wide["occupied"].shape[1]) - 1
    inside = np.ones(wide["occupied"].shape[1], dtype=np.bool_)
    inside[first] = False
    begun = wide["begun"].copy()
    begun[:, 1:] += inside[1:] & wide["used_first"][:, 1:] & ~wide["used_last"][:, :-1]
    found = {
        name: (np.maximum if name in _MOST else np.add).reduceat(values, first, axis=1).astype(values.dtype)
        for name, values in {**wide, "begun": begun}.items()
        if values.dtype != np.bool_
    }
    return found | {"used_first": wide["used_first"][:, first], "used_last": wide["used_last"][:, last]}


def _levels(parts: Sequence[Columns | None]) -> Columns | None:
    there = [part for part in parts if part is not None]
    if len(there) < len(parts):
        return None
    rows = {name: np.concatenate([part[name] for part in there]) for name in there[0]}
    keys = [rows[name] for name in ("unknown", "occupied", "quarter", "cohort")]
    order = np.lexsort(keys)
    rows = {name: values[order] for name, values in rows.items()}
    if not len(order):
        return rows
    fresh = _turns(*(key[order] for key in keys))
    time = np.add.reduceat(rows["time"], np.flatnonzero(fresh)).astype(rows["time"].dtype)
    return {name: values[fresh] for name, values in rows.items()} | {"time": time}


def _minima(parts: Sequence[Columns | None]) -> Columns | None:
    """Return the running minima: what was the fewest of a part is bounded by the parts before it, or after it."""
    there = [part for part in parts if part is not None]
    if len(there) < len(parts):
        return None
    told = np.concatenate([_cells(part)[part["people"]] for part in there])
    full = [_with_people(part, told) for part in there]
    rows = {name: np.concatenate([part[name] for part in full]) for name in full[0]}
    order = np.lexsort([rows[name] for name in ("late", "people", "quarter", "cohort")])  # parts stay in their order
    rows = {name: values[order] for name, values in rows.items()}
    if not len(order):
        return rows
    series = np.cumsum(_turns(*(rows[name] for name in ("cohort", "quarter", "people", "late")))) - 1
    onwards, backwards = (
        running_fewest(rows["level"], series),
        running_fewest(rows["level"][::-1], series[-1] - series[::-1])[::-1],
    )
    level = np.where(rows["late"], backwards, onwards).astype(rows["level"].dtype)
    kept = _turns(series, level)
    return {name: values[kept] for name, values in (rows | {"level": level}).items()}


def _with_people(runs: Columns, told: Cells) -> Columns:
    """Return the rows of a part with those of people, where some part has any: here they are as many as spaces."""
    cells = _cells(runs)
    own = np.unique(cells[runs["people"]])
    lacks = np.flatnonzero(np.isin(cells, told) & ~np.isin(cells, own))
    rows = np.append(np.arange(len(cells)), lacks)
    people = runs["people"][rows]
    people[len(cells) :] = True
    return {name: values[rows] for name, values in runs.items()} | {"people": people}


def _cells(table: Columns) -> Cells:
    cells: Cells = (table["cohort"].astype(np.int64) << 32) + table["quarter"]
    return cells


def _turns(*columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where any of the columns differs from the row before; the first row always does."""
    turns = np.zeros(len(columns[0]), dtype=np.bool_)
    turns[:1] = True
    for column in columns:
        turns[1:] |= column[1:] != column[:-1]
    return turns

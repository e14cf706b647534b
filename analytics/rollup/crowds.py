"""How many spaces of each cohort were in use at once, and how many people: levels, their peaks and running minima."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.cohorts import QUARTER
from analytics.rollup.layout import Layout
from analytics.rollup.pieces import Pieces
from analytics.rollup.rolled import LEVELS, RUNS, Columns, Whole, by_cohort


def crowds(layout: Layout, pieces: Pieces, marks: Whole) -> tuple[dict[str, Whole], Columns, Columns]:
    """Return the peaks of each cohort and quarter-hour (`GROUPED`), levels (`LEVELS`) and running minima (`RUNS`).

    Each piece is a step of every cohort that its space is in, from the piece before it; steps are brought into order
    once, then dealt out to cohorts, and what happens at one moment is one step.
    """
    shape = len(layout.masks), len(marks) - 1
    if not shape[0] or not shape[1]:
        none = np.zeros(shape, dtype=np.int64)
        return dict.fromkeys(_CRESTS, none), _typed(LEVELS, {}), _typed(RUNS, {})
    steps = _Steps.of(layout, pieces, marks)
    return _crests(steps, shape), _levels(steps, shape), _runs(steps, shape)


_CRESTS = ("peak", "peak_at", "peak_upper", "people_peak", "people_peak_at", "people_upper", "idle_at")


@dataclass(frozen=True, slots=True)
class _Steps:
    """The levels of cohorts from each of n steps on, ascending in (cell, time); a cell's first is its beginning.

    A cell is a cohort and a quarter-hour: ``cohort * quarters + quarter``. Offsets are from the quarter-hour's
    beginning, in ms; ``time`` is how long a step lasts.
    """

    first: NDArray[np.intp]
    """Where each cell begins."""
    cell: Whole
    offset: Whole
    time: Whole
    size: Whole
    """Spaces of the cohort."""
    occupied: Whole
    unknown: Whole
    people: Whole
    counted: Whole
    """Spaces whose people are known."""
    missed: Whole
    """Seats of those whose people are not known, and may be there."""
    idle: Whole
    quarter: int
    """The number of the first quarter-hour."""

    @classmethod
    def of(cls, layout: Layout, pieces: Pieces, marks: Whole) -> "_Steps":
        """Return the steps of all cohorts."""
        cohorts, quarters = len(layout.masks), len(marks) - 1
        span = int(marks[-1] - marks[0])
        cohort, event = _dealt(layout, pieces, marks)
        time = np.concatenate([marks[:-1], pieces.start]) - marks[0]
        key = cohort * span + time[event]
        last = np.flatnonzero(np.append(key[1:] != key[:-1], True))
        begins = np.searchsorted(key, np.arange(cohorts) * span)
        running = [_running(delta[event], begins)[last] for delta in _deltas(layout, pieces, quarters)]
        key = key[last]
        first = np.searchsorted(key, (np.arange(cohorts)[:, None] * span + (marks[:-1] - marks[0])).reshape(-1))
        of_cohort, since = np.divmod(key, span)
        moment = since + marks[0]
        quarter = moment // QUARTER
        start = int(marks[0] // QUARTER)
        stop = np.append(key[1:], cohorts * span)
        return cls(
            first=first,
            cell=of_cohort * quarters + quarter - start,
            offset=moment - quarter * QUARTER,
            time=stop - key,
            size=layout.sizes[of_cohort],
            occupied=running[0],
            unknown=running[1],
            people=running[2],
            counted=running[3],
            missed=running[4],
            idle=running[5],
            quarter=start,
        )


def _dealt(layout: Layout, pieces: Pieces, marks: Whole) -> tuple[Whole, NDArray[np.intp]]:
    """Return a row for each event and cohort that it concerns, ascending in (cohort, time): the cohort, the event.

    Events are the quarter-hours' beginnings, of concern to all, and the beginnings of pieces.
    """
    order = np.argsort(np.concatenate([marks[:-1], pieces.start]), kind="stable")
    all_cohorts = layout.made_of.shape[1]
    atom = np.concatenate([np.full(len(marks) - 1, all_cohorts), layout.atoms[pieces.space]])[order]
    holders = [*(np.flatnonzero(column) for column in layout.made_of.T), np.arange(len(layout.masks))]
    counts = np.array([len(cohorts) for cohorts in holders], dtype=np.intp)
    begins = np.cumsum(counts) - counts
    many = counts[atom]
    row = np.repeat(np.arange(len(atom)), many)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    cohort = np.concatenate(holders)[begins[atom[row]] + nth]
    dealt = by_cohort(cohort)
    return cohort[dealt], order[row[dealt]]


def _deltas(layout: Layout, pieces: Pieces, quarters: int) -> Iterator[Whole]:
    """Yield what each event changes, from the piece before it: the columns of `_Steps` that are levels."""
    used, unknown, counted = pieces.occupied == 1, pieces.occupied < 0, pieces.people >= 0
    idle = (pieces.occupied == 0) & ~counted & ~layout.desk[pieces.space]
    values = (used, unknown, np.maximum(pieces.people, 0), counted, (unknown | (used & ~counted)) * pieces.seats, idle)
    for value in values:
        changed = np.concatenate([np.zeros(quarters, dtype=np.int64), value])
        changed[quarters + 1 :] -= np.where(pieces.opens[1:], 0, value[:-1])
        yield changed


def _running(delta: Whole, begins: NDArray[np.intp]) -> Whole:
    """Return the running sum of the changes of each cohort, whose rows begin at `begins`."""
    total: Whole = np.cumsum(delta)
    before = np.where(begins > 0, total[begins - 1], 0)
    total -= np.repeat(before, np.diff(np.append(begins, len(delta))))
    return total


def _crests(steps: _Steps, shape: tuple[int, int]) -> dict[str, Whole]:
    known = np.where(steps.unknown < steps.size, steps.occupied, -1)
    people = np.where(steps.counted > 0, steps.people, -1)
    peak, peak_at = _highest(steps, known)
    people_peak, people_at = _highest(steps, people)
    idle, idle_at = _highest(steps, np.minimum(steps.idle, 1))
    found = {
        "peak": peak,
        "peak_at": peak_at,
        "peak_upper": np.maximum.reduceat(steps.occupied + steps.unknown, steps.first),
        "people_peak": people_peak,
        "people_peak_at": people_at,
        "people_upper": np.maximum.reduceat(steps.people + steps.missed, steps.first),
        "idle_at": np.where(idle > 0, idle_at, -1),
    }
    return {name: values.reshape(shape) for name, values in found.items()}


def _highest(steps: _Steps, level: Whole) -> tuple[Whole, Whole]:
    """Return the highest level of each cell and the first moment of it; -1 where no level is above that."""
    peak = np.maximum.reduceat(level, steps.first)
    reached = level == np.repeat(peak, np.diff(np.append(steps.first, len(level))))
    moment = np.minimum.reduceat(np.where(reached, steps.offset, QUARTER), steps.first)
    return peak, np.where(peak < 0, -1, moment)


def _levels(steps: _Steps, shape: tuple[int, int]) -> Columns:
    """Return how long each (occupied, unknown) lasted in each cell."""
    most = int(steps.size.max()) + 1
    key = (steps.cell * most + steps.occupied) * most + steps.unknown
    order = np.argsort(key)
    key = key[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    time = np.add.reduceat(steps.time[order], first)
    cell, level = np.divmod(key[first], most * most)
    cohort, quarter = np.divmod(cell, shape[1])
    return _typed(
        LEVELS,
        {
            "cohort": cohort,
            "quarter": quarter + steps.quarter,
            "occupied": level // most,
            "unknown": level % most,
            "time": time,
        },
    )


def _runs(steps: _Steps, shape: tuple[int, int]) -> Columns:
    """Return the running minima of each cell, forwards and backwards, where they change."""
    spaces = np.where(steps.unknown < steps.size, steps.occupied, _NOTHING)
    people = np.where(steps.counted > 0, steps.people, np.where(steps.idle > 0, _IDLE, _NOTHING))
    differ = np.logical_or.reduceat(spaces != people, steps.first)[steps.cell]
    parts = [_minima(steps, spaces), _minima(steps, people, differ)]
    row = np.concatenate([each.row for part in parts for each in part])
    level = np.concatenate([each.level for part in parts for each in part])
    kind = np.repeat(np.arange(4), [len(each.row) for part in parts for each in part])
    order = np.argsort(steps.cell[row] * 4 + kind, kind="stable")
    row, kind = row[order], kind[order]
    cohort, quarter = np.divmod(steps.cell[row], shape[1])
    return _typed(
        RUNS,
        {
            "cohort": cohort,
            "quarter": quarter + steps.quarter,
            "people": kind // 2,
            "late": kind % 2,
            "offset": steps.offset[row],
            "level": level[order],
        },
    )


_NOTHING, _IDLE = -2, -1


class _Minimum(NamedTuple):
    """The steps at which a running minimum changes, and what it is from there on."""

    row: NDArray[np.intp]
    level: Whole


def _minima(steps: _Steps, level: Whole, kept: NDArray[np.bool_] | None = None) -> tuple[_Minimum, _Minimum]:
    """Return the running minima of each cell (of steps that are `kept`) from its beginning and from its end."""
    opens = np.zeros(len(level), dtype=np.bool_)
    opens[steps.first] = True
    fewest = running_fewest(level, steps.cell), running_fewest(level[::-1], steps.cell.max() - steps.cell[::-1])[::-1]
    found = [opens | np.append(True, minimum[1:] != minimum[:-1]) for minimum in fewest]
    rows = [np.flatnonzero(each if kept is None else each & kept) for each in found]
    return _Minimum(rows[0], fewest[0][rows[0]]), _Minimum(rows[1], fewest[1][rows[1]])


def running_fewest(level: Whole, cell: Whole) -> Whole:
    """Return the running minimum within each cell; cells ascend, and each lies wholly below the one before."""
    drop = cell * (int(level.max()) - _NOTHING + 1)
    fewest: Whole = np.minimum.accumulate(level - drop) + drop
    return fewest


def _typed(kinds: Mapping[str, type[np.generic]], columns: Columns) -> Columns:
    """Return long columns of their types; of nothing, empty ones."""
    none = np.zeros(0, dtype=np.int64)
    return {name: columns.get(name, none).astype(kind) for name, kind in kinds.items()}

"""Sustained peaks from running minima: a quarter of an hour on end lies in two quarter-hours at most."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.bucketed import Buckets
from analytics.rollup.cohorts import QUARTER
from analytics.rollup.opened import NotRolledUpError, Opened
from analytics.rollup.rolled import Columns, Rolled, Whole

_LATEST = np.int64(np.iinfo(np.int64).max)


class Kept(NamedTuple):
    """The most that was kept up for 15 minutes on end (-1 where nothing was), and its first moment: (groups, m)."""

    level: Whole
    at: Whole


def kept(opened: Opened, rolled: Rolled, buckets: Buckets, *, people: bool = False, idle: int = -1) -> Kept:
    """Return the most that was kept up for 15 minutes within each bucket, of spaces or of people.

    The fewest over [t, t + 15 min) are the lesser of those from t to its quarter-hour's end and those from the next
    one's beginning: running minima that both were rolled up with. As t moves on the second can only fall, so it is
    enough to look where the first rises. `idle` is what counts where people are only known by spaces that are idle:
    0 for nobody, -1 for nothing known.

    Raises:
        NotRolledUpError: running minima were not read, or a group is no cohort.
    """
    if rolled.runs is None:
        raise NotRolledUpError("running minima were not read")
    shape = len(opened.groups.labels), len(buckets.first)
    found = Kept(np.full(shape, -1, dtype=np.int64), np.full(shape, _LATEST))
    of = buckets.of_quarters
    for group, runs in _runs(opened, rolled.runs, people=people):
        level = np.where(runs["level"] == -1, idle, np.maximum(runs["level"], -1))
        start, fewest = _fewest(runs, level, opened)
        bucket = of[start // QUARTER - opened.start // QUARTER]
        inside = (bucket >= 0) & (start + QUARTER <= buckets.ends[bucket])
        start, fewest, bucket = start[inside], fewest[inside], bucket[inside]
        np.maximum.at(found.level[group], bucket, fewest)
        best = fewest == found.level[group, bucket]
        np.minimum.at(found.at[group], bucket[best], start[best])
    return found


def _runs(opened: Opened, table: Columns, *, people: bool) -> Iterator[tuple[int, Columns]]:
    """Yield the running minima of each group that is ever open, ascending in (quarter, late, offset)."""
    rows: dict[int, list[NDArray[np.intp]]] = {}
    first = opened.start // QUARTER
    for group, quarters, (cohort, *_) in opened.cohorts():
        low, high = np.searchsorted(table["cohort"], (cohort, cohort + 1)).tolist()
        here = quarters[table["quarter"][low:high] - first]
        own = np.zeros(len(quarters), dtype=np.bool_)
        if people:
            own[table["quarter"][low:high][table["people"][low:high]] - first] = True
        here &= table["people"][low:high] == own[table["quarter"][low:high] - first]
        rows.setdefault(group, []).append(low + np.flatnonzero(here))
    for group, parts in rows.items():
        chosen = np.concatenate(parts)
        chosen = chosen[np.argsort(table["quarter"][chosen], kind="stable")]
        yield group, {name: values[chosen] for name, values in table.items()}


def _fewest(runs: Columns, level: Whole, opened: Opened) -> tuple[Whole, Whole]:
    """Return moments, and the fewest over the 15 minutes that begin with each."""
    moment = np.maximum(runs["quarter"].astype(np.int64) * QUARTER + runs["offset"], opened.start)
    late = runs["late"]
    start, until = moment[late], level[late]
    early, onwards = moment[~late], level[~late]
    before = np.searchsorted(early, start + QUARTER) - 1
    there = before >= 0
    there[there] = early[before[there]] // QUARTER == start[there] // QUARTER + 1
    after = np.where(there, onwards[np.maximum(before, 0)] if len(onwards) else -1, -1)
    return start, np.where(start % QUARTER == 0, until, np.minimum(until, after))

"""Space usage from roll-ups: of single spaces, so that days are looked at one after another."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.rollup.cohorts import QUARTER
from analytics.rollup.layout import Layout
from analytics.rollup.opened import NotRolledUpError
from analytics.rollup.rolled import Rolled, Whole, quarter_marks
from analytics.spaceusage import KNOWN, USED


def usage_sums(
    layout: Layout, parts: Iterable[Rolled], groups: Groups, edges: Whole, hours: Whole
) -> tuple[Whole, Whole]:
    """Return what `analytics.spaceusage.usage_sums` does, from roll-ups that follow one another and have `spaces`.

    Of those `occupied` and `unknown` are enough. No more than one part is held at a time.

    Raises:
        NotRolledUpError: spaces were not read, or an hour or an opening begins within a quarter-hour.
    """
    found = np.zeros((2, len(groups.labels), len(edges) - 1), dtype=np.int64)
    members = np.flatnonzero(groups.of >= 0)
    times = np.zeros((2, len(members), 0), dtype=np.int64)
    hour = np.zeros(0, dtype=np.intp)
    for part in parts:
        times, hour = _added((times, hour), _by_hour(layout, part, members, hours))
        _count(found, groups.of[members], (times[:, :, :-1], hour[:-1]), edges, hours)
        times, hour = times[:, :, -1:], hour[-1:]  # the last hour may go on in the next part
    _count(found, groups.of[members], (times, hour), edges, hours)
    return found[0], found[1]


Times = tuple[Whole, NDArray[np.intp]]
"""Occupied and known time of spaces in hours, shape (2, spaces, h), and which hours these are."""


def _by_hour(layout: Layout, part: Rolled, members: NDArray[np.intp], hours: Whole) -> Times:
    """Return the times of a part inside opening hours."""
    opened, whole = layout.opened(part.start, part.end)
    inside = hours[(hours > part.start) & (hours < part.end)]
    if part.spaces is None or not whole or (inside % QUARTER).any():
        raise NotRolledUpError("spaces, hours or openings are not by quarter-hour")
    is_open = opened[layout.classes[members]]
    occupied, unknown = (np.where(is_open > 0, part.spaces[name][members], 0) for name in ("occupied", "unknown"))
    begins = quarter_marks(part.start, part.end)[:-1]
    of = np.searchsorted(hours, begins, side="right") - 1
    kept = np.flatnonzero((of >= 0) & (of < len(hours) - 1))
    hour, first = np.unique(of[kept], return_index=True)
    times = np.stack((occupied, is_open - unknown))[:, :, kept]
    return np.add.reduceat(times, first, axis=2) if len(first) else times, hour


def _added(before: Times, more: Times) -> Times:
    """Return times one after another; the hour at which they meet is one."""
    times, hour = before
    if len(hour) and len(more[1]) and hour[-1] == more[1][0]:
        more[0][:, :, 0] += times[:, :, -1]
        times, hour = times[:, :, :-1], hour[:-1]
    return np.concatenate([times, more[0]], axis=2), np.concatenate([hour, more[1]])


def _count(found: Whole, of: NDArray[np.int32], times: Times, edges: Whole, hours: Whole) -> None:
    """Add to used and known space-hours of groups and buckets."""
    (occupied, known), hour = times
    bucket = np.searchsorted(edges, hours[hour], side="right") - 1
    counts = known >= KNOWN
    for total, cells in zip(found, (counts & (occupied >= USED), counts), strict=True):
        by_group = np.zeros((len(total), len(hour)), dtype=np.int64)
        np.add.at(by_group, of, cells)
        np.add.at(total.T, bucket, by_group.T)

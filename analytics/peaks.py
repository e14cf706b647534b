"""The most that were in use at once: simultaneous peaks with their time and upper bound."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.opentime import Inside, inside_open_time
from analytics.seats import Seats
from analytics.spacestates import SpaceStates
from analytics.utilisation import Sums, members, ratio, summed
from spaces.site import Site

Measure = Literal["spaces", "people"]
Whole = NDArray[np.int64]
Figures = NDArray[np.float64]
Columns = tuple[Whole, Whole, Whole]
"""Of the opening's rows, the used spans and the unknown spans."""


@dataclass(frozen=True, slots=True)
class PeakFigures:
    """Peaks of shape (groups, buckets), NaN where nothing is known (or counted).

    ``peak`` is the largest simultaneous sum of what is known, a whole number; ``peak_at`` (int64 UTC ms, -1
    where there is no peak) the first moment of it; ``peak_upper`` adds what is unknown. ``capacity`` is what the peak
    compares with, never NaN: the number of spaces for the measure `spaces`, for `people` the seats of the group
    in force at the peak (at the bucket's start where there is none). ``coverage`` is known / open, of states
    for `spaces`, of counts for `people`.
    """

    peak: Figures
    peak_at: NDArray[np.int64]
    peak_upper: Figures
    capacity: Figures
    coverage: Figures


def peaks(
    site: Site, states: SpaceStates, groups: Groups, edges: NDArray[np.int64], measure: Measure = "spaces"
) -> PeakFigures:
    """Return the peaks of each group and bucket inside open time; `edges` are n + 1 ascending UTC ms.

    Only moments at which something of the group is open and known have a sum. The upper bound counts an unknown
    space as 1; of people it counts the seats of every space whose people are not known at that moment.
    """
    inside = inside_open_time(site, states, groups, edges)
    levels = _levels_of_people(inside) if measure == "people" else _levels_of_spaces(inside)
    crests = Crests(*_sweep(levels, edges, len(groups.labels)))
    return figures_of(crests, summed(inside, groups, edges), site, groups, edges, measure=measure)


class Crests(NamedTuple):
    """Of each group and bucket: the largest sum (-1 where nothing is known), its first moment, the upper bound."""

    peak: Whole
    peak_at: Whole
    upper: Whole


def figures_of(  # noqa: PLR0913 - what was found, and what it is of
    crests: Crests, sums: Sums, site: Site, groups: Groups, edges: Whole, *, measure: Measure
) -> PeakFigures:
    """Return the figures that crests and sums come to, wherever those are from."""
    known = crests.peak >= 0
    people = measure == "people"
    return PeakFigures(
        peak=np.where(known, crests.peak, np.nan),
        peak_at=np.where(known, crests.peak_at, -1),
        peak_upper=np.where(known, crests.upper, np.nan),
        capacity=(
            Seats.within(site, (int(edges[0]), int(edges[-1])))
            .of_groups(groups, np.where(known, crests.peak_at, edges[:-1]))
            .astype(np.float64)
            if people
            else members(groups, crests.peak.shape)
        ),
        coverage=ratio(sums.counted if people else sums.known, sums.open),
    )


@dataclass(frozen=True, slots=True)
class _Levels:
    """Spans of groups and what each adds while it lasts, one row a span."""

    group: NDArray[np.intp]
    start: Whole
    end: Whole
    known: Whole
    """Open spaces that are known, by adding the open ones and taking away the unknown."""
    sum: Whole
    unknown: Whole


def _levels_of_spaces(inside: Inside) -> _Levels:
    opening, used, unknown = inside.opening, inside.used, inside.unknown
    one, none = np.ones_like, np.zeros_like
    return _levels(
        inside,
        known=(opening.spaces, none(used.start), -one(unknown.start)),
        sum=(none(opening.start), one(used.start), none(unknown.start)),
        unknown=(none(opening.start), none(used.start), one(unknown.start)),
    )


def _levels_of_people(inside: Inside) -> _Levels:
    opening, used, unknown = inside.opening, inside.used, inside.unknown
    uncounted, none = used.people < 0, np.zeros_like
    return _levels(
        inside,
        known=(
            opening.counting,
            -(uncounted & inside.counting[used.space]).astype(np.int64),
            -inside.counting[unknown.space].astype(np.int64),
        ),
        sum=(none(opening.start), np.maximum(used.people, 0), none(unknown.start)),
        unknown=(none(opening.start), uncounted * used.seats, unknown.seats),
    )


def _levels(inside: Inside, known: Columns, sum: Columns, unknown: Columns) -> _Levels:  # noqa: A002 - the field's name
    parts = (inside.opening, inside.used, inside.unknown)
    return _Levels(
        np.concatenate([part.group for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
        *(np.concatenate(columns) for columns in (known, sum, unknown)),
    )


def _sweep(levels: _Levels, edges: Whole, groups: int) -> tuple[Whole, Whole, Whole]:
    """Return the largest sum (-1 where nothing is known), its first moment, and the upper bound, by group and bucket.

    Starts, ends and bucket edges are sorted by group and time in one key; what happens at one moment is one step.
    """
    if not groups:
        return (np.zeros((0, len(edges) - 1), dtype=np.int64),) * 3
    span = int(edges[-1] - edges[0]) + 1
    marks = (np.arange(groups)[:, None] * span + (edges - edges[0])).reshape(-1)
    shift = levels.group * span - edges[0]
    key = np.concatenate([levels.start + shift, levels.end + shift, marks])
    order = np.argsort(key)
    key = key[order]
    last = np.flatnonzero(np.append(key[1:] != key[:-1], True))
    key = key[last]
    known, total, unknown = (
        np.cumsum(np.concatenate([part, -part, np.zeros_like(marks)])[order])[last]
        for part in (levels.known, levels.sum, levels.unknown)
    )
    first = np.searchsorted(key, marks)
    upper = np.maximum.reduceat(total + unknown, first)
    total = np.where(known > 0, total, -1)
    peak = np.maximum.reduceat(total, first)
    reached = total == np.repeat(peak, np.diff(np.append(first, len(key))))
    moment = np.minimum.reduceat(np.where(reached, key % span + edges[0], edges[-1]), first)
    peak, moment, upper = (values.reshape(groups, len(edges))[:, :-1] for values in (peak, moment, upper))
    return peak, moment, upper

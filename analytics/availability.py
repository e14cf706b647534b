"""What was left: the fewest vacant at once, how long nothing was, and how near to full a group is run."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.levels import Columns, GroupSteps, Measure
from analytics.opentime import Inside, inside_open_time
from analytics.spacestates import SpaceStates
from analytics.utilisation import Sums, ratio, summed
from spaces.site import Site

Whole = NDArray[np.int64]
Figures = NDArray[np.float64]
TARGET = (3, 5)
"""The target begins at three fifths of what there is, and ends where all of it is in use."""
FEWEST = 5
"""With fewer spaces (or seats) than these a single one moves the share by more than the target's own width tells."""


@dataclass(frozen=True, slots=True)
class AvailabilityFigures:
    """Figures of shape (groups, buckets), NaN where nothing is known (or counted), inside open time.

    ``minimum_surplus`` is the fewest spaces known to be vacant at one moment, ``minimum_surplus_hi`` the fewest that
    may have been (the unknown ones counted as vacant). For people these are free seats of the spaces that count,
    below 0 where people outnumber them.
    ``sold_out`` is the share of time in which certainly nothing is left (nothing is unknown), ``sold_out_possible``
    that in which nothing is known to be: shares of the time in which anything of the group is known.
    ``below_target``, ``at_target``, ``above_target`` are the shares of time in which less than 0.6, up to all, and more
    of the open and known spaces (seats) is in use; over the time in which there are at least five of these, NaN
    where there never are. ``coverage`` is known / open.
    """

    minimum_surplus: Figures
    minimum_surplus_hi: Figures
    sold_out: Figures
    sold_out_possible: Figures
    below_target: Figures
    at_target: Figures
    above_target: Figures
    coverage: Figures


@dataclass(frozen=True, slots=True)
class AvailabilitySums:
    """What figures of availability are made of: int64 of shape (groups, buckets), times in ms.

    ``surplus`` and ``surplus_hi`` are of no meaning where ``known`` is 0.
    """

    surplus: Whole
    surplus_hi: Whole
    known: Whole
    """Time in which anything of the group is known, and of it that with certainly and with possibly nothing left."""
    sold_out: Whole
    sold_out_possible: Whole
    below: Whole
    at: Whole
    above: Whole


def availability(
    site: Site, states: SpaceStates, groups: Groups, edges: Whole, measure: Measure = "spaces"
) -> AvailabilityFigures:
    """Return the figures of each group and bucket; `edges` are n + 1 ascending UTC ms for n buckets."""
    inside = inside_open_time(site, states, groups, edges)
    columns = _people(inside) if measure == "people" else _spaces(inside)
    steps = GroupSteps.of(inside, edges, len(groups.labels), columns)
    return figures_of(sums_of(steps), summed(inside, groups, edges), measure)


class Lasting(Protocol):
    """n levels of groups, how long each lasts, and what they come to by bucket: as `GroupSteps`, or in any order."""

    @property
    def values(self) -> Whole:
        """The levels, shape (k, n)."""
        ...

    @property
    def lengths(self) -> Whole:
        """How long each lasts, in ms."""
        ...

    def least(self, values: Whole) -> Whole:
        """Return the smallest value of each bucket."""
        ...

    def total(self, values: Whole) -> Whole:
        """Return the sum of each bucket."""
        ...


def sums_of(steps: Lasting) -> AvailabilitySums:
    """Return the sums over steps of (known spaces, in use, capacity that is known, capacity that is not)."""
    known, used, capacity, unknown = steps.values
    some, left = known > 0, capacity - used
    length = np.where(some, steps.lengths, 0)
    over, under = TARGET
    banded = np.where(capacity >= FEWEST, length, 0)
    below, above = under * used < over * capacity, used > capacity
    far = np.iinfo(np.int64).max

    def time(where: NDArray[np.bool_], length: Whole = length) -> Whole:
        return steps.total(np.where(where, length, 0))

    return AvailabilitySums(
        surplus=steps.least(np.where(some, left, far)),
        surplus_hi=steps.least(np.where(some, left + unknown, far)),
        known=time(some),
        sold_out=time((left <= 0) & (unknown == 0)),
        sold_out_possible=time(left <= 0),
        below=time(below, banded),
        at=time(~below & ~above, banded),
        above=time(above, banded),
    )


def figures_of(sums: AvailabilitySums, use: Sums, measure: Measure) -> AvailabilityFigures:
    """Return the figures that sums come to, wherever those are from."""
    banded = sums.below + sums.at + sums.above
    return AvailabilityFigures(
        minimum_surplus=ratio(sums.surplus, 1, where=sums.known),
        minimum_surplus_hi=ratio(sums.surplus_hi, 1, where=sums.known),
        sold_out=ratio(sums.sold_out, sums.known),
        sold_out_possible=ratio(sums.sold_out_possible, sums.known),
        below_target=ratio(sums.below, banded),
        at_target=ratio(sums.at, banded),
        above_target=ratio(sums.above, banded),
        coverage=ratio(use.counted if measure == "people" else use.known, use.open),
    )


def _spaces(inside: Inside) -> tuple[Columns, ...]:
    opening, used, unknown = inside.opening, inside.used, inside.unknown
    one, none = np.ones_like, np.zeros_like
    known = (opening.spaces, none(used.start), -one(unknown.start))
    return (
        known,
        (none(opening.start), one(used.start), none(unknown.start)),
        known,
        (none(opening.start), none(used.start), one(unknown.start)),
    )


def _people(inside: Inside) -> tuple[Columns, ...]:
    """Spaces that nobody counts have no seats here: what is in use of them is never known."""
    opening, used, unknown = inside.opening, inside.used, inside.unknown
    none = np.zeros_like
    lost = inside.counting[unknown.space].astype(np.int64)
    uncounted = (inside.counting[used.space] & (used.people < 0)).astype(np.int64)
    return (
        (opening.counting, -uncounted, -lost),
        (none(opening.start), np.maximum(used.people, 0), none(unknown.start)),
        (opening.seats, -uncounted * used.seats, -lost * unknown.seats),
        (none(opening.start), uncounted * used.seats, lost * unknown.seats),
    )

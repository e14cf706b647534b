"""How much spaces are used: time utilisation, average occupancy, person-hours, capacity utilisation."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.opentime import Inside, Opening, inside_open_time
from analytics.seats import mean_seats
from analytics.spacestates import SpaceStates
from analytics.spread import Spread
from spaces.site import Site
from spaces.times import HOUR

Whole = NDArray[np.int64]
Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class UtilisationFigures:
    """Figures of shape (groups, buckets), NaN where nothing is known (or open, or counted).

    All are taken inside each space's open time within the states' window. ``spaces`` is the number of spaces of
    the group, ``capacity`` their seats in force (mean over the bucket); these two are never NaN.
    ``people_*``, ``capacity_utilisation`` and ``fill_when_used`` are NaN where no space of the group has
    people figures. ``open_hours``, ``known_hours`` are never NaN; ``coverage`` is NaN where never open.
    """

    utilisation: Figures
    lo: Figures
    hi: Figures
    average_occupancy: Figures
    average_occupancy_lo: Figures
    average_occupancy_hi: Figures
    occupied_hours: Figures
    average_people: Figures
    people_hours: Figures
    capacity_utilisation: Figures
    fill_when_used: Figures
    spaces: Figures
    capacity: Figures
    open_hours: Figures
    known_hours: Figures
    coverage: Figures
    people_coverage: Figures


def utilisation(site: Site, states: SpaceStates, groups: Groups, edges: NDArray[np.int64]) -> UtilisationFigures:
    """Return the figures of each group and bucket; `edges` are n + 1 ascending UTC ms for n buckets.

    Utilisation is occupied time / known time; `lo` counts unknown time as vacant, `hi` as occupied.
    Average occupancy is that ratio times the mean number of the group's spaces open while any of them is, so that of
    a house in which only the cafe is open it is the cafe's; it has bounds of its own. Capacity utilisation is the
    integral of people / the integral of seats in force over people-known time; fill when used the same over
    occupied time.
    """
    return figures_of(summed(inside_open_time(site, states, groups, edges), groups, edges), site, groups, edges)


def figures_of(sums: "Sums", site: Site, groups: Groups, edges: Whole) -> UtilisationFigures:
    """Return the figures that sums come to, wherever those are from."""
    return UtilisationFigures(
        utilisation=ratio(sums.occupied, sums.known),
        lo=ratio(sums.occupied, sums.open, where=sums.known),
        hi=ratio(sums.occupied + sums.open - sums.known, sums.open, where=sums.known),
        average_occupancy=ratio(sums.occupied, sums.known) * ratio(sums.open, sums.any_open),
        average_occupancy_lo=ratio(sums.occupied, sums.any_open, where=sums.known),
        average_occupancy_hi=ratio(sums.occupied + sums.open - sums.known, sums.any_open, where=sums.known),
        occupied_hours=ratio(sums.occupied, HOUR, where=sums.known),
        average_people=ratio(sums.people, sums.counted) * ratio(sums.counting, sums.any_open),
        people_hours=ratio(sums.people, HOUR, where=sums.counted),
        capacity_utilisation=ratio(sums.people, sums.seats_counted),
        fill_when_used=ratio(sums.people, sums.seats_used),
        spaces=members(groups, sums.open.shape),
        capacity=mean_seats(site, groups, edges),
        open_hours=sums.open / HOUR,
        known_hours=sums.known / HOUR,
        coverage=ratio(sums.known, sums.open),
        people_coverage=ratio(sums.counted, sums.open),
    )


@dataclass(frozen=True, slots=True)
class Sums:
    """What figures are ratios of: int64 of shape (groups, buckets), in space-ms, person-ms or seat-ms."""

    open: Whole
    known: Whole
    occupied: Whole
    any_open: Whole
    """Time in which at least one space of the group is open."""
    counting: Whole
    """Open time of the spaces with people figures."""
    counted: Whole
    """Of that, what their people are known of."""
    people: Whole
    seats_counted: Whole
    """Seats over `counted`, and below those of it that are occupied."""
    seats_used: Whole


def summed(inside: Inside, groups: Groups, edges: Whole) -> Sums:
    """Return the sums of each group and bucket."""
    opening, used, unknown = inside.opening, inside.used, inside.unknown
    spread = partial(Spread.over, edges, len(groups.labels))
    opened = spread(opening.group, opening.start, opening.end)
    silent = spread(unknown.group, unknown.start, unknown.end)
    taken = spread(used.group, used.start, used.end)
    lost = inside.counting[unknown.space].astype(np.int64)
    uncounted = (inside.counting[used.space] & (used.people < 0)).astype(np.int64)
    people = np.maximum(used.people, 0)
    open_time, counting = opened.of(opening.spaces), opened.of(opening.counting)
    return Sums(
        open=open_time,
        known=open_time - silent.of(),
        occupied=taken.of(),
        any_open=_any_open(opening, edges, len(groups.labels)),
        counting=counting,
        counted=counting - silent.of(lost) - taken.of(uncounted),
        people=taken.of(people),
        seats_counted=opened.of(opening.seats) - silent.of(lost * unknown.seats) - taken.of(uncounted * used.seats),
        seats_used=taken.of(np.where(people > 0, used.seats, 0)),
    )


def ratio(over: Whole, under: Whole | int, *, where: Whole | None = None) -> Figures:
    """Divide whole numbers, NaN where `under` (and `where`, if given) is 0."""
    good = np.broadcast_to((under != 0) if where is None else (where != 0), over.shape)
    divided: Figures = np.divide(over, under, out=np.full(over.shape, np.nan), where=good)
    return divided


def members(groups: Groups, shape: tuple[int, ...]) -> Figures:
    """Return the number of spaces of each group, repeated for each bucket: `shape` is (groups, buckets)."""
    counted = np.bincount(groups.of[groups.of >= 0], minlength=shape[0])
    return np.broadcast_to(counted[:, None], shape).astype(np.float64)


def _any_open(opening: Opening, edges: Whole, groups: int) -> Whole:
    """Return how long at least one space of each group is open, by bucket."""
    order = np.lexsort((opening.start, opening.group))
    group, start, end = opening.group[order], opening.start[order], opening.end[order]
    span = int(edges[-1] - edges[0]) + 1
    reached = np.maximum.accumulate(group * span + end - edges[0])
    begin = start.copy()
    begin[1:] = np.maximum(start[1:], np.minimum(reached[:-1] - group[1:] * span + edges[0], end[1:]))
    return Spread.over(edges, groups, group, begin, end).of()

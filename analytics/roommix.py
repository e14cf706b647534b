"""Which rooms would have served the parties there were: the cheapest mix of sizes, and whether it truly works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import scipy  # its parts are loaded when they are first asked for: few ask for a mix of rooms
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Demand:
    """n stays in rooms: [start, end) in UTC ms, and the seats that each needs at least."""

    start: Whole
    end: Whole
    seats: Whole

    def __len__(self) -> int:
        return len(self.start)


def at_once(demand: Demand, seats: int) -> int:
    """Return the most stays at one moment that need at least so many seats; who leaves makes room at once."""
    _, level = _levels(demand, seats)
    return int(level.max(initial=0))


def time_of(demand: Demand, seats: int, number: int) -> int:
    """Return for how long (ms) at least that number of stays at once need at least so many seats."""
    moments, level = _levels(demand, seats)
    return int(np.diff(moments)[level[:-1] >= number].sum()) if len(moments) else 0


def _levels(demand: Demand, seats: int) -> tuple[Whole, Whole]:
    """Return moments, ascending, and how many stays that need so many seats there are from each on."""
    mine = demand.seats >= seats
    moments = np.concatenate([demand.start[mine], demand.end[mine]])
    steps = np.repeat(np.array([1, -1], dtype=np.int64), int(mine.sum()))
    order = np.lexsort((steps, moments))
    return moments[order], np.cumsum(steps[order])


def cheapest_mix(demand: Demand, costs: Mapping[int, float]) -> dict[int, int]:
    """Return how many rooms of each size (seats) serve a demand at the least cost: a lower bound.

    At every moment and for every k, the stays that need at least k seats find as many rooms with at least k. That is
    what it takes to seat them all at that moment (Hall's condition, for needs that lie within one another), and
    because the need is the greatest at some moment for each k, a row a k says it all. But a party does not
    change rooms while it lasts, so the mix may still be too small: `unplaced` tells.

    The integer programme is solved by HiGHS. Among sizes of equal cost it is free to choose.

    Args:
        demand: the stays.
        costs: what one room of each size costs, above 0; they are the sizes to choose from.

    Raises:
        ValueError: if a stay needs more seats than the largest room has.
    """
    sizes = np.array(sorted(costs), dtype=np.int64)
    needs = np.unique(demand.seats)
    if not len(needs):
        return dict.fromkeys(sizes.tolist(), 0)
    if not len(sizes) or needs[-1] > sizes[-1]:
        raise ValueError(f"a party of {needs[-1]} fits into no room")
    most = np.array([at_once(demand, int(need)) for need in needs], dtype=np.float64)
    found = scipy.optimize.milp(
        c=np.array([costs[size] for size in sizes.tolist()]),
        constraints=scipy.optimize.LinearConstraint(
            (sizes[np.newaxis, :] >= needs[:, np.newaxis]).astype(np.float64), lb=most
        ),
        integrality=np.ones(len(sizes)),
        bounds=scipy.optimize.Bounds(0, np.inf),
    )
    assert found.success, found.message
    return dict(zip(sizes.tolist(), np.rint(found.x).astype(np.int64).tolist(), strict=True))


def unplaced(demand: Demand, rooms: Mapping[int, int]) -> NDArray[np.bool_]:
    """Return which stays find no room where each, in order of coming, takes the smallest free one that seats it.

    Of those that come at one moment the largest choose first. Who finds none leaves; who found one keeps it to the end.
    """
    free = [[seats, number] for seats, number in sorted(rooms.items())]
    held: list[tuple[int, int]] = []
    lost = np.zeros(len(demand), dtype=np.bool_)
    for index in np.lexsort((-demand.seats, demand.start)).tolist():
        while held and held[0][0] <= demand.start[index]:
            free[heappop(held)[1]][1] += 1
        place = _smallest(free, int(demand.seats[index]))
        if place is None:
            lost[index] = True
        else:
            free[place][1] -= 1
            heappush(held, (int(demand.end[index]), place))
    return lost


def _smallest(free: Sequence[Sequence[int]], seats: int) -> int | None:
    return next((place for place, (size, number) in enumerate(free) if size >= seats and number), None)


def working_mix(demand: Demand, costs: Mapping[int, float], mix: Mapping[int, int]) -> dict[int, int]:
    """Return a mix that grew from another until every stay finds a room when replayed: one that works.

    While some find none, the cheapest room that seats the largest of them is added. It need not be the least mix.
    """
    rooms = dict(mix)
    while len(lost := np.flatnonzero(unplaced(demand, rooms))):
        need = int(demand.seats[lost].max())
        size = min((size for size in costs if size >= need), key=lambda size: (costs[size], size))
        rooms[size] = rooms.get(size, 0) + 1
    return rooms

"""From visits to counts: the step function of people in each space."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.stays import Visit
from spaces.times import SECOND, Millis


@dataclass(frozen=True, slots=True)
class Steps:
    """Changes of the number of people, ascending in (space, time): from `time` (UTC ms) on, `people` are in `space`.

    Each space begins and ends empty; two steps of a space differ.
    """

    space: NDArray[np.int64]
    time: NDArray[np.int64]
    people: NDArray[np.int64]


def placed(visits: Sequence[Visit], anchor: Millis) -> NDArray[np.int64]:
    """Return visits as rows (space, start, end) in UTC ms, shape (n, 3)."""
    rows = np.array(visits, dtype=np.int64).reshape(-1, 4)[:, 1:]
    rows[:, 1:] = rows[:, 1:] * SECOND + anchor
    return rows


def steps_of(rows: NDArray[np.int64]) -> Steps:
    """Count people: rows (space, start, end), shape (n, 3), to steps."""
    space = np.concatenate([rows[:, 0], rows[:, 0]])
    time = np.concatenate([rows[:, 1], rows[:, 2]])
    change = np.repeat(np.array([1, -1]), len(rows))
    order = np.lexsort((time, space))
    # Each space sums to nothing, so one running sum serves all of them.
    space, time, people = space[order], time[order], np.cumsum(change[order])
    last = np.append((space[1:] != space[:-1]) | (time[1:] != time[:-1]), np.ones(min(len(space), 1), dtype=bool))
    space, time, people = space[last], time[last], people[last]
    differs = np.diff(people, prepend=0) != 0
    return Steps(space[differs], time[differs], people[differs])


def intervals_of(steps: Steps) -> NDArray[np.int64]:
    """Return the times with a constant number of people above 0: rows (space, start, end, people), shape (n, 4)."""
    used = np.flatnonzero(steps.people[:-1] > 0)
    return np.stack([steps.space[used], steps.time[used], steps.time[used + 1], steps.people[used]], axis=1)

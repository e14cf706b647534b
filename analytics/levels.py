"""How much of a group is in use, known and open, moment by moment: step functions of whole groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.opentime import Inside

Measure = Literal["spaces", "people"]
Whole = NDArray[np.int64]
Figures = NDArray[np.float64]
Columns = tuple[Whole, Whole, Whole]
"""What each of the opening's rows, the used spans and the unknown spans adds while it lasts."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What spans add to the levels of their groups: ``known`` counts the open spaces (that count) which are known.

    ``sum`` is what is in use of these; ``unknown`` what is not known and might be in use, seats where people count.
    """

    known: Columns
    sum: Columns
    unknown: Columns


def levels_of(inside: Inside, measure: Measure) -> Levels:
    """Return the levels that peaks are found in. Known is told by adding the open and taking away the unknown."""
    return _of_people(inside) if measure == "people" else _of_spaces(inside)


def _of_spaces(inside: Inside) -> Levels:
    opening, used, unknown = inside.opening, inside.used, inside.unknown
    one, none = np.ones_like, np.zeros_like
    return Levels(
        known=(opening.spaces, none(used.start), -one(unknown.start)),
        sum=(none(opening.start), one(used.start), none(unknown.start)),
        unknown=(none(opening.start), none(used.start), one(unknown.start)),
    )


def _of_people(inside: Inside) -> Levels:
    opening, used, unknown = inside.opening, inside.used, inside.unknown
    uncounted, none = used.people < 0, np.zeros_like
    return Levels(
        known=(
            opening.counting,
            -(uncounted & inside.counting[used.space]).astype(np.int64),
            -inside.counting[unknown.space].astype(np.int64),
        ),
        sum=(none(opening.start), np.maximum(used.people, 0), none(unknown.start)),
        unknown=(none(opening.start), uncounted * used.seats, unknown.seats),
    )


@dataclass(frozen=True, slots=True)
class GroupSteps:
    """Step functions of groups, cut at the edges of buckets: n steps ascending in (group, start).

    ``values`` are int64 of shape (k, n): k functions, each constant from ``start`` (UTC ms) to the next step. ``first``
    holds the step with which each bucket of each group begins, shape (groups, buckets + 1); the last one of a
    group stands at the last edge and lasts no time.
    """

    edges: Whole
    first: NDArray[np.intp]
    start: Whole
    values: Whole

    @classmethod
    def of(cls, inside: Inside, edges: Whole, groups: int, columns: Sequence[Columns]) -> "GroupSteps":
        """Return the running sums of columns. What happens at one moment is one step: a leaver makes room first."""
        parts = (inside.opening, inside.used, inside.unknown)
        group, start, end = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("group", "start", "end")
        )
        span = int(edges[-1] - edges[0]) + 1
        marks = (np.arange(groups)[:, None] * span + (edges - edges[0])).reshape(-1)
        shift = group * span - edges[0]
        key = np.concatenate([start + shift, end + shift, marks])
        order = np.argsort(key)
        key = key[order]
        last = np.flatnonzero(np.append(key[1:] != key[:-1], True)[: len(key)])
        key = key[last]
        nothing = np.zeros_like(marks)
        added = [np.concatenate(column) for column in columns]
        values = [np.cumsum(np.concatenate([adds, -adds, nothing])[order])[last] for adds in added]
        first = np.searchsorted(key, marks).reshape(groups, len(edges))
        return cls(edges, first, key % span + edges[0], np.stack(values))

    @property
    def lengths(self) -> Whole:
        """How long each step lasts."""
        length = np.zeros_like(self.start)
        length[:-1] = np.maximum(self.start[1:] - self.start[:-1], 0)
        return length

    @property
    def bucket_ends(self) -> Whole:
        """The end of the bucket that each step lies in."""
        ends = np.tile(np.append(self.edges[1:], self.edges[-1:]), len(self.first))
        return np.repeat(ends, np.diff(np.append(self.first.reshape(-1), len(self.start))))

    def most(self, values: Whole) -> Whole:
        """Return the largest value of each bucket, shape (groups, buckets)."""
        return self._reduced(np.maximum, values)

    def least(self, values: Whole) -> Whole:
        """Return the smallest value of each bucket."""
        return self._reduced(np.minimum, values)

    def total(self, values: Whole) -> Whole:
        """Return the sum of each bucket."""
        return self._reduced(np.add, values)

    def first_reaching(self, values: Whole, wanted: Whole) -> Whole:
        """Return the first moment of each bucket at which values are as wanted, the last edge where never."""
        counts = np.diff(np.append(self.first.reshape(-1), len(self.start)))
        goal = np.repeat(np.pad(wanted, ((0, 0), (0, 1))).reshape(-1), counts)
        return self.least(np.where(values == goal, self.start, self.edges[-1]))

    def _reduced(self, how: np.ufunc, values: Whole) -> Whole:
        if not self.first.size:
            return np.zeros((len(self.first), len(self.edges) - 1), dtype=np.int64)
        found: Whole = how.reduceat(values, self.first.reshape(-1)).reshape(self.first.shape)
        return found[:, :-1]

"""Groups as they are open, quarter-hour by quarter-hour: which cohort each then is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.rollup.cohorts import Mask
from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled, Whole, quarter_marks
from spaces.times import Millis


class NotRolledUpError(Exception):
    """The question is not one that roll-ups answer: ask the states."""


@dataclass(frozen=True)
class Opened:
    """Groups of a layout's spaces in the q quarter-hours of [start, end).

    Calendars are laid on here, as the layout's site has them now.
    """

    layout: Layout
    groups: Groups
    start: Millis
    end: Millis
    opened: Whole
    """How long (ms) each class is open, shape (classes, q): all of a quarter-hour or nothing."""

    @classmethod
    def of(cls, layout: Layout, groups: Groups, start: Millis, end: Millis) -> "Opened":
        """Lay the calendars on.

        Raises:
            NotRolledUpError: something opens or closes within a quarter-hour.
        """
        opened, whole = layout.opened(start, end)
        if not whole:
            raise NotRolledUpError("something opens or closes within a quarter-hour")
        return cls(layout, groups, start, end, opened)

    @cached_property
    def marks(self) -> Whole:
        """The edges of the quarter-hours within the window."""
        return quarter_marks(self.start, self.end)

    @cached_property
    def members(self) -> NDArray[np.bool_]:
        """Which spaces each group is made of, shape (groups, spaces)."""
        members: NDArray[np.bool_] = self.groups.of == np.arange(len(self.groups.labels))[:, None]
        return members

    def time(self, spaces: Mask | None = None) -> Whole:
        """Return the open time of each group, or of those spaces of it alone, in space-ms: shape (groups, q)."""
        members = self.members if spaces is None else self.members & spaces
        return self._by_class(members) @ self.opened

    def any_time(self) -> Whole:
        """Return how long any space of each group is open: shape (groups, q)."""
        lengths = np.diff(self.marks)
        return np.where(self._by_class(self.members) @ (self.opened > 0) > 0, lengths, 0)

    def _by_class(self, members: NDArray[np.bool_]) -> Whole:
        """Return the number of spaces of each group and class."""
        classes = len(self.layout.representatives)
        counted = [np.bincount(self.layout.classes[mask], minlength=classes) for mask in members]
        return np.array(counted, dtype=np.int64).reshape(len(members), classes)

    @cached_property
    def _patterns(self) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        """Return which classes are open together, shape (patterns, classes), and the pattern of each quarter-hour."""
        packed = np.packbits(self.opened > 0, axis=0)
        if len(packed) == 1:
            _, first, of = np.unique(packed[0], return_index=True, return_inverse=True)
        else:
            _, first, of = np.unique(packed, axis=1, return_index=True, return_inverse=True)
        return (self.opened[:, first] > 0).T, of.reshape(-1)

    def cohorts(self, *, sums: bool = False) -> Iterator[tuple[int, NDArray[np.bool_], list[int]]]:
        """Yield groups (indexes), quarter-hours, and the cohort that the group's open spaces then are.

        For `sums` there may be several, that are to be added up. Where nothing of a group is open nothing comes.

        Raises:
            NotRolledUpError: there is no such cohort.
        """
        patterns, of = self._patterns
        for group, mask in enumerate(self.members):
            found: dict[bytes, tuple[Mask, list[int]]] = {}
            for number, pattern in enumerate(patterns):
                part = mask & pattern[self.layout.classes]
                if part.any():
                    found.setdefault(part.tobytes(), (part, []))[1].append(number)
            for part, numbers in found.values():
                yield group, np.isin(of, numbers), self._parts(part, sums=sums)

    def _parts(self, part: Mask, *, sums: bool) -> list[int]:
        cohort = self.layout.cohort(part)
        if cohort is not None:
            return [cohort]
        present = np.unique(self.layout.classes[part]) if sums else ()
        parts = [self.layout.cohort(part & (self.layout.classes == each)) for each in present]
        found = [each for each in parts if each is not None]
        if len(found) < max(len(parts), 1):
            raise NotRolledUpError("a group that is open is no cohort")
        return found

    def gathered(self, rolled: Rolled, name: str, *, sums: bool = False, closed: int = 0) -> Whole:
        """Return a column of roll-ups by group, shape (groups, q), `closed` where nothing of a group is open."""
        table = np.full((len(self.groups.labels), len(self.marks) - 1), closed, dtype=np.int64)
        for group, quarters, cohorts in self.cohorts(sums=sums):
            places = np.searchsorted(rolled.cohorts, cohorts)
            column = rolled.grouped[name]
            table[group, quarters] = column[places][:, quarters].sum(axis=0, dtype=np.int64)  # they may have 32 bits
        return table

    def alone(self, space: int) -> tuple[int, NDArray[np.bool_]]:
        """Return the cohort that is one space other than a desk, and the quarter-hours in which it is open."""
        mask = np.arange(len(self.layout.classes)) == space
        cohort = self.layout.cohort(mask)
        assert cohort is not None
        return cohort, self.opened[self.layout.classes[space]] > 0

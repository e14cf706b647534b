"""Whose people are counted in a window: desks, and others of which a count came; what is vacant then is nobody."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.cohorts import Mask
from analytics.rollup.opened import Opened
from analytics.rollup.rolled import Rolled, Whole


@dataclass(frozen=True, slots=True)
class Counting:
    """Which spaces have people figures in a window, and how the idle time of each group is to be had.

    Where all of a group's spaces count that are no desks, what its cohort idles counts; where none does, nothing. Of a
    group of both kinds those that do are looked at one by one.
    """

    spaces: Mask
    """Desks, and others of which a count came."""
    all_of: NDArray[np.bool_]
    """Groups all of whose other spaces count."""
    some_of: dict[int, list[int]]
    """Groups of which only some do: which (indexes of spaces)."""

    @classmethod
    def of(cls, opened: Opened, counting: NDArray[np.bool_]) -> "Counting":
        """Tell from `Rolled.counting` of the window."""
        layout = opened.layout
        spaces = layout.desk.copy()
        spaces[layout.counters] = counting.any(axis=0)
        others = opened.members & ~layout.desk
        some = (others & spaces).any(axis=1)
        every = np.logical_not((others & ~spaces).any(axis=1))
        mixed = np.flatnonzero(some & ~every).tolist()
        return cls(spaces, every, {group: np.flatnonzero(others[group] & spaces).tolist() for group in mixed})

    @property
    def alone(self) -> set[int]:
        """The spaces that are looked at one by one."""
        return {space for spaces in self.some_of.values() for space in spaces}

    def idle(self, opened: Opened, rolled: Rolled, name: str) -> Whole:
        """Return `idle` or `idle_seats` of the spaces that count, by group: shape (groups, q)."""
        table = opened.gathered(rolled, name, sums=True) * self.all_of[:, None]
        for group, spaces in self.some_of.items():
            for space in spaces:
                cohort, quarters = opened.alone(space)
                place = np.searchsorted(rolled.cohorts, cohort)
                table[group] += np.where(quarters, rolled.grouped[name][place], 0)
        return table

    def idle_at(self, opened: Opened, rolled: Rolled) -> Whole:
        """Return the first moment at which a space that counts is idle, -1 where none is: shape (groups, q)."""
        table = np.where(self.all_of[:, None], opened.gathered(rolled, "idle_at", closed=-1), -1)
        for group, spaces in self.some_of.items():
            for space in spaces:
                cohort, quarters = opened.alone(space)
                place = np.searchsorted(rolled.cohorts, cohort)
                table[group] = earlier(table[group], np.where(quarters, rolled.grouped["idle_at"][place], -1))
        return table


def earlier(one: Whole, other: Whole) -> Whole:
    """Return the earlier of two moments, of which -1 is none."""
    return np.where(one < 0, other, np.where(other < 0, one, np.minimum(one, other)))

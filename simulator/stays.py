"""One person's day in the house: a desk from coming to going, and the times away from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.house import MIN, Seconds

WALK: Seconds = MIN
"""From a desk to anywhere else in the house."""


class Visit(NamedTuple):
    """One person in one space over [start, end)."""

    person: int
    space: int
    start: Seconds
    end: Seconds


@dataclass(slots=True)
class Stay:
    """A member's stay: `desk` is None for one who found none, `away` are times off it (space None: out of doors)."""

    person: int
    start: Seconds
    end: Seconds
    desk: int | None = None
    away: list[tuple[Seconds, Seconds, int | None]] = field(default_factory=list)

    def is_free(self, start: Seconds, end: Seconds) -> bool:
        """Whether the person sits at the desk from well before a time until well after it."""
        within = self.start + 10 * MIN <= start and end <= self.end - 5 * MIN
        return within and all(end + 5 * MIN <= a or b + 5 * MIN <= start for a, b, _ in self.away)

    def go(self, start: Seconds, end: Seconds, space: int | None) -> None:
        """Leave the desk for a time: the jacket stays."""
        self.away.append((start, end, space))

    def visits(self) -> Iterator[Visit]:
        """Yield where the person is, in order of time."""
        since = self.start
        for start, end, space in sorted(self.away, key=lambda time: time[0]):
            yield from self._at_desk(since, start)
            if space is not None:
                yield Visit(self.person, space, start + WALK, end - WALK)
            since = end
        yield from self._at_desk(since, self.end)

    def _at_desk(self, start: Seconds, end: Seconds) -> Iterator[Visit]:
        if self.desk is not None and start < end:
            yield Visit(self.person, self.desk, start, end)

"""The series of a dump: which sensor, and what its values make."""

from datetime import time
from typing import NamedTuple

from simulator.convert.mapping import ValueRule


class Series(NamedTuple):
    """Values of one kind of a sensor; the kinds are those of `simulator.convert.kinds.KINDS`."""

    sensor: str
    kind: str
    reset: time | None = None


class SeriesBook:
    """All series of a dump, numbered in order of appearance."""

    def __init__(self) -> None:
        self.numbers: dict[Series, int] = {}

    def number(self, sensor: str, rule: ValueRule) -> int:
        """Return the number of a sensor's series by what a mapping says of its values."""
        series = Series(sensor, kind_of(rule), rule.reset)
        return self.numbers.setdefault(series, len(self.numbers))

    def seats(self, sensor: str) -> int:
        """Return the number of the series of a sensor's seats."""
        return self.numbers.setdefault(Series(sensor, "seats"), len(self.numbers))

    def all(self) -> list[Series]:
        """Return the series by number."""
        return list(self.numbers)


def kind_of(rule: ValueRule) -> str:
    """Return what values make: states, changes, or stays."""
    if rule.kind == "in-out":
        return "counters" if rule.cumulative else "flows" if rule.enter else "passages"
    return rule.kind if rule.kind in ("occupied", "intervals") else "people"

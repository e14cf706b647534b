"""What a mapping file says: what the columns of a dump mean (`simulator.convert.mappingfile` reads it)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

from spaces.times import Millis

VALUES = ("people", "occupied", "free", "percent", "fraction", "in-out", "intervals")
OF_CAPACITY = ("free", "percent", "fraction")
"""Kinds of values that say nothing without a capacity."""
FORMATS = ("iso", "epoch-s", "epoch-ms", "epoch-us", "epoch-ns")
"""Named formats of times; anything with a % is a `strptime` pattern."""
ROUNDING = ("nearest", "up", "down")
DOUBLED = ("first", "second", "leave-out")
"""What becomes of a time that the clock shows twice, where the order of rows does not tell which showing it is."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """How rows without a date get one: see `simulator.convert.dates.NumberedDays`.

    `day` and `weekday` are columns; `zero` is the weekday (0 = Monday) that the dump writes as 0. Weekdays from 1
    to 7, as ISO numbers them, have Sunday as their zero: 7 and 0 are the same.
    """

    day: str
    weekday: str
    zero: int
    start: date


@dataclass(frozen=True, slots=True)
class TimeRule:
    """Which columns, joined by a space, say when, in which format, and in which zone where they do not say.

    `every` is the dump's interval, 0 where it has none. `dates_alone` holds where a date without a time of day is
    meant. `doubled` is one of `DOUBLED`, empty where the mapping leaves it open.
    """

    columns: tuple[str, ...]
    format: str
    zone: ZoneInfo
    days: DayRule | None
    every: Millis
    dates_alone: bool
    doubled: str


@dataclass(frozen=True, slots=True)
class TextRule:
    """How CSV is written; an empty `delimiter` or `encoding` is judged. `header` names columns of a file without."""

    delimiter: str = ""
    encoding: str | None = None
    comment: str = ""
    header: tuple[str, ...] = ()
    skip_lines: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the dump in lower case; the first two of them replace those that are known anyhow."""

    occupied: frozenset[str] = frozenset()
    vacant: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    enter: frozenset[str] = frozenset()
    leave: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What the cells of a source say.

    `decimal` is the sign in numbers, empty where either is taken; `round` one of `ROUNDING`, empty where a fraction is
    wrong. A state is occupied where its number lies above `above`. `enter` and `leave` are columns of an in-out source
    that has two; `reset` is the local time of day at which nobody is there, None for never.
    """

    kind: str = "people"
    decimal: str = ""
    round: str = ""
    capacity: int | None = None
    capacity_column: str | None = None
    above: float | None = None
    words: Words = Words()
    enter: str | None = None
    leave: str | None = None
    cumulative: bool = False
    reset: time | None = None
    end: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameRule:
    """Which sensor spoke: `sensor`, or the joined cells of `columns`; `ids` gives names an id in place of the rule."""

    sensor: str = ""
    columns: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)


Filters = Mapping[str, tuple[str, ...]]
"""Columns to the texts, with * and ?, one of which their cells must be."""


@dataclass(frozen=True, slots=True)
class Source:
    """Columns of files; `files` and `columns` may hold * and ?. In a `wide` one each column is a sensor of its own."""

    files: tuple[Path, ...]
    text: TextRule
    columns: tuple[str, ...]
    wide: bool
    values: ValueRule
    names: NameRule
    where: Filters
    unless: Filters


@dataclass(frozen=True, slots=True)
class DumpMapping:
    """What a mapping file says."""

    site: str
    zone: ZoneInfo
    note: str
    time: TimeRule
    sources: tuple[Source, ...]

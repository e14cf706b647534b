"""What a sensor of one model means: rules from the fields of its messages to states, as data.

The rules are written in TOML (`spaces.models.modelfile`): those of ours lie here, those of a house beside its site
file. How a message is cut into fields is the business of `ingest`; what the fields mean stands here alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from spaces.times import DAY, HOUR, Millis

AVAILABLE: Millis = DAY
"""That a sensor is available counts for so long, then somebody must have said it again."""
OCCUPIED_AT_MOST: Millis = 4 * HOUR
"""Whoever speaks at changes alone is taken at its word "occupied" for so long: nobody sits longer without moving."""

Pointer: TypeAlias = tuple[str, ...]
"""The way to a field: keys of objects, or places in arrays, outermost first."""
Ways: TypeAlias = tuple[Pointer, ...]
"""Where a field may stand: what is first found counts."""
Word: TypeAlias = str | int | float | bool | None
"""What a field may hold where it is compared with words."""


class Hold(StrEnum):
    """By what a sensor's word goes on holding."""

    HEARTBEAT = "heartbeat"
    """It says the same again within its silence limit."""
    AVAILABILITY = "availability"
    """It speaks at changes alone; something else says whether it is there."""


class Speaks(StrEnum):
    """When a sensor speaks, in the words of people."""

    CHANGES = "when somebody comes or leaves"
    SEATS = "when somebody sits or leaves"
    OFTEN = "every few minutes"
    MOTION = "when somebody moves"


@dataclass(frozen=True, slots=True)
class StateRule:
    """Which words of a field mean occupied, vacant and not known; texts are compared without case."""

    at: Ways
    occupied: frozenset[Word]
    vacant: frozenset[Word]
    unknown: frozenset[Word] = frozenset()


@dataclass(frozen=True, slots=True)
class NumberRule:
    """A number of a field, times `scale` plus `offset`, and which words of it mean that it is not known."""

    at: Ways
    scale: float = 1.0
    offset: float = 0.0
    unknown: frozenset[Word] = frozenset()


TimeUnit = Literal["iso", "s", "ms", "us", "ns"]
TIME_UNITS: tuple[TimeUnit, ...] = ("iso", "s", "ms", "us", "ns")


@dataclass(frozen=True, slots=True)
class TimeRule:
    """A time of a field: RFC 3339, or a number of units since 1970. `zone` is of texts without one; None: no time.

    A `told` time is that of a server and is believed; others are those of a device, and near receipt or none.
    """

    at: Ways
    unit: TimeUnit = "iso"
    zone: str | None = None
    told: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What one sensor of a message says; a message may have several parts.

    `each` leads to an array or an object with a part in each of its entries, `slot` to its name there (an array
    without: its place, from 1; an object: its key); a part with a fixed `name` is the slot of that name. The other
    ways start at the entry, those of battery and time at the message where the entry has none.
    """

    state: StateRule | None = None
    people: NumberRule | None = None
    battery: NumberRule | None = None
    time: TimeRule | None = None
    name: str | None = None
    each: Pointer | None = None
    slot: Pointer | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of sensor. `id` is what `format` in a site file names, `called` are its names among those of sources.

    `codec` turns bytes into fields where the source does not. `pulse` is of sensors that only ever say "occupied":
    the time after which that is over. Without `silence` the limit is learnt.
    """

    id: str
    name: str
    parts: tuple[Part, ...]
    called: tuple[str, ...] = ()
    codec: str | None = None
    speaks: Speaks = Speaks.CHANGES
    hold: Hold = Hold.HEARTBEAT
    silence: Millis | None = None
    pulse: Millis | None = None
    topics: tuple[str, ...] = ()
    """Filters with named levels, such as `building/{floor}/{device}/desk`, for messages of no known family."""


Models: TypeAlias = Mapping[str, Model]
"""Models by their id."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a sensor's word holds, and who said so."""

    silence: Millis
    origin: Literal["written", "model", "learning", "learnt"]
    occupied: Millis = field(default=0)
    """The limit of "occupied" where it is shorter; 0: it is not."""

"""What messages say, whatever their format: the words between a format and what judges them.

One module here is one format: a family of sources that wrap what sensors say in the same way. `native` is ledig's own.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

import msgspec

from ingest.refusals import Refusal
from spaces.models import Model
from spaces.times import Millis

State = TypeVar("State")


class Address(NamedTuple):
    """Who spoke."""

    site: str
    sensor: str


class Device(NamedTuple):
    """Who spoke, in the words of a source that knows no sites: a site file says which sensor that is.

    A device with several sensors names the `slot`. `label` is what people call it there, `model` what it is where its
    source tells that or we recognise it, `alias` another name that it keeps when people rename it.
    """

    name: str
    slot: str | None = None
    label: str | None = None
    model: Model | None = None
    alias: str | None = None

    @property
    def address(self) -> str:
        """How site files name it."""
        return self.name if self.slot is None else f"{self.name}:{self.slot}"


Known: TypeAlias = Callable[[str], Model | None]
"""Tells the model that a site file gives a device, by its name; None where it gives none."""


def nobody(_device: str) -> None:
    """Know no model of any device, as where there are no site files."""


class Observation(msgspec.Struct, frozen=True, gc=False):
    """What a message says of one sensor: not judged yet, and a reading once it is accepted.

    `time` is in UTC milliseconds, None where the message carries none: then it is that of the receipt. `occupied` is
    None where the sensor says that it does not know. Of `people`, `battery` and `seq` the `unfit` were said, and cannot
    be: that costs them, and not the state. A time that has to be `near` its receipt was told by a clock that nobody
    sets; farther from it, it is worth nothing, and the receipt counts.
    """

    address: Address | Device
    time: Millis | None = None
    occupied: bool | None = None
    people: int | None = None
    battery: float | None = None
    seq: int | None = None
    unfit: tuple[str, ...] = ()
    near: bool = False


class Status(msgspec.Struct, frozen=True, gc=False):
    """A message that is ours and changes nothing: a sensor has come online, say."""

    address: Address | Device


class Ignored(msgspec.Struct, frozen=True, gc=False):
    """A message that says nothing about presence. It is counted by its source, and nothing of it is kept."""

    source: str


Observations: TypeAlias = list[Observation | Refusal]
"""What a message says of any number of sensors, with a refusal in the place of what cannot be used."""
Outcome: TypeAlias = Observations | Status | Ignored | Refusal
"""What a message says: observations; that nothing changes; nothing about presence; or why it says nothing at all."""
Heard: TypeAlias = tuple[Outcome, State]
"""What a message says, and the state after it. A plain tuple: one is made for every message."""


class Filter(NamedTuple):
    """Topics to subscribe to. What all workers have to hear, however they divide the rest, is not `shared`.

    `shared_topics` are those to share, where they are others: workers of one share hear less, and never each other.
    """

    topics: str
    shared: bool = True
    shared_topics: str | None = None


class Format(Protocol[State]):
    """What messages of one kind mean. It does no I/O, knows no clock, and judges neither sites nor limits.

    What it has to remember of earlier messages, such as a catalogue of devices, is a value that goes in and comes out.
    Only what settled messages have made of it counts: a message that comes again meets the state from before.
    """

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The topics on which such messages come."""
        ...

    def limit(self, topic: str) -> int:
        """Return how many bytes a message on a topic may have; of larger ones a byte more is all that is kept."""
        ...

    def initial(self) -> State:
        """Return the state before the first message."""
        ...

    def hear(self, topic: str, payload: bytes, *, retained: bool, state: State, known: Known) -> Heard[State]:
        """Return what a message says, and the state after it.

        `known` tells which models the site files give to devices.

        At most one byte more of a payload is given than the worker's settings allow: what is too large is told by its
        length. What a message may weigh, and whether it may be empty, is the format's to say.
        """
        ...

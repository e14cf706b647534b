"""What messages say, whatever their format: the words between a format and what judges them.

One module here is one format. `native` is ledig's own, and the only one today.
"""

from typing import NamedTuple, Protocol, TypeAlias, TypeVar

import msgspec

from ingest.refusals import Refusal
from spaces.times import Millis

State = TypeVar("State")


class Address(NamedTuple):
    """Who spoke."""

    site: str
    sensor: str


class Observation(msgspec.Struct, frozen=True, gc=False):
    """What a message says of one sensor: not judged yet, and a reading once it is accepted.

    `time` is in UTC milliseconds, None where the message carries none: then it is that of the receipt. `occupied` is
    None where the sensor says that it does not know. Of `people`, `battery` and `seq` the `unfit` were said, and cannot
    be: that costs them, and not the state.
    """

    address: Address
    time: Millis | None = None
    occupied: bool | None = None
    people: int | None = None
    battery: float | None = None
    seq: int | None = None
    unfit: tuple[str, ...] = ()


class Status(msgspec.Struct, frozen=True, gc=False):
    """A message that is ours and changes nothing: a sensor has come online, say."""

    address: Address


class Ignored(msgspec.Struct, frozen=True, gc=False):
    """A message that says nothing about presence. It is counted by its source, and nothing of it is kept."""

    source: str


Observations: TypeAlias = list[Observation | Refusal]
"""What a message says of any number of sensors, with a refusal in the place of what cannot be used."""
Outcome: TypeAlias = Observations | Status | Ignored | Refusal
"""What a message says: observations; that nothing changes; nothing about presence; or why it says nothing at all."""
Heard: TypeAlias = tuple[Outcome, State]
"""What a message says, and the state after it. A plain tuple: one is made for every message."""


class Format(Protocol[State]):
    """What messages of one kind mean. It does no I/O, knows no clock, and judges neither sites nor limits.

    What it has to remember of earlier messages, such as a catalogue of devices, is a value that goes in and comes out.
    Only what settled messages have made of it counts: a message that comes again meets the state from before.
    """

    def initial(self) -> State:
        """Return the state before the first message."""
        ...

    def hear(self, topic: str, payload: bytes, *, qos: int, retained: bool, state: State) -> Heard[State]:
        """Return what a message says, and the state after it.

        At most one byte more of a payload is given than the worker's settings allow: what is too large is told by its
        length. What a message may weigh, and whether it may be empty, is the format's to say.
        """
        ...

"""Messages as they come, and verdicts: one message, and all that becomes of it."""

from collections.abc import Iterable, Sequence

import msgspec

from ingest.formats import Ignored, Status
from ingest.refusals import Refusal
from spaces.reading import Reading

Incoming = tuple[int, int, str, bytes, bool]
"""A message as it came: mid, QoS, topic, payload, retained. A queue of paho's own messages is three times slower."""
Refused = tuple[Incoming, Sequence[Refusal]]
"""A message with what was refused of it, at least one thing."""


class Verdict(msgspec.Struct, frozen=True, gc=False, eq=False):
    """What becomes of one message, as far as can be said before the store is asked.

    It is *accepted* where readings come of it (or where it holds none, and nothing wrong), and then `refusals` are
    those of its observations of which none comes. It is *refused* where only refusals come of it, for the first of
    them; `unchanging` is what it is where it changes nothing. A message is settled when all its readings are.
    `unfit` are the optional fields that were left out of its readings.
    """

    message: Incoming
    readings: Sequence[Reading] = ()
    refusals: Sequence[Refusal] = ()
    unchanging: Status | Ignored | None = None
    unfit: Sequence[str] = ()


def readings_of(verdicts: Iterable[Verdict]) -> list[Reading]:
    """Return the readings of messages, in the order of the messages and within them."""
    return [reading for verdict in verdicts for reading in verdict.readings]

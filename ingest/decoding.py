"""Messages to what they say: a format with its state, which is that of settled messages alone."""

from collections.abc import Iterable, Iterator
from typing import Generic

from ingest.formats import Format, Known, Outcome, State, nobody
from ingest.refusals import Reason, Refusal
from ingest.verdicts import Incoming


class Decoder(Generic[State]):
    """Decodes one batch of messages after another; `state` is what the settled ones have made of the format's state."""

    def __init__(self, message_format: Format[State]) -> None:
        self._format = message_format
        self.state = self._next = message_format.initial()

    def decode(self, messages: Iterable[Incoming], known: Known = nobody) -> Iterator[tuple[Incoming, Outcome]]:
        """Yield each message with what it says; each meets the state that the one before it has left.

        `known` tells which models the site files give to devices.

        Until they are settled `state` stays as it is: messages that are given up come again, and meet it again. (One
        by one, for thousands of pairs at once would set the garbage collector to work.)
        """
        hear, state = self._format.hear, self.state
        for message in messages:
            _, _, topic, payload, retained = message
            try:
                outcome, state = hear(topic, payload, retained=retained, state=state, known=known)
            except Exception as error:  # noqa: BLE001 - one message never stops the next
                outcome = Refusal(Reason.UNEXPECTED, repr(error)[:200])
            yield message, outcome
        self._next = state

    def settle(self) -> None:
        """Take the state that the last batch has left: its messages are settled."""
        self.state = self._next

"""Every message and every reading counted once: promise 3 of docs/design.md, section 7, per worker life."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class MessageCount:
    """How many messages became of what.

    *Accepted* are those of which readings came that are all settled. *Refused* are those of which none came, by the
    reason of the first thing that was wrong; *ignored* those that were none of ours, by their source.
    """

    received: int = 0
    accepted: int = 0
    status: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    in_flight: int = 0

    @property
    def settled(self) -> int:
        """How many are done with."""
        return self.accepted + self.status + sum(self.ignored.values()) + sum(self.refused.values())

    @property
    def balances(self) -> bool:
        """Whether every message received is accounted for, and nothing is counted below zero."""
        counts = (self.received, self.accepted, self.status, self.in_flight)
        return self.received == self.settled + self.in_flight and not _any_negative(counts, self.ignored, self.refused)


@dataclass(frozen=True, slots=True)
class ReadingCount:
    """How many of the readings that accepted messages hold became of what.

    *Refused* are those that the store will never take, and those that could not be accepted beside others of the same
    message. *Unfit* are optional fields, by name, that were left out of readings.
    """

    read: int = 0
    stored: int = 0
    duplicate: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    in_flight: int = 0
    spooled: int = 0
    unfit: Mapping[str, int] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """How many are neither on their way to the store nor in the spool."""
        return self.stored + self.duplicate + sum(self.refused.values())

    @property
    def balances(self) -> bool:
        """Whether every reading is accounted for, and nothing is counted below zero."""
        counts = (self.read, self.stored, self.duplicate, self.in_flight, self.spooled)
        return self.read == self.settled + self.in_flight + self.spooled and not _any_negative(counts, self.refused)


@dataclass(frozen=True, slots=True)
class Count:
    """What messages and readings became, at one moment."""

    messages: MessageCount = field(default_factory=MessageCount)
    readings: ReadingCount = field(default_factory=ReadingCount)

    @property
    def balances(self) -> bool:
        """Whether both balance."""
        return self.messages.balances and self.readings.balances

    @property
    def refused(self) -> Counter[str]:
        """How many refusals there were, of messages and of readings, by reason."""
        return Counter(self.messages.refused) + Counter(self.readings.refused)


class Ledger:
    """Counts messages and readings; a reader on another thread sees them balanced at every moment.

    One batch of messages is in flight at a time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = Count()
        self._ahead = 0

    def took(self, messages: int) -> None:
        """Messages were received from the broker; they are in flight until they are settled."""
        with self._lock:
            self._count = Count(_received(self._count.messages, messages), self._count.readings)

    def read(self, readings: int) -> None:
        """Readings were found in messages in flight; they are in flight themselves until they are settled."""
        with self._lock:
            self._count = Count(self._count.messages, _read(self._count.readings, readings))

    def settled(self, messages: MessageCount, readings: ReadingCount) -> None:
        """Messages in flight, and their readings, became this."""
        with self._lock:
            now = self._count.messages
            became = replace(
                now,
                accepted=now.accepted + messages.accepted,
                status=now.status + messages.status,
                ignored=Counter(now.ignored) + Counter(messages.ignored),
                refused=Counter(now.refused) + Counter(messages.refused),
                in_flight=now.in_flight - messages.settled,
            )
            self._count = Count(became, self._settled(readings))

    def gave_back(self, safe: ReadingCount) -> None:
        """Messages in flight were let go of: the broker sends them again.

        What the store or the spool has taken of their readings is `safe` and stays counted; for the rest it is as if
        nothing had been received.
        """
        with self._lock:
            messages, readings = self._count.messages, self._settled(safe)
            self._count = Count(_received(messages, -messages.in_flight), _read(readings, -readings.in_flight))

    def left_spool(self, became: ReadingCount) -> None:
        """Readings that this life had spooled have reached the store, or were refused by it.

        A spool has a thread of its own: they may leave it before it is told here that they are in it, and are taken
        from those in flight then. What nobody had counted at all, because the spool failed after it had written, is
        counted as read now.
        """
        with self._lock:
            now = self._count.readings
            booked = min(became.settled, now.spooled)
            early = min(became.settled - booked, now.in_flight)
            self._ahead += early
            now = _read(now, became.settled - booked - early)
            self._count = Count(self._count.messages, _moved(now, became, booked))

    def count(self) -> Count:
        """Return the count as of now."""
        return self._count

    def _settled(self, became: ReadingCount) -> ReadingCount:
        """Return the readings after some in flight became this; those that left the spool before are in it already."""
        early = min(became.spooled, self._ahead)
        uncounted, self._ahead = self._ahead - early, 0
        spooled = became.spooled - early
        now = _moved(_read(self._count.readings, uncounted), became)
        return replace(now, in_flight=now.in_flight - spooled, spooled=now.spooled + spooled)


def _received(now: MessageCount, more: int) -> MessageCount:
    return replace(now, received=now.received + more, in_flight=now.in_flight + more)


def _read(now: ReadingCount, more: int) -> ReadingCount:
    return replace(now, read=now.read + more, in_flight=now.in_flight + more)


def _moved(now: ReadingCount, became: ReadingCount, from_spool: int = 0) -> ReadingCount:
    """Return the readings after some became this, so many of them from the spool and the others from flight."""
    return replace(
        now,
        stored=now.stored + became.stored,
        duplicate=now.duplicate + became.duplicate,
        refused=Counter(now.refused) + Counter(became.refused),
        in_flight=now.in_flight - (became.settled - from_spool),
        spooled=now.spooled - from_spool,
        unfit=Counter(now.unfit) + Counter(became.unfit),
    )


def _any_negative(counts: tuple[int, ...], *more: Mapping[str, int]) -> bool:
    return min(counts) < 0 or any(number < 0 for counted in more for number in counted.values())

"""Every message counted once: promise 3 of docs/design.md, section 7, per worker life."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages became of what, at one moment; it always balances."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    status: int = 0
    in_flight: int = 0
    spooled: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def balances(self) -> bool:
        """Whether every message received is accounted for."""
        settled = self.stored + self.duplicate + self.status + sum(self.refused.values())
        return self.received == settled + self.in_flight + self.spooled


@dataclass(frozen=True, slots=True)
class Became:
    """What messages in flight became, in messages."""

    stored: int = 0
    duplicate: int = 0
    spooled: int = 0
    status: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many messages these are."""
        return self.stored + self.duplicate + self.spooled + self.status + self.refused.total()


class Ledger:
    """Counts messages; a reader on another thread sees them balanced at every moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = Count()

    def took(self, messages: int) -> None:
        """Messages were read from the broker; they are in flight until they are settled."""
        with self._lock:
            now = self._count
            self._count = replace(now, received=now.received + messages, in_flight=now.in_flight + messages)

    def gave_back(self, messages: int) -> None:
        """Messages in flight were let go of, as if they had not been read: the broker sends them again."""
        with self._lock:
            now = self._count
            self._count = replace(now, received=now.received - messages, in_flight=now.in_flight - messages)

    def settled(self, became: Became) -> None:
        """Messages in flight became this."""
        with self._lock:
            now = self._count
            self._count = replace(
                now,
                stored=now.stored + became.stored,
                duplicate=now.duplicate + became.duplicate,
                status=now.status + became.status,
                spooled=now.spooled + became.spooled,
                in_flight=now.in_flight - became.total,
                refused=Counter(now.refused) + became.refused,
            )

    def left_spool(self, *, stored: int = 0, duplicate: int = 0, refused: Counter[str]) -> None:
        """Messages that this life had spooled have reached the store, or were refused by it."""
        with self._lock:
            now = self._count
            self._count = replace(
                now,
                stored=now.stored + stored,
                duplicate=now.duplicate + duplicate,
                spooled=now.spooled - stored - duplicate - refused.total(),
                refused=Counter(now.refused) + refused,
            )

    def count(self) -> Count:
        """Return the count as of now."""
        return self._count

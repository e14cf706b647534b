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
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def balances(self) -> bool:
        """Whether every message received is accounted for."""
        settled = self.stored + self.duplicate + self.status + sum(self.refused.values())
        return self.received == settled + self.in_flight


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

    def settled(self, *, stored: int = 0, duplicate: int = 0, status: int = 0, refused: Counter[str]) -> None:
        """Messages in flight became this."""
        with self._lock:
            now = self._count
            self._count = replace(
                now,
                stored=now.stored + stored,
                duplicate=now.duplicate + duplicate,
                status=now.status + status,
                in_flight=now.in_flight - stored - duplicate - status - refused.total(),
                refused=Counter(now.refused) + refused,
            )

    def count(self) -> Count:
        """Return the count as of now."""
        return self._count

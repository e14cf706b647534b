"""When to ask the broker for the subscription, with which packet id, and what its answer means.

A broker may take packet ids of both directions for one space, as mochi-mqtt does (seen: 2.7.9): with messages waiting
in the session it refuses a SUBSCRIBE that has the id of one of them. So where the session is there already, what waits
in it is taken first, and ids are drawn from the far end of the space.
"""

import logging
import time
from collections.abc import Collection, Sequence

from paho.mqtt.reasoncodes import ReasonCode

from ingest.settings import IngestSettings

log = logging.getLogger(__name__)

_FIRST, _AGAIN, _SELDOM = 0.5, 1.0, 60.0
"""Seconds that what waits in a session has at most until we ask, and between two attempts: first, and in the end."""
_MOST_ID = 65_535


class Subscribing:
    """The subscription of one session, over all its connections."""

    def __init__(self, settings: IngestSettings, topics: Sequence[str]) -> None:
        self._settings = settings
        self._topics = topics
        self.present = False
        self._due: float | None = None
        self._last = _MOST_ID + 1
        self._warned = False
        self._again = _AGAIN

    def connected(self, *, present: bool) -> None:
        """Note that the broker has let us in, and whether it had our session."""
        self.present, self._again = present, _AGAIN
        self._due = time.monotonic() + (_FIRST if present else 0.0)

    def lost(self) -> None:
        """Note that the connection has ended: whoever connects next is asked anew."""
        self._due = None

    def is_due(self, *, quiet: bool) -> bool:
        """Whether to ask now; `quiet` says that nothing waits any more."""
        first = not self._warned and quiet
        return self._due is not None and (first or time.monotonic() >= self._due)

    def draw_id(self, taken: Collection[int]) -> int:
        """Return the packet id to ask with, none of those that are taken, and note that we ask."""
        self._due = None
        while True:
            self._last = self._last - 1 or _MOST_ID
            if self._last not in taken:
                return self._last

    def refusal(self, codes: Sequence[ReasonCode]) -> str | None:
        """Return why messages cannot come, None where they do.

        A refusal in a session that was there stops nothing: what it has subscribed to goes on coming. We ask again,
        since it may have been another subscription.
        """
        failed = next((place for place, code in enumerate(codes) if code.is_failure), None)
        if failed is None:
            self._warned = False
            return None
        code, topic = codes[failed], self._topics[min(failed, len(self._topics) - 1)]
        if not self.present:
            return f"{self._settings.address} does not let us subscribe to {topic}: {code}"
        self._due = time.monotonic() + self._again
        self._again = min(2 * self._again, _SELDOM)
        self._warn(code, topic)
        return None

    def _warn(self, code: ReasonCode, topic: str) -> None:
        if not self._warned:
            log.warning(
                "%s refused to subscribe us to %s once more (%s); its session goes on, and we ask again",
                self._settings.address,
                topic,
                code,
            )
        self._warned = True

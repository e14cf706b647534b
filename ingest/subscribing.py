"""When to ask the broker for the subscription, with which packet id, and what its answer means.

A broker may take packet ids of both directions for one space, as mochi-mqtt does (seen: 2.7.9): with messages waiting
in the session it refuses a SUBSCRIBE that has the id of one of them. So where the session is there already, what waits
in it is taken first, and ids are drawn from the far end of the space.

A refusal does not say whether the session has the subscription from before. That it has is known where it was granted
in this session, or where a message of it comes.
"""

import logging
import time
from collections.abc import Collection, Iterable, Sequence

from paho.mqtt.client import topic_matches_sub
from paho.mqtt.reasoncodes import ReasonCode

from ingest.settings import IngestSettings

log = logging.getLogger(__name__)

_FIRST, _AGAIN, _SELDOM = 0.5, 1.0, 60.0
"""Seconds that what waits in a session has at most until we ask, and between two attempts: first, and in the end."""
_MOST_ID = 65_535
_ID_IN_USE = 0x91
"""The reason code of MQTT 5 that speaks of the packet's id alone, and not of the subscription."""


class Subscribing:
    """The subscription of one session, over all its connections."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._present = self._ours = self._asked = False
        self._due: float | None = None
        self._last = _MOST_ID + 1
        self._warned = self._unsafe = False
        self._again = _AGAIN
        self.complaint: str | None = None
        """Why no messages may come, None where they do."""

    def connected(self, *, present: bool) -> None:
        """Note that the broker has let us in, and whether it had our session."""
        if self._ours and not present:
            self._warn_of_loss()
        self._ours = self._ours and present
        self._present, self._again = present, _AGAIN
        self._due = time.monotonic() + (_FIRST if present else 0.0)

    def lost(self) -> None:
        """Note that the connection has ended: whoever connects next is asked anew."""
        self._due, self._asked, self.complaint = None, False, None

    @property
    def unanswered(self) -> str:
        """What may have ended a connection that ends now: empty, or what we had asked."""
        if not self._asked:
            return ""
        return f", asked to subscribe us to {self._settings.subscription}: it may not let us"

    def is_due(self, *, quiet: bool) -> bool:
        """Whether to ask now; `quiet` says that nothing waits any more."""
        first = not self._warned and self.complaint is None and quiet
        return self._due is not None and (first or time.monotonic() >= self._due)

    def draw_id(self, taken: Collection[int]) -> int:
        """Return the packet id to ask with, none of those that are taken, and note that we ask."""
        self._due, self._asked = None, not self._settings.retire
        while True:
            self._last = self._last - 1 or _MOST_ID
            if self._last not in taken:
                return self._last

    def refusal(self, codes: Sequence[ReasonCode]) -> str | None:
        """Return why there is no use in going on with the connection, None where there is.

        A refusal in a session that was there stops nothing: what it has subscribed to goes on coming. We ask again,
        since it may have been another subscription; `complaint` says whether it was.
        """
        self._asked = False
        failed = next((code for code in codes if code.is_failure), None)
        if failed is None:
            self._granted(codes)
            return None
        s = self._settings
        trouble = f"{s.address} does not let us subscribe to {s.subscription}: {failed}"
        if not self._present:
            return trouble
        self._due = time.monotonic() + self._again
        self._again = min(2 * self._again, _SELDOM)
        if self._ours or s.retire or failed.value == _ID_IN_USE:
            self._warn(failed)
        else:
            self.complaint = trouble
        return None

    def heard(self, topics: Iterable[str]) -> None:
        """Note of what messages have come: where one is of the subscription, the session has it."""
        if not self._ours and any(topic_matches_sub(self._settings.topics, topic) for topic in topics):
            self._ours, self.complaint = True, None

    def _granted(self, codes: Sequence[ReasonCode]) -> None:
        self._warned, self.complaint = False, None
        self._ours = not self._settings.retire
        unsafe = any(code.value == 0 for code in codes) and self._ours
        if unsafe and not self._unsafe:
            s = self._settings
            log.warning(
                "%s grants %s at QoS 0 alone: what is published while ledig is away, or lost on the way, is lost;"
                " use a broker, or rights at it, that grant QoS 1",
                s.address,
                s.subscription,
            )
        self._unsafe = unsafe

    def _warn(self, code: ReasonCode) -> None:
        if not self._warned:
            s = self._settings
            log.warning(
                "%s refused to subscribe us to %s once more (%s); its session goes on, and we ask again",
                s.address,
                s.subscription,
                code,
            )
        self._warned = True

    def _warn_of_loss(self) -> None:
        s = self._settings
        if s.session_expiry:
            log.warning(
                "%s no longer has the session %s: what was published while we were not connected is lost; have it keep"
                " sessions on disk, and for long enough",
                s.address,
                s.client_id,
            )

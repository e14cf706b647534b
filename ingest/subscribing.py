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
    """The subscription of one session to some topic filters, over all its connections."""

    def __init__(self, settings: IngestSettings, topics: Sequence[str]) -> None:
        self._settings, self._topics = settings, topics
        self.present = self._asked = False
        self._has: set[str] = set()
        """Filters that the session is known to have."""
        self._due: float | None = None
        self._last = _MOST_ID + 1
        self._warned = self._unsafe = False
        self._again = _AGAIN
        self.complaint: str | None = None
        """Why no messages of a filter may come, None where they do."""
        self._lacking: str | None = None

    def connected(self, *, present: bool) -> None:
        """Note that the broker has let us in, and whether it had our session."""
        if self._has and not present:
            self._warn_of_loss()
            self._has.clear()
        self.present, self._again = present, _AGAIN
        self._due = time.monotonic() + (_FIRST if present else 0.0)

    def lost(self) -> None:
        """Note that the connection has ended: whoever connects next is asked anew."""
        self._due, self._asked, self.complaint = None, False, None

    @property
    def unanswered(self) -> str:
        """What may have ended a connection that ends now: empty, or what we had asked."""
        if not self._asked:
            return ""
        return f", asked to subscribe us to {', '.join(self._topics)}: it may not let us"

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
        answers = list(zip(self._topics, codes, strict=False))
        if not self._settings.retire:
            self._note_granted(answers)
        refused = [(topic, code) for topic, code in answers if code.is_failure]
        if not refused:
            self._warned, self.complaint = False, None
            return None
        topic, code = next((one for one in refused if one[0] not in self._has), refused[0])
        trouble = f"{self._settings.address} does not let us subscribe to {topic}: {code}"
        if not self.present:
            return trouble
        self._due = time.monotonic() + self._again
        self._again = min(2 * self._again, _SELDOM)
        if topic in self._has or self._settings.retire or code.value == _ID_IN_USE:
            self._warn(code, topic)
            self.complaint = None
        else:
            self.complaint, self._lacking = trouble, topic
        return None

    def heard(self, topics: Iterable[str]) -> None:
        """Note of what messages have come: where one is of a filter, the session has that."""
        if len(self._has) == len(self._topics):
            return
        came = set(topics)
        self._has |= {ours for ours in self._topics if any(topic_matches_sub(_unshared(ours), topic) for topic in came)}
        if self._lacking in self._has:
            self.complaint = None

    def _note_granted(self, answers: Sequence[tuple[str, ReasonCode]]) -> None:
        granted = {topic: code.value for topic, code in answers if not code.is_failure}
        self._has |= granted.keys()
        unsafe = [topic for topic, qos in granted.items() if qos == 0]
        if unsafe and not self._unsafe:
            log.warning(
                "%s grants %s at QoS 0 alone: what is published while ledig is away, or lost on the way, is lost;"
                " use a broker, or rights at it, that grant QoS 1",
                self._settings.address,
                ", ".join(unsafe),
            )
        self._unsafe = bool(unsafe)

    def _warn(self, code: ReasonCode, topic: str) -> None:
        if not self._warned:
            log.warning(
                "%s refused to subscribe us to %s once more (%s); its session goes on, and we ask again",
                self._settings.address,
                topic,
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


def _unshared(topic: str) -> str:
    """Return a topic filter without whoever shares it."""
    return topic.split("/", 2)[2] if topic.startswith("$share/") else topic

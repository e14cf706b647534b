"""Refused messages in the log: a line a reason now and then, never one a message."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from ingest.verdicts import Refused
from spaces.mistakes import shown

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two lines of one reason."""


class RefusalLog:
    """Tells of refused messages. A line shows the first topic and why; never a payload, which the quarantine has."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._told: dict[str, float] = {}
        self._untold: Counter[str] = Counter()

    def note(self, refused: Sequence[Refused]) -> None:
        """Take in refused messages, and write the lines that are due."""
        now = self._monotonic()
        for (_, _, topic, _, _), refusals in refused:
            reason = refusals[0].reason.value
            if now - self._told.get(reason, -EVERY) < EVERY:
                self._untold[reason] += 1
                continue
            more = self._untold.pop(reason, 0)
            since = f"; {more} more of this reason since the last such line" if more else ""
            log.warning("refused as %s: %s: %s%s", reason, shown(topic), refusals[0].detail, since)
            self._told[reason] = now

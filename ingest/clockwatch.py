"""Whether our own clock may be believed: the server of a small house has no battery for it.

That nobody sets a clock proves nothing: many a house has no time server, and a clock that is right. It is doubted where
something speaks against it as well. Then messages wait, unacknowledged, until it is set or what spoke against it is
gone; a quarter of an hour at most, for a house without a time server is to go on.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low

from ingest.refusals import Reason
from ingest.verdicts import Verdict
from spaces.clocks import AHEAD, WRONG
from spaces.reading import Reading
from spaces.times import DAY, MINUTE, SECOND, Millis, rfc3339

log = logging.getLogger(__name__)

PATIENCE: Millis = 15 * MINUTE


def _monotonic() -> Millis:
    return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock in UTC ms, whether others set it, and for how long the machine has been running, in ms."""

    now: Callable[[], Millis]
    is_synchronised: Callable[[], bool] = lambda: True
    running: Callable[[], Millis] = _monotonic


class ClockWatch:
    """Doubts a clock with reason, and for so long that it may still be set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._base = clock.now() - clock.running()
        self._newest: Millis | None = None
        self._since: Millis | None = None
        self._why = ""
        self.by_receipt = False
        """Whether the clock is doubted in vain: nobody has set it, and what it says is all there is."""

    def learn(self, known: Iterable[Reading]) -> None:
        """Take in the newest readings of sensors in the store: most of them come from before."""
        self._newest = _lately(list(known), self._clock.now())

    def doubt(self, received: Millis, verdicts: Sequence[Verdict] | None = None) -> str | None:
        """Return why messages that were received by the clock have to wait, None where they have not to.

        Before they have been judged by it only the clock itself is looked at.
        """
        against = self._against(received, verdicts or ())
        if against is None and verdicts is None:
            return None
        if (against or self.by_receipt) and self._clock.is_synchronised():
            self.by_receipt, against = False, None
        if against is None:
            self._base, self._newest, self._since = received - self._clock.running(), None, None
            return None
        return None if self.by_receipt else self._wait(received, against)

    def _wait(self, received: Millis, against: str) -> str | None:
        """Return why to wait, None once that has been in vain: not before others set the clock is it doubted again."""
        running = self._clock.running()
        if self._since is None:
            self._since, self._why = running, _spell(received, against)
        if running - self._since <= PATIENCE:
            return self._why
        self.by_receipt = True
        log.warning(
            "no time server has set the clock in %d minutes: messages are taken by it all the same, and times more"
            " than %d minutes ahead of it count as of their receipt",
            PATIENCE // MINUTE,
            AHEAD // MINUTE,
        )
        return None

    def _against(self, received: Millis, verdicts: Sequence[Verdict]) -> str | None:
        """Return what speaks against the clock."""
        off = received - self._clock.running() - self._base
        if abs(off) > AHEAD:
            return f"it was moved by {abs(off) // SECOND} s {'forward' if off > 0 else 'back'} while we were running"
        if self._newest is not None and self._newest > received + AHEAD:
            return f"most sensors have been heard later, until {rfc3339(self._newest)}"
        if any(refusal.reason is Reason.TOO_LATE for one in verdicts for refusal in one.refusals):
            return "messages tell a later time"
        return None


def _lately(known: Sequence[Reading], now: Millis) -> Millis | None:
    """Return when most sensors have last been heard; those that had been silent for a day before that say nothing.

    Where the house has been heard in the last day by this clock, what was stamped more than a day ahead of it was
    stamped by one that was wrong.
    """
    plain = [reading.time for reading in known if not (reading.stamped and reading.time > now + WRONG)]
    heard = any(now - DAY <= time <= now + AHEAD for time in plain)
    times = plain if heard else [reading.time for reading in known]
    last = sorted(times)[-2:][:1]  # as two have told; the newest of all is one sensor's clock
    return median_low([time for time in times if time >= last[0] - DAY]) if last else None


def _spell(received: Millis, against: str) -> str:
    return (
        f"the clock says {rfc3339(received)} and is not set by a time server, and {against}: messages wait at the"
        f" broker until it is set, {PATIENCE // MINUTE} minutes at most"
    )

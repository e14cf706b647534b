"""A store with a spool before it: what is appended is durable at once, whatever the store itself is doing."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from spaces.reading import Reading
from spaces.readings import Readings
from spaces.summary import counted
from spaces.times import FOREVER, Millis
from store.fingerprints import QUARTER, Prints, fingerprints
from store.protocol import Appended, Extent, RefusalError, Store, StoreError, TooLargeError, battery_error
from store.spool.drain import Drain
from store.spool.pace import LONGEST, SHORTEST, Pace
from store.spool.settled import Settled
from store.spool.spool import Spool

_MOST_COURTESY = 0.05
"""Seconds for which the drain gives way to an append in hand before it writes its next batch."""


def _nobody(_: Settled) -> None:
    return None


class SpooledStore:
    """A store that goes on taking readings while the one behind it is away.

    With `hold` None an append goes straight to the target, which is durable when it answers. While that is away,
    readings go to the spool, and a thread of ours writes them when it is back; live ones go straight on meanwhile.

    With `hold` in seconds every append goes to the spool alone. The thread writes it, and forgets it so long after the
    answer if the target's `epoch()` is still what it was; else, after a broken connection where there is no such
    method, and at the start of a process, everything held is written again.

    Readings that wait in the spool are not read back: reads go to the target.

    `settled` is called in the thread, once for each spooled reading in the life of a process, of what became of it. A
    refused reading is told of before it leaves the spool.
    """

    def __init__(  # noqa: PLR0913 - clock, chance and listeners come in from outside
        self,
        target: Store,
        spool: Spool,
        *,
        hold: float | None,
        settled: Callable[[Settled], None] = _nobody,
        monotonic: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        shortest: float = SHORTEST,
        longest: float = LONGEST,
        start: bool = True,
    ) -> None:
        """Take over target and spool, and start draining, unless that is left to a call of `start`.

        `shortest` and `longest` are the seconds between attempts while the target fails.
        """
        self.spool = spool
        self.target = target
        self._hold = hold
        pace = Pace(random or Random(), shortest=shortest, longest=longest)  # noqa: S311 - jitter is no secret
        self._drain = Drain(target, spool, hold=hold, settled=settled, monotonic=monotonic, pace=pace)
        self._turn = threading.Condition()
        self._appending = threading.Lock()
        self._live = 0
        self._news = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        if start:
            self.start()

    def start(self) -> None:
        """Start the thread that drains."""
        self._thread.start()

    @property
    def battery_error(self) -> float:
        """What it is of the store behind."""
        return battery_error(self.target)

    def append(self, batch: Sequence[Reading]) -> Appended:
        """Keep a batch, in the target or in the spool; durable on return.

        Raises:
            RefusalError, TooLargeError: the target, asked at once, will not take the batch; it is nowhere.
            SpoolFullError: the target is away and the spool has no room.
            StoreError: neither of the two takes it.
        """
        with self._appending:  # workers of several sources may write at once
            return self._append(batch)

    def _append(self, batch: Sequence[Reading]) -> Appended:
        if self._is_open():
            try:
                return self._append_live(batch)
            except (RefusalError, TooLargeError):
                raise
            except StoreError as error:
                self._drain.failed(error)
        if batch:
            self.spool.put(batch)
            with self._turn:
                self._news = True
                self._turn.notify_all()
        return Appended(0, 0, len(batch))

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        """Return what the target has of a site."""
        return self.target.read(site, start, end)

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        """Yield whole readings that the target has of a site."""
        return self.target.rows(site, start, end)

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        """Return the newest readings up to a moment that the target has."""
        return self.target.latest(site, until)

    def extent(self, site: str) -> Extent | None:
        """Return the first and last event time that the target has."""
        return self.target.extent(site)

    def fingerprints(self, site: str, start: Millis, end: Millis, width: Millis = QUARTER) -> Prints:
        """Return the fingerprints of what the target has."""
        return fingerprints(self.target, site, start, end, width)

    def sites(self) -> tuple[str, ...]:
        """Return the sites of which the target has readings."""
        return self.target.sites()

    def close(self) -> None:
        """Stop draining and close target and spool; what is left waits for the next start."""
        with self._turn:
            self._stopping = True
            self._turn.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self.spool.close()
        self.target.close()

    def trouble(self) -> str | None:
        """Return what is wrong with the way into the target, None where nothing is."""
        if self._thread.ident is not None and not self._thread.is_alive() and not self._stopping:
            return "the thread that drains the spool has ended"
        for text in (self._drain.away, self._drain.ill):
            if text is not None:
                depth = self.depth()
                return f"{text}; {counted(depth, 'reading')} {'waits' if depth == 1 else 'wait'} in the spool"
        if self._drain.unseen is not None:
            return f"nothing leaves the spool, for it cannot be seen whether the store lost it: {self._drain.unseen}"
        return None

    def depth(self) -> int:
        """Return how many readings are in the spool, those included that the target has answered and we still hold."""
        return self.spool.depth()

    def bytes(self) -> int:
        """Return the bytes of the spool's files."""
        return self.spool.bytes()

    def oldest(self) -> Millis | None:
        """Return when the oldest reading in the spool was put (UTC ms), None where there is none."""
        return self.spool.oldest()

    def lag(self) -> float:
        """Return the age in seconds of the oldest spooled reading that the target has not answered; 0 for none."""
        return self._drain.lag()

    def _is_open(self) -> bool:
        """Whether an append may go straight to the target: it is up, or there is nothing spooled to try it with."""
        if self._hold is not None:
            return False
        return self._drain.away is None or (not self._drain.is_waiting and not self.spool.depth())

    def _append_live(self, batch: Sequence[Reading]) -> Appended:
        with self._in_hand():
            appended = self.target.append(batch)
        self._drain.went_well()
        return appended

    @contextmanager
    def _in_hand(self) -> Iterator[None]:
        with self._turn:
            self._live += 1
        try:
            yield
        finally:
            with self._turn:
                self._live -= 1
                self._turn.notify_all()

    def _run(self) -> None:
        wait = 0.0
        while self._may_go_on(wait):
            wait = self._drain.step()

    def _may_go_on(self, wait: float) -> bool:
        """Wait for time or news, then for an append in hand; return False when we are to stop."""
        with self._turn:
            self._turn.wait_for(lambda: self._stopping or self._news, wait)
            self._news = False
            self._turn.wait_for(lambda: self._stopping or not self._live, _MOST_COURTESY)
            return not self._stopping

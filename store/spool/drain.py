"""The drain: takes readings out of the spool into the store, one step at a time, and never in a tight loop.

`Drain.step` does one thing and says when it wants to be called again; the thread that calls it is in `spooled.py`.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from math import inf

from spaces.reading import Reading
from store.protocol import Appended, ForbiddenError, RefusalError, Store, StoreError, TooLargeError
from store.spool.delivery import Delivery
from store.spool.pace import Pace
from store.spool.settled import Forgetful, Kept, Settled
from store.spool.spool import Spool, Taken

log = logging.getLogger(__name__)

MOST = 5_000
"""Readings that are written at once."""
IDLE = 60.0
"""Seconds after which to look for work that nobody has told of."""
_LOOK_EVERY, _LOOK_AGAIN = 1.0, 5.0
"""Seconds between looks whether the store has lost something; the second, where it did not answer the last."""
_GATHER = 0.1
"""Seconds for which readings gather before they are written, where all of them pass the spool: a request costs a
store about as much for one as for hundreds, and what is in force now comes to the API another way."""
_SUSPICIOUS = 16
"""Readings refused one after another, with none taken between them, from which on we suspect the store, not them."""

_MOST_DOUBTFUL = 4
"""Deliveries that are put aside while the store is in doubt."""


class _LeftAloneError(Exception):
    """The store has failed, which is noted: it is left alone now."""


class Drain:
    """Writes what is in a spool into a store, and forgets it `hold` seconds after the answer (None: at once).

    `away` says how the store fails, `ill` what else keeps the spool from draining, `unseen` why nothing that was held
    can be let go; None where all is well.
    """

    def __init__(  # noqa: PLR0913 - clock, chance and listeners come in from outside
        self,
        target: Store,
        spool: Spool,
        *,
        hold: float | None,
        settled: Callable[[Settled], None],
        monotonic: Callable[[], float],
        pace: Pace,
    ) -> None:
        self.away: str | None = None
        self.ill: str | None = None
        self.unseen: str | None = None
        self._target, self._spool = target, spool
        self._hold, self._look_every = hold, min(_LOOK_EVERY, (hold or 0.0) / 4)
        self._settled, self._monotonic, self._pace = settled, monotonic, pace
        self._most = MOST
        self._cursor = 0  # the newest record that was taken out for writing
        self._delivery: Delivery | None = None
        self._doubtful: deque[Delivery] = deque()
        self._kept: deque[Kept] = deque()
        self._shorter: deque[Taken] = deque()  # records without what was refused in them, on their way to the disk
        self._in_a_row = 0
        self._epoch: object | None = None
        self._look_at = self._not_before = self._paused_until = self._gathers_until = -inf

    @property
    def is_waiting(self) -> bool:
        """Whether the store is being left alone after a failure."""
        return self._monotonic() < self._not_before

    def failed(self, error: StoreError) -> None:
        """Note that the store has failed somebody: it is left alone for a while."""
        self._not_before = self._monotonic() + self._pace.after(error)
        self._tell(_in_words(error))

    def went_well(self) -> None:
        """Note that the store has taken something."""
        self._pace.reset()
        self._in_a_row = 0
        self._not_before = -inf
        self._tell(None)

    def lag(self) -> float:
        """Return the age in seconds of the oldest reading that the store has not answered, 0 where there is none."""
        written = self._cursor
        for delivery in (self._delivery, *self._doubtful):
            if delivery is not None:
                written = min(written, delivery.records[0].id - 1)
        return self._spool.age(after=written)

    def step(self) -> float:
        """Do one thing; return the seconds after which there may be another, 0 for at once.

        Nothing is raised: what goes wrong is told by `away` and `ill`, and tried again.
        """
        wait = max(self._not_before, self._paused_until) - self._monotonic()
        if wait > 0:
            return wait
        try:
            return self._go_on()
        except _LeftAloneError:
            pass
        except StoreError as error:
            self._pause(error)
        except Exception as error:
            log.exception("the spool does not drain")
            self._pause(StoreError(f"the spool does not drain: {error!r}"))
        return 0.0

    def _go_on(self) -> float:
        self._tidy()
        if self._hold is not None:
            self._look(self._hold)
        gathering = self._gathers_until - self._monotonic()
        if self._delivery is None and gathering > 0:
            return gathering
        if self._delivery is None:
            self._delivery = self._next()
        if self._delivery is None:
            self.ill = None
            return max(0.0, self._look_at - self._monotonic()) if self._kept else IDLE
        if not self._delivery.is_over:
            self._write(self._delivery)
        if self._delivery.is_over:
            self._finish(self._delivery)
        return 0.0

    def _next(self) -> Delivery | None:
        """Return what to write next: while the store is in doubt rather something new."""
        doubted = self._doubtful and (self._in_a_row == 0 or len(self._doubtful) >= _MOST_DOUBTFUL)
        taken = [] if doubted else self._spool.take(MOST, after=self._cursor)
        if taken:
            self._cursor = taken[-1].id
            return Delivery(taken)
        return self._doubtful.popleft() if self._doubtful else None

    def _write(self, delivery: Delivery) -> None:
        before = len(delivery.refused)
        most = delivery.write_one(self._append, self._most)
        if most < self._most:
            log.warning("the store takes no more than %d readings at once", most)
        self._most = most
        if len(delivery.refused) > before:
            self._doubt(delivery)

    def _append(self, batch: Sequence[Reading]) -> Appended:
        try:
            appended = self._target.append(batch)
        except (RefusalError, TooLargeError):
            raise
        except StoreError as error:
            self.failed(error)
            answered = isinstance(error, ForbiddenError) or error.retry_after is not None
            if self._hold is not None and self._epoch is None and not answered:
                self._rewind("the connection broke")
            raise _LeftAloneError from error
        self.went_well()
        self.ill = None
        return appended

    def _doubt(self, delivery: Delivery) -> None:
        """Believe a store that refuses some readings; where it takes none between, try others, more and more slowly."""
        self._in_a_row += 1
        if self._in_a_row > _SUSPICIOUS:
            delivery.largest_first()
            if not delivery.is_over:
                self._doubtful.append(delivery)
                self._delivery = None
            raise StoreError(f"the store refuses one reading after another, the last: {delivery.refused[-1][1]}")

    def _finish(self, delivery: Delivery) -> None:
        """Tell of what was refused before it goes, and of the rest after: a crash between them loses nothing."""
        own = self._spool.is_own(delivery.records[0].id)
        if delivery.refused:
            self._shorter.extend(delivery.without_refused())
            self._say(Settled(refused=tuple(delivery.refused), own=own))
        ids = [record.id for record in delivery.records]
        self._kept.append(Kept(self._monotonic(), ids, Settled(delivery.stored, delivery.duplicate, own=own)))
        self._delivery = None
        if self._hold is not None and delivery.stored + delivery.duplicate < MOST:
            self._gathers_until = self._monotonic() + min(_GATHER, self._look_every)
        self._tidy()

    def _tidy(self) -> None:
        """Bring the disk up to what has been told and answered."""
        while self._shorter:
            self._spool.replace(*self._shorter[0])
            self._shorter.popleft()
        if self._hold is None:
            self._release(len(self._kept))

    def _release(self, oldest: int) -> None:
        """Forget so many of the oldest deliveries that were kept, and tell of them."""
        kept = [self._kept[index] for index in range(oldest)]
        if kept:
            self._spool.done([number for one in kept for number in one.ids])
        for one in kept:
            self._kept.popleft()
            if one.settled.stored or one.settled.duplicate:
                self._say(one.settled)

    def _look(self, hold: float) -> None:
        """Let go of what was held long enough, if the store has lost nothing since; or begin again with all of it."""
        now = self._monotonic()
        if now < self._look_at:
            return
        self._look_at = now + self._look_every
        if not self._is_seen():
            self._look_at = now + max(self._look_every, _LOOK_AGAIN if hold > _LOOK_AGAIN else 0.0)
            return
        self._release(sum(one.answered + hold <= now for one in self._kept))

    def _is_seen(self) -> bool:
        """Whether the store could be asked if it has lost something; where it has, everything is written again."""
        if not isinstance(self._target, Forgetful):
            return True
        try:
            epoch = self._target.epoch()
        except StoreError as error:
            self.unseen = str(error)
            return False
        if epoch is None and self._epoch is not None:
            self.unseen = "the store does not tell any more when it was started"
            return False
        self.unseen = None
        if epoch != self._epoch and self._cursor:
            self._rewind("the store has been restarted")
        self._epoch = epoch
        return True

    def _rewind(self, why: str) -> None:
        if self._kept:
            log.info("%s: what was written lately is written again", why)
        self._cursor, self._delivery = 0, None
        self._kept.clear()
        self._doubtful.clear()

    def _pause(self, error: StoreError) -> None:
        self._paused_until = self._monotonic() + self._pace.after(error)
        if str(error) != self.ill:
            log.warning("%s", error)
        self.ill = str(error)

    def _tell(self, away: str | None) -> None:
        if away != self.away:
            if away is None:
                log.info("the store takes readings again")
            else:
                log.warning("%s", away)
        self.away = away

    def _say(self, settled: Settled) -> None:
        try:
            self._settled(settled)
        except Exception:
            log.exception("a listener to settled readings failed")


def _in_words(error: StoreError) -> str:
    if isinstance(error, ForbiddenError):
        return f"the store does not let us in: {error}"
    return f"the store is away: {error}"

"""The worker: reads, judges, commits and only then acknowledges, in one thread (measured: faster than two)."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random

from ingest.acceptance import Acceptance, Incoming, Judged
from ingest.ledger import Ledger
from ingest.link import BrokerLink, LinkError
from ingest.quarantine import Quarantine
from ingest.settings import IngestSettings
from spaces.reading import Reading
from spaces.sitebook import Sites
from spaces.times import Millis
from store.protocol import Appended, Store, StoreError

log = logging.getLogger(__name__)

_WAIT = 1.0
"""Seconds to wait for a message before looking after the connection."""
_SHORTEST, _LONGEST = 0.2, 10.0
"""Seconds between attempts: a broker that returns must be met again within 30 s."""

Committed = Callable[[Sequence[Reading]], None]


class Backoff:
    """Growing waits with jitter, so that many workers do not come back at once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._failures = 0

    def reset(self) -> None:
        """Things went well: the next wait is short again."""
        self._failures = 0

    def next(self) -> float:
        """Return the seconds to wait after one more failure."""
        self._failures += 1
        longest = min(_SHORTEST * 2.0 ** min(self._failures, 16), _LONGEST)
        return self._random.uniform(longest / 2, longest)


class Worker:
    """One ingestion worker. `start` and `stop` it, or `run` it in a thread of one's own."""

    def __init__(
        self,
        settings: IngestSettings,
        store: Store,
        sites: Sites,
        clock: Callable[[], Millis],
        *,
        committed: Iterable[Committed] = (),
    ) -> None:
        """`committed` are told of every batch after its commit; `clock` says when a message is received."""
        self.settings = settings
        self.ledger = Ledger()
        self.quarantine = Quarantine(settings.quarantine, most_bytes=settings.quarantine_bytes)
        self._store = store
        self._sites = sites
        self._clock = clock
        self._committed = tuple(committed)
        self._link = BrokerLink(settings)
        self._backoff = Backoff(Random())  # noqa: S311 - jitter is no secret
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble: str | None = "not connected yet"
        known = [reading for site in store.sites() for reading in store.latest(site)]
        self._acceptance = Acceptance(settings.prefix, most_payload=settings.most_payload, known=known)

    def start(self) -> None:
        """Run in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="ingest")
        self._thread.start()

    def stop(self) -> None:
        """Commit and acknowledge what is in hand, say goodbye, and return when the thread has ended."""
        self._stopping.set()
        self._link.wake()
        if self._thread is not None:
            self._thread.join()

    def trouble(self) -> str | None:
        """Return what keeps messages from being stored, None where nothing does."""
        if self._thread is not None and not self._thread.is_alive():
            return "the ingest thread has ended"
        return self._trouble

    def run(self) -> None:
        """Work until stopped, whatever happens."""
        try:
            while not self._stopping.is_set():
                try:
                    self._session()
                except LinkError as error:
                    self._note(str(error))
                except Exception as error:
                    log.exception("ingest failed; connecting anew")
                    self._note(f"ingest failed: {error!r}")
                if not self._stopping.is_set():
                    self._stopping.wait(self._backoff.next())
        finally:
            self._link.close()

    def _session(self) -> None:
        self._link.connect()
        self._backoff.reset()
        self._note(None)
        while not self._stopping.is_set():
            messages = self._link.read(self.settings.most_in_batch, _WAIT)
            if messages:
                self._handle(messages)

    def _handle(self, messages: Sequence[Incoming]) -> None:
        self.ledger.took(len(messages))
        received = self._clock()
        judged = self._acceptance.judge(messages, self._sites(), received)
        appended, link_error = self._commit(judged.readings)
        if appended is None:
            return  # stopping while the store is away: unacknowledged, they come again
        self.quarantine.keep(judged.refused, received)
        self._settle(judged, appended)
        if link_error is not None:
            raise link_error
        self._link.acknowledge(messages)

    def _commit(self, readings: Sequence[Reading]) -> tuple[Appended | None, LinkError | None]:
        """Commit, again and again while the store fails: the broker keeps the rest meanwhile."""
        link_error: LinkError | None = None
        backoff = Backoff(Random())  # noqa: S311 - jitter is no secret
        while readings:
            try:
                appended = self._store.append(readings)
            except StoreError as error:
                self._note(f"nothing is stored or acknowledged: {error}")
                if self._stopping.is_set():
                    return None, link_error
                link_error = self._linger(backoff.next(), link_error)
            else:
                self._note(None)
                self._tell(readings)
                return appended, link_error
        return Appended(0, 0), link_error

    def _linger(self, seconds: float, link_error: LinkError | None) -> LinkError | None:
        if link_error is not None:
            self._stopping.wait(seconds)
            return link_error
        try:
            self._link.linger(seconds)
        except LinkError as error:
            return error
        return None

    def _settle(self, judged: Judged, appended: Appended) -> None:
        self.ledger.settled(
            stored=appended.stored,
            duplicate=appended.duplicate,
            status=judged.status,
            refused=Counter(refusal.reason.value for _, refusal in judged.refused),
        )

    def _tell(self, readings: Sequence[Reading]) -> None:
        for callback in self._committed:
            try:
                callback(readings)
            except Exception:
                log.exception("a listener to committed readings failed")

    def _note(self, trouble: str | None) -> None:
        if trouble != self._trouble:
            if trouble is None:
                log.info("connected to %s", self.settings.address)
            else:
                log.warning("%s", trouble)
        self._trouble = trouble

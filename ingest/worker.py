"""The worker: reads, judges, commits and only then acknowledges, in one thread (measured: faster than two)."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any, NamedTuple

from ingest.absence import Absence
from ingest.acceptance import Acceptance
from ingest.clockwatch import Clock, ClockWatch
from ingest.committing import Backoff, Committed, commit
from ingest.decoding import Decoder
from ingest.directory import Directory
from ingest.formats import Address, Format
from ingest.gaps import Gaps
from ingest.ledger import Ledger, MessageCount, ReadingCount
from ingest.link import BrokerLink, LinkError
from ingest.quarantine import Quarantine
from ingest.refusallog import RefusalLog
from ingest.settings import IngestSettings
from ingest.settling import count_messages, count_read, count_readings, refused_messages
from ingest.sources import MAPPING, format_of, own_models, subscriptions
from ingest.verdicts import Incoming, Verdict
from spaces.live import live_messages
from spaces.reading import Reading
from spaces.sitebook import Sites
from spaces.summary import counted
from spaces.times import Millis, rfc3339
from store.protocol import Store, StoreError

log = logging.getLogger(__name__)

_WAIT = 1.0
"""Seconds to wait for a message before looking after the connection."""

_CATCHING_UP = 300.0
"""Seconds after a return in which messages may have waited at the broker for as long as we were away."""

Listener = Callable[[Sequence[Reading]], None]


class _Judged(NamedTuple):
    """What was made of messages, and when they were received."""

    verdicts: Sequence[Verdict]
    received: Millis


class Worker:
    """One ingestion worker. `start` and `stop` it, or `run` it in a thread of one's own."""

    def __init__(  # noqa: PLR0913 - the parts it is assembled from
        self,
        settings: IngestSettings,
        store: Store,
        sites: Sites,
        clock: Callable[[], Millis],
        *,
        watch: ClockWatch | None = None,
        committed: Iterable[Listener] = (),
        ledger: Ledger | None = None,
        message_format: Format[Any] | None = None,
    ) -> None:
        """`committed` are told of every batch after its commit; `clock` says when a message is received.

        `watch` says when that clock is not to be believed; without it always is.

        Workers of one process may count in one `ledger`, one after the other. Messages are of the format
        of the settings' source unless another one is given.
        """
        self.settings = settings
        self.ledger = ledger or Ledger()
        self.quarantine = Quarantine(settings.quarantine, most_bytes=settings.quarantine_bytes)
        self._refusal_log = RefusalLog()
        self._store = store
        self._sites = sites
        self._clock = clock
        self._watch = watch or ClockWatch(Clock(clock))
        self._listeners = tuple(committed)
        self._own = own_models(sites())
        form = message_format or format_of(settings, self._own)
        self._link = self._open(form)
        self._backoff = Backoff(Random())  # noqa: S311 - jitter is no secret
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble: str | None = "not connected yet"
        self._broken: LinkError | None = None
        self._decoder: Decoder[Any] = Decoder(form)
        self._acceptance = Acceptance()
        self._devices = Directory({}, settings.source)
        self.absence = Absence(settings.noted, keeps_qos0=settings.keeps_qos0)
        self._returned, self._waited = False, (0, 0.0)
        known = self._known()
        self.gaps = Gaps(known or ())
        self._learn_from(known or ())
        learns = known is None
        self._learner = threading.Thread(target=self._learn, name="ingest-learns", daemon=True) if learns else None

    def start(self) -> None:
        """Run in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="ingest")
        self._thread.start()
        if self._learner is not None:
            self._learner.start()

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

    def _known(self) -> list[Reading] | None:
        """Return the newest reading of each sensor in the store, None where it cannot be asked."""
        try:
            return [reading for site in self._store.sites() for reading in self._store.latest(site)]
        except StoreError as error:
            log.warning("the store cannot be asked which sensors it knows: %s", error)
            return None

    def _learn(self) -> None:
        """Ask again until the store answers: ingest goes on meanwhile, by the spool."""
        backoff = Backoff(Random())  # noqa: S311 - jitter is no secret
        while not self._stopping.wait(backoff.next()):
            if (known := self._known()) is not None:
                self._learn_from(known)
                return

    def _learn_from(self, known: Sequence[Reading]) -> None:
        self._acceptance.learn(known)
        self._watch.learn(known)

    def _open(self, form: Format[Any]) -> BrokerLink:
        return BrokerLink(self.settings, subscriptions(self.settings, form.filters), form.limit)

    def _follow(self) -> bool:
        """Listen to what the models of a house name now, where that has changed; return whether it has."""
        own = own_models(self._sites()) if self.settings.family == MAPPING else self._own
        if own == self._own:
            return False
        self._own = own
        form = format_of(self.settings, own)
        self._link.close()
        self._link, self._decoder = self._open(form), Decoder(form)
        return True

    def _session(self) -> None:
        self._follow()
        self._link.connect()
        if self._link.doubt() is None:
            self._backoff.reset()
        self._returned = True
        while not self._stopping.is_set():
            self._note(self._link.doubt())
            if self._follow():
                return
            self._attend()
            messages = self._link.read(self.settings.most_in_batch, _WAIT)
            if messages:
                self._handle(messages)

    def _attend(self) -> None:
        """Note that we are there; and of those whose words were lost while we were not, that nothing is known."""
        now = self._clock()
        if self._watch.doubt(now) is not None:
            return
        if self._returned:
            self._returned = False
            self._waited = self.absence.since(now), time.monotonic() + _CATCHING_UP
            lost = self.absence.lost(now, session=self._link.resumed)
            if lost is not None:
                self._forget(*lost, now)
        self.absence.be(now)

    def _forget(self, since: Millis, sensors: Sequence[Address], now: Millis) -> None:
        readings = self._acceptance.unknown(sensors, since, now)
        if not readings:
            return
        log.warning(
            "%s was not listened to since %s: %s whose words may be lost, at QoS 0, %s not known until heard again",
            self.settings.source,
            rfc3339(since),
            counted(len(readings), "sensor"),
            "is" if len(readings) == 1 else "are",
        )
        nothing: Incoming = (0, 0, "", b"", False)
        committed, verdicts = Committed(), [Verdict(nothing, tuple(readings))]
        self.ledger.read(len(readings))
        if self._commit(verdicts, committed):
            self.ledger.settled(MessageCount(), count_readings(verdicts, committed))
            self._tell(committed.safe)
        else:
            self._give_back(committed)

    def _handle(self, messages: Sequence[Incoming]) -> None:
        self.ledger.took(len(messages))
        committed, judged, whole = Committed(), None, False
        try:
            judged = self._judge(messages)
            if judged is not None:
                self.ledger.read(count_read(judged.verdicts))
                whole = self._commit(judged.verdicts, committed)
        finally:
            if not whole:  # stopping while the store is away, or nobody foresaw it: unacknowledged, they come again
                self._give_back(committed)
        if judged is not None and whole:
            self._note(self._link.doubt())
            self._settle(judged.verdicts, committed, judged.received)
            self._acknowledge(messages)

    def _judge(self, messages: Sequence[Incoming]) -> _Judged | None:
        """Judge messages by a clock that may be believed; return None where waiting for one was given up."""
        while True:
            received = self._clock()
            doubt = self._watch.doubt(received)
            if doubt is None:
                by_receipt = self._watch.by_receipt
                directory = self._directory()
                heard = self._decoder.decode(messages, directory.model)
                waited, until = self._waited
                verdicts = self._acceptance.judge(
                    heard,
                    directory,
                    received,
                    by_receipt=by_receipt,
                    waited=waited if time.monotonic() < until else 0,
                )
                doubt = self._watch.doubt(received, verdicts)
                if doubt is None and by_receipt == self._watch.by_receipt:
                    return _Judged(verdicts, received)
            if doubt is not None and not self._wait(doubt, _WAIT):
                return None

    def _directory(self) -> Directory:
        """Return the devices that the sites in force name."""
        sites = self._sites()
        if self._devices.sites is not sites:
            self._devices = Directory(sites, self.settings.source, home=self.settings.home)
        return self._devices

    def _commit(self, verdicts: Sequence[Verdict], committed: Committed) -> bool:
        return commit(self._store.append, verdicts, committed, self._wait, most=self.settings.most_in_batch)

    def _give_back(self, committed: Committed) -> None:
        """Let go of messages; what the store or the spool has taken already of their readings is safe."""
        safe = ReadingCount(stored=committed.stored, duplicate=committed.duplicate, spooled=committed.spooled)
        self.ledger.gave_back(safe)

    def _acknowledge(self, messages: Sequence[Incoming]) -> None:
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken
        self._link.acknowledge(messages)

    def _wait(self, trouble: str, seconds: float) -> bool:
        """Keep the connection alive while messages wait; the broker keeps the rest meanwhile."""
        self._note(trouble)
        if self._broken is None:
            try:
                self._link.linger(seconds, self._stopping)
            except LinkError as error:
                self._broken = error  # what is committed now cannot be acknowledged any more, and comes again
        else:
            self._stopping.wait(seconds)
        return not self._stopping.is_set()

    def _settle(self, verdicts: Sequence[Verdict], committed: Committed, received: Millis) -> None:
        if refused := refused_messages(verdicts, committed):
            self.quarantine.keep(refused, received)
            self._refusal_log.note(refused)
        self.ledger.settled(count_messages(verdicts), count_readings(verdicts, committed))
        self._decoder.settle()
        self.absence.hear(verdicts)
        if self.settings.share is None:  # who shares sees but some of the numbers
            self.gaps.note(committed.safe)
        self._tell(committed.safe)

    def _tell(self, readings: Sequence[Reading]) -> None:
        if self.settings.republish:
            for topic, payload in live_messages(self.settings.prefix, readings):
                self._link.tell(topic, payload)
        for callback in self._listeners:
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

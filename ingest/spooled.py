"""What becomes of spooled readings, in the worker's books: a spool drains in its own time, on a thread of its own."""

import threading

from ingest.ledger import ReadingCount
from ingest.refusals import Reason, Refusal
from ingest.verdicts import Refused
from ingest.worker import Worker
from spaces.native import encode_reading, state_topic
from spaces.reading import Reading
from store.spool import Settled


class SpoolLedger:
    """Books what leaves the spool. It may begin to drain before there is a worker: that was an earlier life's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._early: list[Settled] = []

    def settled(self, became: Settled) -> None:
        """Book what became of spooled readings; called by the spool."""
        with self._lock:
            if self._worker is None:
                self._early.append(became)
            else:
                self._book(self._worker, became)

    def keep_for(self, worker: Worker) -> None:
        """Book for this worker from now on, and what was settled before."""
        with self._lock:
            self._worker = worker
            early, self._early = self._early, []
            for became in early:
                self._book(worker, became)

    def _book(self, worker: Worker, became: Settled) -> None:
        if became.own:
            refused = {Reason.STORE.value: len(became.refused)} if became.refused else {}
            worker.ledger.left_spool(ReadingCount(stored=became.stored, duplicate=became.duplicate, refused=refused))
        if became.refused:
            prefix = worker.settings.prefix
            kept = [_refused(prefix, reading, reason) for reading, reason in became.refused]
            worker.quarantine.keep(kept, became.refused[0][0].received)


def _refused(prefix: str, reading: Reading, reason: str) -> Refused:
    """Return the message as its sensor might have sent it: the one that came is not kept in the spool."""
    topic = state_topic(prefix, reading.site, reading.sensor)
    return (0, 1, topic, encode_reading(reading), False), (Refusal(Reason.STORE, reason[:200]),)

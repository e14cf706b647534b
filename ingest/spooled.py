"""What becomes of spooled readings, in the worker's books: a spool drains in its own time, on a thread of its own."""

import threading
from dataclasses import replace

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
        self._workers: tuple[Worker, ...] = ()
        self._early: list[Settled] = []

    def settled(self, became: Settled) -> None:
        """Book what became of spooled readings; called by the spool."""
        with self._lock:
            if not self._workers:
                self._early.append(became)
            else:
                self._book(became)

    def keep_for(self, *workers: Worker) -> None:
        """Book for these workers from now on, and what was settled before."""
        with self._lock:
            self._workers = workers
            early, self._early = self._early, []
            for became in early:
                self._book(became)

    def _book(self, became: Settled) -> None:
        worker = self._workers[0]
        if became.own:
            refused = {Reason.STORE.value: len(became.refused)} if became.refused else {}
            left = ReadingCount(stored=became.stored, duplicate=became.duplicate, refused=refused)
            for other in self._workers[1:]:  # what is spooled has no name: each has its share of what comes out
                share = _share(left, other.ledger.count().readings.spooled)
                other.ledger.left_spool(share)
                left = _without(left, share)
            worker.ledger.left_spool(left)
        if became.refused:
            prefix = worker.settings.prefix
            kept = [_refused(prefix, reading, reason) for reading, reason in became.refused]
            worker.quarantine.keep(kept, became.refused[0][0].received)


def _share(left: ReadingCount, most: int) -> ReadingCount:
    """Return as much of what has left the spool as one had in it."""
    stored = min(left.stored, most)
    duplicate = min(left.duplicate, most - stored)
    number = left.refused.get(Reason.STORE.value, 0)
    refused = min(number, most - stored - duplicate)
    why = {Reason.STORE.value: refused} if refused else {}
    return ReadingCount(stored=stored, duplicate=duplicate, refused=why)


def _without(left: ReadingCount, share: ReadingCount) -> ReadingCount:
    number = sum(left.refused.values()) - sum(share.refused.values())
    return replace(
        left,
        stored=left.stored - share.stored,
        duplicate=left.duplicate - share.duplicate,
        refused={Reason.STORE.value: number} if number else {},
    )


def _refused(prefix: str, reading: Reading, reason: str) -> Refused:
    """Return the message as its sensor might have sent it: the one that came is not kept in the spool."""
    topic = state_topic(prefix, reading.site, reading.sensor)
    return (0, 1, topic, encode_reading(reading), False), (Refusal(Reason.STORE, reason[:200]),)

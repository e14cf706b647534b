"""Runs of a worker from a broker's first message to its last, over as many lives as it takes, and what is true then."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple, cast

from ingest.settings import IngestSettings
from ingest.spooled import SpoolLedger
from ingest.verdicts import Verdict
from store.protocol import Store
from store.spool import SpooledStore
from tests.ingest.keeping import Kept
from tests.ingest.lives import Faulty, KilledError, LivingWorker, MemoryBroker
from tests.ingest.packs import SECRET, fold, is_unwelcome, kept_keys, payload_of, reasons, sites_of
from tests.ingest.test_delivery import until

FAULTS = ("well", "well", "away", "large", "bug", "bug after", "killed", "killed after", "stop")
_numbers = count()


class Said(NamedTuple):
    """A message: its kind, and the readings of a pack."""

    kind: str
    numbers: tuple[int, ...] = ()


class Plan(NamedTuple):
    """What happens in a run, to one append, acknowledgement or batch after another."""

    above: Sequence[str] = ()
    """To appends, above the spool where there is one."""
    below: Sequence[str] = ()
    """To appends to the store itself."""
    line: Sequence[str] = ()
    sizes: Sequence[int] = (5,)


class Life(NamedTuple):
    """A worker with its store."""

    worker: LivingWorker
    store: Faulty
    opened: Store

    def empty_spool(self) -> None:
        """Wait until nothing is in the spool, where there is one."""
        store = self.opened
        if isinstance(store, SpooledStore):
            until(lambda: not store.depth(), f"the spool does not drain: {store.trouble()}")


def new_name() -> str:
    """Return a name for a run: sites are named after it, as a server may hold those of many runs."""
    return f"run{next(_numbers)}"


@contextmanager
def living(kept: Kept, folder: Path, name: str, faults: tuple[deque[str], deque[str]], port: int = 1) -> Iterator[Life]:
    """Give a worker over a store that was opened for it, as at the start of a process."""
    books = SpoolLedger()
    opened = kept.open(folder, books, faults[1])
    store = Faulty(opened, faults[0])
    settings = IngestSettings(quarantine=folder / "quarantine", port=port)
    worker = LivingWorker(settings, cast("Store", store), dict(sites_of(name)))
    books.keep_for(worker)
    store.stop = worker.stop_soon
    try:
        yield Life(worker, store, opened)
    finally:
        opened.close()


class Run:
    """Lives of a worker, one after another, until a broker in memory has nothing left."""

    def __init__(self, kept: Kept, folder: Path, said: Sequence[Said], plan: Plan) -> None:
        self.name = new_name()
        self.said = said
        self.refused = 0
        """Messages settled of which something was refused."""
        self._kept, self._folder = kept, folder
        payloads = [payload_of(one.kind, one.numbers, self.name) for one in said]
        self.broker = MemoryBroker(payloads, plan.line, plan.sizes)
        self._faults = (deque(plan.above), deque(plan.below))

    def to_the_end(self) -> LivingWorker:
        """Live until everything is acknowledged and has left the spool; return the last worker."""
        while True:
            worker, whole = self.live()
            if whole:
                return worker

    def live(self) -> tuple[LivingWorker, bool]:
        """Live once; return the worker, and whether nothing was left."""
        with living(self._kept, self._folder, self.name, self._faults) as life:
            life.worker.connect_to(self.broker)
            killed = False
            try:
                life.worker.run()
            except KilledError:
                killed = True
            whole = not killed and not self.broker.waiting
            if whole:
                life.empty_spool()
        self._check(life, whole=whole)
        return life.worker, whole

    def _check(self, life: Life, *, whole: bool) -> None:
        check_books(life.worker)
        settled = [(self.said[verdict.message[0]], verdict) for verdict in life.worker.settled]
        check_counts(life, settled)
        assert not whole or life.worker.ledger.count().readings.spooled == 0
        self.refused += sum(is_refused(said, verdict) for said, verdict in settled)


def check_books(worker: LivingWorker) -> None:
    """The books balanced at every moment, nothing is in flight, and the state is what settled messages made of it."""
    assert worker.books.wrong == []
    now = worker.ledger.count()
    assert (now.messages.in_flight, now.readings.in_flight) == (0, 0)
    assert worker.state == fold(verdict.message[3] for verdict in worker.settled)


def check_counts(life: Life, settled: Sequence[tuple[Said, Verdict]]) -> None:
    """The counts are those of the settled messages, judged here in another way."""
    messages, readings = life.worker.ledger.count().messages, life.worker.ledger.count().readings
    became = Counter({"accepted": messages.accepted, "status": messages.status, **messages.ignored})
    assert messages.received == len(settled)
    assert +became + Counter(messages.refused) == Counter(became_of(said) for said, _ in settled)
    accepted = [said for said, _ in settled if became_of(said) == "accepted"]
    read = sum(len(said.numbers) for said in accepted) + life.worker.safe
    most = read + life.store.unanswered
    assert read <= readings.read <= most, "a spool tells in the end of what it did not answer"
    refused = Counter(why.value for said in accepted for why in reasons(said.numbers) if why is not None)
    assert Counter(readings.refused) - Counter(store=readings.refused.get("store", 0)) == refused


def became_of(said: Said) -> str:
    """Return what a message counts as."""
    if said.kind != "pack":
        return {"ignored": "neighbour", "broken": "malformed"}.get(said.kind, said.kind)
    whys = list(reasons(said.numbers))
    return whys[0].value if whys and whys[0] and all(whys) else "accepted"


def is_refused(said: Said, verdict: Verdict) -> bool:
    """Whether anything of a message is refused, by us or by the store."""
    if said.kind == "pack":
        return any(reasons(said.numbers)) or any(map(is_unwelcome, verdict.readings))
    return said.kind == "broken"


def check_kept(kept: Kept, folder: Path, name: str, said: Iterable[Said]) -> None:
    """Every reading that was accepted is in the store, once, and nothing of what was ignored is anywhere."""
    expected = {key for one in said if one.kind == "pack" for key in kept_keys(one.numbers, name)}
    assert sorted(kept.keys(folder, [*sites_of(name)])) == sorted(expected)
    for file in folder.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file

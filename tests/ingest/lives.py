"""Lives of a worker in tests: a broker in memory, stores that fail as they are told to, and books that are watched."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

from ingest.committing import Committed
from ingest.ledger import Count, Ledger
from ingest.link import BrokerLink, LinkError
from ingest.settings import IngestSettings
from ingest.verdicts import Incoming, Verdict
from ingest.worker import Worker
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import Millis
from store.protocol import Appended, RefusalError, Store, StoreError, TooLargeError
from tests.ingest.houses import NOW
from tests.ingest.packs import TOPIC, Packs, is_unwelcome


class KilledError(BaseException):
    """The process ends here."""


class Faulty:
    """Any store, which does with one append after another as a plan says."""

    def __init__(self, store: Store, plan: deque[str]) -> None:
        self._store, self._plan = store, plan
        self.stop: Callable[[], None] = lambda: None
        self.unanswered = 0
        """Readings that were taken, and nobody was told."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, batch: Sequence[Reading]) -> Appended:
        what = self._plan.popleft() if self._plan else "well"
        self._fail_before(what, len(batch))
        appended = self._store.append(batch)
        if what == "bug after":
            self.unanswered += len(batch)
            raise ZeroDivisionError("nobody foresaw it")
        if what == "killed after":
            raise KilledError
        return appended

    def _fail_before(self, what: str, rows: int) -> None:
        match what:
            case "away":
                raise StoreError("away")
            case "stop":
                self.stop()
                raise StoreError("away for good")
            case "large" if rows > 1:
                raise TooLargeError("too much at once")
            case "bug":
                raise ZeroDivisionError("nobody foresaw it")
            case "killed":
                raise KilledError


class Choosy(Faulty):
    """One that also refuses what is unwelcome, as a server does."""

    def append(self, batch: Sequence[Reading]) -> Appended:
        if any(map(is_unwelcome, batch)):
            raise RefusalError("one is unwelcome")
        return super().append(batch)


class WatchedLedger(Ledger):
    """Keeps every count that did not balance."""

    def __init__(self) -> None:
        self.wrong: list[Count] = []
        super().__init__()

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if isinstance(value, Count) and not value.balances:
            self.wrong.append(value)


class MemoryBroker:
    """What is not acknowledged yet, and what becomes of the next acknowledgements and waits: `well` or `broken`."""

    def __init__(self, payloads: Sequence[bytes], plan: Sequence[str], sizes: Sequence[int]) -> None:
        self.waiting: dict[int, Incoming] = {
            mid: (mid, 1, TOPIC, payload, False) for mid, payload in enumerate(payloads)
        }
        self._plan, self._sizes = deque(plan), deque(sizes)

    def next_size(self) -> int:
        """Return how many messages are handed on together."""
        self._sizes.rotate(-1)
        return self._sizes[-1]

    def perhaps_break(self) -> None:
        """Break the line, if that is planned."""
        if self._plan and self._plan.popleft() == "broken":
            raise LinkError("the line broke")


class MemoryLink:
    """A link to such a broker: what is unacknowledged comes again after each connection."""

    resumed = True

    def __init__(self, broker: MemoryBroker, done: Callable[[], None]) -> None:
        self._broker, self._done = broker, done
        self._left: deque[Incoming] = deque()

    def connect(self) -> None:
        self._left = deque(self._broker.waiting.values())

    def doubt(self) -> None:
        return None

    def read(self, most: int, _seconds: float) -> list[Incoming]:
        if not self._left:
            self._done()
        size = min(most, self._broker.next_size(), len(self._left))
        return [self._left.popleft() for _ in range(size)]

    def linger(self, _seconds: float, _stopping: threading.Event) -> None:
        self._broker.perhaps_break()

    def acknowledge(self, messages: Sequence[Incoming]) -> None:
        self._broker.perhaps_break()
        for message in messages:
            del self._broker.waiting[message[0]]

    def wake(self) -> None:
        return None

    def close(self) -> None:
        return None


class Impatient(threading.Event):
    """Waits for nothing."""

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        return self.is_set()


class LivingWorker(Worker):
    """A worker of packs, which remembers what it has settled."""

    def __init__(self, settings: IngestSettings, store: Store, sites: dict[str, Site]) -> None:
        self.settled: list[Verdict] = []
        self.safe = 0
        """Readings of messages that were given back which the store or the spool had taken already."""
        self.books = WatchedLedger()
        super().__init__(settings, store, lambda: sites, lambda: NOW, ledger=self.books, message_format=Packs())

    @property
    def heard(self) -> list[bytes]:
        """The payloads of settled messages."""
        return [verdict.message[3] for verdict in self.settled]

    @property
    def is_connected(self) -> bool:
        """Whether messages come."""
        return self._link.up

    @property
    def state(self) -> int:
        """The format's state."""
        state: int = self._decoder.state
        return state

    def stop_soon(self) -> None:
        """Stop from within."""
        self._stopping.set()

    def connect_to(self, broker: MemoryBroker) -> None:
        """Work for a broker in memory, and never wait."""
        self._link.close()
        self._stopping = Impatient()
        self._link = cast("BrokerLink", MemoryLink(broker, self.stop_soon))

    def _give_back(self, committed: Committed) -> None:
        super()._give_back(committed)
        self.safe += len(committed.safe)

    def _settle(self, verdicts: Sequence[Verdict], committed: Committed, received: Millis) -> None:
        super()._settle(verdicts, committed, received)
        self.settled += verdicts

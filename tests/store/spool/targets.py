"""Targets that fail as servers do, over a set of readings in memory or over a real store."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from spaces.reading import Reading
from spaces.readings import Readings, no_readings
from spaces.times import FOREVER, Millis
from store.protocol import Appended, Extent, RefusalError, Store, StoreError, TooLargeError


def readings(count: int, first: int = 0) -> list[Reading]:
    return [Reading("s", f"d{n % 7}", n, n + 5, n % 2 == 0, n % 3, 90.0, n) for n in range(first, first + count)]


class Server:
    """Keeps readings in memory: `lately` until it is said to be `flushed`, and for good after.

    What it is asked is in `asked`; `fails`, `refuses` and `takes` say how it misbehaves.
    """

    def __init__(self) -> None:
        self.kept: set[Reading] = set()
        self.lately: set[Reading] = set()
        self.asked: list[int] = []
        self.fails: StoreError | None = None
        self.refuses: Callable[[Reading], bool] = lambda _: False
        self.takes = 1_000_000
        self.closed = False

    @property
    def has(self) -> set[Reading]:
        return self.kept | self.lately

    def append(self, batch: Sequence[Reading]) -> Appended:
        self.asked.append(len(batch))
        if self.fails is not None:
            raise self.fails
        if len(batch) > self.takes:
            raise TooLargeError(f"more than {self.takes} readings")
        if any(map(self.refuses, batch)):
            raise RefusalError("a reading of the batch is refused")
        new = set(batch) - self.has
        self.lately |= new
        return Appended(len(new), len(batch) - len(new))

    def flush(self) -> None:
        self.kept |= self.lately
        self.lately = set()

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        del site, start, end
        return no_readings()

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        yield [one for one in self.has if one.site == site and start <= one.time < end]

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        del site, until
        return []

    def extent(self, site: str) -> Extent | None:
        return None if site else Extent(0, 0)

    def sites(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self.closed = True


class RestartedServer(Server):
    """One that tells when it was started, and forgets what it had not flushed when it is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.life: int | None = 1
        self.looked = 0

    def epoch(self) -> int | None:
        self.looked += 1
        if self.fails is not None:
            raise self.fails
        return self.life

    def kill(self) -> None:
        assert self.life is not None
        self.life += 1
        self.lately = set()


class Unreliable:
    """A store before which requests get lost, by chance: before they arrive or, where allowed, their answers."""

    def __init__(self, store: Store, seed: int, *, answers_too: bool) -> None:
        self.store = store
        self._random = Random(seed)
        self._answers_too = answers_too
        self.share = 0.4
        self.is_open_ended = False

    def append(self, batch: Sequence[Reading]) -> Appended:
        self._perhaps(self.share)
        appended = self.store.append(batch)
        if self._answers_too:
            self._perhaps(self.share / 2)
        return appended

    def _perhaps(self, share: float) -> None:
        if self._random.random() < share:
            raise StoreError("the connection broke")

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        return self.store.read(site, start, end)

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        return self.store.rows(site, start, end)

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        return self.store.latest(site, until)

    def extent(self, site: str) -> Extent | None:
        return self.store.extent(site)

    def sites(self) -> tuple[str, ...]:
        return self.store.sites()

    def close(self) -> None:
        if not self.is_open_ended:
            self.store.close()

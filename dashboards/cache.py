"""What is worked out once and kept in memory: every cache of the dashboards is one of these, and waits in one way.

A value is kept under a key for as long as its *stamp*, what shaped it, stays the same. Whoever asks takes the stamp
before the store is read: what comes while a value is computed gives the next asker another stamp, and a new value.

- Of each key one computation runs at a time. Who asks for the same key under the same stamp meanwhile waits for it,
  and gets its value or its exception; under another stamp, waits for its end and computes its own.
- Other keys never wait: the lock is held for looking and for putting away, never while anything is computed.
- An exception is not kept: the next asker computes anew.
- A computation may ask other caches, in an order that never leads back. The key that it is itself computing is worked
  out on the spot when it asks for that, for waiting would be for ever.

Pure functions of a few small arguments, whose values never change, need none of it: they have `functools.lru_cache`.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from operator import attrgetter
from threading import Lock, get_ident
from typing import Generic, TypeVar

from cachetools import LRUCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Stamp = object
"""Whatever tells by `==` whether a value still holds. None holds for nobody else: neither shared nor kept."""

MOST_SITES = 1_000
"""Sites of which something small is kept."""
MOST_DAYS = 20_000
"""Days, of all sites together, of which a kilobyte or so is kept: a year of fifty houses."""


@dataclass(slots=True)
class _Kept(Generic[Value]):
    stamp: Stamp
    value: Value
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class _Computation(Generic[Value]):
    """A value that some thread is at work on."""

    stamp: Stamp
    result: Future[Value] = field(default_factory=Future)
    thread: int = field(default_factory=get_ident)

    def give(self, key: Key, stamp: Stamp, values: dict[Key, Value]) -> bool:
        """Wait for its end; add its value where that is good for a stamp, or raise its exception; else return False."""
        if stamp is None or self.stamp != stamp:
            wait((self.result,))
            return False
        values[key] = self.result.result()
        return True


class Cache(Generic[Key, Value]):
    """Values by key; the longest unasked is forgotten first. Thread-safe.

    >>> squares: Cache[int, int] = Cache(2)
    >>> squares.get(3, "stamp", lambda: 3 * 3), squares.get(3, "stamp", lambda: 0), squares.get(3, "newer", lambda: 0)
    (9, 9, 0)
    """

    def __init__(
        self, most: float, *, weigh: Callable[[Value], float] = lambda _: 1, heaviest: float | None = None
    ) -> None:
        """Keep values of weight `most` together, each of `heaviest` at most (unless given, of `most`).

        What is heavier is handed out, and not kept.
        """
        self._weigh = weigh
        self._heaviest = most if heaviest is None else heaviest
        self._lock = Lock()
        self._kept: LRUCache[Key, _Kept[Value]] = LRUCache(most, getsizeof=attrgetter("weight"))
        self._running: dict[Key, _Computation[Value]] = {}

    def get(self, key: Key, stamp: Stamp, compute: Callable[[], Value]) -> Value:
        """Return the value of a key under a stamp: the one that is kept, or else a computed one."""
        with self._lock:
            kept = self._find(key, stamp)
        return kept.value if kept is not None else self.get_all({key: stamp}, lambda _: (compute(),))[key]

    def get_all(
        self, stamps: Mapping[Key, Stamp], compute: Callable[[Sequence[Key]], Iterable[Value]]
    ) -> dict[Key, Value]:
        """Return the values of keys under their stamps; `compute` gives those of some of them, in their order.

        What has to be computed is computed before others' computations are waited for: nobody waits in a circle.
        """
        values: dict[Key, Value] = {}
        missing = stamps
        while missing:
            own, others = self._look(missing, values)
            if own:
                values |= self._compute(own, compute)
            missing = {
                key: stamps[key] for key, running in others.items() if not running.give(key, stamps[key], values)
            }
        return values

    def renew(self, key: Key, change: Callable[[Value | None], Value]) -> Value:
        """Return and keep what becomes of the value that is kept, None where there is none: one change at a time."""
        return self.get(key, object(), lambda: change(self._latest(key)))

    def _latest(self, key: Key) -> Value | None:
        with self._lock:
            kept = self._kept.get(key)
        return None if kept is None else kept.value

    def _find(self, key: Key, stamp: Stamp) -> _Kept[Value] | None:
        """Return what is kept under an equal stamp. Called under the lock."""
        try:
            kept = self._kept[key]
        except KeyError:
            return None
        if kept.stamp != stamp:
            return None
        kept.stamp = stamp  # a site that was read again equals the old one: the next look is by identity
        return kept

    def _look(
        self, stamps: Mapping[Key, Stamp], values: dict[Key, Value]
    ) -> tuple[dict[Key, _Computation[Value]], dict[Key, _Computation[Value]]]:
        """Take down the values that are kept; return what the caller is to compute, and what others are at work on."""
        own: dict[Key, _Computation[Value]] = {}
        others: dict[Key, _Computation[Value]] = {}
        with self._lock:
            for key, stamp in stamps.items():
                kept = self._find(key, stamp)
                running = self._running.get(key)
                if kept is not None:
                    values[key] = kept.value
                elif running is None or running.thread == get_ident():
                    own[key] = _Computation(stamp)
                else:
                    others[key] = running
            for key, computation in own.items():  # in the end: a stamp that cannot be compared leaves nothing behind
                self._running.setdefault(key, computation)
        return own, others

    def _compute(
        self, own: dict[Key, _Computation[Value]], compute: Callable[[Sequence[Key]], Iterable[Value]]
    ) -> dict[Key, Value]:
        try:
            values = dict(zip(own, compute(list(own)), strict=True))
            kept = {key: _Kept(own[key].stamp, value, self._weigh(value)) for key, value in values.items()}
        except BaseException as error:
            self._fail(own, error)
            raise
        with self._lock:
            for key, computation in own.items():
                if self._end(key, computation) and computation.stamp is not None:
                    self._keep(key, kept[key])
        for key, computation in own.items():
            computation.result.set_result(values[key])
        return values

    def _fail(self, own: dict[Key, _Computation[Value]], error: BaseException) -> None:
        """Hand an exception to those who wait. `own` is emptied: the exception's own traceback holds it."""
        while own:
            key, computation = own.popitem()
            with self._lock:
                self._end(key, computation)
            computation.result.set_exception(error)

    def _end(self, key: Key, computation: _Computation[Value]) -> bool:
        """Let a computation be no longer at work; return whether it was the one that others saw."""
        if self._running.get(key) is not computation:
            return False
        del self._running[key]
        return True

    def _keep(self, key: Key, kept: _Kept[Value]) -> None:
        self._kept.pop(key, None)
        if kept.weight <= self._heaviest:
            self._kept[key] = kept

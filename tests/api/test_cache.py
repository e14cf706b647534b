"""One cache for all: a key is computed by one asker at a time, nobody waits for another key, memory is bounded."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.cache import Cache

PATIENCE = 60
"""Seconds after which something waits that should not."""


class Gate:
    """A computation that says when it has begun, and goes on when it may."""

    def __init__(self, result: Any) -> None:
        self._result = result
        self._begun, self._open = threading.Event(), threading.Event()
        self.times = 0

    def compute(self) -> Any:
        self.times += 1
        self._begun.set()
        assert self._open.wait(PATIENCE)
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def wait_until_begun(self) -> None:
        assert self._begun.wait(PATIENCE)

    def open(self) -> None:
        self._open.set()


class Watched:
    """A stamp that tells when it is compared: an asker has met the computation then, and is about to wait for it."""

    def __init__(self, name: str = "same") -> None:
        self.name = name
        self._met = threading.Semaphore(0)

    def __eq__(self, other: object) -> bool:
        self._met.release()
        return isinstance(other, Watched) and self.name == other.name

    __hash__ = None  # type: ignore[assignment]

    def wait_until_met(self, times: int = 1) -> None:
        for _ in range(times):
            assert self._met.acquire(timeout=PATIENCE)


def never() -> Any:
    raise AssertionError("computed again")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as opened:
        yield opened


def test_who_asks_for_the_same_meanwhile_gets_the_one_value(pool: ThreadPoolExecutor) -> None:
    cache: Cache[str, object] = Cache(10)
    gate, stamp = Gate(object()), Watched()
    first = pool.submit(cache.get, "key", stamp, gate.compute)
    gate.wait_until_begun()
    others = [pool.submit(cache.get, "key", Watched(), never) for _ in range(8)]
    stamp.wait_until_met(8)
    gate.open()
    assert {id(one.result(PATIENCE)) for one in (first, *others)} == {id(first.result())}
    assert gate.times == 1
    assert cache.get("key", Watched(), never) is first.result()


def test_other_keys_never_wait(pool: ThreadPoolExecutor) -> None:
    cache: Cache[str, int] = Cache(10)
    assert cache.get("kept", 1, lambda: 1) == 1
    gate = Gate(2)
    held = pool.submit(cache.get, "held", 1, gate.compute)
    gate.wait_until_begun()
    assert cache.get("kept", 1, never) == 1
    assert cache.get("new", 1, lambda: 3) == 3
    assert cache.get_all({"kept": 2, "newer": 1}, lambda keys: [len(key) for key in keys]) == {"kept": 4, "newer": 5}
    assert cache.renew("new", lambda old: (old or 0) + 1) == 4
    assert not held.done()
    gate.open()
    assert held.result(PATIENCE) == 2


def test_an_exception_goes_to_those_who_wait_and_is_not_kept(pool: ThreadPoolExecutor) -> None:
    cache: Cache[str, int] = Cache(10)
    gate, stamp = Gate(ZeroDivisionError("no")), Watched()
    first = pool.submit(cache.get, "key", stamp, gate.compute)
    gate.wait_until_begun()
    others = [pool.submit(cache.get, "key", Watched(), never) for _ in range(3)]
    stamp.wait_until_met(3)
    gate.open()
    for one in (first, *others):
        with pytest.raises(ZeroDivisionError, match="no"):
            one.result(PATIENCE)
    assert cache.get("key", Watched(), lambda: 7) == 7


def test_under_another_stamp_one_waits_for_the_end_and_computes_ones_own(pool: ThreadPoolExecutor) -> None:
    cache: Cache[str, str] = Cache(10)
    older, newer, stamp = Gate("older"), Gate("newer"), Watched("older")
    first = pool.submit(cache.get, "key", stamp, older.compute)
    older.wait_until_begun()
    second = pool.submit(cache.get, "key", Watched("newer"), newer.compute)
    stamp.wait_until_met()
    assert newer.times == 0
    older.open()
    newer.wait_until_begun()
    newer.open()
    assert (first.result(PATIENCE), second.result(PATIENCE)) == ("older", "newer")
    assert cache.get("key", Watched("newer"), never) == "newer"


def test_anothers_exception_under_another_stamp_is_no_matter(pool: ThreadPoolExecutor) -> None:
    cache: Cache[str, str] = Cache(10)
    gate, stamp = Gate(ZeroDivisionError()), Watched("older")
    first = pool.submit(cache.get, "key", stamp, gate.compute)
    gate.wait_until_begun()
    second = pool.submit(cache.get, "key", Watched("newer"), lambda: "newer")
    stamp.wait_until_met()
    gate.open()
    assert second.result(PATIENCE) == "newer"
    assert isinstance(first.exception(PATIENCE), ZeroDivisionError)


def test_of_some_keys_those_are_computed_that_nobody_has_or_is_at_work_on(pool: ThreadPoolExecutor) -> None:
    cache: Cache[int, str] = Cache(10)
    cache.get(1, "stamp", lambda: "kept")
    gate, stamp = Gate("held"), Watched()
    held = pool.submit(cache.get, 2, stamp, gate.compute)
    gate.wait_until_begun()
    asked: list[Sequence[int]] = []

    def compute(keys: Sequence[int]) -> list[str]:
        asked.append(keys)
        return [f"value {key}" for key in keys]

    stamps = {4: "stamp", 1: "stamp", 2: Watched(), 3: "stamp"}
    several: Future[dict[int, str]] = pool.submit(cache.get_all, stamps, compute)
    stamp.wait_until_met()
    assert asked == [[4, 3]]
    assert cache.get(3, "stamp", never) == "value 3", "what is computed is handed out before others are waited for"
    gate.open()
    assert several.result(PATIENCE) == {4: "value 4", 1: "kept", 2: "held", 3: "value 3"}
    assert held.result() == "held"


def test_when_one_of_some_keys_fails_none_is_kept() -> None:
    cache: Cache[int, int] = Cache(10)

    def compute(keys: Sequence[int]) -> list[int]:
        return [6 // key for key in keys]

    with pytest.raises(ZeroDivisionError):
        cache.get_all({2: "", 0: ""}, compute)
    assert cache.get_all({2: "", 3: ""}, compute) == {2: 3, 3: 2}


def test_what_is_of_no_use_to_others_is_neither_shared_nor_kept(pool: ThreadPoolExecutor) -> None:
    cache: Cache[str, str] = Cache(10)
    gate = Gate("first")
    first = pool.submit(cache.get, "key", None, gate.compute)
    gate.wait_until_begun()
    second = pool.submit(cache.get, "key", None, lambda: "second")
    gate.open()
    assert (first.result(PATIENCE), second.result(PATIENCE)) == ("first", "second")
    assert cache.get("key", None, lambda: "third") == "third"


def test_a_key_that_asks_for_itself_is_worked_out_on_the_spot() -> None:
    cache: Cache[str, int] = Cache(10)

    def compute() -> int:
        return 1 + cache.get("key", "stamp", lambda: 1 + cache.get("key", "stamp", lambda: 0))

    assert cache.get("key", "stamp", compute) == 2
    assert cache.get("key", "stamp", never) == 2, "it is the whole that is kept"


def test_changes_of_one_value_come_one_after_another(pool: ThreadPoolExecutor) -> None:
    cache: Cache[str, tuple[int, ...]] = Cache(10)

    def change(number: int) -> Callable[[tuple[int, ...] | None], tuple[int, ...]]:
        return lambda known: (*(known or ()), number)

    changes = [pool.submit(cache.renew, "key", change(number)) for number in range(20)]
    assert sorted(len(one.result(PATIENCE)) for one in changes) == list(range(1, 21))
    assert set(cache.renew("key", lambda known: known or ())) == set(range(20))


def test_what_is_too_heavy_is_handed_out_and_drives_nothing_away() -> None:
    cache: Cache[str, str] = Cache(10, weigh=len, heaviest=6)
    cache.get("light", 1, lambda: "light")
    assert cache.get("heavy", 1, lambda: "so heavy") == "so heavy"
    assert cache.get("heavy", 1, lambda: "as heavy") == "as heavy"
    assert cache.get("light", 1, never) == "light"
    assert cache.get("light", 2, lambda: "so heavy") == "so heavy"
    assert cache.get("light", 1, lambda: "again") == "again", "what a heavy value has replaced is gone"


class Slow:
    """The same, slow and obvious: everything in the order in which it was asked for."""

    def __init__(self, most: int, heaviest: int) -> None:
        self.most, self.heaviest = most, heaviest
        self.kept: OrderedDict[int, tuple[int, int]] = OrderedDict()

    def ask(self, key: int, stamp: int, weight: int) -> int:
        """Return the weight of what is found or, computed now, kept."""
        known = self.kept.pop(key, None)
        found = known if known is not None and known[0] == stamp else (stamp, weight)
        if found[1] <= self.heaviest:
            self.kept[key] = found
        while sum(size for _, size in self.kept.values()) > self.most:
            self.kept.popitem(last=False)
        return found[1]


questions = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(1, 9)), max_size=60)


@given(st.integers(0, 20), st.integers(1, 9), questions)
def test_what_was_longest_unasked_goes_first(most: int, heaviest: int, asked: list[tuple[int, int, int]]) -> None:
    cache: Cache[int, int] = Cache(most, weigh=lambda weight: weight, heaviest=min(most, heaviest))
    slow = Slow(most, min(most, heaviest))
    for key, stamp, weight in asked:
        assert cache.get(key, stamp, lambda weight=weight: weight) == slow.ask(key, stamp, weight)  # type: ignore[misc]


@given(st.integers(0, 4), st.lists(st.integers(0, 6), max_size=60))
def test_unless_weighed_they_are_counted(most: int, asked: list[int]) -> None:
    cache: Cache[int, int] = Cache(most)
    slow = Slow(most, most)
    for time, key in enumerate(asked):
        found = cache.get(key, "", lambda time=time: time)  # type: ignore[misc]
        assert (found == time) == (key not in slow.kept)
        slow.ask(key, 0, 1)


@pytest.mark.parametrize("seed", range(5))
def test_whoever_asks_whatever_at_once_gets_what_belongs_to_it(seed: int, pool: ThreadPoolExecutor) -> None:
    cache: Cache[int, tuple[int, int]] = Cache(4)
    lock, at_work, most = threading.Lock(), Counter[int](), Counter[int]()

    def compute(stamps: dict[int, int], keys: Sequence[int]) -> list[tuple[int, int]]:
        with lock:
            at_work.update(keys)
            most.update({key: max(at_work[key] - most[key], 0) for key in keys})
        found = [(key, stamps[key]) for key in keys]
        with lock:
            at_work.subtract(keys)
        if random.random() < 0.1:
            raise ZeroDivisionError
        return found

    def ask(seed: int) -> None:
        own = Random(seed)
        for _ in range(200):
            stamps = {key: own.randrange(3) for key in own.sample(range(8), own.randrange(1, 5))}
            try:
                found = cache.get_all(stamps, lambda keys, stamps=stamps: compute(stamps, keys))  # type: ignore[misc]
            except ZeroDivisionError:
                continue
            assert found == {key: (key, stamp) for key, stamp in stamps.items()}

    random = Random(seed)
    for thread in [pool.submit(ask, 100 * seed + number) for number in range(8)]:
        thread.result(PATIENCE)
    assert set(most.values()) == {1}

"""Committing whatever the store answers: nothing good is lost to a bad neighbour, nothing is thrown away."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ingest.committing import Backoff, Committed, commit
from ingest.refusals import Reason
from ingest.verdicts import Verdict
from spaces.reading import Reading
from store.protocol import Appended, ForbiddenError, RefusalError, StoreError, TooLargeError
from tests.ingest.houses import topic


def reading(number: int) -> Reading:
    return Reading("house", "d1", number, number, occupied=True)


class Picky:
    """A store that refuses some readings for good, takes only so many at once, and is away for some calls."""

    def __init__(
        self, *, bad: AbstractSet[int] = frozenset(), most: int = 10_000, away: Sequence[StoreError] = ()
    ) -> None:
        self.bad, self.most, self.away = bad, most, list(away)
        self.stored: list[int] = []
        self.calls = 0

    def append(self, batch: Sequence[Reading]) -> Appended:
        self.calls += 1
        if self.away:
            raise self.away.pop()
        if len(batch) > self.most:
            raise TooLargeError(f"{len(batch)} are too many")
        if wrong := [one.time for one in batch if one.time in self.bad]:
            raise RefusalError(f"cannot take {wrong[0]}")
        self.stored += [one.time for one in batch]
        return Appended(len(batch), 0)


def run(
    store: Picky, count: int, *, patience: int = 1_000, in_message: int = 1, most: int = 5_000
) -> tuple[list[int], list[float]]:
    """Commit readings, so many in a message; return the times of those refused, and how long was waited.

    Each refusal must name the message in which its reading came: its id is that of the message's first reading.
    """
    verdicts = [
        Verdict((start, 1, topic(), b"", False), tuple(map(reading, range(start, min(start + in_message, count)))))
        for start in range(0, count, in_message)
    ]
    waits: list[float] = []

    def wait(_: str, seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) < patience

    committed = Committed()
    whole = commit(store.append, verdicts, committed, wait, most=most)
    assert sorted(one.time for one in committed.safe) == sorted(store.stored)
    if not whole:
        return [], waits
    assert {refusal.reason for _, refusal in committed.refused} <= {Reason.STORE}
    assert committed.stored + len(committed.refused) == count
    times = [int(refusal.detail.rpartition(" ")[2]) for _, refusal in committed.refused]
    assert [verdict.message[0] for verdict, _ in committed.refused] == [time - time % in_message for time in times]
    return times, waits


def test_one_bad_reading_among_a_thousand_is_found_and_the_others_are_stored() -> None:
    store = Picky(bad={617}, most=1_000)
    assert run(store, 1_000) == ([617], [])
    assert len(store.stored) == 999
    assert store.calls < 25, "by halving, not one by one"


@given(st.integers(0, 60), st.sets(st.integers(0, 59)), st.integers(1, 60), st.integers(1, 40), st.integers(1, 60))
def test_all_good_ones_are_stored_in_order_and_all_bad_ones_refused(
    count: int, bad: set[int], most: int, in_message: int, at_once: int
) -> None:
    store = Picky(bad=bad, most=most)
    refused, _ = run(store, count, in_message=in_message, most=at_once)
    assert refused == sorted(number for number in bad if number < count)
    assert store.stored == [number for number in range(count) if number not in bad]


def test_a_store_that_is_away_is_asked_again_and_never_at_once() -> None:
    store = Picky(away=[StoreError("away"), ForbiddenError("expired")] * 10)
    refused, waits = run(store, 5)
    assert (refused, store.stored) == ([], [0, 1, 2, 3, 4])
    assert len(waits) == 20
    assert min(waits) >= 0.1
    assert max(waits) <= 10


def test_what_was_stored_before_giving_up_is_known() -> None:
    """A spool settles it in its own time, and the ledger must have heard of it."""
    store = Picky(most=10, away=[])
    append, committed = store.append, Committed()

    def once(batch: Sequence[Reading]) -> Appended:
        if store.stored:
            raise StoreError("away")
        return append(batch)

    verdicts = [Verdict((n, 1, topic(), b"", False), (reading(n),)) for n in range(20)]
    assert not commit(once, verdicts, committed, lambda *_: False)
    assert [one.time for one in committed.safe] == list(range(10))


def test_no_more_than_so_many_readings_are_committed_at_once() -> None:
    store = Picky(most=50)
    run(store, 400, in_message=40, most=50)
    assert store.calls == 8


def test_giving_up_stores_no_more_and_refuses_nothing() -> None:
    store = Picky(away=[StoreError("away")] * 10)
    refused, waits = run(store, 5, patience=3)
    assert (refused, len(waits), store.stored) == ([], 3, [])


def test_a_store_is_left_alone_as_long_as_it_asks_within_bounds() -> None:
    waits = []
    for asked in (2.0, 1e9, -5.0, float("nan")):
        error = StoreError("busy")
        error.retry_after = asked
        waits.append(run(Picky(away=[error]), 1)[1][0])
    assert 2.0 <= waits[0] <= 10
    assert waits[1] == 300
    assert waits[2] < 1


def test_waits_grow_and_start_anew_after_a_success() -> None:
    backoff = Backoff(Random(1))
    longest = [backoff.next() for _ in range(12)][-1]
    assert 5 <= longest <= 10
    backoff.reset()
    assert backoff.next() <= 0.4

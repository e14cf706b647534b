"""The ledger balances whatever order its news comes in, and says so where it does not."""

import pytest

from ingest.ledger import Count, Ledger, MessageCount, ReadingCount


def in_flight(messages: int, readings: int) -> Ledger:
    ledger = Ledger()
    ledger.took(messages)
    ledger.read(readings)
    return ledger


@pytest.mark.parametrize(
    "count",
    [
        MessageCount(received=1, accepted=2, in_flight=-1),
        MessageCount(received=0, accepted=1, status=-1),
        MessageCount(received=1, accepted=2, ignored={"neighbour": -1}),
        MessageCount(received=1, accepted=2, refused={"empty": -1}),
        MessageCount(received=2, accepted=1),
        ReadingCount(read=1, stored=2, in_flight=-1),
        ReadingCount(read=1, duplicate=2, spooled=-1),
        ReadingCount(read=0, stored=1, refused={"store": -1}),
        ReadingCount(read=2, stored=1),
    ],
)
def test_a_count_below_zero_is_no_balance_nor_is_one_that_is_missing(count: MessageCount | ReadingCount) -> None:
    assert not count.balances
    both = Count(messages=count) if isinstance(count, MessageCount) else Count(readings=count)
    assert not both.balances


def test_refusals_of_messages_and_readings_are_added_up_by_reason() -> None:
    count = Count(MessageCount(refused={"empty": 1, "too_late": 2}), ReadingCount(refused={"too_late": 3, "store": 1}))
    assert count.refused == {"empty": 1, "too_late": 5, "store": 1}


def test_messages_and_their_readings_are_settled_in_one_step() -> None:
    ledger = in_flight(3, 4)
    assert (ledger.count().messages.in_flight, ledger.count().readings.in_flight) == (3, 4)
    ledger.settled(
        MessageCount(accepted=1, ignored={"n": 1}, status=1),
        ReadingCount(stored=2, duplicate=1, refused={"store": 1}),
    )
    assert ledger.count() == Count(
        MessageCount(received=3, accepted=1, status=1, ignored={"n": 1}),
        ReadingCount(read=4, stored=2, duplicate=1, refused={"store": 1}),
    )
    assert ledger.count().balances


def test_what_leaves_the_spool_is_stored_or_refused() -> None:
    ledger = in_flight(1, 5)
    ledger.settled(MessageCount(accepted=1), ReadingCount(spooled=5))
    assert ledger.count().readings == ReadingCount(read=5, spooled=5)
    ledger.left_spool(ReadingCount(stored=3, duplicate=1, refused={"store": 1}))
    assert ledger.count().readings == ReadingCount(read=5, stored=3, duplicate=1, refused={"store": 1})


def test_a_spool_that_is_faster_than_the_books_unbalances_nothing() -> None:
    ledger = in_flight(1, 5)
    ledger.left_spool(ReadingCount(stored=3))
    assert ledger.count().readings == ReadingCount(read=5, stored=3, in_flight=2)
    ledger.settled(MessageCount(accepted=1), ReadingCount(stored=1, spooled=4))
    assert ledger.count().readings == ReadingCount(read=5, stored=4, spooled=1)
    ledger.left_spool(ReadingCount(stored=1))
    assert ledger.count().readings == ReadingCount(read=5, stored=5)


def test_what_was_given_back_is_as_if_it_had_not_come_but_for_what_is_safe() -> None:
    ledger = in_flight(3, 10)
    ledger.gave_back(ReadingCount(stored=2, spooled=4))
    assert ledger.count() == Count(MessageCount(), ReadingCount(read=6, stored=2, spooled=4))
    ledger.left_spool(ReadingCount(stored=4))
    assert ledger.count() == Count(MessageCount(), ReadingCount(read=6, stored=6))


@pytest.mark.parametrize("early", [True, False])
def test_what_a_spool_kept_without_an_answer_is_counted_when_it_leaves(*, early: bool) -> None:
    """Its write went well and then failed: the readings were given back, and are in the spool all the same."""
    ledger = in_flight(1, 5)
    if early:
        ledger.left_spool(ReadingCount(stored=5))
    ledger.gave_back(ReadingCount())
    if not early:
        ledger.left_spool(ReadingCount(stored=5))
    assert ledger.count() == Count(MessageCount(), ReadingCount(read=5, stored=5))
    ledger.took(1)
    ledger.read(5)
    ledger.settled(MessageCount(accepted=1), ReadingCount(duplicate=5))
    assert ledger.count().balances


def test_what_was_kept_without_an_answer_may_leave_while_others_are_in_flight() -> None:
    ledger = in_flight(1, 2)
    ledger.left_spool(ReadingCount(stored=3))
    assert ledger.count().readings == ReadingCount(read=3, stored=3)
    ledger.settled(MessageCount(accepted=1), ReadingCount(stored=2))
    assert ledger.count().readings == ReadingCount(read=5, stored=5)

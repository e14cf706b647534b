"""One message, any number of readings: stored once, acknowledged when all are settled, counted apart from messages."""

import json
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.ledger import Count, MessageCount, ReadingCount
from ingest.refusals import Reason
from tests.brokers import Mosquitto
from tests.conftest import MORE
from tests.ingest.keeping import Kept, KeptEmbedded, keeping
from tests.ingest.lives import LivingWorker
from tests.ingest.packs import MOST_NUMBER, TOPIC, Packs, payload_of, reasons
from tests.ingest.publishing import Sender
from tests.ingest.runs import FAULTS, Plan, Run, Said, check_books, check_kept, living, new_name
from tests.ingest.test_delivery import until

KINDS = ("pack", "pack", "pack", "pack", "status", "ignored", "broken")
NUMBERS = st.lists(st.integers(0, MOST_NUMBER), max_size=40).map(tuple)
SAID = st.lists(st.builds(Said, st.sampled_from(KINDS), NUMBERS), max_size=12)
PLANS = st.builds(
    Plan,
    st.lists(st.sampled_from(FAULTS), max_size=12),
    st.lists(st.sampled_from(("well", "away", "large")), max_size=12),
    st.lists(st.sampled_from(("well", "broken")), max_size=8),
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
)
UNWELCOME = 42
"""A reading that is accepted, and that the store will never take."""


def refused_for(reason: Reason) -> int:
    """Return a reading that is refused for a reason before the store sees it."""
    return next(number for number in range(MOST_NUMBER) if [*reasons([number])] == [reason])


@pytest.fixture(scope="module", params=["influxdb", "victoriametrics"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with keeping(request.param, tmp_path_factory.mktemp("server")) as kept:
        yield kept


def live_through(kept: Kept, said: Sequence[Said], plan: Plan) -> None:
    """Live until all is acknowledged; a run checks its books, and here is looked at what is left."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        run = Run(kept, folder, said, plan)
        run.to_the_end()
        check_kept(kept, folder, run.name, said)
        lines = sum(len(file.read_text().splitlines()) for file in folder.glob("quarantine/*"))
        assert lines == run.refused or not isinstance(kept, KeptEmbedded), "a spool's refusals are a line each"


@settings(max_examples=50 * MORE)
@given(said=SAID, plan=PLANS)
def test_whatever_happens_everything_acknowledged_is_stored_once(said: list[Said], plan: Plan) -> None:
    live_through(KeptEmbedded(), said, plan)


@settings(max_examples=20 * MORE)
@given(said=SAID, plan=PLANS)
def test_the_same_behind_a_spool(server: Kept, said: list[Said], plan: Plan) -> None:
    live_through(server, said, plan)


@pytest.mark.parametrize("name", ["embedded", "influxdb", "victoriametrics"])
def test_the_same_from_a_real_broker_that_is_killed(name: str, tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The worker is stopped once, the broker dies once, and the store fails now and then."""
    dice, run = Random(name), new_name()
    said = [Said("pack", tuple(dice.choices(range(MOST_NUMBER), k=dice.randrange(41)))) for _ in range(150)]
    said += [Said(kind) for kind in ("status", "ignored", "broken")] * 10
    payloads = [payload_of(*one, run) for one in said]
    faults = (deque(dice.choices(("well", "away", "large", "bug", "bug after"), k=20)), deque(["away", "large"] * 5))
    (folder := tmp_path / "house").mkdir()
    with keeping(name, tmp_path) as kept:

        @contextmanager
        def working() -> Iterator[LivingWorker]:
            with living(kept, folder, run, faults, mosquitto.port) as life:
                life.worker.start()
                until(lambda: life.worker.is_connected, "the worker does not connect")
                yield life.worker
                life.worker.stop()
                life.empty_spool()
            check_books(life.worker)

        def send(part: Sequence[bytes]) -> None:
            with Sender(mosquitto.port) as sender:
                sender.send_all((TOPIC, payload) for payload in part)

        with working() as first:
            send(payloads[:90])
        with working() as second:
            send(payloads[90:120])
            mosquitto.save()
            mosquitto.kill()
            mosquitto.start()
            send(payloads[120:])
            until(lambda: {*payloads} <= {*first.heard, *second.heard}, "not everything is settled")
        with working():
            time.sleep(0.5)  # what was settled as the line broke comes again
        check_kept(kept, folder, run, said)
        with working() as idle:
            time.sleep(0.5)
        assert idle.ledger.count() == Count(), "nothing is unacknowledged for ever"


def test_a_message_of_two_readings_is_one_message_and_two_readings(tmp_path: Path) -> None:
    worker = Run(KeptEmbedded(), tmp_path, [Said("pack", (0, 1))], Plan()).to_the_end()
    assert worker.ledger.count() == Count(MessageCount(received=1, accepted=1), ReadingCount(read=2, stored=2))


def test_one_of_two_that_the_store_refuses_is_quarantined_and_the_other_stored(tmp_path: Path) -> None:
    run = Run(KeptEmbedded(), tmp_path, [Said("pack", (0, UNWELCOME))], Plan())
    now = run.to_the_end().ledger.count()
    assert not run.broker.waiting, "the message is acknowledged"
    assert now == Count(MessageCount(received=1, accepted=1), ReadingCount(read=2, stored=1, refused={"store": 1}))
    check_kept(KeptEmbedded(), tmp_path, run.name, run.said)
    assert [entry["reason"] for entry in quarantined(tmp_path)] == ["store"]


def test_a_message_is_in_the_quarantine_once_with_all_that_was_refused_of_it(tmp_path: Path) -> None:
    run = Run(KeptEmbedded(), tmp_path, [Said("pack", (refused_for(Reason.TOO_LATE), 0, UNWELCOME))], Plan())
    now = run.to_the_end().ledger.count()
    assert now.messages == MessageCount(received=1, accepted=1)
    assert now.readings == ReadingCount(read=3, stored=1, refused={"too_late": 1, "store": 1})
    (entry,) = quarantined(tmp_path)
    assert (entry["reason"], [more["reason"] for more in entry["also"]]) == ("too_late", ["store"])


def test_a_message_of_which_nothing_comes_is_refused_once_for_its_first_reason(tmp_path: Path) -> None:
    """One without readings is accepted: nothing is wrong with it."""
    bad = Said("pack", (refused_for(Reason.TOO_LATE), refused_for(Reason.WRONG_TYPE)))
    worker = Run(KeptEmbedded(), tmp_path, [bad, Said("pack")], Plan()).to_the_end()
    assert worker.ledger.count() == Count(MessageCount(received=2, accepted=1, refused={"too_late": 1}))


def test_what_is_ignored_is_counted_by_its_source_and_not_kept(tmp_path: Path) -> None:
    worker = Run(KeptEmbedded(), tmp_path, [Said("ignored")] * 3, Plan()).to_the_end()
    assert worker.ledger.count() == Count(MessageCount(received=3, ignored={"neighbour": 3}))
    assert not (tmp_path / "quarantine").exists()


def test_a_batch_that_is_given_up_leaves_state_and_books_as_they_were(tmp_path: Path) -> None:
    run = Run(KeptEmbedded(), tmp_path, [Said("pack", (0, 1)), Said("pack", (2,))], Plan(above=["stop"]))
    worker, whole = run.live()
    assert (worker.ledger.count(), worker.state, whole) == (Count(), Packs().initial(), False)
    assert run.to_the_end().ledger.count().readings == ReadingCount(read=3, stored=3)


def quarantined(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "quarantine" / "refused.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]

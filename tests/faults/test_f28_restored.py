"""F28: the store is lost with its disk; a back-up is restored into a fresh folder, and the spool is replayed."""

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from ledig.main import run
from spaces.reading import Reading
from store.embedded.duck import EmbeddedStore
from store.moving.restoring import back_up, restore
from store.protocol import Appended, StoreError
from store.spool import Spool, SpooledStore
from tests.brokers import Mosquitto
from tests.faults.harness import (
    SENSORS,
    Serving,
    Traffic,
    assert_whole,
    either,
    ids_through,
    long_timeout,
    payload,
    rows_of,
    wait_until_stored,
)
from tests.ingest.publishing import Sender
from tests.ledig.running import wait_for

RATE = either(1_000, 2_000)
BATCHES = either(300, 20_000)
SIZE = 20
AT_ONCE = 10_000
"""Messages that are sent again together: a client of paho queues 65,535 at most."""


@long_timeout(600)
def test_f28_a_back_up_under_load_is_restored_and_what_is_sent_again_makes_it_whole(
    tmp_path: Path, quick_mosquitto: Mosquitto
) -> None:
    copy, restored = tmp_path / "copy.duckdb", tmp_path / "restored"
    with Traffic(quick_mosquitto.port, rate=RATE) as traffic:
        with Serving(tmp_path, quick_mosquitto) as serving:
            serving.ready()
            time.sleep(either(1, 60))
            before = ids_through(serving.data, traffic.base)
            assert run(["backup", "--data", str(serving.data), "--out", str(copy)]) == 0
            wait_for(lambda: len(ids_through(serving.data, traffic.base)) > len(before) + RATE, "ingest does not go on")
            serving.kill()
        shutil.rmtree(serving.data)
        assert run(["restore", str(copy), "--data", str(restored)]) == 0
        kept = set(rows_of(restored))
        assert before, "nothing was stored before the back-up: nothing was tried"
        assert before <= kept
        with Serving(tmp_path, quick_mosquitto, data=restored) as serving:
            serving.ready()
            traffic.stop()
            with Sender(quick_mosquitto.port) as sender:
                for start in range(0, traffic.published, AT_ONCE):
                    ids = range(start, min(start + AT_ONCE, traffic.published))
                    sender.send_all(
                        (f"ledig/v1/house/s{one % SENSORS}/state", payload(one, traffic.base)) for one in ids
                    )
            wait_until_stored(restored, traffic)
            serving.assert_balanced()
            assert serving.terminate() == 0
        assert_whole(restored, traffic)


class Leaving(EmbeddedStore):
    """The real store as a server would be: it can be away."""

    away = False

    def append(self, batch: Sequence[Reading]) -> Appended:
        if self.away:
            raise StoreError("nobody answers")
        return super().append(batch)


def append_all(store: SpooledStore, first: int, end: int) -> set[int]:
    """Append batches, and return the ids that were acknowledged."""
    acknowledged: set[int] = set()
    for start in range(first * SIZE, end * SIZE, SIZE):
        ids = range(start, start + SIZE)
        store.append(
            [Reading("house", f"s{number % 7}", 10**12 + number, 10**12 + number, seq=number) for number in ids]
        )
        acknowledged.update(ids)
    return acknowledged


def leave(target: Leaving, _spooled: SpooledStore) -> None:
    target.away = True


def drain(target: Leaving, _spooled: SpooledStore) -> None:
    wait_for(lambda: len(target.read("house", 0, 2**50)) >= BATCHES * SIZE // 2, "the spool does not drain")


@pytest.mark.parametrize(("hold", "then"), [(None, leave), (3_600.0, drain)], ids=["away", "held"])
@long_timeout(600)
def test_f28_restored_and_the_spool_replayed_the_store_has_all_that_was_acknowledged(
    tmp_path: Path, hold: float | None, then: Callable[[Leaving, SpooledStore], None]
) -> None:
    """The target is copied while it is written; it is lost; the copy and the spool together have everything."""
    target, copy, fresh = Leaving(tmp_path / "lost"), tmp_path / "copy", tmp_path / "fresh"
    copying = threading.Thread(target=lambda: back_up(target.back_up, copy))
    with closing(SpooledStore(target, Spool(tmp_path / "spool", most_bytes=1 << 28), hold=hold)) as spooled:
        acknowledged = append_all(spooled, 0, BATCHES // 2)
        then(target, spooled)
        copying.start()
        acknowledged |= append_all(spooled, BATCHES // 2, BATCHES)
        copying.join()
        assert spooled.depth() >= len(acknowledged) // 2
    shutil.rmtree(tmp_path / "lost")
    kept = restore(copy, fresh).rows
    assert kept > 0
    with closing(SpooledStore(EmbeddedStore(fresh), Spool(tmp_path / "spool", most_bytes=1 << 28), hold=None)) as again:
        wait_for(lambda: again.depth() == 0, "the spool does not drain")
    rows = rows_of(fresh)
    assert set(rows) == acknowledged == set(range(BATCHES * SIZE))
    assert len(rows) == len(acknowledged)

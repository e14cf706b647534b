"""F30: a storage node of a VictoriaMetrics cluster dies under load and comes back; then another is lost for good."""

import shutil
import time
from pathlib import Path

import pytest

from store.protocol import StoreError
from store.spool import Spool, SpooledStore
from store.victoria.victoria import VictoriaStore
from tests.faults.harness import either, long_timeout
from tests.faults.victoria import Load, assert_whole, ids_in, spooled, wait_until_certain
from tests.victoria import Cluster, running_cluster

BETWEEN = either(2.0, 60.0)
HOLD = either(12.0, 30.0)


@long_timeout(600)
def test_f30_what_was_kept_is_there_after_a_node_died_and_another_was_destroyed(tmp_path: Path) -> None:
    with running_cluster(tmp_path) as cluster, spooled(_store(cluster, tmp_path)) as store:
        first, second, third = cluster.nodes
        with Load(store) as load:
            time.sleep(3)
            first.kill()
            time.sleep(BETWEEN)
            first.start()
            time.sleep(BETWEEN)
            load.stop()
        assert_whole(store, load)
        wait_until_certain(store)
        second.kill()
        shutil.rmtree(second.data)
        assert_whole(store, load)
        third.kill()
        with pytest.raises(StoreError):
            ids_in(store, load.base)


def _store(cluster: Cluster, folder: Path) -> SpooledStore:
    spool = Spool(folder / "spool", most_bytes=100_000_000)
    return SpooledStore(VictoriaStore(cluster.settings()), spool, hold=HOLD, shortest=0.1, longest=1.0)

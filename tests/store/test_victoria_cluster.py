"""The VictoriaMetrics store keeps the contract on a real cluster, whose every sample is kept twice."""

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from spaces.reading import Reading
from store.protocol import StoreError
from store.victoria.victoria import VictoriaStore
from tests.ledig.running import wait_for
from tests.store.contract import StoreContract
from tests.victoria import Cluster, ContractStore, running_cluster

_tenants = count(1)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running cluster; each test is a tenant of its own."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


class TestVictoriaCluster(StoreContract):
    keeps_every_seq = False
    recognises_duplicates = False

    @pytest.fixture
    def store(self, cluster: Cluster) -> Iterator[VictoriaStore]:
        store = ContractStore(cluster.settings(next(_tenants)), cluster)
        yield store
        store.close()


T0 = 1_780_000_000_000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of the test's own, whose nodes it may kill."""
    with running_cluster(tmp_path) as cluster:
        yield cluster


def test_the_epoch_changes_when_a_node_goes_and_when_it_returns(small: Cluster) -> None:
    with closing(VictoriaStore(small.settings())) as store:
        before = store.epoch()
        for second in range(3):
            store.append([Reading("s", "d", T0 + second, T0, occupied=True)])
            time.sleep(1)
            assert store.epoch() == before
        small.nodes[0].kill()
        store.append([Reading("s", f"d{number}", T0, T0, occupied=True) for number in range(100)])
        wait_for(lambda: store.epoch() != before, "a lost node goes unnoticed")
        away = store.epoch()
        time.sleep(2)
        assert store.epoch() == away, "a node that stays away is no news"
        small.nodes[0].start()
        wait_for(lambda: store.epoch() != away, "a node that is back goes unnoticed")


def test_what_cannot_be_read_in_full_is_an_error(small: Cluster) -> None:
    rows = [Reading("s", f"d{number:03}", T0, T0, occupied=True) for number in range(100)]
    with closing(ContractStore(small.settings(), small)) as store:
        store.append(rows)
        assert store.latest("s") == rows
        small.nodes[0].kill()
        assert store.latest("s") == rows
        small.nodes[1].kill()
        for ask in (
            lambda: store.read("s", T0, T0 + 1),
            lambda: store.latest("s"),
            lambda: store.extent("s"),
            lambda: list(store.rows("s", T0, T0 + 1)),
            store.sites,
        ):
            with pytest.raises(StoreError, match="VictoriaMetrics"):
                ask()

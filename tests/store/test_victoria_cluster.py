"""The VictoriaMetrics store keeps the contract on a real cluster, whose every sample is kept twice."""

from collections.abc import Iterator
from itertools import count

import pytest

from store.victoria.victoria import VictoriaStore
from tests.programs import required
from tests.store.contract import StoreContract
from tests.victoria import Cluster, ContractStore

_tenants = count(1)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running cluster; each test is a tenant of its own."""
    programs = (required("vminsert"), required("vmselect"), required("vmstorage"))
    cluster = Cluster(programs, tmp_path_factory.mktemp("cluster"))
    cluster.start()
    yield cluster
    cluster.kill()


@pytest.mark.xdist_group("cluster")
class TestVictoriaCluster(StoreContract):
    keeps_every_seq = False
    recognises_duplicates = False

    @pytest.fixture
    def store(self, cluster: Cluster) -> Iterator[VictoriaStore]:
        store = ContractStore(cluster.settings(next(_tenants)), cluster)
        yield store
        store.close()

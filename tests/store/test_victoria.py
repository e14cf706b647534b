"""The VictoriaMetrics store keeps the contract on a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.victoria.victoria import VictoriaStore
from tests.programs import required
from tests.store.contract import StoreContract
from tests.victoria import ContractStore, Node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A running victoria-metrics with an empty folder."""
    node = Node(required("victoria-metrics"), tmp_path / "node")
    node.start()
    yield node
    node.kill()


class TestVictoriaStore(StoreContract):
    keeps_every_seq = False
    recognises_duplicates = False

    @pytest.fixture
    def store(self, node: Node) -> Iterator[VictoriaStore]:
        store = ContractStore(node.settings(), node)
        yield store
        store.close()

"""Fixtures that more than one folder of tests uses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import Mosquitto
from tests.programs import required


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running Mosquitto of the test's own."""
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(required("mosquitto"), folder)
    broker.start()
    yield broker
    broker.stop()

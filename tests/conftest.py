"""Fixtures that more than one folder of tests uses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.brokers import Mosquitto
from tests.programs import required

settings.register_profile("ledig", deadline=None)
settings.load_profile("ledig")
"""How long an example takes is no property of ours: machines are busy."""


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running Mosquitto of the test's own, whose sessions and messages survive a kill."""
    yield from _running(tmp_path, durable=True)


@pytest.fixture
def quick_mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """The same without saving at every change: for thousands of messages and no kill of the broker."""
    yield from _running(tmp_path, durable=False)


def _running(tmp_path: Path, *, durable: bool) -> Iterator[Mosquitto]:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(required("mosquitto"), folder, durable=durable)
    broker.start()
    yield broker
    broker.stop()

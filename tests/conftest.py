"""Fixtures that more than one folder of tests uses."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.brokers import Mosquitto
from tests.programs import required

MORE = int(os.environ.get("LEDIG_EXAMPLES", "1"))
"""How many times as many examples to try as usual: for a night's run."""
settings.register_profile("ledig", deadline=None, derandomize=MORE == 1, max_examples=100 * MORE)
settings.load_profile("ledig")
"""How long an example takes is no property of ours: machines are busy. The same examples are tried at every run, so
that it is not by chance that one fails; a night's run looks for others."""
_FAST = Path("/dev/shm")
"""Where a broker that saves at every change is not held up by a busy disk: a kill spares it like any other folder."""


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running Mosquitto of the test's own, whose sessions and messages survive a kill."""
    yield from _running(tmp_path, durable=True)


@pytest.fixture
def quick_mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """The same without saving at every change: for thousands of messages and no kill of the broker."""
    yield from _running(tmp_path, durable=False)


def _running(tmp_path: Path, *, durable: bool) -> Iterator[Mosquitto]:
    program = required("mosquitto")
    with tempfile.TemporaryDirectory(dir=_FAST if durable and _FAST.is_dir() else tmp_path) as folder:
        broker = Mosquitto(program, Path(folder), durable=durable)
        broker.start()
        yield broker
        broker.stop()

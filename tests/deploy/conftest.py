"""A place for a deployment: secrets that `ledig secrets` made, in a folder that other users can come to."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledig.main import run
from tests.deploy.compose import ROOT, Place
from tests.deploy.running import Running, program
from tests.programs import required


@pytest.fixture
def place() -> Iterator[Place]:
    """Give a folder with secrets of two houses."""
    required("openssl")
    with tempfile.TemporaryDirectory(prefix="ledig-deploy-") as folder:
        Path(folder).chmod(0o755)
        secrets = Path(folder, "secrets")
        assert run(["secrets", str(secrets), "--houses", "betahaus", "annex"]) == 0
        yield Place(Path(folder), secrets)


@pytest.fixture
def broker(place: Place) -> Iterator[Running]:
    """Run Mosquitto as the file describes it."""
    with start_broker(place) as running:
        running.until_healthy()
        yield running


def start_broker(place: Place, *, autosave: bool = True) -> Running:
    """Start Mosquitto with the very configuration of deploy/, its paths and port as they are here."""
    configuration = place.folder / "mosquitto.conf"
    text = (ROOT / "deploy/mosquitto/mosquitto.conf").read_text()
    if not autosave:
        text = text.replace("\nautosave_on_changes true\nautosave_interval 1\n", "\nautosave_interval 0\n")
    configuration.write_text("\n".join(place.here("mosquitto", line) for line in text.splitlines()) + "\n")
    _, flag, path = place.service("mosquitto")["command"]
    assert path in place.paths("mosquitto"), "the configuration is mounted where the command looks for it"
    return Running(place, "mosquitto", program("mosquitto", [flag, str(configuration)]))

"""`ledig publish`: what a site's sensors would say, said to a real broker as time goes by."""

from pathlib import Path

import pytest

from ledig.main import run
from tests.brokers import Mosquitto, free_port
from tests.ledig.running import Running


def test_sensors_speak_and_every_word_is_acknowledged(quick_mosquitto: Mosquitto) -> None:
    with Running("publish", "--broker", f"mqtt://127.0.0.1:{quick_mosquitto.port}", "--exit-after", 4) as publishing:
        assert publishing.ended() == 0
        published, acknowledged = publishing.until("published ").replace(",", "").split()[1::2]
        assert int(published) == int(acknowledged) > 50


def test_a_broker_that_comes_late_is_told_of_and_spoken_to(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    quick_mosquitto.stop()
    with Running("publish", "--broker", f"mqtt://127.0.0.1:{quick_mosquitto.port}", folder=tmp_path) as publishing:
        publishing.until("cannot reach the broker")
        quick_mosquitto.start()
        publishing.until("well again")
        publishing.interrupt()
        assert publishing.ended() == 0


@pytest.mark.parametrize("command", ["publish", "check"])
@pytest.mark.parametrize("contents", [None, "no certificate"])
def test_a_file_of_certificates_that_is_none_is_an_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    command: str,
    contents: str | None,
) -> None:
    file = tmp_path / "ca.crt"
    if contents is not None:
        file.write_text(contents)
    monkeypatch.setenv("LEDIG_BROKER_CA_FILE", str(file))
    assert run([command, "--broker", f"mqtts://127.0.0.1:{free_port()}"]) == 2
    assert f"{file}:1: broker_ca_file cannot be read" in capfd.readouterr().err


def test_a_site_with_mistakes_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.toml"
    file.write_text('[site]\nid = "hut"\nname = "Hut"\ntimezone = "Europe/Olso"\n')
    assert run(["publish", "--site", str(file)]) == 2
    assert "did you mean Europe/Oslo?" in capfd.readouterr().err

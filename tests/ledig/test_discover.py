"""`ledig discover` with a real broker: who speaks, as what, at which QoS, and where it belongs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spaces.sitefile import load_site
from tests.brokers import Mosquitto
from tests.ingest.publishing import Sender

SPACES = "".join(f'[[space]]\nid = "desk-{n}"\nname = "Desk {n}"\nkind = "desk"\nzone = "z"\n' for n in range(1, 4))
SITE = f"""
[site]
id = "house"
timezone = "Europe/Oslo"
[[floor]]
id = "g"
[[zone]]
id = "z"
floor = "g"
{SPACES}
"""
SAID = [
    (
        "application/7/device/{eui}/event/up",
        '{{"time":"2026-11-30T08:00:00Z",{info},"devAddr":"01","fCnt":1,"data":"AXVkAwAB"}}',
    ),
    ("application/7/device/{eui}/event/join", "{{{info}}}"),
]
SECRET = "somebody-at-home"


def info(number: int) -> dict[str, str]:
    eui = f"24e12453000000{number:02}"
    device = f'"devEui":"{eui}","deviceName":"desk_{number}","deviceProfileName":"Milesight VS341"'
    return {"eui": eui, "info": f'"deviceInfo":{{{device}}}'}


@pytest.fixture
def folder(tmp_path: Path, quick_mosquitto: Mosquitto) -> Path:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "site.toml").write_text(SITE)
    sources = "".join(
        f'[[source]]\nfamily = "{family}"\nbroker = "mqtt://127.0.0.1:{quick_mosquitto.port}"\n'
        for family in ("chirpstack", "zigbee2mqtt")
    )
    (tmp_path / "ledig.toml").write_text(f'sites = ["house"]\n{sources}')
    return tmp_path


def discover(folder: Path, broker: Mosquitto, *flags: str) -> str:
    """Run it, say what there is to hear once it listens, and return what it told."""
    command = [sys.executable, "-m", "ledig", "discover", *flags]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    assert process.stdout is not None
    told = process.stdout.readline()
    assert told.startswith("Listening to mqtt://127.0.0.1:"), told + process.stdout.read()
    with Sender(broker.port) as sender:
        for number, (topic, payload) in ((1, SAID[0]), (2, SAID[1])):
            sender.send_all([(topic.format(**info(number)), payload.format(**info(number)))], qos=0)
        sender.send(("zigbee2mqtt/hall radar", '{"presence":false}'), ("zigbee2mqtt/lamp", f'{{"state":"{SECRET}"}}'))
    out, _ = process.communicate(timeout=90)
    assert process.returncode == 0, told + out
    return told + out


def test_what_was_heard_is_told_and_written_where_it_has_a_place_by_its_name(
    folder: Path, quick_mosquitto: Mosquitto
) -> None:
    told = discover(folder, quick_mosquitto, "--write", "--seconds", "5")
    assert "chirpstack: 2 sensors about presence" in told
    assert "zigbee2mqtt: 1 sensor about presence, 1 topic about other things (not read), 2 messages" in told
    one, two, hall = (
        next(line for line in told.splitlines() if line.startswith(name)) for name in ("desk_1", "desk_2", "hall")
    )
    assert "in use" in one
    assert "desk-1 (by name)" in one
    assert one.rstrip().endswith("0    100 %")
    assert "not yet" in two
    assert "Zigbee sensor?" in hall
    assert "free" in hall
    assert told.count("! They come at QoS 0") == 1
    assert "qos=1" in told
    assert "# hall-radar,?,hall radar,zigbee2mqtt,zigbee2mqtt" in told
    assert SECRET not in told
    placed = {sensor.address: sensor.space for sensor in load_site(folder / "house").sensors}
    assert placed == {"24e1245300000001": "desk-1", "24e1245300000002": "desk-2"}
    assert not (folder / "data").exists(), "nothing is kept"


@pytest.mark.parametrize(
    ("settings", "flags", "why"),
    [
        ('sites = ["house"]\n', [], "no source of others is named; add [[source]]"),
        (None, ["--source", "chirpstak"], "there is no source 'chirpstak'; did you mean chirpstack?"),
        ('sites = ["house"]\n[[source]]\nfamily = "zigbe2mqtt"\n', [], "did you mean zigbee2mqtt?"),
        ('sites = ["house"]\n[[source]]\nfamily = "tts"\nbase = "a/#"\n', [], "is no beginning of topics"),
        ('sites = ["house"]\n[[source]]\nfamily = "tts"\n[[source]]\nfamily = "tts"\n', [], "this name stands twice"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, settings: str | None, flags: list[str], why: str) -> None:
    if settings is not None:
        (folder / "ledig.toml").write_text(settings)
    command = [sys.executable, "-m", "ledig", "discover", *flags]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2, done.stdout
    assert why in done.stderr
    assert "Traceback" not in done.stderr

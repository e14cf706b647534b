"""What the papers show of a deployment is what is there: services, profiles, variables, files, and a real line."""

import shlex
import subprocess

import pytest

from ledig.main import run
from tests.deploy.compose import Place, compose, services, variables
from tests.deploy.running import Running
from tests.deploy.test_broker import Subscriber
from tests.docs.papers import commands, papers, read
from tests.docs.test_tables import pyproject
from tests.programs import required

SHOWN = [line for paper in papers() for line in commands(paper.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("line", sorted({line for line in SHOWN if line.startswith("docker ")}))
def test_docker_compose_is_asked_for_what_the_file_has(line: str) -> None:
    program, compose_, *words = shlex.split(line)
    assert (program, compose_) == ("docker", "compose")
    profiles = [words[index + 1] for index, word in enumerate(words) if word == "--profile"]
    assert set(profiles) <= {profile for one in services().values() for profile in one.get("profiles", [])}
    verb = next(index for index, word in enumerate(words) if word in {"up", "kill", "ps", "down"})
    named = [word for word in words[verb + 1 :] if not word.startswith("-") and word != "HUP"]
    assert set(named) <= services().keys()
    for name in named:
        assert set(services()[name].get("profiles", [])) <= set(profiles)


@pytest.mark.parametrize("line", sorted({line for line in SHOWN if line.startswith(("cp ", "echo "))}))
def test_what_is_copied_and_written_is_what_is_read(line: str) -> None:
    program, *words = shlex.split(line)
    if program == "cp":
        assert words == ["deploy/secrets/env", ".env"]
        assert {"deploy/secrets/", ".env"} <= set(read(".gitignore").splitlines())
    else:
        setting, arrow, file = words
        assert (arrow, file) == (">>", ".env")
        assert setting.partition("=")[0] in variables()


def test_the_line_that_feeds_a_sensor_does(place: Place, broker: Running) -> None:
    (line,) = [line for line in commands(read("docs/deploy.md")) if line.startswith("mosquitto_pub")]
    required("mosquitto_pub")
    assert run(["secrets", str(place.secrets), "--add", "office"]) == 0
    broker.process.send_signal(1)  # HUP, as the line before it says: read the passwords again
    ingest = Subscriber(place, "ledig", "ledig/v1/#")
    ingest.subscribe()
    here = line.replace("deploy/secrets", str(place.secrets)).replace(" 8883", f" {place.ports['8883']}")
    subprocess.run(["/bin/sh", "-c", here], check=True, timeout=20)
    assert ingest.heard(1) == ['ledig/v1/office/sensor-1/state {"occupied": true}']


def test_the_versions_that_were_tried_and_those_of_the_file_are_told_apart() -> None:
    shown = read("docs/deploy.md").partition("## What has been run in containers")[2].partition("\n## ")[0]
    for name, image in (("mosquitto", "2.0.22"), ("influxdb", "2.9.1"), ("victoriametrics", "1.150.0")):
        assert services()[name]["image"].endswith(image)
        assert image in shown
    for name in services().keys() - {"ingest-victoriametrics", "api-victoriametrics"}:
        assert f"`{name}`" in shown, name


def test_the_image_has_the_version_of_ledig() -> None:
    images = {one["image"] for one in compose()["services"].values() if "build" in one}
    assert images == {f"ledig:{pyproject()['project']['version']}"}

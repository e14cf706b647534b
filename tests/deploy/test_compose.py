"""What docker-compose.yml says, held against the code, the repository and the rules of the house."""

import functools
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dashboards.grafana.datasource import infinity_source
from dashboards.grafana.push import FOLDER_TITLE, FOLDER_UID
from ledig.main import run
from ledig.settings import TABLE, load_settings
from tests.deploy.compose import FILE, MADE, ROOT, Service, compose, services, strings, variables
from tests.docs.papers import code, read, table
from tests.docs.test_tables import pyproject
from tests.programs import path_of, required

PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+(-[a-z0-9-]+)?")
OURS = f"ledig:{pyproject()['project']['version']}"
ONE_SHOT = "victoriametrics-folder"
"""Gives a new volume away as root, and ends."""
UNCHECKED = {"simulator", ONE_SHOT}
"""Nobody waits for these to be healthy."""
every_service = pytest.mark.parametrize("name", services())


def test_every_image_is_pinned_to_a_version() -> None:
    images = [service["image"] for service in services().values()]
    bases = re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE)
    assert {image for image in images if image.startswith("ledig:")} == {OURS}
    for image in (*images, *bases):
        assert PINNED.fullmatch(image), image
    assert len(set(bases)) == 1
    assert "latest" not in read("docker-compose.yml")
    assert "latest" not in read("Dockerfile")


def test_influxdb_is_of_version_2_and_mosquitto_of_2_0() -> None:
    assert services()["influxdb"]["image"].startswith("influxdb:2.")
    assert services()["mosquitto"]["image"].startswith("eclipse-mosquitto:2.0.")


@every_service
def test_each_service_may_do_as_little_as_it_can(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert {"mem_limit", "cpus", "pids_limit", "logging"} <= service.keys()
    if name == ONE_SHOT:
        assert (service["user"], service["cap_add"], service["network_mode"]) == ("0:0", ["CHOWN"], "none")
    else:
        assert not service["user"].startswith("0:")
        assert "cap_add" not in service


@every_service
def test_each_service_has_a_health_check_that_ends_in_time(name: str) -> None:
    check = services()[name]["healthcheck"]
    if name in UNCHECKED:
        assert check == {"disable": True}
    else:
        assert {"test", "interval", "timeout", "start_period", "retries"} == check.keys()


@every_service
def test_who_waits_for_health_waits_for_somebody_who_has_it(name: str) -> None:
    for other, wanted in services()[name].get("depends_on", {}).items():
        assert wanted["condition"] == "service_completed_successfully" if other == ONE_SHOT else "service_healthy"
        assert (other in UNCHECKED) == (other == ONE_SHOT)


def test_only_api_grafana_and_mqtt_over_tls_are_published_and_here_alone() -> None:
    published = {(name, port) for name, service in services().items() for port in service.get("ports", [])}
    assert published == {
        ("mosquitto", "127.0.0.1:8883:8883"),
        ("api", "127.0.0.1:8080:8080"),
        ("api-victoriametrics", "127.0.0.1:8081:8080"),
        ("grafana", "127.0.0.1:3000:3000"),
    }
    elsewhere = compose({"DEPLOY_ADDRESS": "192.0.2.7"})["services"]
    assert all(port.startswith("192.0.2.7:") for one in elsewhere.values() for port in one.get("ports", []))


@every_service
def test_who_publishes_nothing_has_no_way_out(name: str) -> None:
    service = services()[name]
    assert compose()["networks"]["inside"] == {"internal": True}
    if name != ONE_SHOT:
        assert service["networks"] == (["inside", "outside"] if "ports" in service else ["inside"])


@every_service
def test_what_is_set_of_ledig_is_a_setting_and_a_value_that_is_read(name: str) -> None:
    environment = {
        key: str(value) for key, value in services()[name].get("environment", {}).items() if key.startswith("LEDIG_")
    }
    assert {key.removeprefix("LEDIG_").lower() for key in environment} <= TABLE.keys()
    settings = load_settings(None, environment)
    assert len(settings.given) == len(environment)
    assert bool(environment) == (services()[name]["image"] == OURS)


def test_the_image_sets_what_are_settings() -> None:
    assert {name.lower() for name in re.findall(r"LEDIG_(\w+)=", read("Dockerfile"))} <= TABLE.keys()


def mounted() -> Iterator[tuple[str, str, str]]:
    for name, service in services().items():
        for volume in service.get("volumes", []):
            source, target, *_ = volume.split(":")
            yield name, source, target


def test_what_is_mounted_from_here_is_in_the_repository_and_cannot_be_written() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name, source, target in mounted():
        if source.startswith("./"):
            below = source.removeprefix("./")
            assert any(path == below or path.startswith(f"{below}/") for path in tracked), source
            assert f"{source}:{target}:ro" in services()[name]["volumes"]
        else:
            assert source in compose()["volumes"]


def test_every_volume_is_used() -> None:
    assert {source for _, source, _ in mounted() if not source.startswith("./")} == compose()["volumes"].keys()


def test_the_secrets_are_those_that_the_command_makes(tmp_path: Path) -> None:
    required("openssl")
    made = tmp_path / "secrets"
    assert run(["secrets", str(made)]) == 0
    named = {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    assert named == {path.name for path in made.iterdir()} - {"ca.key", "env"}
    default = {Path(secret["file"]).parent for secret in compose()["secrets"].values()}
    assert default == {Path("deploy/secrets")}
    assert "deploy/secrets/" in read(".gitignore").splitlines()


@every_service
def test_each_service_has_the_secrets_that_it_reads_and_no_other(name: str) -> None:
    service = services()[name]
    texts = strings([service.get(key, []) for key in ("environment", "command", "healthcheck")])
    if name == "mosquitto":
        texts.append(read("deploy/mosquitto/mosquitto.conf"))
    if name == "grafana":
        texts.append(read("deploy/grafana/provisioning/datasources/ledig.yml"))
    read_there = {secret for text in texts for secret in re.findall(r"/run/secrets/(\w+)", text)}
    assert read_there == set(service.get("secrets", []))


def test_no_password_and_no_token_stands_in_the_file() -> None:
    for service in services().values():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET", key):
                assert key.endswith(("_FILE", "__FILE"))
                assert str(value).startswith("/run/secrets/")


def test_the_variables_that_an_operator_may_set_are_explained() -> None:
    rows = table(read("docs/deploy.md"), "variable", "default", "meaning")
    shown = {code(name): "" if default == "must be set" else code(default) for name, default, _ in rows}
    assert shown == variables()
    assert {name for name, default in shown.items() if not default} == MADE.keys()


def test_the_data_source_of_grafana_asks_the_api_and_nothing_else() -> None:
    (source,) = yaml.safe_load(read("deploy/grafana/provisioning/datasources/ledig.yml"))["datasources"]
    grafana = services()["grafana"]
    plugin, version = grafana["environment"]["GF_PLUGINS_PREINSTALL_SYNC"].split("@")
    assert source["type"] == plugin
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert source["uid"] == "ledig"
    assert source["url"] == "$API_ADDRESS"
    assert source["jsonData"]["allowedHosts"] == ["$API_ADDRESS"]
    assert grafana["environment"]["API_ADDRESS"] == "http://api:8080"
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in grafana["volumes"]


def test_the_data_source_is_the_one_that_ledig_pushes_too() -> None:
    (source,) = yaml.safe_load(read("deploy/grafana/provisioning/datasources/ledig.yml"))["datasources"]
    pushed = infinity_source("$API_ADDRESS", "$__file{/run/secrets/api_key}")
    assert {key: source[key] for key in pushed} == pushed


def test_grafana_finds_dashboards_and_rules_where_they_are_mounted() -> None:
    (provider,) = yaml.safe_load(read("deploy/grafana/provisioning/dashboards/ledig.yml"))["providers"]
    folder = provider["options"]["path"]
    assert f"./deploy/grafana/dashboards/ledig:{folder}:ro" in services()["grafana"]["volumes"]
    assert (provider["folder"], provider["folderUid"]) == (FOLDER_TITLE, FOLDER_UID)
    rules = json.loads(read("deploy/grafana/provisioning/alerting/ledig.json"))
    assert {group["folder"] for group in rules["groups"]} == {FOLDER_TITLE}


def test_grafana_is_told_to_install_no_other_plugin() -> None:
    environment = services()["grafana"]["environment"]
    assert "GF_PLUGINS_PREINSTALL_DISABLED" not in environment, "it would leave out Infinity too"
    left_out = environment["GF_PLUGINS_DISABLE_PLUGINS"].split(",")
    assert len(left_out) == len(set(left_out)) == 19
    assert not any("infinity" in plugin for plugin in left_out)


COMMANDS = [["docker", "compose"], ["docker-compose"]]


@functools.cache
def client() -> list[str]:
    """Return how Docker Compose is called here; the client alone reads a file, without an engine."""
    for command in COMMANDS:
        program = path_of(command[0])
        if program and not subprocess.run([*command, "version"], capture_output=True, check=False).returncode:
            return command
    return [required("docker-compose")]


def understood(profile: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Let Docker Compose read the file."""
    profiles = ["--profile", profile] if profile else []
    command = [*client(), "--project-directory", str(ROOT), "--file", str(FILE), *profiles, "config"]
    cleared = {key: value for key, value in os.environ.items() if not key.startswith("DEPLOY_")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**cleared, **environment}, timeout=60
    )


def test_docker_compose_starts_nothing_before_the_secrets_are_made() -> None:
    refused = understood("", {"DEPLOY_GROUP": "", "DEPLOY_CLIENT_ID": ""})
    assert refused.returncode
    assert "copy deploy/secrets/env to .env" in refused.stderr


@pytest.mark.parametrize("profile", ["", "simulator", "victoriametrics"])
def test_docker_compose_takes_the_file(profile: str) -> None:
    done = understood(profile, MADE)
    assert done.returncode == 0, done.stderr
    found: dict[str, Service] = yaml.safe_load(done.stdout)["services"]
    expected = {name for name, one in services().items() if one.get("profiles", [profile]) == [profile]}
    assert expected <= found.keys()
    for name in expected:
        _same(found[name], services()[name])


def _same(theirs: Service, ours: Service) -> None:
    """Compare what Docker Compose understood with what the tests go by."""
    for key in ("image", "user", "read_only", "cap_drop", "security_opt", "pids_limit"):
        assert theirs[key] == ours[key], key
    assert texts(theirs.get("environment")) == texts(ours.get("environment"))
    assert texts(theirs.get("command")) == texts(ours.get("command"))
    if "test" in ours["healthcheck"]:
        assert texts(theirs["healthcheck"]["test"]) == texts(ours["healthcheck"]["test"])
    conditions = [
        {name: other["condition"] for name, other in one.get("depends_on", {}).items()} for one in (theirs, ours)
    ]
    assert conditions[0] == conditions[1]


def texts(value: object) -> list[str]:
    return sorted(text.replace("$$", "$") for text in strings(value))

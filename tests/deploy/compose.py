"""docker-compose.yml as Docker Compose reads it, and its paths, ports and names as they are on this machine."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from simulator.betahaus import SITE
from tests.brokers import free_port

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
HOUSE = "/opt/ledig/betahaus"
_VARIABLE = re.compile(r"\$\{(\w+):(?:-([^}]*)|\?[^}]*)\}")
MADE = {"DEPLOY_GROUP": "1000", "DEPLOY_CLIENT_ID": "ledig-ingest-0"}
"""Stands for what `ledig secrets` writes into its file env."""
Service = dict[str, Any]


def variables() -> dict[str, str]:
    """Return the variables that an operator may set, with their defaults; empty where one must be set."""
    return dict(_VARIABLE.findall(FILE.read_text(encoding="utf-8")))


def compose(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the file with its variables filled in."""
    given = {**MADE, **(environment or {})}
    text = _VARIABLE.sub(lambda found: given.get(found[1], found[2]), FILE.read_text(encoding="utf-8"))
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def services() -> dict[str, Service]:
    """Return the services by name."""
    found: dict[str, Service] = compose()["services"]
    return found


def strings(value: object) -> list[str]:
    """Return every text in a value, however deep."""
    if isinstance(value, Mapping):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [str(value)]


class Place:
    """Where a service's paths, ports and neighbours are on this machine: in folders and ports of a test's own."""

    def __init__(self, folder: Path, secrets: Path) -> None:
        self.folder = folder
        self.secrets = secrets
        self.ports = {inside: free_port() for inside in ("8883", "8086", "8080", "9464", "8428", "3000")}
        made = dict(line.split("=") for line in (secrets / "env").read_text().splitlines())
        assert made.keys() == MADE.keys()
        self._file = compose({"DEPLOY_SECRETS": str(secrets), **made})
        # The checkout may be out of other users' reach.
        shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("secrets"))

    def service(self, name: str) -> Service:
        """Return a service as the file describes it."""
        found: Service = self._file["services"][name]
        return found

    def paths(self, name: str) -> dict[str, Path]:
        """Return what a service sees, by its path inside."""
        service = self.service(name)
        seen = {HOUSE: SITE}
        for secret in service.get("secrets", []):
            seen[f"/run/secrets/{secret}"] = Path(self._file["secrets"][secret]["file"])
        for volume in service.get("volumes", []):
            source, target = volume.split(":")[:2]
            seen[target] = self.folder / (source if source.startswith(".") else f"volumes/{source}")
        return seen | self.scratch(name)

    def scratch(self, name: str) -> dict[str, Path]:
        """Return the folders of a service that are in memory there, by their paths inside."""
        found = [tmpfs.partition(":")[0] for tmpfs in self.service(name).get("tmpfs", [])]
        return {target: self.folder / "tmpfs" / name / target.strip("/").replace("/", "-") for target in found}

    def writable(self, name: str) -> list[Path]:
        """Make the folders that a service may write to, empty where they are new, and return them."""
        named = [volume.split(":") for volume in self.service(name).get("volumes", [])]
        folders = [self.folder / "volumes" / source for source, *_ in named if not source.startswith(".")]
        folders += self.scratch(name).values()
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        return folders

    def here(self, name: str, text: str) -> str:
        """Return a text with its paths, ports and names as they are on this machine."""
        paths = self.paths(name)
        longest_first = "|".join(re.escape(target) for target in sorted(paths, key=len, reverse=True))
        text = re.sub(rf"(?<![\w/.-])({longest_first})(?![\w.-])", lambda found: str(paths[found[1]]), text)
        for inside, outside in self.ports.items():
            text = re.sub(rf"\b{inside}\b", str(outside), text)
        text = re.sub(r"//mosquitto:", "//localhost:", text)
        text = re.sub(r"//(influxdb|victoriametrics|api|ingest(?:-victoriametrics)?):", "//127.0.0.1:", text)
        return re.sub(r"(^|=):(?=\d+$)", r"\g<1>127.0.0.1:", text).replace("0.0.0.0", "127.0.0.1")

    def environment(self, name: str) -> dict[str, str]:
        """Return a service's environment as it is on this machine."""
        found = self.service(name).get("environment", {})
        return {key: self.here(name, str(value)) for key, value in found.items()}

    def command(self, name: str) -> list[str]:
        """Return a service's command as it is on this machine."""
        return [self.here(name, part) for part in self.service(name)["command"]]

    def health(self, name: str) -> list[str]:
        """Return a service's health check as it is on this machine."""
        kind, *parts = self.service(name)["healthcheck"]["test"]
        mapped = [self.here(name, part).replace("$$", "$") for part in parts]
        assert kind in {"CMD", "CMD-SHELL"}
        return mapped if kind == "CMD" else ["/bin/sh", "-c", *mapped]

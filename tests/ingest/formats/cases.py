"""Cases of formats: folders below tests/data/formats/FAMILY, so that a new case is no new code.

A `case.toml` says what comes and what it means; `models.toml` beside it is what a house has beside its site file.

    about = "what the case shows"
    [devices]                       # models that the site file gives, by the source's name of the device
    "24e124535f316056" = "milesight-vs34x"
    [[message]]
    topic = "..."
    payload = '...'                 # or payload_hex, or payload_file beside it
    retained = false
    says = [{ sensor = "24e124535f316056", occupied = true, people = 3, battery = 98.0, time = 2026-11-30T09:00:00Z }]
    # or says = "status", "ignored", "refused: malformed"

A sensor is written as the device, or as DEVICE:SLOT. `occupied = "unknown"` is a state that is not known.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from ingest.formats import Device, Format, Ignored, Known, Observation, Outcome
from ingest.formats.families import family_of
from ingest.refusals import Refusal
from spaces.models import Models
from spaces.models.modelfile import read_models
from spaces.models.shelf import overlay
from spaces.times import rfc3339, to_millis

FOLDER = Path(__file__).parents[2] / "data" / "formats"


class Case(NamedTuple):
    """One folder."""

    family: str
    folder: Path
    about: str
    devices: Mapping[str, str]
    messages: list[dict[str, Any]]

    @property
    def models(self) -> Models:
        """The models of a house that has the case's."""
        file = self.folder / "models.toml"
        return overlay(read_models(file) if file.exists() else ())

    def known(self) -> Known:
        """Return what its site file says of models."""
        models = self.models
        return lambda name: models[self.devices[name]] if name in self.devices else None


def every_case() -> Iterator[Case]:
    """Yield every case of every family."""
    for file in sorted(FOLDER.glob("*/*/case.toml")):
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        yield Case(file.parts[-3], file.parent, found["about"], found.get("devices", {}), found["message"])


def payload_of(message: Mapping[str, Any], folder: Path) -> bytes:
    """Return the bytes of a message."""
    if "payload_hex" in message:
        return bytes.fromhex(str(message["payload_hex"]))
    if "payload_file" in message:
        return (folder / str(message["payload_file"])).read_bytes()
    return str(message["payload"]).encode()


def heard(case: Case, form: Format[Any] | None = None) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield each message of a case with what it says, as cases have it."""
    form = form or family_of(case.family).make(family_of(case.family).base, case.models)
    state, known = form.initial(), case.known()
    for message in case.messages:
        payload = payload_of(message, case.folder)
        outcome, state = form.hear(
            message["topic"],
            payload,
            retained=message.get("retained", False),
            state=state,
            known=known,
        )
        yield message, spelt(outcome)


def spelt(outcome: Outcome) -> Any:
    """Return what a message says as cases have it."""
    if isinstance(outcome, Refusal):
        return f"refused: {outcome.reason}"
    if not isinstance(outcome, list):
        return "ignored" if isinstance(outcome, Ignored) else "status"
    return [f"refused: {one.reason}" if isinstance(one, Refusal) else _observation(one) for one in outcome]


def _observation(one: Observation) -> dict[str, Any]:
    assert isinstance(one.address, Device)
    said: dict[str, Any] = {
        "sensor": one.address.address,
        "occupied": "unknown" if one.occupied is None else one.occupied,
    }
    for name in ("people", "battery"):
        if (value := getattr(one, name)) is not None:
            said[name] = value
    if one.time is not None:
        said["time"] = rfc3339(one.time)
    if one.near:
        said["near"] = True
    return said


def expected(says: Any) -> Any:
    """Return what a case expects, its times spelt as ours are."""
    if isinstance(says, str):
        return says
    return [
        {key: rfc3339(to_millis(value)) if isinstance(value, datetime) else value for key, value in one.items()}
        if isinstance(one, dict)
        else one
        for one in says
    ]

"""What real sensors have said, kept beside the checkout with what it means, means that here as well."""

import base64
import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ingest.formats import Device, Ignored, Observation, Status
from ingest.formats.families import family_of
from spaces.models.modelfile import read_models
from spaces.models.shelf import overlay
from spaces.times import to_millis
from tests.programs import shared

TABLES = Path(__file__).parents[2] / "data" / "payloads"
FILLED = {"<": "", ">": "", "%": ""}
"""Forms of topics become topics."""


class Payload(NamedTuple):
    """A message, and how it is to be read."""

    family: str
    message: Mapping[str, Any]
    model: str | None
    left: str | None
    models: Path


def every_payload() -> Iterator[Payload]:
    """Yield every message of the files that a table speaks of; none where they are not there."""
    for file in sorted(TABLES.glob("*.toml")):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        source = Path(__file__).parents[4] / "shared" / "payloads" / f"{file.stem}.json"
        for message in json.loads(source.read_text(encoding="utf-8")) if source.exists() else ():
            name = message["id"]
            message = _wrapped(message) if table.get("wrapped") else message  # noqa: PLW2901 - it is the same, packed
            family = table.get("families", {}).get(name, table["family"])
            model = table.get("models", {}).get(name)
            yield Payload(family, message, model, table.get("left", {}).get(name), file.with_suffix(".models.toml"))


def _wrapped(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a frame of bytes in the event in which a network server hands it on."""
    event = {
        "deviceInfo": {"devEui": "24e124000000", "deviceProfileName": message["model"]},
        "devAddr": "01",
        "fCnt": 1,
        "fPort": message["fport"],
        "data": base64.b64encode(bytes.fromhex(message["payload_hex"])).decode(),
    }
    return {**message, "topic": "application/1/device/24e124000000/event/up", "payload": event}


PAYLOADS = list(every_payload())


def test_the_payloads_are_there() -> None:
    assert shared("payloads").exists()
    assert PAYLOADS


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.message["id"])
def test_a_message_says_what_it_is_known_to_say(payload: Payload) -> None:
    if payload.left:
        pytest.skip(payload.left)
    outcome = understood(payload)
    wanted = payload.message["expected"]
    past = [one for one in (wanted.get("other") or {}).get("history", ()) if "occupied" in one]
    if past:
        assert [(one.time, one.occupied) for one in outcome] == [
            (_millis(one["time"]), one["occupied"]) for one in past
        ]
        return
    if wanted.get("readings"):
        said = {one.address.slot: one.occupied for one in outcome}
        assert said == {str(one.get("slot", one.get("device_id"))): one["occupied"] for one in wanted["readings"]}
        return
    if wanted["occupied"] is None and wanted["count"] is None:
        unknown = isinstance(outcome, list) and all(one.occupied is None for one in outcome)
        assert unknown or isinstance(outcome, Ignored | Status)
        return
    one = outcome[-1]
    assert isinstance(one, Observation)
    assert (one.occupied, one.people) == (wanted["occupied"], wanted["count"])
    if wanted["battery"] is not None:
        assert one.battery == pytest.approx(wanted["battery"])
    if wanted["time"] is not None:
        assert one.time == _millis(wanted["time"])


def _millis(text: str) -> int:
    return to_millis(datetime.fromisoformat(text))


def understood(payload: Payload) -> Any:
    """Return what a message says to its family, in a house that says which model it is of."""
    models = overlay(read_models(payload.models) if payload.models.exists() else ())
    model = models[payload.model] if payload.model else None
    family = family_of(payload.family)
    form = family.make(payload.message.get("base") or family.base, models)
    outcome, _ = form.hear(
        topic_of(payload.message),
        bytes_of(payload.message),
        retained=False,
        state=form.initial(),
        known=lambda _: model,
    )
    if isinstance(outcome, list):
        assert all(isinstance(one.address, Device) for one in outcome if isinstance(one, Observation))
    return outcome


def topic_of(message: Mapping[str, Any]) -> str:
    """Return a message's topic, real names in the place of forms."""
    topic = message["topic"] or "device/unsaid"
    for form, real in FILLED.items():
        topic = topic.replace(form, real)
    return str(topic)


def bytes_of(message: Mapping[str, Any]) -> bytes:
    """Return a message's payload."""
    payload = message.get("payload")
    if payload is None and "payload_hex" in message:
        return bytes.fromhex(message["payload_hex"])
    return payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()

"""What network servers of LoRaWAN have in common: devices that join, frames that are counted, and come twice.

A frame's counter begins anew with each session, so it is no `seq`; its gaps are what the radio has lost.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import msgspec
from rpds import HashTrieMap

from ingest.codecs import CodecError, Frame
from ingest.codecs.shelf import CODECS
from ingest.formats import Device, Ignored, Known, Observation, Outcome, Status
from ingest.meaning import fields_of, observe, read_time
from ingest.refusals import Reason, Refusal
from spaces.models import Model, TimeRule
from spaces.models.shelf import our_models, recognise
from spaces.times import Millis

MOST_DEVICES = 10_000
"""Of more devices than these nothing is remembered: somebody invents them."""
_MOST_LOST = 10_000
"""A counter that jumps farther was set anew, and nothing was lost."""
_SERVER = TimeRule((), told=True)
_CLOCK = TimeRule((), "ms")
"""How codecs tell the times of records."""
_LATE = 64
"""A counter that falls by no more than this came late; one that falls farther begins anew."""


class Radio(msgspec.Struct, frozen=True, gc=False):
    """What is remembered of a device: its last frame, and what its session has lost on the way."""

    session: str = ""
    counter: int = -1
    data: bytes = b""
    heard: int = 0
    lost: int = 0
    battery: float | None = None
    """In percent, as the network server was told; it goes with the next state."""


Fleet: TypeAlias = "HashTrieMap[str, Radio]"
"""Radios by the name of their device. It never changes: each message makes another, which shares most of it."""
NOBODY: Fleet = HashTrieMap()


class Uplink(NamedTuple):
    """A frame that a network server hands on. `profile` is the word that people or the server have for its model."""

    device: Device
    profile: str
    session: str
    counter: int | None
    port: int | None
    data: bytes | Refusal | None
    decoded: Any
    time: Millis | None
    near: bool = False
    charge: float | None = None
    """Its battery's, in percent, where the network server tells that with the frame."""


def hear_uplink(source: str, uplink: Uplink, fleet: Fleet, known: Known) -> tuple[Outcome, Fleet]:
    """Return what a frame says, and the fleet after it. The same frame again changes nothing."""
    name = uplink.device.name
    radio = fleet.get(name) or Radio()
    if _is_repeated(radio, uplink):
        return Status(uplink.device), fleet
    charge = radio.battery if uplink.charge is None else uplink.charge
    outcome = _with_battery(_understand(source, uplink, known), charge)
    used = isinstance(outcome, list) and radio.battery is not None
    return outcome, _remember(fleet, name, _after(radio, uplink, None if used else radio.battery))


def hear_battery(device: Device, percent: float | None, fleet: Fleet) -> tuple[Outcome, Fleet]:
    """Remember a battery's charge that a network server tells by itself."""
    if percent is None:
        return Status(device), fleet
    radio = fleet.get(device.name) or Radio()
    return Status(device), _remember(fleet, device.name, msgspec.structs.replace(radio, battery=percent))


def hear_join(device: Device, fleet: Fleet) -> tuple[Outcome, Fleet]:
    """Begin counting anew: counters start again after a join."""
    radio = fleet.get(device.name) or Radio()
    fresh = msgspec.structs.replace(radio, session="", counter=-1, data=b"")
    return Status(device), _remember(fleet, device.name, fresh)


def _remember(fleet: Fleet, name: str, radio: Radio) -> Fleet:
    return fleet.insert(name, radio) if len(fleet) < MOST_DEVICES or name in fleet else fleet


def decode_base64(text: object) -> bytes | Refusal | None:
    """Return the bytes of a frame, None where none came."""
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        return Refusal(Reason.WRONG_TYPE, "data is no text")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return Refusal(Reason.MALFORMED, "data is no base64")


def gateway_time(gateways: object) -> Millis | None:
    """Return the time of the first gateway that tells one; those without a clock tell none.

    >>> gateway_time([{"rssi": -35}, {"time": "2026-01-01T00:00:00Z"}])
    1767225600000
    """
    times = (read_time(_SERVER, fields_of(one).get("time")) for one in (gateways if isinstance(gateways, list) else ()))
    return next((time for time in times if time is not None), None)


def percent_of(charge: object) -> float | None:
    """Return a battery's charge; None for what is no share of a hundred, and for 0: that is a supply by cable.

    >>> percent_of(90.118576), percent_of(0), percent_of(255)
    (90.12, None, None)
    """
    if isinstance(charge, bool) or not isinstance(charge, int | float):
        return None
    return round(charge, 2) if 0 < charge <= 100 else None


def _is_repeated(radio: Radio, uplink: Uplink) -> bool:
    return (
        uplink.counter is not None
        and uplink.counter == radio.counter
        and uplink.session == radio.session
        and uplink.data == radio.data
    )


def _after(radio: Radio, uplink: Uplink, battery: float | None) -> Radio:
    if uplink.counter is None:
        return msgspec.structs.replace(radio, battery=battery)
    data = uplink.data if isinstance(uplink.data, bytes) else b""
    step = uplink.counter - radio.counter
    fresh = Radio(uplink.session, uplink.counter, data, radio.heard + 1, radio.lost, battery)
    if uplink.session != radio.session or radio.counter < 0:
        return fresh
    if -_LATE <= step < 0:  # overtaken by later frames, and counted as lost with them
        return msgspec.structs.replace(radio, heard=radio.heard + 1, lost=max(radio.lost - 1, 0), battery=battery)
    return msgspec.structs.replace(fresh, lost=radio.lost + (step - 1 if 1 < step <= _MOST_LOST else 0))


def _with_battery(outcome: Outcome, charge: float | None) -> Outcome:
    """Return what was said, with the charge that the network server told where it says none itself."""
    if not isinstance(outcome, list) or charge is None:
        return outcome
    return [
        msgspec.structs.replace(one, battery=charge)
        if isinstance(one, Observation) and one.battery is None and "battery" not in one.unfit
        else one
        for one in outcome
    ]


def _understand(source: str, uplink: Uplink, known: Known) -> Outcome:
    """Return what a frame means, by whoever is to be believed first.

    The site's own rules come first, then our codec of the model, then what the network server has decoded.
    """
    model = known(uplink.device.name) or recognise(uplink.profile)
    refusal = None
    if model is not None and model.codec is not None and uplink.data is not None:
        said = _decode(model, uplink)
        if not isinstance(said, Refusal):
            return said or Ignored(source)
        refusal = said
    if isinstance(uplink.decoded, dict):
        by = model if model is not None and model.codec is None else our_models()["decoded"]
        said = observe(by, uplink.decoded, _of(uplink, model), time=uplink.time)
        if said:
            return _nearly(said) if uplink.near else said
    return refusal or Ignored(source)


def _decode(model: Model, uplink: Uplink) -> list[Observation | Refusal] | Refusal:
    if isinstance(uplink.data, Refusal):
        return uplink.data
    assert model.codec is not None
    assert uplink.data is not None
    try:
        frame = CODECS[model.codec](uplink.data, uplink.port)
    except CodecError as error:
        return Refusal(Reason.MALFORMED, f"a frame for {model.name} {error}"[:200])
    said = observe(model, frame.fields, uplink.device, time=uplink.time) if frame.fields else []
    return [*_past(model, frame, uplink), *(_nearly(said) if uplink.near else said)]


def _past(model: Model, frame: Frame, uplink: Uplink) -> Iterator[Observation | Refusal]:
    """Yield what a device tells of earlier moments; without a time that can be it tells nothing."""
    for record in frame.history:
        if (time := read_time(_CLOCK, record.get("time"))) is not None:
            yield from observe(model, record, uplink.device, time=time)


def _nearly(said: list[Observation | Refusal]) -> list[Observation | Refusal]:
    return [msgspec.structs.replace(one, near=True) if isinstance(one, Observation) else one for one in said]


def _of(uplink: Uplink, model: Model | None) -> Device:
    return uplink.device if model is None else uplink.device._replace(model=model)

"""Zigbee2MQTT: a JSON object a device on `zigbee2mqtt/NAME`, its catalogue and what is there on topics beside.

Names are people's and hold slashes and blanks; `NAME/set` and `bridge/#` are none. A site file may name a device as
people do, or by its IEEE address, which it keeps when it is renamed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from rpds import HashTrieMap

from ingest.formats import Device, Filter, Heard, Ignored, Known, Outcome, Status
from ingest.formats.jsontext import MOST_PAYLOAD, decode_json, read_word
from ingest.formats.roster import NOBODY, Roster, come, go, note
from ingest.meaning import observe
from ingest.refusals import Refusal
from spaces.models import Model
from spaces.models.shelf import our_models, recognise

SOURCE = "zigbee2mqtt"
MOST_CATALOGUE = 4 * 1024 * 1024
"""Bytes of `bridge/devices`: 28,000 were seen for five devices."""
_PRESENCE = {"occupancy", "presence"}
_COMMANDS = {"set", "get"}


class Listed(msgspec.Struct, frozen=True, gc=False):
    """What the catalogue tells of a device."""

    address: str
    what: str
    present: bool
    """Whether it is about presence."""


class Zigbee(msgspec.Struct, frozen=True, gc=False):
    """What is remembered: the catalogue by people's names (None: not heard yet), and each device's last state."""

    listed: "HashTrieMap[str, Listed] | None" = None
    roster: Roster = NOBODY


class Zigbee2Mqtt:
    """Reads what Zigbee2MQTT publishes.

    >>> form = Zigbee2Mqtt()
    >>> said, _ = form.hear("zigbee2mqtt/room/2.04 radar", b'{"presence":true,"battery":90}', retained=False,
    ...                     state=form.initial(), known=lambda _: None)
    >>> said[0].address.name, said[0].occupied, said[0].battery
    ('room/2.04 radar', True, 90)
    """

    def __init__(self, base: str = SOURCE) -> None:
        self._base = base
        self._bridge = f"{base}/bridge/"

    @property
    def filters(self) -> tuple[Filter, ...]:
        """All of it, for one worker: names have any number of levels."""
        return (Filter(f"{self._base}/#", shared=False),)

    def limit(self, topic: str) -> int:
        """Return how many bytes a message may have: the catalogue many."""
        return MOST_CATALOGUE if topic == f"{self._bridge}devices" else MOST_PAYLOAD

    def initial(self) -> Zigbee:
        """Return the state before anything was heard."""
        return Zigbee()

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,  # noqa: ARG002 - its age is the worker's business
        state: Zigbee,
        known: Known,
    ) -> Heard[Zigbee]:
        """Return what a message says, and the state after it."""
        if topic.startswith(self._bridge):
            return self._hear_bridge(topic[len(self._bridge) :], payload, state)
        name = topic[len(self._base) + 1 :]
        if not payload or name.rpartition("/")[2] in _COMMANDS:
            return Ignored(SOURCE), state
        device, _, last = name.rpartition("/")
        if last == "availability":
            return _hear_availability(device, payload, state)
        if state.listed is not None and name not in state.listed:
            return _hear_attribute(device, last, payload, state, known)
        return _hear_device(name, decode_json(payload), state, known)

    @staticmethod
    def _hear_bridge(what: str, payload: bytes, state: Zigbee) -> Heard[Zigbee]:
        if what == "devices":
            listed = _listed(decode_json(payload, MOST_CATALOGUE))
            return Ignored(SOURCE), state if listed is None else Zigbee(listed, state.roster)
        if what == "state" and _is_offline(payload):
            outcome, roster = go(state.roster, lambda _: True)
            return outcome or Ignored(SOURCE), Zigbee(state.listed, roster)
        return Ignored(SOURCE), state


def _hear_device(name: str, fields: Any, state: Zigbee, known: Known) -> Heard[Zigbee]:
    if isinstance(fields, Refusal) or not isinstance(fields, dict):
        listed = state.listed.get(name) if state.listed is not None else None
        refused = isinstance(fields, Refusal) and listed is not None and listed.present
        return fields if refused else Ignored(SOURCE), state
    device = _device(name, state)
    own = known(name) or (known(device.alias) if device.alias else None)
    said = observe(own, fields, device) if own is not None and own.id != SOURCE else _usual(fields, device)
    outcome: Outcome = said or Ignored(SOURCE)
    return outcome, Zigbee(state.listed, note(state.roster, outcome))


def _hear_attribute(device: str, key: str, payload: bytes, state: Zigbee, known: Known) -> Heard[Zigbee]:
    """Hear a device that says each of its attributes on a topic of its own; all else is none of ours."""
    listed = state.listed.get(device) if state.listed is not None else None
    if listed is None or key not in _PRESENCE:
        return Ignored(SOURCE), state
    return _hear_device(device, {key: read_word(payload)}, state, known)


def _hear_availability(name: str, payload: bytes, state: Zigbee) -> Heard[Zigbee]:
    def is_it(other: str) -> bool:
        return other == name

    if _is_offline(payload):
        outcome, roster = go(state.roster, is_it)
        return outcome or Status(_device(name, state)), Zigbee(state.listed, roster)
    if name not in state.roster:
        return Ignored(SOURCE), state
    return come(state.roster, is_it) or Status(_device(name, state)), state


def _is_offline(payload: bytes) -> bool:
    """Whether a word or an object says "offline"; older versions publish the bare word."""
    found = decode_json(payload) if payload[:1] == b"{" else read_word(payload)
    return (found.get("state") if isinstance(found, dict) else found) == "offline"


def _usual(fields: Mapping[str, Any], device: Device) -> Any:
    return observe(device.model or our_models()[SOURCE], fields, device)


def _device(name: str, state: Zigbee) -> Device:
    listed = state.listed.get(name) if state.listed is not None else None
    if listed is None:
        return Device(name)
    return Device(name, label=name, model=_model(listed.what), alias=listed.address)


def _model(what: str) -> Model:
    """Return the model of a device that the catalogue tells: one of ours, or any of Zigbee's under its own name."""
    return recognise(what) or replace(our_models()[SOURCE], name=what or "Zigbee sensor")


def _listed(catalogue: Any) -> "HashTrieMap[str, Listed] | None":
    if not isinstance(catalogue, list):
        return None
    return HashTrieMap(
        {
            entry["friendly_name"]: Listed(str(entry.get("ieee_address", "")), _what(entry), _is_present(entry))
            for entry in catalogue[:10_000]
            if isinstance(entry, dict) and isinstance(entry.get("friendly_name"), str)
        }
    )


def _what(entry: Mapping[str, Any]) -> str:
    definition = entry.get("definition")
    if not isinstance(definition, dict):
        return ""
    return " ".join(str(definition[key]) for key in ("vendor", "model") if isinstance(definition.get(key), str))[:80]


def _is_present(entry: Mapping[str, Any]) -> bool:
    definition = entry.get("definition")
    exposes = definition.get("exposes") if isinstance(definition, dict) else None
    return any(name in _PRESENCE for name in _names(exposes))


def _names(exposes: Any) -> Iterable[str]:
    for one in exposes if isinstance(exposes, list) else ():
        if isinstance(one, dict) and isinstance(one.get("property", one.get("name")), str):
            yield str(one.get("property", one.get("name"))).partition("_")[0]

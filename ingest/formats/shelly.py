"""Shelly, generations 1 to 4: states of devices and their components, and BLU sensors that a gateway or script hears.

shellies/ID[/status]           generation 1: the whole of a device
PREFIX/events/rpc              later ones: what has changed, with a time
PREFIX/status/COMPONENT        the same of one component, without
PREFIX/online                  whether it is there: `true` or `false`
MAC                            what the makers' example script says of a BLU sensor
"""

import re
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from ingest.formats import Device, Filter, Heard, Ignored, Known, Observation, Outcome, Status
from ingest.formats.jsontext import MOST_PAYLOAD, decode_json, read_word
from ingest.formats.roster import NOBODY, Roster, come, go, note
from ingest.meaning import fields_of, observe, read_time
from ingest.refusals import Refusal
from spaces.models import Model, TimeRule
from spaces.models.shelf import our_models
from spaces.times import Millis

SOURCE = "shelly"
_SENT = TimeRule((), "s")
_MAC = re.compile(r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")
_ZONE = "presencezone:"
_MAIN = "presencezone:200"
"""The zone over the whole room; others are parts of it, and are not added to it."""


class Shelly:
    """Reads what Shelly's devices publish.

    >>> form = Shelly()
    >>> said, _ = form.hear("shellypresenceg4-aa01/status/presencezone:200", b'{"id":200,"value":true,"num_objects":3}',
    ...                     retained=False, state=form.initial(), known=lambda _: None)
    >>> said[0].address.address, said[0].people
    ('shellypresenceg4-aa01', 3)
    """

    def __init__(self, base: str = "") -> None:
        self._lead = f"{base}/" if base else ""

    @property
    def filters(self) -> tuple[Filter, ...]:
        """All forms of states, and whether devices are there; bare topics are those of the script."""
        topics = ("shellies/#", "+/events/rpc", "+/status/+", "+/online", "+")
        return tuple(Filter(f"{self._lead}{topic}", shared=False) for topic in topics)

    def limit(self, topic: str) -> int:  # noqa: ARG002 - all are small
        """Return how many bytes a message may have."""
        return MOST_PAYLOAD

    def initial(self) -> Roster:
        """Return the roster before anybody spoke."""
        return NOBODY

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,  # noqa: ARG002 - its age is the worker's business
        state: Roster,
        known: Known,
    ) -> Heard[Roster]:
        """Return what a message says, and the roster after it."""
        levels = topic[len(self._lead) :].split("/")
        if levels[-1] == "online":
            return _hear_online(levels[-2] if len(levels) > 1 else "", payload, state)
        fields = decode_json(payload) if payload[:1] == b"{" else None
        if not isinstance(fields, dict):
            return Ignored(SOURCE), state
        if len(levels) == 1 and _MAC.fullmatch(levels[0]):
            return _hear_blu(levels[0], fields_of(fields.get("service_data")), state, known)
        outcome: Outcome = list(_said(levels, fields, known)) or Ignored(SOURCE)
        return outcome, note(state, outcome)


def _said(levels: list[str], fields: dict[str, Any], known: Known) -> Iterator[Observation | Refusal]:
    if levels[0] == "shellies" and len(levels) in {2, 3} and levels[2:] in ([], ["status"]):
        model = known(levels[1]) or our_models()["shelly-motion"]
        yield from observe(model, fields, Device(levels[1]))
    elif levels[1:] == ["events", "rpc"]:
        params = fields_of(fields.get("params"))
        time = read_time(_SENT, params.get("ts"))
        for component, values in params.items():
            yield from _component(levels[0], component, values, known, time)
    elif len(levels) == 3 and levels[1] == "status":
        yield from _component(levels[0], levels[2], fields, known, None)


def _component(
    prefix: str, component: str, values: Any, known: Known, time: Millis | None
) -> Iterator[Observation | Refusal]:
    device = Device(prefix, None if component == _MAIN else component, label=prefix)
    model = _model(device, component, known) if isinstance(values, dict) else None
    for one in observe(model, values, device) if model is not None else ():
        yield _timed(one, time)


def _timed(one: Observation | Refusal, time: Millis | None) -> Observation | Refusal:
    """Return what was said, at the time that its message has by the device's clock."""
    if isinstance(one, Refusal) or time is None or one.time is not None:
        return one
    return replace(one, time=time, near=True)


def _model(device: Device, component: str, known: Known) -> Model | None:
    """Return what a component is: a zone of presence, or what the site file says."""
    if component.startswith(_ZONE):
        return known(device.address) or our_models()["shelly-presence"]
    return known(device.address) if device.slot is not None else None


def _hear_blu(mac: str, values: dict[str, Any], state: Roster, known: Known) -> Heard[Roster]:
    """Hear what a script says of a BLU sensor; a packet that two gateways heard comes twice, with one number."""
    device = Device(mac.lower())
    last, key = state.get(device.name), str(values.get("pid", ""))[:16]
    if key and last is not None and last.key == key:
        return Status(device), state
    outcome: Outcome = observe(known(device.name) or our_models()["shelly-blu"], values, device) or Ignored(SOURCE)
    return outcome, note(state, outcome, key=key)


def _hear_online(name: str, payload: bytes, state: Roster) -> Heard[Roster]:
    def is_it(other: str) -> bool:
        return other == name

    word = read_word(payload)
    if word == "false":
        outcome, roster = go(state, is_it)
        return outcome or Ignored(SOURCE), roster
    return (come(state, is_it) if word == "true" else None) or Ignored(SOURCE), state

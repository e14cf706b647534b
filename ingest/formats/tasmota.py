"""Tasmota: JSON on `tele/DEVICE/SENSOR` and `stat/DEVICE/RESULT`, words on topics beside, a will on `tele/DEVICE/LWT`.

Its `Time` is local and says no zone, so the receipt counts. What a switch or a PIR is wired to only the site file
knows; a radar and what a Zigbee bridge has received say it themselves. Both layouts of its topics are read.
"""

from collections.abc import Iterator
from typing import Any

from ingest.formats import Device, Filter, Heard, Ignored, Known, Observation, Outcome
from ingest.formats.jsontext import MOST_PAYLOAD, decode_json, read_word
from ingest.formats.roster import NOBODY, Roster, go, note
from ingest.meaning import fields_of, observe
from ingest.refusals import Refusal
from spaces.models.shelf import our_models

SOURCE = "tasmota"
_KINDS = ("tele", "stat")


class Tasmota:
    """Reads what Tasmota publishes.

    >>> form = Tasmota()
    >>> said, _ = form.hear("tele/room-2/SENSOR", b'{"Time":"2026-11-30T09:00:00","LD2410":{"Out_pin":1}}',
    ...                     retained=False, state=form.initial(), known=lambda _: None)
    >>> said[0].address.name, said[0].occupied, said[0].time
    ('room-2', True, None)
    """

    def __init__(self, base: str = "") -> None:
        self._lead = f"{base}/" if base else ""

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Telemetry and results, in the usual layout and in the one with the device first."""
        layouts = [f"{kind}/+/+" for kind in _KINDS] + [f"+/{kind}/+" for kind in _KINDS]
        return tuple(Filter(f"{self._lead}{layout}", shared=False) for layout in layouts)

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
        retained: bool,
        state: Roster,
        known: Known,
    ) -> Heard[Roster]:
        """Return what a message says, and the roster after it."""
        levels = topic[len(self._lead) :].split("/")
        if len(levels) != 3 or not payload:
            return Ignored(SOURCE), state
        name = levels[1] if levels[0] in _KINDS else levels[0]
        what = levels[2]
        if what == "LWT":
            return _hear_will(name, payload, state)
        if retained:
            return Ignored(SOURCE), state  # a switch's retained state is a ghost: what it was, nobody knows when
        fields = decode_json(payload) if payload[:1] == b"{" else {what: read_word(payload)}
        if isinstance(fields, Refusal) or not isinstance(fields, dict):
            return Ignored(SOURCE), state
        outcome: Outcome = list(_said(name, fields, known)) or Ignored(SOURCE)
        return outcome, note(state, outcome)


def _said(name: str, fields: dict[str, Any], known: Known) -> Iterator[Observation | Refusal]:
    received = fields_of(fields.get("ZbReceived"))
    for other, values in received.items():
        if isinstance(values, dict):
            device = Device(str(values.get("Name", values.get("Device", other))), label=values.get("Name"))
            yield from observe(known(device.name) or our_models()["tasmota-zigbee"], values, device)
    if not received:
        model = known(name) or (our_models()["tasmota-ld2410"] if "LD2410" in fields else None)
        if model is not None:
            yield from observe(model, fields, Device(name))


def _hear_will(name: str, payload: bytes, state: Roster) -> Heard[Roster]:
    if (read_word(payload) or "").lower() != "offline":
        return Ignored(SOURCE), state
    outcome, roster = go(state, lambda other: other == name)
    return outcome or Ignored(SOURCE), roster

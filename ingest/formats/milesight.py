"""What Milesight's own devices publish by themselves, on topics that people choose: people sensors and gateways.

Gateways (UG56, UG65, UG67) hand on frames as ChirpStack of version 3 does, or, with a payload codec, what that has
decoded, flat beside the device's name. Sensors (VS121-P, VS125) write local times with the offset in a text beside;
where the time has an offset of its own, the text beside it is not put on top.
"""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from msgspec.structs import replace

from ingest.formats import Device, Filter, Heard, Ignored, Known, Observation, Outcome
from ingest.formats.chirpstack import ChirpStack
from ingest.formats.jsontext import MOST_PAYLOAD, decode_json
from ingest.formats.lorawan import NOBODY, Fleet, Uplink, hear_uplink
from ingest.meaning import fields_of, observe, read_time
from ingest.refusals import Reason, Refusal
from spaces.models import TimeRule
from spaces.models.shelf import our_models
from spaces.times import HOUR, Millis, to_millis

SOURCE = "milesight"
_OFFSET = re.compile(r"UTC([+-])(\d{1,2})(?::(\d{2}))?")
_CLOCK = TimeRule(())
_frames = ChirpStack()


class Milesight:
    """Reads what Milesight's sensors and gateways publish themselves.

    >>> form = Milesight()
    >>> said, _ = form.hear("milesight/hall", b'{"device_info":{"device_sn":"3693"},"current_total":4,'
    ...     b'"time_info":{"timezone":"UTC+1:00","dst_status":false,"end_time":"2026/11/30 09:00:00"}}',
    ...     retained=False, state=form.initial(), known=lambda _: None)
    >>> said[0].address.name, said[0].people, said[0].time
    ('3693', 4, 1796025600000)
    """

    def __init__(self, base: str = SOURCE) -> None:
        self._base = base

    @property
    def filters(self) -> tuple[Filter, ...]:
        """All below the topic that people have chosen, and the topic itself."""
        return (Filter(f"{self._base}/#", shared=False),)

    def limit(self, topic: str) -> int:  # noqa: ARG002 - messages are alike
        """Return how many bytes a message may have."""
        return MOST_PAYLOAD

    def initial(self) -> Fleet:
        """Return the fleet before anybody spoke."""
        return NOBODY

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,
        state: Fleet,
        known: Known,
    ) -> Heard[Fleet]:
        """Return what a message says, and the fleet after it."""
        fields = decode_json(payload)
        if isinstance(fields, Refusal):
            return fields, state
        if not isinstance(fields, dict):
            return Ignored(SOURCE), state
        if "data" in fields and "devEUI" in fields:
            return _frames.hear(f"{topic}/up", payload, retained=retained, state=state, known=known)
        if isinstance(fields.get("devEUI"), str) and fields["devEUI"]:
            return hear_uplink(SOURCE, _decoded(fields), state, known)
        return _hear_sensor(fields, known), state


def _decoded(fields: dict[str, Any]) -> Uplink:
    """Return a frame of which the gateway tells only what it has decoded, or that a device has joined."""
    label = fields.get("deviceName")
    device = Device(fields["devEUI"].lower(), label=label if isinstance(label, str) and label else None)
    time = read_time(_CLOCK, fields.get("gatewayTime"))
    return Uplink(device, "", "", None, None, None, fields, time, near=True)


def _hear_sensor(fields: dict[str, Any], known: Known) -> Outcome:
    info = fields_of(fields.get("device_info"))
    serial = info.get("device_sn")
    ours = "milesight-vs121-native" if "current_total" in fields else "milesight-vs125-native"
    fields = {**fields, "regions": _regions(fields)}
    if not isinstance(serial, str) or not serial:
        return Refusal(Reason.NO_DEVICE, "names no device_sn") if info else Ignored(SOURCE)
    label = info.get("device_name")
    device = Device(serial, label=label if isinstance(label, str) else None)
    said = observe(known(serial) or our_models()[ours], fields, device)
    time = _local_time(fields_of(fields.get("time_info")))
    return [_at(one, time) for one in said] or Ignored(SOURCE)


def _at(one: Observation | Refusal, time: Millis | None) -> Observation | Refusal:
    if isinstance(one, Refusal) or one.time is not None or time is None:
        return one
    return replace(one, time=time, near=True)


def _regions(fields: dict[str, Any]) -> dict[str, dict[str, object]]:
    """Return what VS121-P says of each region: it has their numbers, states and people in lists side by side."""
    numbers = fields.get("numbering_regions")
    found: dict[str, dict[str, object]] = {}
    for key, name in (("occupancy", "occupied"), ("current_counted", "people")):
        values = fields.get(key)
        if not isinstance(numbers, list) or not isinstance(values, list) or len(values) != len(numbers):
            continue
        for number, value in zip(numbers, values, strict=True):
            if isinstance(number, int):
                found.setdefault(str(number), {})[name] = value
    return found


def _local_time(info: dict[str, Any]) -> Millis | None:
    """Return when a report ended or what it reports was seen: a local time, its offset beside it, summer time apart."""
    text, zone = info.get("end_time", info.get("time")), info.get("timezone", info.get("time_zone"))
    told = read_time(_CLOCK, text)
    found = _OFFSET.match(zone) if isinstance(zone, str) else None
    if told is not None or not isinstance(text, str) or found is None:
        return told
    away = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    try:
        local = datetime.fromisoformat(text.strip().replace("/", "-"))
        moment = to_millis(local.replace(tzinfo=timezone(away if found[1] == "+" else -away)))
    except (ValueError, OverflowError):
        return None
    return moment - HOUR if info.get("dst_status") == 1 else moment

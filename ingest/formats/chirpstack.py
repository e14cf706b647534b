"""ChirpStack, version 4 and its gateways' kin of version 3: JSON on `application/ID/device/EUI/event/up`.

Its documentation calls the topic a template: whoever has changed it names the part before `/+/device/`.
"""

import base64
import binascii
from typing import Any

import msgspec

from ingest.formats import Device, Filter, Heard, Ignored, Known, Outcome
from ingest.formats.lorawan import (
    NOBODY,
    Fleet,
    Uplink,
    decode_base64,
    gateway_time,
    hear_battery,
    hear_join,
    hear_uplink,
    percent_of,
)
from ingest.meaning import read_time
from ingest.refusals import Reason, Refusal
from spaces.models import TimeRule
from spaces.models.shelf import recognise

MOST_PAYLOAD = 65_536
"""Bytes of an event: one with dozens of gateways has 20,000."""
SOURCE = "chirpstack"
_TIME = TimeRule((), told=True)


class _Info(msgspec.Struct, gc=False, rename="camel"):
    dev_eui: str = ""
    device_name: str = ""
    device_profile_name: str = ""


class _Event(msgspec.Struct, gc=False, rename="camel"):
    """What counts of an event: `deviceInfo` and `time` are of version 4, the last six of version 3."""

    device_info: _Info | None = None
    time: Any = None
    dev_addr: str = ""
    f_cnt: int | None = None
    f_port: int | None = None
    data: Any = None
    object: Any = None
    battery_level: float | None = None
    external_power_source: bool | None = None
    battery_level_unavailable: bool | None = None
    dev_eui: str = msgspec.field(name="devEUI", default="")
    device_name: str = ""
    device_profile_name: str = ""
    object_json: str = msgspec.field(name="objectJSON", default="")
    rx_info: Any = None
    published_at: Any = None


_decode = msgspec.json.Decoder(_Event).decode


class ChirpStack:
    """Reads the events of ChirpStack's MQTT integration. It remembers each device's last frame.

    >>> said, _ = ChirpStack().hear(
    ...     "application/1/device/24e124/event/up",
    ...     b'{"deviceInfo":{"devEui":"24e124","deviceProfileName":"VS341"},"fCnt":1,"fPort":85,"data":"AwAB"}',
    ...     retained=False, state=ChirpStack().initial(), known=lambda _: None,
    ... )
    >>> said[0].address.name, said[0].occupied
    ('24e124', True)
    """

    def __init__(self, base: str = "application") -> None:
        self._base = base

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Every event of every device: the worker ignores those that say nothing."""
        return (Filter(f"{self._base}/+/device/+/event/+"),)

    def limit(self, topic: str) -> int:  # noqa: ARG002 - events are alike
        """Return how many bytes an event may have."""
        return MOST_PAYLOAD

    def initial(self) -> Fleet:
        """Return the fleet before anybody spoke."""
        return NOBODY

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,  # noqa: ARG002 - a frame has its time
        state: Fleet,
        known: Known,
    ) -> Heard[Fleet]:
        """Return what an event says, and the fleet after it."""
        kind = topic.rpartition("/")[2]
        if kind not in {"up", "join", "status"}:
            return Ignored(SOURCE), state
        event = _read(payload)
        if isinstance(event, Refusal):
            return event, state
        device = _device(event, topic)
        if isinstance(device, Refusal):
            return device, state
        device = device._replace(model=recognise(_profile(event)))
        if kind == "up":
            return _hear_up(event, device, state, known)
        return hear_join(device, state) if kind == "join" else hear_battery(device, _charge(event), state)


def _hear_up(event: _Event, device: Device, state: Fleet, known: Known) -> tuple[Outcome, Fleet]:
    time = read_time(_TIME, event.time)
    if time is None:
        time = read_time(_TIME, event.published_at)
    near = time is None and event.device_info is None
    if near:
        time = gateway_time(event.rx_info)
    counter = (event.f_cnt or 0) if event.dev_addr or event.f_cnt is not None else None
    uplink = Uplink(
        device,
        _profile(event),
        event.dev_addr,
        counter,
        event.f_port,
        decode_base64(event.data),
        _decoded(event),
        time,
        near,
    )
    return hear_uplink(SOURCE, uplink, state, known)


def _profile(event: _Event) -> str:
    return event.device_info.device_profile_name if event.device_info else event.device_profile_name


def _read(payload: bytes) -> _Event | Refusal:
    if len(payload) > MOST_PAYLOAD:
        return Refusal(Reason.TOO_LARGE, f"an event has at most {MOST_PAYLOAD} bytes")
    try:
        return _decode(payload)
    except msgspec.ValidationError as error:
        return Refusal(Reason.WRONG_TYPE, str(error)[:200])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return Refusal(Reason.MALFORMED, f"{error}; set ChirpStack's MQTT integration to JSON"[:200])


def _device(event: _Event, topic: str) -> Device | Refusal:
    info = event.device_info
    if info is not None and info.dev_eui:
        return Device(info.dev_eui.lower(), label=info.device_name or None)
    name = _hex(event.dev_eui) or _topic_device(topic)
    return Device(name, label=event.device_name or None) if name else Refusal(Reason.NO_DEVICE, "names no device")


def _hex(eui: str) -> str:
    """Return a device's EUI as people write it: version 3 has it in base64."""
    if len(eui) == 16:
        return eui.lower()
    try:
        found = base64.b64decode(eui, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return found.hex() if len(found) == 8 else ""


def _topic_device(topic: str) -> str:
    levels = topic.split("/")
    return levels[-3].lower() if len(levels) >= 4 and levels[-4] == "device" else ""


def _charge(event: _Event) -> float | None:
    if event.battery_level_unavailable or event.external_power_source:
        return None
    return percent_of(event.battery_level)


def _decoded(event: _Event) -> Any:
    """Return what the server's own decoder has made of a frame; None where there is none, or it has failed."""
    if event.object is not None or not event.object_json:
        return event.object
    try:
        return msgspec.json.decode(event.object_json)
    except (msgspec.DecodeError, RecursionError):
        return None

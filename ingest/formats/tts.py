"""The Things Stack, version 3: JSON on `v3/APP@TENANT/devices/ID/up`, at QoS 0 alone and never retained.

It leaves out what is zero: a frame without a counter is the session's first.
"""

from typing import Any

import msgspec

from ingest.formats import Device, Filter, Heard, Ignored, Known
from ingest.formats.lorawan import (
    NOBODY,
    Fleet,
    Uplink,
    decode_base64,
    gateway_time,
    hear_join,
    hear_uplink,
    percent_of,
)
from ingest.meaning import read_time
from ingest.refusals import Reason, Refusal
from spaces.models import TimeRule
from spaces.times import Millis

SOURCE = "tts"
MOST_PAYLOAD = 65_536
_TIME = TimeRule((), told=True)


class _Ids(msgspec.Struct, gc=False):
    device_id: str = ""
    dev_eui: str = ""


class _Version(msgspec.Struct, gc=False):
    brand_id: str = ""
    model_id: str = ""


class _Battery(msgspec.Struct, gc=False):
    value: Any = None


class _Uplink(msgspec.Struct, gc=False):
    session_key_id: str = ""
    f_port: int = 0
    f_cnt: int = 0
    frm_payload: Any = None
    decoded_payload: Any = None
    received_at: Any = None
    rx_metadata: Any = None
    version_ids: _Version | None = None
    last_battery_percentage: _Battery | None = None


class _Message(msgspec.Struct, gc=False):
    """What counts of a message."""

    end_device_ids: _Ids
    received_at: Any = None
    uplink_message: _Uplink | None = None
    simulated: bool = False


_decode = msgspec.json.Decoder(_Message).decode


class ThingsStack:
    """Reads what The Things Stack publishes. It remembers each device's last frame.

    >>> form = ThingsStack()
    >>> said, _ = form.hear(
    ...     "v3/desks@office/devices/eui-1/up",
    ...     b'{"end_device_ids":{"device_id":"eui-1","dev_eui":"24E1"},"uplink_message":{"frm_payload":"AwAB",'
    ...     b'"version_ids":{"model_id":"vs341"},"received_at":"2026-11-30T08:00:00.1234567Z"}}',
    ...     retained=False, state=form.initial(), known=lambda _: None,
    ... )
    >>> said[0].address.name, said[0].occupied, said[0].time
    ('24e1', True, 1796025600123)
    """

    def __init__(self, base: str = "v3") -> None:
        self._base = base

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Frames and joins of every device."""
        return tuple(Filter(f"{self._base}/+/devices/+/{kind}", shared=False) for kind in ("up", "join"))

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
        retained: bool,  # noqa: ARG002 - a frame has its time
        state: Fleet,
        known: Known,
    ) -> Heard[Fleet]:
        """Return what a message says, and the fleet after it."""
        kind = topic.rpartition("/")[2]
        if kind not in {"up", "join"}:
            return Ignored(SOURCE), state
        message = _read(payload)
        if isinstance(message, Refusal):
            return message, state
        ids = message.end_device_ids
        device = Device((ids.dev_eui or ids.device_id).lower(), label=ids.device_id or None)
        if kind == "join":
            return hear_join(device, state)
        if message.simulated or message.uplink_message is None:
            return Ignored(SOURCE), state
        return hear_uplink(SOURCE, _uplink(message, message.uplink_message, device), state, known)


def _uplink(message: _Message, up: _Uplink, device: Device) -> Uplink:
    version = up.version_ids
    profile = f"{version.brand_id} {version.model_id}" if version is not None else ""
    time, near = _times(message, up)
    return Uplink(
        device,
        profile,
        up.session_key_id,
        up.f_cnt,
        up.f_port,
        decode_base64(up.frm_payload),
        up.decoded_payload,
        time,
        near,
        percent_of(up.last_battery_percentage.value) if up.last_battery_percentage is not None else None,
    )


def _times(message: _Message, up: _Uplink) -> tuple[Millis | None, bool]:
    """Return when a frame came: by a server, else by a gateway, whose clock somebody may have set."""
    for told in (up.received_at, message.received_at):
        if (time := read_time(_TIME, told)) is not None:
            return time, False
    return gateway_time(up.rx_metadata), True


def _read(payload: bytes) -> _Message | Refusal:
    if len(payload) > MOST_PAYLOAD:
        return Refusal(Reason.TOO_LARGE, f"a message has at most {MOST_PAYLOAD} bytes")
    try:
        message = _decode(payload)
    except msgspec.ValidationError as error:
        return Refusal(Reason.WRONG_TYPE, str(error)[:200])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return Refusal(Reason.MALFORMED, str(error)[:200])
    ids = message.end_device_ids
    return message if ids.dev_eui or ids.device_id else Refusal(Reason.NO_DEVICE, "end_device_ids names no device")

"""`formats.*`: what it costs to understand what sources of others say, against `json.loads` of the same bytes alone.

`formats.frames` is cutting up a radio's frame and understanding it, against a bound of 100,000 a second.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from benchmarks.rows import Row
from ingest.codecs.shelf import CODECS
from ingest.formats import Device, nobody
from ingest.formats.families import OURS
from ingest.meaning import observe
from spaces.models.shelf import our_models

FRAMES = 100_000.0
"""Frames a second, at least."""
GATEWAYS = ",".join(
    f'{{"gatewayId":"0016c001f15008{number:02}","uplinkId":{number},"gwTime":"2026-11-30T08:02:11.775023+00:00",'
    f'"rssi":-{60 + number},"snr":9.5,"channel":{number},"location":{{"latitude":59.91,"longitude":10.75}},'
    '"context":"EFwMtA==","crcStatus":"CRC_OK"}'
    for number in range(3)
)
Message = tuple[str, bytes]


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    number = 1_000 if quick else 5_000
    for family, make in MESSAGES.items():
        messages = [make(count) for count in range(number)]
        ours = _best(partial(_hear, family, messages))
        theirs = _best(partial(_load, messages))
        yield Row(f"formats.{family}", ours / number * 1e6, theirs / number * 1e6, "us", theirs / ours)
    seconds = _best(partial(_cut, number))
    yield Row("formats.frames", number / seconds, FRAMES, "frames/s", number / seconds / FRAMES)


def _hear(family: str, messages: Sequence[Message]) -> None:
    form = OURS[family].make(OURS[family].base, {})
    state, said = form.initial(), 0
    for topic, payload in messages:
        outcome, state = form.hear(topic, payload, retained=False, state=state, known=nobody)
        said += isinstance(outcome, list)
    assert said == len(messages), f"{family} understood {said} of {len(messages)}"


def _load(messages: Sequence[Message]) -> None:
    for _, payload in messages:
        json.loads(payload)


def _cut(number: int) -> None:
    model, device, frame = our_models()["milesight-vs34x"], Device("24e1"), bytes.fromhex("017564030001")
    for _ in range(number):
        observe(model, CODECS["milesight"](frame, 85).fields, device)


def _best(do: Callable[[], Any], rounds: int = 5) -> float:
    """Return the seconds of the best of a few rounds: what else the machine does is not ours."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        do()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _chirpstack(count: int) -> Message:
    payload = (
        f'{{"deduplicationId":"3ac7e3c4-4401-4b8d-9386-{count:012}","time":"2026-11-30T08:02:11.775023242+00:00",'
        '"deviceInfo":{"tenantId":"52f14cd4","tenantName":"Office","applicationId":"7","applicationName":"Desks",'
        '"deviceProfileId":"14855bf7","deviceProfileName":"Milesight VS341","deviceName":"Desk 12",'
        '"devEui":"24e124535f316056","tags":{"floor":"2"}},"devAddr":"0189f3a1","adr":true,"dr":5,'
        f'"fCnt":{count},"fPort":85,"confirmed":false,"data":"AXVkAwAB","object":{{"occupancy":"occupied",'
        f'"battery":100.0}},"rxInfo":[{GATEWAYS}],"txInfo":{{"frequency":868100000,"modulation":{{"lora":'
        '{"bandwidth":125000,"spreadingFactor":7,"codeRate":"CR_4_5"}}}}'
    )
    return "application/7/device/24e124535f316056/event/up", payload.encode()


def _tts(count: int) -> Message:
    payload = (
        '{"end_device_ids":{"device_id":"desk-4","application_ids":{"application_id":"desks"},'
        '"dev_eui":"24E124535F316004","join_eui":"2000000000000001","dev_addr":"01DA1F15"},'
        f'"correlation_ids":["as:up:01H0PZ{count}","gs:conn:01H0FJRSXSYT7VKNYXJ89F95XT"],'
        '"received_at":"2026-11-30T08:00:01.112483370Z","uplink_message":{"session_key_id":"AYfg8rhha5n+FWx0ZaAprA==",'
        f'"f_port":85,"f_cnt":{count + 1},"frm_payload":"AXVkAwAB","rx_metadata":[{GATEWAYS}],'
        '"settings":{"frequency":"868100000"},"received_at":"2026-11-30T08:00:00.906399073Z",'
        '"version_ids":{"brand_id":"milesight-iot","model_id":"vs340"}}}'
    )
    return "v3/desks@office/devices/desk-4/up", payload.encode()


def _zigbee(count: int) -> Message:
    fields = {
        "battery": 97,
        "device_temperature": 29,
        "illuminance": count,
        "last_seen": "2026-11-30T09:11:52+01:00",
        "linkquality": 102,
        "occupancy": bool(count % 2),
        "power_outage_count": 20,
        "voltage": 3035,
        "update": {"installed_version": 6, "latest_version": 6, "state": "idle"},
    }
    return "zigbee2mqtt/room/2.04 radar", json.dumps(fields).encode()


def _shelly(count: int) -> Message:
    zone = f'"presencezone:200":{{"value":true,"num_objects":{count % 9 + 1}}}'
    head = '{"src":"shellypresenceg4-aa","dst":"x/events","method":"NotifyStatus","params":{"ts":1796051234.04,'
    payload = f"{head}{zone}}}}}"
    return "shellypresenceg4-aa/events/rpc", payload.encode()


MESSAGES: dict[str, Callable[[int], Message]] = {
    "chirpstack": _chirpstack,
    "tts": _tts,
    "zigbee2mqtt": _zigbee,
    "shelly": _shelly,
}

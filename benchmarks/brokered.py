"""A broker with a full session: published fast, over a bare socket, so that filling it takes no time to speak of."""

import socket
import struct
from collections.abc import Iterator

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PREFIX = "ledig/v1"
SITE = "bench"
SENSORS = 1_000
START = 1_780_000_000_000
"""June 2026."""
_WINDOW = 2_000


def client_of(client_id: str, protocol: str) -> mqtt.Client:
    """Return a paho client whose session outlives it."""
    v5 = protocol == "5"
    return mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=None if v5 else False,
        protocol=mqtt.MQTTv5 if v5 else mqtt.MQTTv311,
        manual_ack=True,
        reconnect_on_failure=False,
    )


def session_of(protocol: str, window: int) -> dict[str, object]:
    """Return the arguments of `connect` that keep the session."""
    if protocol != "5":
        return {}
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own
    properties.SessionExpiryInterval = 3_600
    properties.ReceiveMaximum = window
    return {"clean_start": False, "properties": properties}


def open_session(port: int, client_id: str, protocol: str) -> None:
    """Subscribe under a client id and go away: from here on the broker queues for it."""
    client = client_of(client_id, protocol)
    granted: list[bool] = []
    client.on_subscribe = lambda *_: granted.append(True)
    client.on_connect = _subscribe
    client.connect("127.0.0.1", port, **session_of(protocol, 100))  # type: ignore[arg-type]  # as paho names them
    while not granted:
        client.loop(0.1)
    client.disconnect()
    client.loop(0.1)


def _subscribe(client: mqtt.Client, *_: object) -> None:
    client.subscribe(f"{PREFIX}/#", qos=1)


def payloads(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (topic, payload) of so many native states, a second apart, sensor by sensor."""
    for index in range(count):
        sensor = index % SENSORS
        time = START + index // SENSORS * 1_000
        topic = f"{PREFIX}/{SITE}/d{sensor}/state".encode()
        yield topic, b'{"time":%d,"occupied":%s,"seq":%d}' % (time, b"true" if index % 7 < 3 else b"false", index)


def fill(port: int, count: int) -> None:
    """Publish so many states at QoS 1, at most a window of them unacknowledged."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05bench")
        _receive(line, 4)
        sent = confirmed = 0
        for chunk in _chunks(count):
            line.sendall(b"".join(chunk))
            sent += len(chunk)
            while sent - confirmed > _WINDOW:
                confirmed += len(_receive(line, 4 * min(len(chunk), sent - confirmed))) // 4
        _receive(line, 4 * (sent - confirmed))
        line.sendall(b"\xe0\x00")


def _chunks(count: int) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    for index, (topic, payload) in enumerate(payloads(count)):
        body = struct.pack(">H", len(topic)) + topic + struct.pack(">H", index % 65_535 + 1) + payload
        chunk.append(b"\x32" + _length(len(body)) + body)
        if len(chunk) == 1_000:
            yield chunk
            chunk = []
    yield chunk


def _length(number: int) -> bytes:
    low, high = number & 127, number >> 7
    return bytes([low | 128, high]) if high else bytes([low])


def _receive(line: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = line.recv(size - len(found))
        if not more:
            raise ConnectionError("the broker closed the connection")
        found += more
    return found

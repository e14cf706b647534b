"""Sending messages to a broker at QoS 1, a bounded number of them unacknowledged, in the caller's one thread."""

import contextlib
import selectors
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import uuid4

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from simulator.recording import Message

CONNECT_SECONDS = 10.0
WINDOW = 1_000
"""Messages sent and not yet acknowledged, at the most; MQTT itself can tell 65,535 apart."""


class SenderError(Exception):
    """The line to the broker is down; the message says why. What is not acknowledged is sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where a broker is and who we are to it."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: Path | None = None

    @property
    def address(self) -> str:
        """The broker's address, for people."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


class Sender:
    """A line that survives its breaks: `connect` again, and what was not acknowledged goes out once more.

    MQTT 3.1.1: a broker of version 5 may bound the messages in flight, one of 3.1.1 takes what the window allows.
    """

    def __init__(self, broker: Broker, *, window: int = WINDOW, keepalive: int = 30) -> None:
        self._broker = broker
        self._window = window
        self._keepalive = keepalive
        self._client = self._make_client()
        self._selector = selectors.DefaultSelector()
        self._socket: socket.socket | None = None
        self._trouble: str | None = None
        self.up = False
        self.sent = 0
        self.acknowledged = 0

    @property
    def room(self) -> int:
        """How many messages may be sent before one must be acknowledged."""
        return self._window - (self.sent - self.acknowledged)

    def connect(self) -> None:
        """Connect, for the first time or again.

        Raises:
            SenderError: the broker cannot be reached or refuses.
        """
        self._drop()
        self._trouble = None
        broker = self._broker
        try:
            self._client.connect(broker.host, broker.port, self._keepalive)
        except (OSError, ValueError) as error:
            raise SenderError(f"{broker.address} cannot be reached: {error}") from error
        self._socket = cast("socket.socket", self._client.socket())
        self._selector.register(self._socket, selectors.EVENT_READ)
        until = time.monotonic() + CONNECT_SECONDS
        while not self.up:
            self.turn(0.1)
            if time.monotonic() > until:
                raise SenderError(f"{broker.address} did not answer in {CONNECT_SECONDS:g} s")

    def send(self, message: Message) -> None:
        """Hand a message over; from now on it goes out, again after a break, until it is acknowledged.

        There must be room for it.
        """
        self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        self.sent += 1

    def turn(self, seconds: float) -> None:
        """Write what waits, and read acknowledgements; wait for the first so long.

        Raises:
            SenderError: the line is down.
        """
        self._check(self._client.loop_write())
        if self._socket is None:
            raise SenderError(f"{self._broker.address} is not connected")
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._client.want_write() else 0)
        self._selector.modify(self._socket, wanted)
        pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()
        for _, ready in self._selector.select(0 if pending else seconds):
            if ready & selectors.EVENT_WRITE:
                self._check(self._client.loop_write())
        self._check(self._client.loop_read())
        self._check(self._client.loop_misc())

    def close(self) -> None:
        """Say goodbye and let go of everything."""
        with contextlib.suppress(SenderError, OSError, ValueError):
            if self._client.socket() is not None:
                self._client.disconnect()
                self._client.loop_write()
        self._drop()
        self._selector.close()

    def _make_client(self) -> mqtt.Client:
        broker = self._broker
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"ledig-replay-{uuid4().hex[:12]}",
            protocol=mqtt.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_SECONDS
        client.max_inflight_messages_set(self._window)
        client.max_queued_messages_set(0)
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if broker.tls:
            client.tls_set_context(ssl.create_default_context(cafile=broker.ca_file))
        client.on_socket_register_write = _nothing  # paho then leaves writing to us
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        return client

    def _drop(self) -> None:
        self.up = False
        if self._socket is not None:
            self._selector.unregister(self._socket)
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _check(self, code: MQTTErrorCode) -> None:
        if code not in {MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN}:
            self.up = False
            raise SenderError(self._trouble or f"{self._broker.address}: {mqtt.error_string(code)}")

    def _on_connect(self, _client: object, _data: object, _flags: object, code: ReasonCode, _more: object) -> None:
        if code.is_failure:
            self._trouble = f"{self._broker.address} refused the connection: {code}"
        else:
            self.up = True

    def _on_disconnect(self, _client: object, _data: object, _flags: object, code: ReasonCode, _more: object) -> None:
        self.up = False
        self._trouble = self._trouble or f"{self._broker.address} closed the connection: {code}"

    def _on_publish(self, _client: object, _data: object, _mid: int, _code: object, _more: object) -> None:
        self.acknowledged += 1


def _nothing(*_: object) -> None:
    """Stand where paho wants a callback."""

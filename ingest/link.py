"""The line to the broker: paho-mqtt driven by our own loop, in the caller's one thread.

Measured: one thread that reads, commits and acknowledges is faster than two, paho's external loop is twice as fast
as its own, and its callback may do no more than append.
"""

import contextlib
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.buffered import BufferedClient
from ingest.settings import IngestSettings
from ingest.sources import usual_subscriptions
from ingest.subscribing import Subscribing
from ingest.terms import Terms
from ingest.verdicts import Incoming
from spaces.live import is_live_topic

AnyClient = TypeVar("AnyClient", bound=mqtt.Client)
CONNECT_SECONDS = 10.0
_TAKEN_OVER, _UNSUPPORTED_VERSION = 0x8E, 0x84
"""Reason codes of MQTT 5; a broker of 3.1.1 closes the connection without a word."""
_SHORT, _OFTEN = 5.0, 3
"""Connections that the broker ends within so many seconds, so often in a row, let us think of a rival."""
_PUBACK = b"\x40\x02"
"""Head of an acknowledgement at QoS 1, in either version of MQTT; the message's id follows."""
_QOS = 1
"""At which messages are delivered: the lesser of this and that at which they were published."""
_READS = 64
"""Packets read between two looks at what came."""


class LinkError(Exception):
    """The line is down; the message says why. The broker keeps what was not acknowledged."""


class BrokerLink:
    """One session with the broker, which outlives connections and, by its client id, this process.

    All methods but `wake` belong to one thread.
    """

    def __init__(
        self,
        settings: IngestSettings,
        topics: Sequence[str] | None = None,
        limit: Callable[[str], int] | None = None,
    ) -> None:
        """`topics` are the filters to subscribe to: those of the settings' source unless given.

        `limit` says how many bytes of a message are taken, by its topic.
        """
        self._settings = settings
        self._limit = limit or (lambda _: settings.most_payload)
        self._topics = list(topics or usual_subscriptions(settings))
        self._incoming: list[Incoming] = []
        self._client = self._make_client()
        self._terms = Terms(settings)
        self._selector = selectors.DefaultSelector()
        self._registered: socket.socket | None = None
        self._wake_in, self._wake_out = socket.socketpair()
        for end in (self._wake_in, self._wake_out):
            end.setblocking(False)
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._trouble: str | None = None
        self._subscribed = threading.Event()
        self._subscribing, self._let_in = Subscribing(settings, self._topics), False
        self._granted, self._cut_short = 0.0, 0

    @property
    def up(self) -> bool:
        """Whether messages come in: connected, and the subscription granted (or, to retire, given up)."""
        return self._subscribed.is_set()

    @property
    def resumed(self) -> bool:
        """Whether the broker had kept our session."""
        return self._subscribing.present

    def rival(self) -> str | None:
        """Return what lets us think that another client uses our id, None where nothing does.

        Not every broker says so: Mosquitto 2.0 closes the connection without a word.
        """
        if self._cut_short < _OFTEN or time.monotonic() - self._granted > _SHORT:
            return None
        s = self._settings
        return (
            f"{s.address} closes each new connection within seconds: another client uses the id {s.client_id};"
            " give each worker a client_id of its own"
        )

    def connect(self) -> None:
        """Connect and subscribe; what an earlier connection left unacknowledged comes again.

        Raises:
            LinkError: the broker cannot be reached or refuses.
        """
        self._drop()
        self._trouble = None
        s = self._settings
        try:
            self._client.connect(s.host, s.port, s.keepalive, **self._session())
        except (OSError, ValueError) as error:
            self._cut_short = 0  # it was away: that ended the connection, and no rival
            raise LinkError(f"{s.address} cannot be reached: {error}") from error
        self._register()
        until = time.monotonic() + CONNECT_SECONDS
        while not self.up and len(self._incoming) < s.most_in_batch:  # a session's messages may come before the grant
            self._turn(0.1)
            if self._incoming:
                self._read_on(s.most_in_batch)
            if time.monotonic() > until:
                self._drop()
                raise LinkError(f"{s.address} did not answer in {CONNECT_SECONDS:g} s")

    def read(self, most: int, seconds: float) -> list[Incoming]:
        """Return what has come, at most so many; wait for the first so long.

        Raises:
            LinkError: the line broke. What had come and was not taken comes again.
        """
        if not self._incoming:
            self._turn(seconds)
        self._read_on(most)
        taken = self._incoming[:most]
        del self._incoming[:most]
        return taken

    def linger(self, seconds: float, stopping: threading.Event) -> None:
        """Keep the connection alive for a while without taking messages; those that come wait, within bounds.

        A wait ends early when `stopping` is set.

        Raises:
            LinkError: the line broke.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not stopping.is_set():
            if len(self._incoming) < self._settings.receive_maximum:
                self._turn(left)
            else:  # a broker that knows no receive maximum: it gets no further, and in time gives up
                stopping.wait(min(left, 0.5))

    def acknowledge(self, messages: Sequence[Incoming]) -> None:
        """Tell the broker that messages of this connection are safe.

        Raises:
            LinkError: the line broke; the broker will send them again.
        """
        self._flush()
        # One write for all of them. By paho's `ack` each is a packet queued and a system call: 2 us a message more.
        acks = b"".join([_PUBACK + message[0].to_bytes(2, "big") for message in messages if message[1]])
        try:
            self._send(acks)
        except OSError as error:
            self._trouble = self._trouble or f"the line to {self._settings.address} broke: {error}"
            self._check(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        self._ask_when_due(quiet=False)

    def tell(self, topic: str, payload: bytes) -> None:
        """Publish at QoS 0, with the next acknowledgements; where the line is down nobody hears of it."""
        self._client.publish(topic, payload)

    def wake(self) -> None:
        """End a wait in `read` now. May be called from any thread, and from a signal handler."""
        with contextlib.suppress(OSError):
            self._wake_in.send(b"!")

    def close(self) -> None:
        """Say goodbye; the broker keeps the session."""
        with contextlib.suppress(LinkError, OSError, ValueError):
            if self._client.socket() is not None:
                self._client.disconnect()
                self._flush()
        self._drop()
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def _make_client(self) -> BufferedClient:
        client = make_client(BufferedClient, self._settings, clean=self._settings.session_expiry == 0)
        client.on_socket_register_write = _nothing  # paho then leaves writing to us
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = self._on_unsubscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _session(self) -> dict[str, Any]:
        """Return what makes the session outlive the connection; MQTT 5 needs both said, or it is wiped."""
        if self._settings.protocol != "5":
            return {}
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own
        properties.SessionExpiryInterval = self._settings.session_expiry
        properties.ReceiveMaximum = min(self._settings.receive_maximum, 65_535)
        return {"clean_start": False, "properties": properties}

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: object,
        flags: mqtt.ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if code.is_failure:
            hint = self._older() if code.value == _UNSUPPORTED_VERSION else ""
            self._trouble = f"{self._settings.address} refused the connection: {code}{hint}"
        elif lack := self._terms.lack(properties):
            self._trouble = lack
        else:
            self._let_in = True
            self._subscribing.connected(present=flags.session_present)
            self._ask_when_due(quiet=False)

    def _older(self) -> str:
        """Return what helps where the broker may not speak our version of MQTT."""
        return '; where it speaks MQTT 3.1.1 alone, set mqtt_protocol to "3.1.1"' if self._is_newest() else ""

    def _is_newest(self) -> bool:
        return self._settings.protocol == "5"

    def _ask_when_due(self, *, quiet: bool) -> None:
        """Ask for the subscription where it is time to, with an id that no message waiting here has."""
        if not self._subscribing.is_due(quiet=quiet):
            return
        self._client.use_next(self._subscribing.draw_id({message[0] for message in self._incoming}))
        if self._settings.retire:
            self._client.unsubscribe(self._topics)
        else:
            self._client.subscribe([(topic, _QOS) for topic in self._topics])

    def _on_subscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, codes: list[ReasonCode], _more: object
    ) -> None:
        self._trouble = self._subscribing.refusal(codes)
        if self._trouble is None:
            self._granted = self._granted if self.up else time.monotonic()
            self._subscribed.set()

    def _on_unsubscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, codes: list[ReasonCode], _more: object
    ) -> None:
        self._subscribing.refusal(codes)  # in that case it is asked again, and what comes is taken as before
        self._subscribed.set()

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _more: object
    ) -> None:
        if self.up:
            self._cut_short = self._cut_short + 1 if time.monotonic() - self._granted < _SHORT else 0
        self._subscribed.clear()
        hint = "" if self._let_in else self._older()
        self._trouble = self._trouble or f"{self._settings.address} closed the connection: {self._said(code)}{hint}"

    def _said(self, code: ReasonCode) -> str:
        if code.value != _TAKEN_OVER:
            return str(code)
        return (
            f"another client with the id {self._settings.client_id} has taken the session;"
            " give each worker a client_id of its own"
        )

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError as error:
            topic = error.object.decode(errors="replace")
        if not message.qos and self._settings.is_native and is_live_topic(topic):
            return  # what this or another worker has committed, and we are not among those who show it
        # A byte more than is taken tells that it is too much: thousands may wait, and megabytes each are not kept.
        payload = bytes(message.payload[: self._limit(topic) + 1])
        self._incoming.append((message.mid, message.qos, topic, payload, message.retain))

    def _read_on(self, most: int) -> None:
        """Read what the socket holds, until about so many messages wait."""
        incoming, loop_read = self._incoming, self._client.loop_read
        while len(incoming) < most:
            before = len(incoming)
            for _ in range(_READS):
                if code := loop_read():
                    self._check(code)
            if len(incoming) < before + _READS:
                break  # it holds no more for now
        self._check(MQTTErrorCode.MQTT_ERR_SUCCESS)

    def _turn(self, seconds: float) -> None:
        """Wait for the socket or a wake-up, then read one packet and write what waits."""
        self._flush()
        readable = self._client.buffered
        for key, _ in self._selector.select(0.0 if readable else seconds):
            if key.fileobj is self._wake_out:
                with contextlib.suppress(BlockingIOError):
                    self._wake_out.recv(4096)
            else:
                readable = True
        if readable:
            self._check(self._client.loop_read())
        self._ask_when_due(quiet=not readable)
        self._check(self._client.loop_misc())

    def _flush(self) -> None:
        """Write until the socket takes no more, then wait for it: an unsent acknowledgement helps nobody."""
        waited = 0
        while self._client.want_write():
            self._check(self._client.loop_write())
            if self._client.want_write():
                self._wait_for_room()
                waited += 1
                if waited > CONNECT_SECONDS:
                    raise LinkError(f"{self._settings.address} takes nothing")

    def _send(self, data: bytes) -> None:
        """Write between two packets of paho's."""
        line, left = self._client.socket(), memoryview(data)
        deadline = time.monotonic() + CONNECT_SECONDS
        while left:
            if line is None:
                raise ConnectionError("there is none")
            try:
                left = left[cast("socket.socket", line).send(left) :]
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                if time.monotonic() > deadline:
                    raise TimeoutError("it takes nothing") from None
                self._wait_for_room()

    def _wait_for_room(self) -> None:
        found = self._client.socket()
        if found is not None:
            with selectors.DefaultSelector() as waiting:
                waiting.register(found, selectors.EVENT_WRITE)
                waiting.select(1.0)

    def _check(self, code: MQTTErrorCode) -> None:
        if self._trouble is not None or code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            message = self._trouble or f"the line to {self._settings.address} broke: {mqtt.error_string(code)}"
            self._drop()
            raise LinkError(message)

    def _register(self) -> None:
        found = self._client.socket()
        if found is not None:
            self._registered = cast("socket.socket", found)
            # Acknowledgements are many and small: without this each would wait for the one before to arrive.
            self._registered.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(found, selectors.EVENT_READ)

    def _drop(self) -> None:
        """Let go of the connection, and of what came over it and was not taken: it comes again."""
        self._subscribed.clear()
        self._subscribing.lost()
        self._let_in = False
        if self._registered is not None:
            self._selector.unregister(self._registered)
            self._registered = None
        self._incoming.clear()
        left = self._client.socket()
        if left is not None:
            left.close()


def make_client(kind: type[AnyClient], settings: IngestSettings, *, clean: bool, persistent: bool = False) -> AnyClient:
    """Return a paho client of a broker.

    `clean` is whether MQTT 3.1.1 leaves no session behind, `persistent` whether paho connects again by itself.
    """
    v5 = settings.protocol == "5"
    client = kind(
        CallbackAPIVersion.VERSION2,
        client_id=settings.client_id,
        clean_session=None if v5 else clean,
        protocol=mqtt.MQTTv5 if v5 else mqtt.MQTTv311,
        manual_ack=True,
        reconnect_on_failure=persistent,
    )
    client.connect_timeout = CONNECT_SECONDS
    if settings.username is not None:
        client.username_pw_set(settings.username, settings.password)
    if settings.tls:
        client.tls_set_context(ssl.create_default_context(cafile=settings.ca_file))
    return client


def _nothing(*_: object) -> None:
    """Stand in for a callback whose presence matters alone."""

"""The session with the broker, by paho-mqtt driven by our own loop, in the caller's one thread.

Measured: one thread that reads, commits and acknowledges is faster than two; paho's callback may but append.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.buffered import BufferedClient
from ingest.clients import CONNECT_SECONDS, make_client, not_let_in, older, session_of
from ingest.line import Line, LinkError
from ingest.rivals import TAKEN_OVER, Rivals
from ingest.settings import IngestSettings
from ingest.sources import usual_subscriptions
from ingest.subscribing import Subscribing
from ingest.terms import Terms
from ingest.verdicts import Incoming
from spaces.live import is_live_topic

__all__ = ["BrokerLink", "LinkError"]

_QOS = 1
"""At which messages are delivered: the lesser of this and that at which they were published."""
_READS = 64
"""Packets read between two looks at what came."""


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
        self._line = Line(self._client, settings.address, self._dropped)
        self._terms, self._rivals = Terms(settings, self._topics), Rivals(settings)
        self._subscribing = Subscribing(settings, self._topics)
        self._subscribed, self._let_in = threading.Event(), False

    @property
    def up(self) -> bool:
        """Whether the broker has answered what we subscribe to (or, to retire, give up): see `doubt`."""
        return self._subscribed.is_set()

    @property
    def resumed(self) -> bool:
        """Whether the broker had kept our session."""
        return self._subscribing.present

    def doubt(self) -> str | None:
        """Return what lets us think that not all messages come, though we are connected; None where nothing does."""
        return self._subscribing.complaint or self._rivals.doubt()

    def connect(self) -> None:
        """Connect and subscribe; what an earlier connection left unacknowledged comes again.

        Raises:
            LinkError: the broker cannot be reached or refuses.
        """
        self._line.drop()
        self._line.trouble = None
        s = self._settings
        try:
            self._client.connect(s.host, s.port, s.keepalive, **session_of(s))
        except (OSError, ValueError) as error:
            self._rivals.away()
            raise LinkError(f"{s.address} cannot be reached: {error}") from error
        self._line.opened()
        until = time.monotonic() + CONNECT_SECONDS
        while not self.up and len(self._incoming) < s.most_in_batch:  # a session's messages may come before the grant
            self._turn(0.1)
            if self._incoming:
                self._read_on(s.most_in_batch)
            if time.monotonic() > until:
                self._line.drop()
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
        self._subscribing.heard(message[2] for message in taken)
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
        self._line.acknowledge([message[0] for message in messages if message[1]])
        self._ask_when_due(quiet=False)

    def tell(self, topic: str, payload: bytes) -> None:
        """Publish at QoS 0, with the next acknowledgements; where the line is down nobody hears of it."""
        self._client.publish(topic, payload)

    def wake(self) -> None:
        """End a wait in `read` now. May be called from any thread, and from a signal handler."""
        self._line.wake()

    def close(self) -> None:
        """Say goodbye; the broker keeps the session."""
        with contextlib.suppress(LinkError, OSError, ValueError):
            if self._client.socket() is not None:
                self._client.disconnect()
                self._line.flush()
        self._line.close()

    def _make_client(self) -> BufferedClient:
        client = make_client(BufferedClient, self._settings, clean=self._settings.session_expiry == 0)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = self._on_unsubscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: object,
        flags: mqtt.ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if code.is_failure:
            self._line.trouble = not_let_in(self._settings, code)
        elif lack := self._terms.lack(properties):
            self._line.trouble = lack
        else:
            self._let_in = True
            self._subscribing.connected(present=flags.session_present)
            self._ask_when_due(quiet=False)

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
        self._subscribing.heard(message[2] for message in self._incoming)
        self._line.trouble = self._subscribing.refusal(codes)
        if self._line.trouble is None and not self.up:
            self._rivals.granted()
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
            self._rivals.ended()
        self._subscribed.clear()
        self._line.trouble = self._line.trouble or self._ended(code)

    def _ended(self, code: ReasonCode) -> str:
        hint = self._subscribing.unanswered if self._let_in else older(self._settings)
        why = self._rivals.taken_over() if code.value == TAKEN_OVER else f"{code}{hint}"
        return f"{self._settings.address} closed the connection: {why}"

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
        before = -_READS
        while before + _READS <= len(self._incoming) < most:  # it held that many, and may hold more
            before = len(self._incoming)
            self._line.read(_READS)
        self._line.check(MQTTErrorCode.MQTT_ERR_SUCCESS)

    def _turn(self, seconds: float) -> None:
        """Wait for the socket or a wake-up, then read one packet and write what waits."""
        readable = self._line.wait(seconds)
        if readable:
            self._line.check(self._client.loop_read())
        self._ask_when_due(quiet=not readable)
        self._line.check(self._client.loop_misc())

    def _dropped(self) -> None:
        """Let go of what came over a connection and was not taken: it comes again."""
        self._subscribed.clear()
        self._subscribing.lost()
        self._let_in = False
        self._incoming.clear()

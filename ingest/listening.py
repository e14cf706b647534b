"""Hearing what other processes have committed: for an API that does not ingest itself."""

import logging
from collections.abc import Callable, Sequence

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

from ingest.clients import CONNECT_SECONDS, make_client, not_let_in, older
from ingest.settings import IngestSettings
from spaces.live import decode_live, live_topic
from spaces.reading import Reading

log = logging.getLogger(__name__)


class LiveListener:
    """Subscribes to the live topics of all sites at QoS 0 and hands on what comes; connects again by itself.

    Nothing is promised of these messages: whoever listens asks the store as well, now and then.
    """

    def __init__(self, settings: IngestSettings, hear: Callable[[Sequence[Reading]], None]) -> None:
        self._settings = settings
        self._hear = hear
        self._trouble: str | None = "not connected yet"
        self._topic = live_topic(settings.prefix, "+")
        self._refused: str | None = None
        self._let_in = False
        self._client = make_client(mqtt.Client, settings, clean=True, persistent=True)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self.refused = 0

    def start(self) -> None:
        """Connect in paho's own thread, now or when the broker is there."""
        self._client.reconnect_delay_set(1, 10)
        self._client.connect_timeout = CONNECT_SECONDS
        self._client.connect_async(self._settings.host, self._settings.port, self._settings.keepalive)
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye, and return when the thread has ended."""
        self._client.disconnect()
        self._client.loop_stop()

    def trouble(self) -> str | None:
        """Return what keeps it from hearing, None where nothing does."""
        return self._trouble

    def _on_connect(self, client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _more: object) -> None:
        if code.is_failure:
            self._tell(not_let_in(self._settings, code))
        else:
            self._let_in, self._refused = True, None
            client.subscribe(self._topic, qos=0)

    def _on_subscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, codes: list[ReasonCode], _more: object
    ) -> None:
        refused = next((code for code in codes if code.is_failure), None)
        if refused is None:
            self._trouble = None
        else:
            self._tell(f"{self._settings.address} does not let us subscribe to {self._topic}: {refused}")

    def _tell(self, refusal: str) -> None:
        self._refused = self._trouble = refusal

    def _on_disconnect(self, _client: mqtt.Client, _data: object, _flags: object, _code: object, _more: object) -> None:
        """Tell what the broker said last: where it does not let us in, it also ends the connection."""
        hint = "" if self._let_in else older(self._settings)
        self._let_in = False
        self._trouble = self._refused or f"no connection to {self._settings.address}{hint}"

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            self._hear(decode_live(bytes(message.payload)))
        except msgspec.DecodeError:
            self.refused += 1
        except Exception:
            log.exception("a live message could not be taken in")

"""Simulated sensors on a real broker: every reading is published when a clock reaches its time, and none is lost.

One thread does all of it, so that nothing overtakes: it takes readings in order of time, hands at most `MOST` to
the broker before they are acknowledged (the clock runs on meanwhile; readings then come late, and all come), and
after a broken connection sends again what was not acknowledged before it goes on.
"""

import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from simulator.sensors import said_days
from spaces.native import DEFAULT_PREFIX, encode_reading, state_topic
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import Millis, to_datetime

MOST = 400
"""Readings handed to the broker and not yet acknowledged: back-pressure beyond."""
IDLE = 0.05
"""Seconds between two looks at the clock while nothing is due: it may run much faster than the wall."""
FIRST_DELAY, LONGEST_DELAY = 0.2, 10.0
"""Seconds before connecting again: doubled each time, and shortened by chance to as little as half."""
LAST_DAY = date(9000, 1, 1)


class Publisher:
    """Publishes what a site's sensors say, QoS 1 over MQTT 3.1.1, following a clock."""

    def __init__(  # noqa: PLR0913 - keywords, most of them the broker's
        self,
        host: str,
        port: int,
        *,
        site: Site,
        seed: int,
        clock: Callable[[], Millis],
        prefix: str = DEFAULT_PREFIX,
        client_id: str = "ledig-simulator",
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        ca_file: Path | None = None,
    ) -> None:
        self._address = (host, port)
        self._tls = ssl.create_default_context(cafile=ca_file) if tls else None
        self._site, self._seed, self._clock = site, seed, clock
        self._prefix = prefix
        self._client_id = client_id
        self._login = (username, password)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._drain_until = 0.0
        self._connected = False
        self._failed: str | None = None
        self._trouble: str | None = None
        self._published = 0
        self._acknowledged = 0

    @property
    def published(self) -> int:
        """Readings handed to the broker since the start, each counted once."""
        return self._published

    @property
    def acknowledged(self) -> int:
        """Those of them that the broker has acknowledged."""
        return self._acknowledged

    def trouble(self) -> str | None:
        """Return what keeps the connection from standing at present, None where it stands."""
        return self._trouble

    def failed(self) -> str | None:
        """Return what ended the thread, None while it is well. The broker's absence is no end, but `trouble`."""
        return self._failed

    def start(self, from_millis: Millis) -> None:
        """Begin with the first reading at or after a moment. Does not wait for the broker.

        Raises:
            RuntimeError: where it was started before.
        """
        if self._thread is not None:
            raise RuntimeError("a publisher is started once; make another")
        self._thread = threading.Thread(target=self._run, args=(from_millis,), name="publisher")
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """Publish no more, wait so many seconds for what is unacknowledged, and end the thread.

        Returns whether all that was published has been acknowledged.
        """
        self._drain_until = time.monotonic() + timeout
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        return self._published == self._acknowledged

    def _run(self, from_millis: Millis) -> None:
        try:
            self._publish_all(self._client(), _life(self._site, self._seed, from_millis))
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            self._failed = f"{type(error).__name__}: {error}"

    def _client(self) -> Client:
        """Return a client that nothing refers to but the running thread: with that it is closed."""
        client = Client(CallbackAPIVersion.VERSION2, self._client_id, clean_session=False, protocol=MQTTv311)
        client.max_inflight_messages_set(MOST)
        client.username_pw_set(*self._login)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.connect_timeout = 3.0
        client.connect_async(*self._address, keepalive=30)
        return client

    def _publish_all(self, client: Client, life: Iterator[Reading]) -> None:
        due = next(life)
        delay, well = FIRST_DELAY, False
        while not self._is_done():
            if not well or client.socket() is None:
                self._wait(delay)
                delay = min(2 * delay, LONGEST_DELAY)
                well = self._connect(client)
                continue
            taken = 0
            while self._may_take() and due.time <= self._clock():
                self._publish(client, due)
                due, taken = next(life), taken + 1
            delay = FIRST_DELAY if self._connected else delay
            well = client.loop(0.0 if taken else IDLE) == MQTTErrorCode.MQTT_ERR_SUCCESS
        client.disconnect()
        client.loop(IDLE)

    def _is_done(self) -> bool:
        """Whether to end: told to, and nothing left to wait for or no time for it."""
        drained = self._published == self._acknowledged
        return self._stopping.is_set() and (drained or time.monotonic() >= self._drain_until)

    def _may_take(self) -> bool:
        return self._connected and not self._stopping.is_set() and self._published - self._acknowledged < MOST

    def _wait(self, delay: float) -> None:
        """Wait before connecting again, not at all before the first time, and briefly where an end is near."""
        if self._stopping.is_set():
            time.sleep(IDLE)
        elif self._trouble:
            self._stopping.wait(random.uniform(delay / 2, delay))

    def _connect(self, client: Client) -> bool:
        try:
            return client.reconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError as error:
            host, port = self._address
            self._trouble = f"cannot reach the broker at {host}:{port}: {error}"
            return False

    def _publish(self, client: Client, reading: Reading) -> None:
        topic = state_topic(self._prefix, reading.site, reading.sensor)
        result = client.publish(topic, encode_reading(reading), qos=1)
        if result.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            raise RuntimeError("the client took no more although fewer than its bound are on their way")
        self._published += 1

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._connected = not code.is_failure
        self._trouble = f"the broker refuses the connection: {code}" if code.is_failure else None

    def _on_disconnect(
        self, _client: Client, _data: object, _flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._connected = False
        if not self._stopping.is_set():
            self._trouble = self._trouble or f"the connection broke: {code}"

    def _on_publish(
        self, _client: Client, _data: object, _mid: int, _code: ReasonCode, _properties: Properties
    ) -> None:
        self._acknowledged += 1


def _life(site: Site, seed: int, start: Millis) -> Iterator[Reading]:
    """Yield what the sensors say from a moment on, without an end."""
    first = to_datetime(start).astimezone(site.tz).date()
    for batch in said_days(site, seed, first, LAST_DAY):
        yield from (reading for reading in batch if reading.time >= start)

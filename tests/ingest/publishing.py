"""Publishing to a real broker in tests, until it has confirmed."""

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


class Sender:
    """A client that publishes at QoS 1, unless asked otherwise, and waits for each confirmation."""

    def __init__(self, port: int, *, version: int = 5) -> None:
        protocol = mqtt.MQTTv5 if version == 5 else mqtt.MQTTv311
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=protocol)
        self._client.max_queued_messages_set(0)
        self._client.max_inflight_messages_set(1_000)
        self._port = port

    def send(self, *messages: tuple[str, str | bytes], retain: bool = False) -> None:
        """Publish (topic, payload) pairs and return when the broker has all of them."""
        self.send_all(messages, retain=retain)

    def send_all(self, messages: Iterable[tuple[str, str | bytes]], *, retain: bool = False, qos: int = 1) -> None:
        """Do the same for many."""
        sent = [self._client.publish(topic, payload, qos=qos, retain=retain) for topic, payload in messages]
        for info in sent:
            info.wait_for_publish(20)
            assert info.is_published()

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        deadline = time.monotonic() + 20
        while not self._client.is_connected():  # a broker that is slow to let us in
            assert time.monotonic() < deadline, "the broker does not answer"
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

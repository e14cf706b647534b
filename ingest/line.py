"""The socket under a paho client, driven by our own loop in the caller's one thread.

Measured: paho's external loop is twice as fast as its own.
"""

import contextlib
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from typing import cast

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode

from ingest.buffered import BufferedClient
from ingest.clients import CONNECT_SECONDS

_PUBACK = b"\x40\x02"
"""Head of an acknowledgement at QoS 1, in either version of MQTT; the message's id follows."""


class LinkError(Exception):
    """The line is down; the message says why. The broker keeps what was not acknowledged."""


class Line:
    """The socket of one connection after the other.

    `trouble` is why the line is down, where the broker said so or a callback of paho's knows; `dropped` is called
    whenever a connection was let go. All methods but `wake` belong to one thread.
    """

    def __init__(self, client: BufferedClient, address: str, dropped: Callable[[], None]) -> None:
        client.on_socket_register_write = _nothing  # paho then leaves writing to us
        self._client, self._address, self._dropped = client, address, dropped
        self._selector = selectors.DefaultSelector()
        self._registered: socket.socket | None = None
        self._wake_in, self._wake_out = socket.socketpair()
        for end in (self._wake_in, self._wake_out):
            end.setblocking(False)
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self.trouble: str | None = None

    def opened(self) -> None:
        """Look after the connection that the client has just made."""
        found = self._client.socket()
        if found is not None:
            self._registered = cast("socket.socket", found)
            # Acknowledgements are many and small: without this each would wait for the one before to arrive.
            self._registered.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(found, selectors.EVENT_READ)

    def wait(self, seconds: float) -> bool:
        """Write what waits, and wait at most so long; return whether there is something to read.

        Raises:
            LinkError: the line broke.
        """
        self.flush()
        readable = self._client.buffered
        for key, _ in self._selector.select(0.0 if readable else seconds):
            if key.fileobj is self._wake_out:
                with contextlib.suppress(BlockingIOError):
                    self._wake_out.recv(4096)
            else:
                readable = True
        return readable

    def read(self, packets: int) -> None:
        """Read so many packets, or as many as there are for now.

        Raises:
            LinkError: the line broke.
        """
        loop_read = self._client.loop_read
        for _ in range(packets):
            if code := loop_read():
                self.check(code)

    def flush(self) -> None:
        """Write until the socket takes no more, then wait for it: an unsent acknowledgement helps nobody.

        Raises:
            LinkError: the line broke, or takes nothing.
        """
        waited = 0
        while self._client.want_write():
            self.check(self._client.loop_write())
            if self._client.want_write():
                self._wait_for_room()
                waited += 1
                if waited > CONNECT_SECONDS:
                    raise LinkError(f"{self._address} takes nothing")

    def acknowledge(self, ids: Sequence[int]) -> None:
        """Write acknowledgements of messages, after what waits to be written.

        All of them at once: by paho's `ack` each is a packet queued and a system call, 2 us a message more.

        Raises:
            LinkError: the line broke, or takes nothing.
        """
        self.flush()
        try:
            self._send(b"".join([_PUBACK + one.to_bytes(2, "big") for one in ids]))
        except OSError as error:
            self.trouble = self.trouble or f"the line to {self._address} broke: {error}"
            self.check(MQTTErrorCode.MQTT_ERR_CONN_LOST)

    def check(self, code: MQTTErrorCode) -> None:
        """Let go of the connection where paho says that it is broken, or we know that it is.

        Raises:
            LinkError: it is.
        """
        if self.trouble is not None or code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            message = self.trouble or f"the line to {self._address} broke: {mqtt.error_string(code)}"
            self.drop()
            raise LinkError(message)

    def wake(self) -> None:
        """End a wait now. May be called from any thread, and from a signal handler."""
        with contextlib.suppress(OSError):
            self._wake_in.send(b"!")

    def drop(self) -> None:
        """Let go of the connection."""
        if self._registered is not None:
            self._selector.unregister(self._registered)
            self._registered = None
        self._dropped()
        left = self._client.socket()
        if left is not None:
            left.close()

    def close(self) -> None:
        """Let go of everything."""
        self.drop()
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

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


def _nothing(*_: object) -> None:
    """Stand in for a callback whose presence matters alone."""

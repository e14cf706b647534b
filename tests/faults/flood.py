"""MQTT 3.1.1 by hand: for more messages a second than a client library sends, and more clients than it has patience."""

import socket
from collections.abc import Sequence

_CONNECT, _PUBLISH, _PUBACK, _DISCONNECT = 0x10, 0x32, 0x40, 0xE0
_CLEAN, _WILL = 0x02, 0x0C
"""Flags of CONNECT; the will is at QoS 1."""


class RawClient:
    """One connection; `confirmed` counts the messages that the broker has confirmed, in the order they were sent."""

    def __init__(self, port: int, name: str, *, will: tuple[str, bytes] | None = None) -> None:
        self.confirmed = 0
        self._sent = 0
        self._rest = b""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        flags = _CLEAN | (_WILL if will else 0)
        body = _text(b"MQTT") + bytes([4, flags]) + (60).to_bytes(2, "big") + _text(name.encode())
        if will:
            body += _text(will[0].encode()) + _text(will[1])
        self._socket.sendall(_packet(_CONNECT, body))
        answer = self._socket.recv(4)
        assert answer[3] == 0, f"the broker refuses: {answer!r}"

    def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Send messages at QoS 1, and take in whatever confirmations have come."""
        self._socket.sendall(b"".join(self._publication(topic, payload) for topic, payload in messages))
        self.collect(0)

    def collect(self, seconds: float) -> None:
        """Take in confirmations; wait for some so long."""
        self._socket.settimeout(seconds or 1e-6)
        try:
            while found := self._socket.recv(65_536):
                found = self._rest + found
                whole = len(found) // 4 * 4  # all that comes is PUBACK, of four bytes
                assert not found or found[0] == _PUBACK
                self._rest = found[whole:]
                self.confirmed += whole // 4
                self._socket.settimeout(1e-6)
        except (TimeoutError, BlockingIOError):
            pass
        finally:
            self._socket.settimeout(30)

    def drop(self) -> None:
        """Let the connection go without a word, as a sensor does that loses its power: its will is told."""
        self._socket.close()

    def close(self) -> None:
        """Say goodbye."""
        self._socket.sendall(bytes([_DISCONNECT, 0]))
        self._socket.close()

    def _publication(self, topic: str, payload: bytes) -> bytes:
        self._sent += 1
        number = (self._sent - 1) % 65_535 + 1
        return _packet(_PUBLISH, _text(topic.encode()) + number.to_bytes(2, "big") + payload)


def _text(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def _packet(kind: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while True:
        left, seven = left >> 7, left & 127
        length.append(seven | (128 if left else 0))
        if not left:
            return bytes([kind]) + bytes(length) + body

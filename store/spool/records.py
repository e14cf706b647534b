"""Records: batches of readings as bytes that can be found again, and told whole from damaged, in any file.

A record is a head (magic, id, first time put, how many readings, length, checksum over all of it) and the readings as
compressed MessagePack. It fits into one page of the database, so that its bytes lie together wherever the page is.
"""

import mmap
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from spaces.reading import Reading
from spaces.times import Millis

PAGE = 16_384
_MOST_BODY = PAGE - 200
"""Bytes of a record that surely stay within one page, beside the row's other columns and the page's own fields."""
_MOST_READINGS = 500
"""Readings in a record: what is damaged loses no more. Compressed they take 12-25 bytes each, so they fit a page."""
Body = bytes
"""A record as it lies in the file."""
_MAGIC = b"\xf5ledig\xb1\x0a"
_HEAD = struct.Struct(">8sqqIII")
_SUMMED = struct.Struct(">qqII")
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Reading])


class DamagedError(Exception):
    """A record is not as it was written."""


class Head(NamedTuple):
    """What a record says of itself: its id, when it was first put (UTC ms), and how many readings it holds."""

    id: int
    first: Millis
    readings: int


class Found(NamedTuple):
    """A record met in the bytes of a file; `body` is None where it is damaged."""

    head: Head
    body: bytes | None


def packed(batch: Sequence[Reading]) -> Iterator[tuple[int, bytes]]:
    """Yield a batch as (how many readings, their bytes), each small enough for a record."""
    for start in range(0, len(batch), _MOST_READINGS):
        yield from _fitting(batch[start : start + _MOST_READINGS])


def payload_of(batch: Sequence[Reading]) -> bytes:
    """Return the bytes of readings that are known to fit one record."""
    return zlib.compress(_encoder.encode(batch), 1)


def body_of(head: Head, payload: bytes) -> bytes:
    """Put the head before what `packed` gave."""
    return _HEAD.pack(_MAGIC, *head, len(payload), _checksum(head, payload)) + payload


def head_of(body: bytes) -> Head:
    """Return the head of a whole record.

    Raises:
        DamagedError: it is not whole.
    """
    _payload(body)
    _, number, first, readings, _, _ = _HEAD.unpack_from(body)
    return Head(number, first, readings)


def readings_of(body: bytes) -> list[Reading]:
    """Return the readings of a record.

    Raises:
        DamagedError: it is not whole.
    """
    return _decoder.decode(zlib.decompress(_payload(body)))


def scan(data: bytes | mmap.mmap) -> Iterator[Found]:
    """Yield every record in the bytes of a file, whole or damaged, whatever lies around it."""
    at = data.find(_MAGIC)
    while at >= 0:
        if at + _HEAD.size <= len(data):
            _, number, first, readings, length, _ = _HEAD.unpack_from(data, at)
            body = data[at : at + _HEAD.size + min(length, PAGE * 64)]
            yield Found(Head(number, first, readings), body if _is_whole(body) else None)
        at = data.find(_MAGIC, at + 1)


def _fitting(batch: Sequence[Reading]) -> Iterator[tuple[int, bytes]]:
    payload = payload_of(batch)
    if len(payload) + _HEAD.size <= _MOST_BODY or len(batch) == 1:
        yield len(batch), payload
    else:
        middle = len(batch) // 2
        yield from _fitting(batch[:middle])
        yield from _fitting(batch[middle:])


def _payload(body: bytes) -> bytes:
    if len(body) < _HEAD.size:
        raise DamagedError(f"{len(body)} bytes are too few for a record")
    magic, number, first, readings, length, checksum = _HEAD.unpack_from(body)
    payload = body[_HEAD.size :]
    if magic != _MAGIC or length != len(payload):
        raise DamagedError("the head of the record is damaged")
    if checksum != _checksum(Head(number, first, readings), payload):
        raise DamagedError(f"record {number} is damaged")
    return payload


def _is_whole(body: bytes) -> bool:
    try:
        _payload(body)
    except DamagedError:
        return False
    return True


def _checksum(head: Head, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(_SUMMED.pack(*head, len(payload))))

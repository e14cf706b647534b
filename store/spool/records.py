"""Records: batches of readings as bytes that can be found again, and told whole from damaged, in any file.

A record is a head and the readings as compressed MessagePack. The head says what the record is, what the whole spool
held when it was written (by which a rescue counts what is missing), and a checksum over all of it. A record fits into
one page of the database, so that its bytes lie together wherever the page is.
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
_SUMMED, _CHECKSUM = struct.Struct(">qqIqqqqqI"), struct.Struct(">I")
_HEAD_BYTES = len(_MAGIC) + _SUMMED.size + _CHECKSUM.size
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Reading])


class DamagedError(Exception):
    """A record is not as it was written."""


class Head(NamedTuple):
    """What a record says of itself: its id, when it was first put (UTC ms), and how many readings it holds."""

    id: int
    first: Millis
    readings: int


class Mark(NamedTuple):
    """What a spool holds after a change: records and the readings in them, their lowest id, the highest ever.

    `serial` counts changes.
    """

    serial: int = 0
    records: int = 0
    readings: int = 0
    lowest: int = 1
    newest: int = 0


class Found(NamedTuple):
    """A record met in the bytes of a file; `body` is None where it is damaged, and then `mark` may be anything."""

    head: Head
    mark: Mark
    body: bytes | None


def packed(batch: Sequence[Reading]) -> Iterator[tuple[int, bytes]]:
    """Yield a batch as (how many readings, their bytes), each small enough for a record."""
    for start in range(0, len(batch), _MOST_READINGS):
        yield from _fitting(batch[start : start + _MOST_READINGS])


def payload_of(batch: Sequence[Reading]) -> bytes:
    """Return the bytes of readings that are known to fit one record."""
    return zlib.compress(_encoder.encode(batch), 1)


def body_of(head: Head, mark: Mark, payload: bytes = b"") -> bytes:
    """Put the head before what `packed` gave."""
    summed = _SUMMED.pack(*head, *mark, len(payload))
    return _MAGIC + summed + _CHECKSUM.pack(zlib.crc32(payload, zlib.crc32(summed))) + payload


def head_of(body: bytes) -> tuple[Head, Mark]:
    """Return the head of a whole record, and the mark in it.

    Raises:
        DamagedError: it is not whole.
    """
    _payload(body)
    return _parsed(body)[:2]


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
        if at + _HEAD_BYTES <= len(data):
            head, mark, length = _parsed(data[at : at + _HEAD_BYTES])
            body = data[at : at + _HEAD_BYTES + min(length, PAGE * 64)]
            yield Found(head, mark, body if _is_whole(body) else None)
        at = data.find(_MAGIC, at + 1)


def _fitting(batch: Sequence[Reading]) -> Iterator[tuple[int, bytes]]:
    payload = payload_of(batch)
    if len(payload) + _HEAD_BYTES <= _MOST_BODY or len(batch) == 1:
        yield len(batch), payload
    else:
        middle = len(batch) // 2
        yield from _fitting(batch[:middle])
        yield from _fitting(batch[middle:])


def _parsed(body: bytes) -> tuple[Head, Mark, int]:
    number, first, readings, *mark, length = _SUMMED.unpack_from(body, len(_MAGIC))
    return Head(number, first, readings), Mark(*mark), length


def _payload(body: bytes) -> bytes:
    if len(body) < _HEAD_BYTES:
        raise DamagedError(f"{len(body)} bytes are too few for a record")
    payload = body[_HEAD_BYTES:]
    summed = body[len(_MAGIC) : len(_MAGIC) + _SUMMED.size]
    (checksum,) = _CHECKSUM.unpack_from(body, _HEAD_BYTES - _CHECKSUM.size)
    whole = body.startswith(_MAGIC) and checksum == zlib.crc32(payload, zlib.crc32(summed))
    if not whole or _parsed(body)[2] != len(payload):
        raise DamagedError("a record is not as it was written")
    return payload


def _is_whole(body: bytes) -> bool:
    try:
        _payload(body)
    except DamagedError:
        return False
    return True

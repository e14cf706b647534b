"""Frames of heads and values in a row, as several manufacturers send them: one reader, a table for each."""

import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from ingest.codecs import CodecError, Frame, Values

Reader: TypeAlias = Callable[[bytes], Any]
"""Turns the bytes of a value into it."""


class Kind(NamedTuple):
    """A type of values: how long it is, and how it is read; `length` None: as its first byte says."""

    length: int
    read: Reader


def number(form: str, scale: float = 1) -> Kind:
    """Return a kind of numbers: `form` is one of `struct`.

    >>> number("<h", 0.1).read(bytes([0xFF, 0xFF]))
    -0.1
    """
    packed = struct.Struct(form)
    unpack = packed.unpack

    def read(data: bytes) -> int:
        value: int = unpack(data)[0]
        return value

    def read_scaled(data: bytes) -> float:
        return round(float(unpack(data)[0]) * scale, 6)

    return Kind(packed.size, read if scale == 1 else read_scaled)


def text(length: int) -> Kind:
    """Return a kind of values that are shown as hex: serial numbers and the like."""
    return Kind(length, bytes.hex)


Record: TypeAlias = Callable[[bytes], tuple[Values, int] | None]
"""Reads a stored record at the beginning of bytes, and says how many it has; None where nobody knows its type."""


class Table(NamedTuple):
    """What follows heads: a channel and a type together, or a type alone. `history` reads stored records.

    After heads that begin with `answers` stands what a device replies to a command: of no interest, and of any length.
    """

    kinds: Mapping[bytes, Kind]
    history: Mapping[bytes, Record]
    answers: frozenset[int] = frozenset()
    head: int = 2
    """How many bytes a head has."""


def read_tlv(data: bytes, table: Table) -> Frame:
    """Cut up a frame. Fields are named by their heads in hex: `0300` is type 00 on channel 03.

    Raises:
        CodecError: a value is cut short, or nothing of the frame is known.
    """
    kinds, stored, size, whole = table.kinds, table.history, table.head, len(data)  # looked up once: frames are many
    fields: Values = {}
    history: list[Values] = []
    at = 0
    while (begin := at + size) <= whole:
        head = data[at:begin]
        kind = kinds.get(head)
        if kind is not None:
            length, read = kind
            if begin + length > whole:
                raise CodecError(f"is cut short in {head.hex()}, which has {length} bytes")
            fields[head.hex()] = read(data[begin : begin + length])
            at = begin + length
            continue
        found = stored[head](data[begin:]) if head in stored else None
        if found is None:
            break
        history.append(found[0])
        at = begin + found[1]
    if not fields and not history and not (len(data) > table.head and data[0] in table.answers):
        raise CodecError(f"begins with {data[: table.head].hex() or 'nothing'}, which no table of this family has")
    return Frame(fields, tuple(history), data[at:])

"""Elsys's frames, the same for all of its sensors: type, value, the highest byte of a number first.

Sources are the maker's description of its payload, and its decoders' tables.
"""

from collections.abc import Mapping

from ingest.codecs import Frame
from ingest.codecs.tlv import Kind, Table, number, read_tlv, text

_U8, _U16, _U32 = number(">B"), number(">H"), number(">I")
_TENTHS = number(">h", 0.1)
_OCCUPANCY = "11"
_PENDING = 1
"""Somebody is about to come or to leave: the state before goes on."""

_KINDS: Mapping[int, Kind] = {
    0x01: _TENTHS,
    0x02: _U8,
    0x03: text(3),
    0x04: _U16,
    0x05: _U8,
    0x06: _U16,
    0x07: _U16,
    0x08: _U16,
    0x09: text(6),
    0x0A: _U16,
    0x0B: _U32,
    0x0C: _TENTHS,
    0x0D: _U8,
    0x0E: _U16,
    0x0F: _U8,
    0x10: text(4),
    0x11: _U8,
    0x12: _U8,
    0x13: text(65),
    0x14: _U32,
    0x15: text(2),
    0x16: _U16,
    0x17: _U32,
    0x18: _U16,
    0x19: _TENTHS,
    0x1A: _U8,
    0x1B: number(">i"),
    0x1C: _U16,
    0x3D: text(4),
}
_SETTINGS = 0x3E
"""What a sensor repeats of its settings: it takes the rest of a frame."""
_TABLE = Table({bytes((kind,)): how for kind, how in _KINDS.items()}, {}, frozenset((_SETTINGS,)), head=1)


def read_elsys(data: bytes, port: int | None) -> Frame:  # noqa: ARG001 - people set it
    """Cut up a frame of Elsys's. An occupancy that is only pending is called `pending`, as it is no state.

    >>> read_elsys(bytes.fromhex("0100e21102"), 5).fields, read_elsys(bytes.fromhex("1101"), 5).fields
    ({'01': 22.6, '11': 2}, {'pending': 1})

    Raises:
        CodecError: it is none.
    """
    frame = read_tlv(data, _TABLE)
    if frame.fields.get(_OCCUPANCY) == _PENDING:
        frame.fields["pending"] = frame.fields.pop(_OCCUPANCY)
    return frame

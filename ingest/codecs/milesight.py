"""Milesight's frames: channel, type, value, the larger numbers with their lowest byte first."""

from ingest.codecs import Frame
from ingest.codecs.tlv import Kind, Table, number, read_tlv, text

_U8, _U16, _U32 = number("<B"), number("<H"), number("<I")
_NOTHING = Kind(1, lambda _: True)

TABLE = Table(
    by_both={
        b"\x01\x75": _U8,
        b"\x02\x75": _U8,
        b"\x03\x00": _U8,
        b"\x04\x00": _U8,
        b"\x05\x00": _U8,
        b"\x03\x8e": _U8,
        b"\x04\x8e": _U8,
        b"\x02\x82": _U16,
        b"\xff\x01": _U8,
        b"\xff\x08": text(6),
        b"\xff\x09": text(2),
        b"\xff\x0a": text(2),
        b"\xff\x0b": _NOTHING,
        b"\xff\x0f": _U8,
        b"\xff\x16": text(8),
        b"\xff\x1f": text(4),
        b"\xff\xfe": _NOTHING,
    },
    by_type={0x67: number("<h", 0.1), 0x68: number("<B", 0.5)},
    history={},
)


def read_milesight(data: bytes, port: int | None) -> Frame:  # noqa: ARG001 - its port is set by people
    """Cut up a frame of Milesight's.

    >>> read_milesight(bytes.fromhex("017564030001"), 85).fields
    {'0175': 100, '0300': 1}

    Raises:
        CodecError: it is none.
    """
    return read_tlv(data, TABLE)

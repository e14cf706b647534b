"""Milesight's frames: channel, type, value; numbers have their lowest byte first, masks of regions their highest.

What stands on a channel is the same on all its sensors that have it, but for stored records (`20 CE`): their layout
is the model's. Sources are the makers' user guides and their decoders' tables.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ingest.codecs import CodecError, Frame, Values
from ingest.codecs.tlv import Kind, Table, number, read_tlv, text
from spaces.times import SECOND

_U8, _U16, _U32 = number("<B"), number("<H"), number("<I")
_NOTHING = Kind(1, lambda _: True)
_RECORD = b"\x20\xce"


def _split(*forms: str) -> Kind:
    """Return a kind of several numbers in a row, read into a list."""
    kinds = [number(form) for form in forms]

    def read(data: bytes) -> list[Any]:
        found, at = [], 0
        for kind in kinds:
            found.append(kind.read(data[at : at + kind.length]))
            at += kind.length
        return found

    return Kind(sum(kind.length for kind in kinds), read)


def _people(data: bytes) -> Values:
    """Read how many people a camera sees, and in which of its regions somebody is."""
    mask = int.from_bytes(data[2:4], "big")
    return {"people": data[0], "regions": [mask >> place & 1 for place in range(data[1])] if data[1] <= 16 else []}


def _desks(data: bytes) -> Values:
    """Read which of ten desks are watched, and of these which are occupied."""
    watched, used = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:], "little")
    return {str(place + 1): {"occupied": used >> place & 1} for place in range(10) if watched >> place & 1}


_KINDS: Mapping[str, Kind] = {
    "0175": _U8,
    "0275": _U8,
    "0282": _U16,
    "0300": _U8,
    "038e": _U8,
    "03f4": _split("<B", "<B"),
    "0400": _U8,
    "048e": _U8,
    "04c9": Kind(4, _people),
    "04cc": _split("<H", "<H"),
    "0500": _U8,
    "05cc": _split("<H", "<H"),
    "05fd": _U16,
    "06cd": _U8,
    "06fe": Kind(4, _desks),
    "07d5": Kind(8, list),
    "07ff": _U8,
    "08cc": _split("<H", "<H"),
    "08d5": Kind(8, list),
    "08f4": _split("<B", "<B"),
    "0aef": number("<I", SECOND),
    "0bcc": _split("<H", "<H"),
    "0dcc": _split("<H", "<H"),
    "0ecc": _split("<H", "<H"),
    "0fe3": Kind(4, list),
    "10e4": _split("<B", ">H", ">H"),
    "81ee": _U8,
    "8367": _split("<h", "<B"),
    "84cc": _split("<H", "<H", "<B"),
    "85cc": _split("<H", "<H", "<B"),
    "ff01": _U8,
    "ff08": text(6),
    "ff09": text(2),
    "ff0a": text(2),
    "ff0b": _NOTHING,
    "ff0f": _U8,
    "ff16": text(8),
    "ff1f": text(4),
    "fffe": _NOTHING,
}
_BY_BOTH = {
    **{bytes.fromhex(head): kind for head, kind in _KINDS.items()},
    **{bytes((channel, 0xD2)): _U32 for channel in (3, 4, 6, 7, 9, 10, 12, 13)},
    **{bytes((channel, 0xDA)): Kind(8, bytes.hex) for channel in (9, 10, 11, 12)},
}
_BY_TYPE = {0x67: number("<h", 0.1), 0x68: number("<B", 0.5)}


def _counted(data: bytes) -> tuple[Values, int]:
    """Read a record of people who went in and out: two numbers, or four."""
    return _record(data, {0: 4, 1: 8}, lambda _: {})


def _seen(data: bytes) -> tuple[Values, int]:
    """Read a record of a room sensor: whether somebody was there, how warm and how damp it was."""
    return _record(data, dict.fromkeys(range(256), 4), lambda rest: {"0500": rest[0]})


def _watched(data: bytes) -> tuple[Values, int]:
    """Read a record of a desk radar: how many people, or which desks were occupied."""
    return _record(data, {0: 2, 1: 4}, lambda rest: {"06fe": _desks(rest)} if len(rest) == 4 else {})


def _record(data: bytes, lengths: Mapping[int, int], read: Callable[[bytes], Values]) -> tuple[Values, int]:
    """Read a stored record: seconds since 1970, its type, and what follows by the type."""
    if len(data) < 5 or data[4] not in lengths or len(data) < 5 + lengths[data[4]]:
        raise CodecError("has a stored record that is cut short, or of a type that nobody knows")
    length = 5 + lengths[data[4]]
    return {"time": int.from_bytes(data[:4], "little") * SECOND, **read(data[5:length])}, length


_TABLES = {
    name: Table(_BY_BOTH, _BY_TYPE, {_RECORD: record})
    for name, record in (("milesight", _counted), ("milesight-ws203", _seen), ("milesight-vs321", _watched))
}


def read_milesight(data: bytes, port: int | None, layout: str = "milesight") -> Frame:  # noqa: ARG001 - people set it
    """Cut up a frame of Milesight's. `regions_people` are those of all regions together, where all are in the frame.

    >>> read_milesight(bytes.fromhex("017564030001"), 85).fields
    {'0175': 100, '0300': 1}

    Raises:
        CodecError: it is none.
    """
    frame = read_tlv(data, _TABLES[layout])
    fields = frame.fields
    if "07d5" in fields and "08d5" in fields:
        fields["regions_people"] = sum(fields["07d5"]) + sum(fields["08d5"])
    elif "0fe3" in fields:
        fields["regions_people"] = sum(fields["0fe3"])
    return frame

"""Bytes to fields: what manufacturers pack into the few bytes of a radio's frame, cut up and not yet understood.

What the fields mean is said by rules (`spaces.models`). A codec is a pure function of the bytes and the port.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

Values: TypeAlias = dict[str, Any]


class Frame(NamedTuple):
    """What a frame holds: its fields by name, and what it tells of earlier moments, each with its own `time`.

    `left` are the bytes from the first channel on that nobody knows: what stands before it counts.
    """

    fields: Values
    history: tuple[Values, ...] = ()
    left: bytes = b""


class CodecError(Exception):
    """The bytes are not what such a frame is made of; the message says how."""


Codec: TypeAlias = Callable[[bytes, int | None], Frame]
"""Cuts up the bytes that came on a port. Raises CodecError."""
Codecs: TypeAlias = Mapping[str, Codec]

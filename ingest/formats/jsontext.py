"""JSON of others: read whole, or refused with what is wrong; names and addresses in it are not repeated."""

from typing import Any

import msgspec

from ingest.refusals import Reason, Refusal

MOST_PAYLOAD = 65_536
"""Bytes of a message, unless a format says otherwise of some topics."""
_decode = msgspec.json.Decoder().decode
_decode_text = msgspec.json.Decoder(str).decode


def decode_json(payload: bytes, most: int = MOST_PAYLOAD) -> Any | Refusal:
    """Return what a payload holds.

    >>> decode_json(b'{"a":1}'), decode_json(b"{").reason
    ({'a': 1}, <Reason.MALFORMED: 'malformed'>)
    """
    if len(payload) > most:
        return Refusal(Reason.TOO_LARGE, f"such a message has at most {most} bytes")
    if not payload:
        return Refusal(Reason.EMPTY, "an empty payload says nothing")
    try:
        return _decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return Refusal(Reason.MALFORMED, str(error)[:200])


def read_word(payload: bytes) -> str | None:
    """Return the word that a short payload is, bare or in quotes; None where it is none.

    >>> read_word(b"Online"), read_word(b'"ON"'), read_word(bytes(100))
    ('Online', 'ON', None)
    """
    if len(payload) > 64:
        return None
    try:
        return _decode_text(payload) if payload[:1] == b'"' else payload.decode().strip()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

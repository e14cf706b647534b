"""What may be wrong with a calendar that is fetched, in words that hold nothing of its address, nor of answers."""

import socket
import ssl
import zlib
from http import HTTPStatus
from http.client import HTTPException

from spaces.guard import LARGEST

TOO_LARGE = f"answers more than {LARGEST // 1_000_000} MB"
QUIET = 10.0
"""Seconds after which a connection that says nothing is given up."""
_HINTS = {
    HTTPStatus.UNAUTHORIZED: "; it wants a name and password in the address, or another secret one",
    HTTPStatus.FORBIDDEN: "; it wants a name and password in the address, or another secret one",
    HTTPStatus.NOT_FOUND: "; is the address still that of the room's calendar?",
    HTTPStatus.GONE: "; is the address still that of the room's calendar?",
}


class FetchError(Exception):
    """A calendar was not fetched; what its host did, in words that hold no secret."""


def status_text(status: int) -> str:
    """Return a status that is no answer, in words of our own."""
    try:
        known = HTTPStatus(status)
    except ValueError:
        return str(status)
    return f"{status} ({known.phrase}){_HINTS.get(known, '')}"


def unpack(data: bytes, encoding: str) -> bytes:
    """Return what was packed, though nobody asked for that, as far as it may be large.

    Raises:
        FetchError: it is larger, or cannot be unpacked.
    """
    if encoding in {"identity", ""}:
        return data
    if encoding not in {"gzip", "x-gzip"}:
        raise FetchError("answers in an encoding that nobody asked for")
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(data, LARGEST + 1)
    except zlib.error:
        raise FetchError("answers in gzip that cannot be unpacked") from None
    if len(found) > LARGEST:
        raise FetchError(TOO_LARGE)
    if not unpacking.eof:
        raise FetchError("breaks off in the middle of its answer")
    return found


def reason_text(error: Exception, quiet: float) -> str:
    """Return what went wrong below HTTP, in no words of the other side; `quiet` is for how many seconds it waited."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"cannot be trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "does not speak TLS as it should"
    if isinstance(error, TimeoutError):
        return f"does not answer within {quiet:g} s"
    if isinstance(error, socket.gaierror):
        return "is not known to the network's names"
    if isinstance(error, OSError) and not isinstance(error, HTTPException):
        return f"cannot be reached: {error.strerror or type(error).__name__}"
    return "answers what is not HTTP, or breaks off"

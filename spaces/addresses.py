"""Addresses of calendars, as a site file has them. One may hold a secret: no message repeats more than its host."""

from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import IPv6Address
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from spaces.mistakes import EXAMPLE, did_you_mean, shown

SCHEMES = ("https", "http")
_KEPT = "/%:=&?~#+!$,;'@()*[]"
"""What stands in addresses as it is; all else that is not plain is escaped."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a calendar is fetched from, whole in `url`; written out it is the host alone."""

    url: str = field(repr=False)
    host: str

    def __str__(self) -> str:
        return self.host

    @property
    def mark(self) -> str:
        """What tells this address from others, and gives nothing of it away."""
        return sha256(self.url.encode()).hexdigest()


def parse_address(text: str) -> Address:
    """Return the address that a text is.

    >>> parse_address("https://calendar.example/a/b.ics?token=secret")
    Address(host='calendar.example')
    >>> parse_address("htps://calendar.example/room.ics")
    Traceback (most recent call last):
    ValueError: an address that begins with htps:// is not fetched; did you mean https?

    Raises:
        ValueError: it is none; why, without repeating it.
    """
    if any(ord(character) <= ord(" ") or ord(character) == 127 for character in text):
        raise ValueError("has blanks in it; an address is written without, a blank as %20")
    scheme, mark, _ = text.partition("://")
    if not mark:
        raise ValueError(f"is no address; write all of it, such as {EXAMPLE!r}")
    if scheme.lower() in {"webcal", "webcals"}:
        raise ValueError(f"is an address for calendar programs; write https:// where it says {scheme.lower()}://")
    if scheme.lower() not in SCHEMES:
        hint = did_you_mean(scheme.lower(), SCHEMES)
        raise ValueError(f"an address that begins with {shown(scheme)}:// is not fetched{hint}")
    parts = _split(text)
    return Address(urlunsplit(parts), str(parts.hostname))


def split_address(url: str) -> SplitResult:
    """Return the parts of an address, host and path in the letters that are sent.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    host = _ascii(parts.hostname or "")
    login, at, _ = parts.netloc.rpartition("@")
    place = f"[{host}]" if ":" in host else host
    port = "" if parts.port is None else f":{parts.port}"
    path, query = (quote(part, safe=_KEPT) for part in (parts.path or "/", parts.query))
    return SplitResult(parts.scheme.lower(), f"{login}{at}{place}{port}", path, query, "")


def _split(text: str) -> SplitResult:
    try:
        parts = split_address(text)
        if parts.port == 0:
            raise ValueError("port")  # noqa: TRY301 - all that is wrong is told in one way
    except ValueError:
        raise ValueError(f"has no host and port that can be; an address is such as {EXAMPLE!r}") from None
    return parts


def _ascii(host: str) -> str:
    """Return a host's name as it is looked up."""
    if ":" in host:
        return str(IPv6Address(host))
    if not host.strip("."):
        raise ValueError("no host")
    return host.encode("idna").decode()

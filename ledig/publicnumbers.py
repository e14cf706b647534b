"""Which numbers of the network are public: a redirect may lead nowhere else."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(number: str) -> bool:
    """Whether a number is of the public network, and so is all that is wrapped in it.

    >>> [is_public(number) for number in ("9.9.9.9", "100.64.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1")]
    [True, False, False, False]
    """
    return all(
        one.is_global and not (one.is_multicast or one.is_reserved or getattr(one, "is_site_local", False))
        for one in _unwrapped(ip_address(number))
    )


def _unwrapped(number: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    if isinstance(number, IPv4Address):
        yield number
        return
    plain = IPv6Address(int(number))  # without its scope
    teredo = plain.teredo[1] if plain.teredo else None
    mapped = (plain.ipv4_mapped, plain.sixtofour, teredo)
    wrapped: list[IPv4Address | IPv6Address] = [one for one in mapped if one is not None]
    if plain in _NAT64:
        wrapped.append(IPv4Address(int(plain) & 0xFFFFFFFF))
    yield from wrapped or [plain]

"""Ports to listen on: the one that was asked for, or the next free one."""

import errno
import socket

from ledig.problem import CommandError

_TRIED = 100
LOOPBACK = "127.0.0.1"


def claim(host: str, port: int, *, asked: bool, what: str) -> tuple[socket.socket, str | None]:
    """Return a socket bound to a port, and a sentence where it became another port.

    Raises:
        CommandError: the port was asked for by number and is taken, or none is free.
    """
    last = port if asked else min(port + _TRIED, 65_535)
    for candidate in range(port, last + 1):
        try:
            listener = _bound(host, candidate)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise CommandError(
                    f"{what} cannot listen on {host}: {error.strerror}; is the address right?"
                ) from error
            why = "is taken" if error.errno == errno.EADDRINUSE else "is not allowed"
            continue
        said = None if candidate == port else f"port {port} {why}; {what} uses {candidate}"
        return listener, said
    ports = f"port {port} {why}" if asked else f"no port from {port} to {last} is free"
    raise CommandError(f"{ports}: {what} cannot listen on {host}; stop what uses it, or name another port")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # By its number asyncio knows TCP, and sends answers at once: without it each waits some 40 ms (measured).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener

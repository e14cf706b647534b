"""One calendar fetched by HTTP: bounded in time and size, and led nowhere that its address does not say.

Whoever wrote the address chose its host, which may be an inner one. A redirect is somebody else's word: it is followed
to https alone, and to public addresses of the network. The name is looked up once, what is judged is what is connected
to. No message has anything of the address but its host, and none of what an answer says.
"""

import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urljoin

from ledig.fetcherrors import QUIET, TOO_LARGE, FetchError, reason_text, status_text, unpack
from ledig.publicnumbers import is_public
from spaces.addresses import Address, split_address
from spaces.guard import LARGEST

WITHIN = 30.0
"""Seconds that an address has for all of its answer."""
REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
Resolve = Callable[[str, int], list[str]]
"""Gives the addresses of a host as numbers, and raises OSError."""


class Answered(NamedTuple):
    """What an address answers: what it holds, None where that has not changed; and how to ask whether it has."""

    data: bytes | None
    etag: str
    modified: str


def resolve(host: str, port: int) -> list[str]:
    """Return the numbers of a host.

    Raises:
        OSError: it has none.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Fetch:
    """One fetch of an address; another thread may break it off."""

    def __init__(  # noqa: PLR0913 - the last two are the network's, for tests
        self,
        address: Address,
        *,
        etag: str = "",
        modified: str = "",
        within: float = WITHIN,
        look_up: Resolve = resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`etag` and `modified` are what the address said with the calendar that is kept; empty where none is."""
        self._first = split_address(address.url)
        self._conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
        self._within = within
        self._look_up = look_up
        self._context = context
        self._socket: socket.socket | None = None
        self._response: HTTPResponse | None = None
        self._broken_off = threading.Event()

    def run(self) -> Answered:
        """Return what the address answers.

        Raises:
            FetchError: nothing that could be kept.
        """
        until = time.monotonic() + self._within
        timer = threading.Timer(self._within, self.break_off)
        timer.daemon = True
        timer.start()
        try:
            with self._told():
                return self._follow(until)
        finally:
            timer.cancel()
            self._close()

    def break_off(self) -> None:
        """End the fetch, wherever it is."""
        self._broken_off.set()
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # that of TLS would take its state away

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell whatever is thrown in words of our own: those of others may hold the address, or what was answered."""
        try:
            yield
        except (FetchError, OSError, HTTPException, ValueError) as error:
            if self._broken_off.is_set():
                raise FetchError(f"does not answer within {self._within:g} s") from None
            if isinstance(error, FetchError):
                raise
            raise FetchError(reason_text(error, min(QUIET, self._within))) from None

    def _follow(self, until: float) -> Answered:
        place = self._first
        for _ in range(REDIRECTS + 1):
            response = self._ask(place, until)
            if response.status not in _MOVED:
                return self._take(response)
            place = _next(place, response)
        raise FetchError(f"leads on more than {REDIRECTS} times")

    def _ask(self, place: SplitResult, until: float) -> HTTPResponse:
        host, port = str(place.hostname), place.port or _PORTS[place.scheme]
        self._close()
        self._socket = self._connect(place, host, port, until)
        if place.scheme == "https":
            context = self._context or ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
            self._socket.do_handshake()
        connection = HTTPConnection(host, port)
        connection.sock = self._socket
        target = place.path + (f"?{place.query}" if place.query else "")
        connection.request("GET", target, headers=self._headers(place))
        if self._broken_off.is_set():
            raise FetchError("was broken off")
        self._response = connection.getresponse()
        return self._response

    def _connect(self, place: SplitResult, host: str, port: int, until: float) -> socket.socket:
        """Connect to a number of the host that was judged: a name that is looked up twice may be two."""
        numbers = self._look_up(host, port)
        if not _is_written(place, self._first) and not all(is_public(number) for number in numbers):
            raise FetchError("leads on to an inner address of the network, which is not followed")
        wrong: OSError = OSError(0, "has no address in the network")
        for number in dict.fromkeys(numbers):
            left = until - time.monotonic()
            if left <= 0 or self._broken_off.is_set():
                raise TimeoutError
            try:
                found = socket.create_connection((number, port), timeout=min(left, QUIET))
            except OSError as error:
                wrong = error
            else:
                found.settimeout(QUIET)
                return found
        raise wrong

    def _headers(self, place: SplitResult) -> dict[str, str]:
        port = "" if place.port in {None, _PORTS[place.scheme]} else f":{place.port}"
        host = str(place.hostname)
        headers = {
            "Host": (f"[{host}]" if ":" in host else host) + port,
            "User-Agent": "ledig",
            "Accept": "text/calendar",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **{name: value for name, value in self._conditions.items() if value},
        }
        if self._first.username is not None and _origin(place) == _origin(self._first):
            login = f"{unquote(self._first.username)}:{unquote(self._first.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
        return headers

    def _take(self, response: HTTPResponse) -> Answered:
        said = {name: response.headers.get(name, "")[:1000] for name in ("ETag", "Last-Modified")}
        asked = any(self._conditions.values())
        if response.status == HTTPStatus.NOT_MODIFIED and asked:
            return Answered(None, said["ETag"], said["Last-Modified"])
        if response.status != HTTPStatus.OK:
            raise FetchError(f"answers {status_text(response.status)}")
        return Answered(self._body(response), said["ETag"], said["Last-Modified"])

    def _body(self, response: HTTPResponse) -> bytes:
        whole = response.length
        if whole is not None and whole > LARGEST:
            raise FetchError(TOO_LARGE)
        data = bytearray()
        while whole is None or len(data) < whole:
            piece = response.read1(65_536)
            if not piece:
                break
            data += piece
            if len(data) > LARGEST:
                raise FetchError(TOO_LARGE)
        if self._broken_off.is_set() or (whole is not None and len(data) < whole):
            raise FetchError("breaks off in the middle of its answer")
        return unpack(bytes(data), response.headers.get("Content-Encoding", "identity").strip().lower())

    def _close(self) -> None:
        for part in (self._response, self._socket):
            if part is not None:
                part.close()


def _next(place: SplitResult, response: HTTPResponse) -> SplitResult:
    """Return where an answer leads on to."""
    target = response.headers.get("Location", "")
    try:
        found = split_address(urljoin(place.geturl(), target))
    except ValueError:
        raise FetchError("leads on to no address that can be") from None
    if not target or found.scheme != "https":
        raise FetchError("leads on to something else than https, which is not followed; write that address itself")
    return found


def _origin(place: SplitResult) -> tuple[str, str | None, int]:
    return place.scheme, place.hostname, place.port or _PORTS[place.scheme]


def _is_written(place: SplitResult, written: SplitResult) -> bool:
    """Whether a place is of the server that was written; a step from http to https leads to the usual port."""
    if place.hostname != written.hostname:
        return False
    return _origin(place)[2] in {_origin(written)[2], _PORTS["https"]}

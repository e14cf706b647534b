"""The HTTP side: requests over connections that are kept, with a time-out each, and errors that say what to do."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from urllib3 import BaseHTTPResponse, PoolManager, Timeout, make_headers

from store.answers import address_of, answer_error, is_page, page_error, reading_error, talking
from store.protocol import StoreError
from store.victoria.settings import VictoriaSettings

_CONNECTIONS = 8
_PIECE = 1 << 20
_MOST_SAID = 10_000


class Server:
    """What a VictoriaMetrics is asked, over HTTP. From any thread."""

    def __init__(self, settings: VictoriaSettings) -> None:
        self._settings = settings
        self._pool = PoolManager(num_pools=4, maxsize=_CONNECTIONS, retries=False)

    def write(self, lines: bytes) -> None:
        """Write line protocol with millisecond times.

        Raises:
            StoreError: nothing of the batch is certain.
        """
        url = f"{self._settings.writing()}/api/v2/write?precision=ms"
        where, wait = _named(url), self._settings.timeout
        with talking(where):
            answer = self._ask("POST", url, lines, {"Content-Type": "text/plain; charset=utf-8"}, wait)
            text = answer.data
        if answer.status == 204:
            return
        if 200 <= answer.status < 300:  # whoever answers so has not taken it: a proxy, or some other server
            raise _no_such_store(text, where)
        raise answer_error(answer.status, answer.headers, text, where=where)

    def ask(self, path: str, fields: Mapping[str, str]) -> bytes:
        """Return the whole answer to a question below the address that is read from.

        Raises:
            StoreError: it cannot be answered now, or not in full.
        """
        url = self._settings.reading() + path
        with talking(where := _named(url)), self._form(url, fields) as answer:
            data = answer.read()
        if answer.status != 200:
            raise reading_error(answer.status, answer.headers, data, where=where)
        if is_page(head := data[:_MOST_SAID].decode(errors="replace")):
            raise page_error(head, where=where)
        return data

    def lines(self, path: str, fields: Mapping[str, str]) -> Iterator[bytes]:
        """Yield the answer to a question line by line while it comes. An answer that is cut off is an error.

        Raises:
            StoreError: at any step.
        """
        url = self._settings.reading() + path
        with talking(where := _named(url)), self._form(url, fields) as answer:
            if answer.status != 200:
                raise reading_error(answer.status, answer.headers, answer.read(), where=where)
            rest = b""
            for piece in answer.stream(_PIECE):
                *whole, rest = (rest + piece).split(b"\n")
                yield from whole
        if rest:
            yield rest

    def metrics(self) -> str:
        """Return what the server that is written to tells of itself, in Prometheus's text format.

        Raises:
            StoreError: it does not tell.
        """
        with talking(where := _named(url := self._settings.metrics())):
            answer = self._ask("GET", url, None, {}, self._settings.timeout)
            text = answer.data
        if answer.status != 200:
            raise reading_error(answer.status, answer.headers, text, where=where)
        return text.decode(errors="replace")

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def _form(self, url: str, fields: Mapping[str, str]) -> "_Answer":
        url, credentials = _apart(url)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | credentials
        wait = Timeout(connect=self._settings.connect_timeout, read=self._settings.read_timeout)
        answer = self._pool.request(
            "POST", url, body=urlencode(fields), headers=headers, timeout=wait, preload_content=False, redirect=False
        )
        return _Answer(answer)

    def _ask(self, method: str, url: str, body: bytes | None, headers: dict[str, str], wait: float) -> BaseHTTPResponse:
        url, credentials = _apart(url)
        timeout = Timeout(connect=self._settings.connect_timeout, read=wait)
        return self._pool.request(
            method, url, body=body, headers=headers | credentials, timeout=timeout, redirect=False
        )


class _Answer:
    """A streamed answer; its connection is kept only where the answer was read to its end."""

    def __init__(self, answer: BaseHTTPResponse) -> None:
        self._answer = answer

    def __enter__(self) -> BaseHTTPResponse:
        return self._answer

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._answer.close()
        self._answer.release_conn()


def _apart(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL without its user and password, and the header that says them."""
    parts = urlsplit(url)
    user, found, host = parts.netloc.rpartition("@")
    if not found:
        return url, {}
    headers = make_headers(basic_auth=unquote(user))
    return urlunsplit(parts._replace(netloc=host)), dict(headers)


def _named(url: str) -> str:
    return f"VictoriaMetrics at {address_of(url)}"


def _no_such_store(text: bytes, where: str) -> StoreError:
    said = text[:_MOST_SAID].decode(errors="replace")
    if is_page(said):
        return page_error(said, where=where)
    return StoreError(f"{where} takes what is written without the answer that VictoriaMetrics gives; check the URL")

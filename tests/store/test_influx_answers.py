"""What the InfluxDB store makes of answers that a real server cannot be made to give."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from spaces.reading import Reading
from store.influx.settings import InfluxSettings
from store.influx.store import InfluxStore
from store.protocol import ForbiddenError, RefusalError, StoreError, TooLargeError

BATCH = [Reading("s", "d", 5, 7, occupied=True)]
PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head></html>"


class Stub:
    """A server that gives one answer, byte for byte, to every request, and closes."""

    def __init__(self, answer: bytes) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                self.requests.append(_request(line))
                line.sendall(self._answer)


def _request(line: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        found += line.recv(65_536)
    head, _, body = found.partition(b"\r\n\r\n")
    length = next((int(row[15:]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += line.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def answering(status: str, body: bytes, *headers: str) -> Iterator[tuple[InfluxStore, Stub]]:
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"])
    with raw(head.encode() + b"\r\n\r\n" + body) as found:
        yield found


@contextmanager
def raw(answer: bytes) -> Iterator[tuple[InfluxStore, Stub]]:
    stub = Stub(answer)
    store = InfluxStore(InfluxSettings(url=stub.url, org="o", bucket="b", token="hush-hush", write_timeout=30))
    yield store, stub
    store.close()
    stub.close()


def chunked(*parts: bytes, whole: bool) -> bytes:
    """Return an answer in chunks, with its end or without."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/csv\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + (b"0\r\n\r\n" if whole else b"")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad Request", RefusalError),
        ("422 Unprocessable Entity", RefusalError),
        ("401 Unauthorized", ForbiddenError),
        ("403 Forbidden", ForbiddenError),
        ("413 Too Large", TooLargeError),
        ("500 Oops", StoreError),
    ],
)
def test_what_a_write_is_answered(status: str, kind: type[StoreError]) -> None:
    with answering(status, b'{"code":"x","message":"because"}') as (store, stub):
        with pytest.raises(StoreError, match="because") as caught:
            store.append(BATCH)
        assert type(caught.value) is kind
        assert len(stub.requests) == 1, "it was tried again, which is the caller's to do"
        assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize(("value", "wanted"), [("7", 7.0), ("1000000000", 300.0), ("whenever", None)])
@pytest.mark.parametrize("status", ["429 Slow down", "503 Not now"])
def test_how_long_the_server_wants_to_be_left_alone(status: str, value: str, wanted: float | None) -> None:
    with answering(status, b"", f"Retry-After: {value}") as (store, _):
        for ask in (lambda: store.append(BATCH), store.sites):
            with pytest.raises(StoreError, match="busy") as caught:
                ask()
            assert caught.value.retry_after == wanted


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "404 Not Found"])
def test_a_web_page_is_no_database(status: str) -> None:
    with answering(status, PAGE, "Content-Type: text/html") as (store, _):
        for ask in (lambda: store.append(BATCH), store.sites, lambda: store.read("s", 0, 9)):
            with pytest.raises(StoreError, match="check the URL") as caught:
                ask()
            assert type(caught.value) is StoreError


@pytest.mark.parametrize("status", ["200 OK", "201 Created"])
def test_success_that_is_not_the_databases_is_no_success(status: str) -> None:
    with answering(status, b"{}") as (store, _), pytest.raises(StoreError, match=r"answers 20. where InfluxDB"):
        store.append(BATCH)


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_an_answer_that_is_no_text_is_told(status: str) -> None:
    with answering(status, b"\xff\xfe\x00\x80") as (store, _), pytest.raises(StoreError, match="InfluxDB at"):
        store.append(BATCH)


def test_a_redirection_is_not_followed_with_our_token() -> None:
    with answering("204 No Content", b"") as (_, other):
        head = f"Location: {other.url}/api/v2/write"
        with answering("307 Temporary Redirect", b"", head) as (store, stub):
            with pytest.raises(StoreError, match=r"elsewhere.*check the URL"):
                store.append(BATCH)
            assert b"hush-hush" in stub.requests[0]
        assert other.requests == []


def test_a_server_that_never_answers_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = InfluxSettings(url=url, org="o", bucket="b", token="t", write_timeout=0.3, read_timeout=0.3)
        store = InfluxStore(settings)
        for ask in (lambda: store.append(BATCH), store.sites, lambda: store.read("s", 0, 9)):
            with pytest.raises(StoreError, match="did not answer in time"):
                ask()
        store.close()


def test_a_connection_that_ends_without_an_answer_is_told() -> None:
    with raw(b"") as (store, _), pytest.raises(StoreError, match="broke the connection off"):
        store.append(BATCH)


HEADER = b",result,table,_time,_value,_field,sensor\r\n"
ROW = b",_result,0,1970-01-01T00:00:00.005Z,1,occupied,d\r\n"
MANY = ROW * 40_000
FAILED = b"\r\nerror,reference\r\nthe query ran out of memory,897\r\n"


def test_a_whole_answer_is_taken() -> None:
    with raw(chunked(HEADER, MANY, whole=True)) as (store, _):
        assert store.read("s", 0, 9).occupied.tolist() == [1]
    with raw(chunked(b"\r\n", whole=True)) as (store, _):
        assert len(store.read("s", 0, 9)) == 0


@pytest.mark.parametrize(
    "answer",
    [
        chunked(HEADER, MANY, ROW[:17], whole=False),
        chunked(HEADER, MANY, whole=False),
        chunked(HEADER, whole=False),
        chunked(HEADER, MANY, FAILED, whole=True),
        chunked(FAILED[2:], whole=True),
        chunked(b"this is no table\r\n", whole=True),
        chunked(HEADER, ROW.replace(b"1970", b"once"), whole=True),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error_and_never_a_short_one(answer: bytes) -> None:
    with raw(answer) as (store, _):
        with pytest.raises(StoreError, match="InfluxDB"):
            store.read("s", 0, 9)
        with pytest.raises(StoreError, match="InfluxDB"):
            list(store.rows("s", 0, 9))
        with pytest.raises(StoreError, match="InfluxDB"):
            store.latest("s")

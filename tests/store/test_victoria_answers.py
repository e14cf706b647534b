"""The VictoriaMetrics store before servers that answer what no real one can be made to answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from spaces.reading import Reading
from spaces.times import FOREVER
from store.protocol import ForbiddenError, RefusalError, StoreError, TooLargeError
from store.victoria.settings import VictoriaSettings
from store.victoria.victoria import VictoriaStore

HEALTHY = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nprocess_start_time_seconds 1780000000\n"
ROWS = [Reading("s", "d", 1_780_000_000_000, 1_780_000_000_000, occupied=True)]
LINE = b'{"metric":{"__name__":"occupancy_occupied","sensor":"d"},"values":[1],"timestamps":[1780000000000]}\n'


@contextmanager
def answering(answer: bytes | None) -> Iterator[VictoriaStore]:
    """A store whose server answers all but `/metrics` with these bytes, and then hangs up; None: it never answers."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not ended.is_set():
                try:
                    line, _ = server.accept()
                except TimeoutError:
                    continue
                with line:
                    head = _request(line)
                    if answer is None and b"/metrics" not in head:
                        ended.wait(10)
                    else:
                        line.sendall(HEALTHY if b"/metrics" in head else answer or b"")

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        patience = 0.3 if answer is None else 30.0
        settings = VictoriaSettings(write_url=url, timeout=patience, read_timeout=patience)
        try:
            with closing(VictoriaStore(settings)) as store:
                yield store
        finally:
            ended.set()
            thread.join()


def _request(line: socket.socket) -> bytes:
    """Read one request, body and all: closing with unread bytes would reset the connection."""
    found = line.recv(65_536)
    head, _, body = found.partition(b"\r\n\r\n")
    size = next((int(row[15:]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")), 0)
    while len(body) < size:
        body += line.recv(65_536)
    return head


def plain(status: str, body: bytes, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in (*headers, "Connection: close", f"Content-Length: {len(body)}"))
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (plain("400 Bad Request", b"cannot parse"), RefusalError, "cannot parse"),
        (plain("401 Unauthorized", b""), ForbiddenError, "let us in"),
        (plain("413 Too Large", b""), TooLargeError, "size"),
        (plain("200 OK", b"<!doctype html><title>Router</title>"), StoreError, "Router"),
        (plain("200 OK", b"thanks"), StoreError, "check the URL"),
        (plain("302 Found", b"", "Location: http://127.0.0.1:1/"), StoreError, "check the URL"),
        (plain("404 Not Found", b"unsupported path"), StoreError, "unsupported path"),
        (b"", StoreError, "broke the connection"),
        (None, StoreError, "in time"),
    ],
)
def test_an_append_that_was_not_taken_is_an_error(answer: bytes | None, kind: type[StoreError], said: str) -> None:
    with answering(answer) as store, pytest.raises(StoreError, match=said) as caught:
        store.append(ROWS)
    assert type(caught.value) is kind


def test_a_server_that_asks_to_be_left_alone_is_heard() -> None:
    busy = plain("429 Too Many", b"", "Retry-After: 7")
    with answering(busy) as store, pytest.raises(StoreError) as caught:
        store.append(ROWS)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (plain("503 Busy", b"cannot fetch data from vmstorage"), "vmstorage"),
        (plain("422 Unprocessable", b"too many samples"), "too many"),
        (plain("200 OK", b"<html><title>Router</title>"), "Router|broke its answer off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(LINE), LINE), "broke"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + LINE, "broke"),
        (plain("200 OK", LINE + b"cannot export data: timeout"), "broke its answer off"),
        (plain("200 OK", LINE[:60]), "broke its answer off"),
        (None, "in time"),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(answer: bytes | None, said: str) -> None:
    with answering(answer) as store:
        with pytest.raises(StoreError, match=said) as caught:
            store.read("s", 0, FOREVER)
        assert type(caught.value) is StoreError
        for ask in (
            store.sites,
            lambda: store.latest("s"),
            lambda: store.extent("s"),
            lambda: [*store.rows("s", 0, 9**15)],
        ):
            with pytest.raises(StoreError):
                ask()


@pytest.mark.parametrize("partial", [True, False])
def test_an_answer_in_part_is_an_error(partial: bool) -> None:  # noqa: FBT001 - both are tried
    text = b'{"status":"success","isPartial":%s,"data":["s"]}' % (b"true" if partial else b"false")
    with answering(plain("200 OK", text)) as store:
        if not partial:
            assert store.sites() == ("s",)
            return
        with pytest.raises(StoreError, match="in part"):
            store.sites()


def test_the_epoch_is_asked_for_and_never_made_up() -> None:
    with answering(b"") as store:
        assert store.epoch() == "1780000000"
    with pytest.raises(StoreError, match="nobody listens"), closing(_nowhere()) as store:
        store.epoch()


def _nowhere() -> VictoriaStore:
    return VictoriaStore(VictoriaSettings(write_url="http://127.0.0.1:1"))

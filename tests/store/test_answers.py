"""What a store's answers mean, whatever they look like."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from store.answers import MOST_WAIT, address_of, answer_error, is_page, page_error, reading_error, talking, wait_asked
from store.protocol import ForbiddenError, RefusalError, StoreError, TooLargeError
from tests.brokers import free_port

WHERE = "The store at http://h:1"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RefusalError),
        (422, RefusalError),
        (401, ForbiddenError),
        (403, ForbiddenError),
        (413, TooLargeError),
        (301, StoreError),
        (404, StoreError),
        (405, StoreError),
        (408, StoreError),
        (429, StoreError),
        (500, StoreError),
        (502, StoreError),
        (503, StoreError),
    ],
)
def test_every_status_has_its_error(status: int, kind: type[StoreError]) -> None:
    error = answer_error(status, {}, b'{"code":"x","message":"no such thing"}', where=WHERE)
    assert type(error) is kind
    assert str(error).startswith(WHERE)
    assert f"{status}: no such thing" in str(error)
    assert error.retry_after is None


def test_a_question_is_never_refused_for_good() -> None:
    assert type(reading_error(400, {}, "bad", where=WHERE)) is StoreError
    assert type(reading_error(401, {}, "bad", where=WHERE)) is ForbiddenError
    assert reading_error(503, {"Retry-After": "3"}, "", where=WHERE).retry_after == 3


@pytest.mark.parametrize("status", [400, 422])
def test_a_web_page_blames_no_reading(status: int) -> None:
    error = answer_error(status, {}, "<html><title>400 The plain &amp; simple</title></html>", where=WHERE)
    assert type(error) is StoreError
    assert "The plain & simple" in str(error)
    assert "check the URL" in str(error)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "wanted"),
    [("4", 4.0), ("0", 0.0), ("1000000000", MOST_WAIT), ("9" * 500, None), ("soon", None), ("", None), ("-3", None)],
)
def test_how_long_we_are_asked_to_wait(status: int, value: str, wanted: float | None) -> None:
    assert answer_error(status, {"retry-AFTER": value}, "", where=WHERE).retry_after == wanted


@pytest.mark.parametrize(("seconds", "wanted"), [(20, 20.0), (-50, 0.0), (10**8, MOST_WAIT)])
def test_a_date_to_wait_for(seconds: int, wanted: float) -> None:
    assert wait_asked(format_datetime(NOW + timedelta(seconds=seconds), usegmt=True), NOW) == wanted


@given(st.text(max_size=40))
def test_any_retry_after_is_none_or_within_bounds(value: str) -> None:
    waited = wait_asked(value, NOW)
    assert waited is None or 0 <= waited <= MOST_WAIT


@given(st.integers(300, 599), st.binary(max_size=600) | st.text(max_size=600))
def test_any_answer_gives_one_printable_line_of_bounded_length(status: int, body: bytes | str) -> None:
    message = str(answer_error(status, {}, body, where=WHERE))
    assert message.isprintable()
    assert len(message) < 600


def test_a_page_is_known_by_its_beginning() -> None:
    assert is_page("\n <!DOCTYPE html><p>")
    assert not is_page('{"html": 1}')
    assert "web page" in str(page_error("<html><title>Grafana</title>", where=WHERE))


def test_an_address_is_shown_without_secrets() -> None:
    assert address_of("http://u:p@h:1/") == "http://h:1"
    assert address_of("http://[::1]:8086/api?token=t#f") == "http://[::1]:8086/api"


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def resetting() -> Iterator[int]:
    """A port that ends every connection when something has come."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(1)  # what is unread makes closing a reset

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    thread.join()
    listener.close()


def _ask(url: str, patience: float = 30.0) -> None:
    with urllib3.PoolManager(retries=False, timeout=patience) as pool, talking(WHERE):
        pool.request("GET", url)


def test_nobody_listens() -> None:
    with pytest.raises(StoreError, match="nobody listens"):
        _ask(f"http://127.0.0.1:{free_port()}")


def test_no_answer_in_time(silent: int) -> None:
    with pytest.raises(StoreError, match="did not answer in time"):
        _ask(f"http://127.0.0.1:{silent}", patience=0.3)


def test_a_reset_connection(resetting: int) -> None:
    with pytest.raises(StoreError, match="broke the connection off"):
        _ask(f"http://127.0.0.1:{resetting}")


def test_a_name_without_address() -> None:
    with pytest.raises(StoreError, match="no address"):
        _ask("http://nowhere.invalid")


def test_a_url_that_is_none() -> None:
    with pytest.raises(StoreError, match="no URL"):
        _ask("http://[half")

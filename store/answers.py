"""What a server store's answers mean: HTTP statuses and broken connections as the errors of `store.protocol`.

A message says what happened and what to do, names the server by its address without credentials, and never holds
anything that we sent.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from urllib.parse import urlsplit

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
    TimeoutError,  # noqa: A004 - urllib3's own, of the two above
)

from store.protocol import ForbiddenError, RefusalError, StoreError, TooLargeError

MOST_WAIT = 300.0
"""Seconds: whoever asks to be left alone for longer is asked again after these."""
_MOST_DETAIL = 300
_URL = "; check the URL"
_RIGHTS = "; check the token: it may be mistyped, expired, or without the right to this"
_MEANINGS = {
    400: ("refuses what was sent", ""),
    401: ("does not let us in", _RIGHTS),
    403: ("does not let us in", _RIGHTS),
    404: ("does not know what we ask for", "; check the URL and the names in the settings"),
    413: ("takes no batch of this size", ""),
    422: ("refuses what was sent", ""),
    429: ("is busy", ""),
    503: ("is busy", ""),
}
_BREAKS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((NameResolutionError,), "cannot be found: its name has no address; check the URL"),
    (
        (NewConnectionError, ConnectionRefusedError),
        "cannot be reached: nobody listens there; start it, or check the URL",
    ),
    ((ConnectTimeoutError,), "cannot be reached: it did not take the connection in time"),
    ((ReadTimeoutError, TimeoutError), "did not answer in time"),
    ((LocationParseError,), "has an address that is no URL; check it"),
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(r"\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)


def answer_error(status: int, headers: Mapping[str, str], body: str | bytes, *, where: str) -> StoreError:
    """Return what an answer that is no success means for a batch that was written.

    `where` names the store for people, such as "InfluxDB at http://host:8086"; `headers` may be spelled in any case.

    - 400, 422: RefusalError, unless it is a web page: then nothing in the batch is to blame
    - 401, 403: ForbiddenError
    - 413: TooLargeError
    - all else: StoreError, with `retry_after` where the server asked to be left alone
    """
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    error = _kind(status, page=is_page(text))(f"{where} {_said(status, text)}")
    if status in {429, 503}:
        error.retry_after = wait_asked(_header(headers, "retry-after"), datetime.now(UTC))
    return error


def reading_error(status: int, headers: Mapping[str, str], body: str | bytes, *, where: str) -> StoreError:
    """Return what an answer that is no success means for a question: as above, but nothing is refused for good."""
    error = answer_error(status, headers, body, where=where)
    if isinstance(error, RefusalError | TooLargeError):
        return StoreError(str(error))
    return error


@contextmanager
def talking(where: str) -> Iterator[None]:
    """Turn urllib3's errors, and those of the sockets below it, into a StoreError that says what to do.

    Raises:
        StoreError: nothing of a batch is certain.
    """
    try:
        yield
    except (HTTPError, OSError) as error:
        raise StoreError(f"{where} {_broken(error)}") from error


def address_of(url: str) -> str:
    """Return a URL as it may be shown: without user, password, query and fragment.

    >>> address_of("https://me:secret@example.org:8086/influx?token=x")
    'https://example.org:8086/influx'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


def is_page(text: str) -> bool:
    """Whether an answer is a web page, which no store gives: a proxy's, or some other server's."""
    return _HTML.match(text) is not None


def page_error(text: str, *, where: str) -> StoreError:
    """Return the error of a web page that was answered with success."""
    return StoreError(f"{where} answers with a web page{_title(text)}, so it is no such store; check the URL")


def wait_asked(value: str | None, now: datetime) -> float | None:
    """Return for how many seconds a Retry-After asks, within 0 and MOST_WAIT; None where it says nothing of use.

    >>> wait_asked("7", datetime.now(UTC)), wait_asked("1000000000", datetime.now(UTC))
    (7.0, 300.0)
    >>> wait_asked("soon", datetime.now(UTC))
    """
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r"\d{1,30}", value, re.ASCII):
        return min(float(value), MOST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MOST_WAIT)


def _kind(status: int, *, page: bool) -> type[StoreError]:
    if status in {401, 403}:
        return ForbiddenError
    if status == 413:
        return TooLargeError
    return RefusalError if status in {400, 422} and not page else StoreError


def _said(status: int, text: str) -> str:
    page = is_page(text)
    detail = f"web page{_title(text)}" if page else _detail(text)
    happened, advice = _MEANINGS.get(status, ("sends us elsewhere", _URL) if 300 <= status < 400 else ("fails", ""))
    if page and status in {400, 422}:
        happened, advice = "is perhaps no such store", _URL
    return f"{happened} ({status}: {detail}){advice}" if detail else f"{happened} ({status}){advice}"


def _detail(text: str) -> str:
    """Return the message of a JSON answer, or its beginning as one printable line."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        text = str(found.get("message") or found.get("error") or text)
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(line.split())
    return line if len(line) <= _MOST_DETAIL else line[: _MOST_DETAIL - 3] + "..."


def _title(text: str) -> str:
    found = _TITLE.search(text[:10_000])
    title = _detail(unescape(found[1]))[:80] if found else ""
    return f' titled "{title}"' if title else ""


def _broken(error: Exception) -> str:
    for kinds, said in _BREAKS:
        if isinstance(error, kinds):
            return said
    if isinstance(error, SSLError):
        return f"cannot be trusted, or speaks no TLS: {_detail(str(error))}"
    return f"broke the connection off ({type(error).__name__})"


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)

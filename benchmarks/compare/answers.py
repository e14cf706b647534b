"""Answers of one side, and what of them is held against the other side's."""

import gzip
import http.client
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from benchmarks.compare.questions import Question

HEADERS_ASIDE: Mapping[str, str] = {
    "server-timing": "how long it took",
    "last-modified": "when a checkout's file was written",
}
"""Headers that are not compared, and why."""
HOST = {"Host": "ledig.test"}
"""Addresses in answers name the host that was asked: it is the same for both sides."""
_STORE_SECONDS = re.compile(rb'("store_seconds":)[0-9.e-]+')
_EVENT = re.compile(rb"(?m)^(id: )[0-9a-f]{8}(?=-[0-9]+$)")
BODIES_ASIDE: Sequence[tuple[str, "re.Pattern[bytes]", bytes]] = (
    ("how long the store took to answer", _STORE_SECONDS, rb"\g<1>0"),
    ("random names of processes in ids of events", _EVENT, rb"\g<1>........"),
)
"""What is not compared of bodies: why, what it is, and what is put in its place on both sides."""
_PATIENCE = 300.0
_SHOWN = 60
"""Bytes shown around the first place that differs."""


class Answer(NamedTuple):
    """What came back: headers and body without what is set aside, and the body as it was."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    raw: bytes


class Client:
    """Asks one server over one connection. Belongs to one thread."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._line = http.client.HTTPConnection(self._address, timeout=_PATIENCE)

    def ask(self, question: Question) -> Answer:
        """Return the answer to a question."""
        headers = {**HOST, "Accept-Encoding": "identity", **question.headers}
        if question.stream:
            with Stream(self._address, question.path, headers) as stream:
                event = next(stream.events("state"))
                return Answer(stream.status, stream.headers, _body("", event), event)
        self._line.request(question.method, question.path, question.body, headers)
        answer = self._line.getresponse()
        body, told = answer.read(), _headers(question.path, answer)
        if told.get("content-encoding") == "gzip":
            body = gzip.decompress(body)  # packed, it says when it was packed
            told.pop("content-length", None)
        if answer.will_close:
            self._line.close()
        return Answer(answer.status, told, _body(question.path, body), body)

    def close(self) -> None:
        """Hang up."""
        self._line.close()


class Stream:
    """A stream of events that is being read."""

    def __init__(self, address: str, path: str, headers: Mapping[str, str]) -> None:
        self._line = http.client.HTTPConnection(address, timeout=_PATIENCE)
        self._line.request("GET", path, None, dict(headers))
        self._answer = self._line.getresponse()
        self.status = self._answer.status
        self.headers = _headers(path, self._answer)

    def events(self, *kinds: str) -> Iterator[bytes]:
        """Yield events of these kinds, as they come."""
        event = b""
        while line := self._answer.readline():
            event += line
            if line == b"\n":
                if any(f"event: {kind}\n".encode() in event for kind in kinds):
                    yield event
                event = b""
        yield event  # no stream, or one that ended

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.close()
        self._line.close()


def answered(url: str, question: Question) -> Answer:
    """Return the answer to a single question."""
    with closing(Client(url)) as client:
        return client.ask(question)


def _headers(path: str, answer: http.client.HTTPResponse) -> dict[str, str]:
    # The tags of static files are made of when they were written.
    aside = {*HEADERS_ASIDE, *({"etag"} if path.startswith("/static/") else ())}
    found: dict[str, str] = {}
    for name, value in answer.getheaders():
        if name.lower() not in aside:
            found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
    if _route(path) in {"/metrics", "/v1/pipeline"}:
        found.pop("content-length", None)  # of numbers that are set aside
    return found


def _body(path: str, body: bytes) -> bytes:
    if _route(path) == "/metrics":
        return metric_names(body)
    for _, pattern, instead in BODIES_ASIDE:
        body = pattern.sub(instead, body)
    return body


def _route(path: str) -> str:
    return path.partition("?")[0]


def metric_names(body: bytes) -> bytes:
    """Return metrics without their numbers: names, labels and descriptions."""
    lines = [line if line.startswith(b"#") else line.rpartition(b" ")[0] for line in body.splitlines()]
    return b"\n".join(sorted(lines))


def difference(old: Answer, new: Answer) -> str | None:
    """Return the first thing that differs, None where nothing does."""
    if old.status != new.status:
        return f"status {old.status} became {new.status}: {_first(new.body)}"
    for name in sorted({*old.headers, *new.headers} - {"content-length"}):
        if old.headers.get(name) != new.headers.get(name):
            return f"header {name}: {old.headers.get(name)!r} became {new.headers.get(name)!r}"
    return bytes_difference(old.body, new.body) or _length(old, new)


def bytes_difference(old: bytes, new: bytes) -> str | None:
    """Return the first place at which bytes differ, None where none does."""
    if old == new:
        return None
    at = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
    at = min(len(old), len(new)) if at is None else at
    start = max(at - _SHOWN // 2, 0)
    return f"byte {at}: {_first(old[start:])} became {_first(new[start:])}"


def _length(old: Answer, new: Answer) -> str | None:
    lengths = [answer.headers.get("content-length") for answer in (old, new)]
    return None if lengths[0] == lengths[1] else f"content-length: {lengths[0]} became {lengths[1]}"


def _first(body: bytes) -> str:
    return repr(body[:_SHOWN].decode("utf-8", "replace"))


def masked(event: bytes) -> bytes:
    """Return an event of a stream without what is set aside."""
    return _body("", event)

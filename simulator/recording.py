"""Recordings: MQTT messages in a file, one JSON line each, gzip'd where the name ends in ``.gz``.

The first line is a header, ``{"format":"ledig-recording","version":1,"site":"odense",...}``; each line after it
a message: ``at`` (UTC ms at which it was published), ``topic``, ``payload`` as text (``base64`` in its place where
it is not UTF-8), ``retain`` where true. Both directions stream. The same messages give the same bytes.
"""

import gzip
import io
import os
import zlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Annotated, BinaryIO, Self

import msgspec
from msgspec import UNSET, Meta, UnsetType

from spaces.mistakes import FileError, Mistake, did_you_mean
from spaces.times import Millis

FORMAT = "ledig-recording"
VERSION = 1
LONGEST_TOPIC = 65_535
"""Bytes of a topic, by MQTT."""
_GZIP = b"\x1f\x8b"


class RecordingError(FileError):
    """A recording cannot be read or written; nothing is wrong with ledig."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message as it was published. `at` is the moment of publishing in UTC ms."""

    at: Millis
    topic: str
    payload: bytes
    retain: bool = False


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line: what the messages after it are. `zone` is the site's, `note` is for people."""

    format: str = FORMAT
    version: int = VERSION
    site: str
    zone: str = ""
    note: str = ""


class _Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    at: Annotated[int, Meta(ge=-(2**53), le=2**53)]
    topic: str
    payload: str | UnsetType = UNSET
    base64: bytes | UnsetType = UNSET
    retain: bool = False


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Line).decode
_decode_header = msgspec.json.Decoder(Header).decode


def encode_message(message: Message) -> bytes:
    r"""Spell a message as its line, without the line's end.

    >>> encode_message(Message(5, "a/b", b"on")), encode_message(Message(5, "a/b", b"\xff", retain=True))
    (b'{"at":5,"topic":"a/b","payload":"on"}', b'{"at":5,"topic":"a/b","base64":"/w==","retain":true}')
    """
    try:
        line = _Line(message.at, message.topic, payload=message.payload.decode(), retain=message.retain)
    except UnicodeDecodeError:
        line = _Line(message.at, message.topic, base64=message.payload, retain=message.retain)
    return _encode(line)


def decode_message(line: bytes) -> Message:
    """Read a line.

    Raises:
        ValueError: with what is wrong; `msgspec.DecodeError` is one.
    """
    read = _decode(line)
    if (read.payload is UNSET) == (read.base64 is UNSET):
        raise ValueError("a message has a payload or a base64, one of the two")
    payload = read.base64 if isinstance(read.base64, bytes) else str(read.payload).encode()
    if fault := topic_fault(read.topic):
        raise ValueError(fault)
    return Message(read.at, read.topic, payload, read.retain)


def topic_fault(topic: str) -> str | None:
    """Return why nothing can be published on a topic, None where it can be."""
    if not topic or len(topic.encode()) > LONGEST_TOPIC:
        return f"a topic has 1 to {LONGEST_TOPIC} bytes"
    if any(sign in topic for sign in "+#\0"):
        return f"the topic {topic[:60]!r} holds '+', '#' or a zero, which are not for publishing"
    return None


class Recorder:
    """Writes a recording. The file has its name only when all of it is there: on an error there is none."""

    def __init__(self, path: Path, header: Header) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._header = header
        self._closing = ExitStack()
        self._stream: io.BufferedWriter
        self.messages = 0

    def __enter__(self) -> Self:
        """Begin a file beside the path.

        Raises:
            RecordingError: where it cannot be written.
        """
        try:
            raw = self._closing.enter_context(self._partial.open("wb"))
        except OSError as error:
            raise self._unwritable(error) from None
        self._closing.callback(_sync, raw)
        self._stream = raw
        if self._path.suffix == ".gz":
            packed = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0)
            self._stream = self._closing.enter_context(io.BufferedWriter(packed, 1 << 16))
        self._stream.write(_encode(self._header) + b"\n")
        return self

    def append(self, message: Message) -> None:
        """Write one message.

        Raises:
            RecordingError: where it cannot be written, for want of space perhaps.
        """
        try:
            self._stream.write(encode_message(message) + b"\n")
        except OSError as error:
            raise self._unwritable(error) from None
        self.messages += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the file its name, or on an error remove what there is of it."""
        try:
            self._closing.close()
            if kind is None:
                self._partial.replace(self._path)
        except OSError as failure:
            raise self._unwritable(failure) from None
        finally:
            self._partial.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> RecordingError:
        return RecordingError([Mistake(self._path, self.messages + 1, f"cannot be written: {error.strerror}")])


def _sync(raw: BinaryIO) -> None:
    raw.flush()
    os.fsync(raw.fileno())


class Survey(msgspec.Struct, frozen=True):
    """What a recording holds: how many messages, when the first and the last were published (0 in none), on what."""

    messages: int
    first: Millis
    last: Millis
    topics: frozenset[str]


class Recording:
    """A recording in a file: its header, and its messages each time it is iterated over."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.header = header

    def __iter__(self) -> Iterator[Message]:
        """Yield the messages in the order of the file.

        Raises:
            RecordingError: at the first line that is none, or where the file ends in the middle.
        """
        lines = _lines(self.path)
        next(lines, None)
        for number, line in lines:
            try:
                yield decode_message(line)
            except ValueError as error:
                raise RecordingError([Mistake(self.path, number, _explained(line, str(error)))]) from None

    def survey(self) -> Survey:
        """Read all of it once: afterwards it is known to be whole, and how long it is.

        Raises:
            RecordingError: as iterating does.
        """
        count, first, last = 0, 0, 0
        topics: set[str] = set()
        for message in self:
            first = min(first, message.at) if count else message.at
            last = max(last, message.at) if count else message.at
            count += 1
            topics.add(message.topic)
        return Survey(count, first, last, frozenset(topics))


def open_recording(path: Path) -> Recording:
    """Open a recording and read its header.

    Raises:
        RecordingError: where there is no such file, or it is no recording that this version of ledig knows.
    """
    lines = _lines(path)
    number, line = next(lines, (1, b""))
    lines.close()
    return Recording(path, _header(path, number, line))


def _header(path: Path, number: int, line: bytes) -> Header:
    loose = _loose(line)
    if loose.get("format") != FORMAT:
        begin = _encode(Header(site="my-site")).decode()
        raise RecordingError([Mistake(path, number, f"is no recording: it must begin with a line such as {begin}")])
    if loose.get("version") != VERSION:
        message = f"is of version {loose.get('version')!r}, and this ledig reads version {VERSION}; use a newer ledig"
        raise RecordingError([Mistake(path, number, message)])
    try:
        return _decode_header(line)
    except ValueError as error:
        message = f"header: {error}{_suggestion(loose, Header.__struct_fields__)}"
        raise RecordingError([Mistake(path, number, message)]) from None


def _lines(path: Path) -> Generator[tuple[int, bytes], None, None]:
    """Yield numbered lines, unpacked where the file is packed, whatever its name."""
    number = 0
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == _GZIP
            with gzip.GzipFile(fileobj=raw) if packed else raw as stream:
                for line in stream:
                    number += 1
                    if line.strip():
                        yield number, line
    except EOFError:
        message = "the file ends in the middle; copy or make it again"
        raise RecordingError([Mistake(path, number + 1, message)]) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        message = f"is packed and damaged from here on ({error}); copy or make it again"
        raise RecordingError([Mistake(path, number + 1, message)]) from None
    except FileNotFoundError:
        raise RecordingError([Mistake(path, 1, "there is no such file")]) from None
    except OSError as error:
        raise RecordingError([Mistake(path, number + 1, f"cannot be read: {error.strerror}")]) from None


def _explained(line: bytes, error: str) -> str:
    shown = line[:60].decode(errors="replace").rstrip()
    ended = "" if line.endswith(b"\n") else "; the file may have been cut off here"
    return f"is no message: {error}{_suggestion(_loose(line), _Line.__struct_fields__)}: {shown}{ended}"


def _suggestion(loose: dict[str, object], known: tuple[str, ...]) -> str:
    unknown = next((key for key in loose if key not in known), None)
    return did_you_mean(unknown, known) if unknown is not None else ""


def _loose(line: bytes) -> dict[str, object]:
    """Return the line as an object of any keys, an empty one where it is none."""
    try:
        value = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}

"""Text that others have saved: its encoding is judged once, and said where it is not UTF-8.

UTF-8 is read with and without a mark, UTF-16 and UTF-32 with theirs. Anything else is taken for Windows-1252, in which
Excel saves. All of it streams: a file is read once, however large it is.
"""

import codecs
import io
import re
import zlib
from collections.abc import Iterator
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import NamedTuple

from spaces.mistakes import FileError, Mistake

WINDOWS = "cp1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ESCAPED = re.compile("[\udc80-\udcff]")
_NAME = re.compile(r"[^\t\r\n,;|\"]*[^\x00-\x7f][^\t\r\n,;|\"]*")


class Changed(NamedTuple):
    """The first name (a cell, in a table) that is not UTF-8: its line, how it is read, and in which encoding."""

    line: int
    name: str
    encoding: str

    def __str__(self) -> str:
        if self.encoding == WINDOWS:
            return f"is not UTF-8 and is read as Windows-1252: the first changed name is {self.name!r}"
        return f"holds bytes that are no UTF-8, shown as \N{REPLACEMENT CHARACTER}: the first are in {self.name!r}"


class NoTextError(ValueError):
    """A file is no text that can be read; the message says what it is."""


class TextLines:
    r"""The lines of a file with their ends. `changed` is there once a line was read that is not UTF-8.

    >>> lines = TextLines(io.BufferedReader(io.BytesIO(b"name\nK\xfcche\n")))
    >>> list(lines), lines.changed
    (['name\n', 'Küche\n'], Changed(line=2, name='Küche', encoding='cp1252'))
    """

    def __init__(self, raw: io.BufferedReader | GzipFile, encoding: str | None = None) -> None:
        """Without an `encoding` it is judged; a mark at the beginning is believed before either.

        Raises:
            NoTextError: where the bytes are UTF-16 without a mark.
        """
        marked = next((name for mark, name in _MARKS if raw.peek(4)[:4].startswith(mark)), None)
        self._judging = marked is None and encoding is None
        if self._judging and _looks_wide(raw.peek(512)[:512]):
            raise NoTextError(
                "has a zero in every second byte, as UTF-16 has, but no mark; save it as UTF-8, or say the encoding"
            )
        self._text = io.TextIOWrapper(
            raw,
            encoding=marked or encoding or "utf-8",
            errors="surrogateescape" if self._judging else "replace",
            newline="",
        )
        self._encoding: str | None = None
        self.changed: Changed | None = None

    def __iter__(self) -> Iterator[str]:
        if not self._judging:
            yield from self._text
            return
        for number, line in enumerate(self._text, 1):
            yield line if line.isascii() else self._judged(number, line)

    def _judged(self, number: int, line: str) -> str:
        escaped = _ESCAPED.search(line) is not None
        if self._encoding is None:
            whole = not escaped or any(ord(sign) > 127 and not _ESCAPED.match(sign) for sign in line)
            self._encoding = "utf-8" if whole else WINDOWS
        if not escaped and self._encoding == "utf-8":
            return line
        read = line.encode("utf-8", "surrogateescape").decode(self._encoding, "replace")
        if self.changed is None:
            name = _NAME.search(read)
            self.changed = Changed(number, name[0].strip()[:60] if name else "", self._encoding)
        return read


def decode_text(data: bytes) -> tuple[str, Changed | None]:
    r"""Return the text of a small file, and what of it was not UTF-8.

    >>> decode_text("Küche".encode("utf-16"))
    ('Küche', None)

    Raises:
        NoTextError: where the bytes are UTF-16 without a mark.
    """
    lines = TextLines(io.BufferedReader(io.BytesIO(data)))
    text = "".join(lines)
    return text, lines.changed


def unpacked(raw: io.BufferedReader) -> io.BufferedReader | GzipFile:
    """Return a stream of a file's content, unpacked where it is packed with gzip, whatever its name.

    Raises:
        NoTextError: where it is a spreadsheet or a packed folder.
    """
    if raw.peek(4)[:4] == ZIP:
        raise NoTextError("is a spreadsheet or a packed folder; save the sheet as CSV, or unpack it")
    return GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw


def unreadable(file: Path, line: int, error: OSError | EOFError | zlib.error) -> FileError:
    """Return what is wrong with a file that cannot be read on."""
    if isinstance(error, FileNotFoundError):
        message = "there is no such file"
    elif isinstance(error, EOFError):
        message = "the file ends in the middle; copy or make it again"
    elif isinstance(error, BadGzipFile | zlib.error):
        message = f"is packed and damaged from here on ({error}); copy or make it again"
    else:
        message = f"cannot be read: {error.strerror or error}"
    return FileError([Mistake(file, line, message)])


def _looks_wide(beginning: bytes) -> bool:
    return len(beginning) >= 4 and beginning.count(0) * 3 >= len(beginning)

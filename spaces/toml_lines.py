"""Where things stand in a TOML file: `tomllib` gives values, this gives their lines.

It walks over text that `tomllib` has read, and so knows to be TOML; what it cannot place is said to stand at the
nearest table or list around it.
"""

import re
from bisect import bisect_left
from collections.abc import Generator, Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]
"""The way to a value: names of tables and keys, numbers of list items."""
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'", re.DOTALL
)
_PLAIN = re.compile(r"[^,\]}#\n]*")


class _Key(NamedTuple):
    names: Path
    at: int


class TomlLines:
    r"""Line numbers of a TOML text's tables and keys, however they are written.

    >>> lines = TomlLines('[site]\nid = "a"\n[[zone]]\nid = "z"\n[[zone]]\nid = "y"\n')
    >>> lines.of("site", 0, "id"), lines.of("zone", 1, "id"), lines.of("zone", 1, "missing")
    (2, 6, 5)
    >>> lines = TomlLines('zone = [\n  { id = "z" },\n  { id = "y" },\n]\ntext = \'\'\'\nid = 1\n\'\'\'\n')
    >>> lines.of("zone", 1, "id"), lines.of("", 0, "text"), lines.of("", 0, "id")
    (3, 5, 1)
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        ends = [match.start() for match in re.finditer("\n", text)]
        for path, at in _walk(text):
            self._lines.setdefault(path, bisect_left(ends, at) + 1)

    def of(self, table: str, index: int = 0, key: str | None = None) -> int:
        """Return the line of a key, of its table where the key is not found, or 1; "" is what stands before tables."""
        ways: list[Path] = [(table, index), (table,)] if table else [()]
        tried = [(*way, key) for way in ways] if key is not None else []
        return next((self._lines[path] for path in [*tried, *ways] if path in self._lines), 1)

    def at(self, *way: str | int) -> int:
        """Return the line of a value, however deep it stands; of what is around it where it is not found."""
        return next((self._lines[way[:end]] for end in range(len(way), 0, -1) if way[:end] in self._lines), 1)


def _walk(text: str) -> Iterator[tuple[Path, int]]:
    """Yield the way to each table, list item and key, and where it begins."""
    table: Path = ()
    items: dict[Path, int] = {}
    at = _skip(text, 0)
    while at < len(text):
        if text[at] == "[":
            double = text.startswith("[[", at)
            key = _key(text, at + 1 + double)
            table = _entered(key.names, items)
            if double:
                table = (*table, items.setdefault(table, -1) + 1)
                items[table[:-1]] += 1
            yield table, at
            yield table[:1], at
            at = key.at + 1 + double
        else:
            at = yield from _pair(text, at, table)
        at = _skip(text, at)


def _entered(names: Path, items: dict[Path, int]) -> Path:
    """Return the way that a header means: below a list it is the last item's."""
    way: Path = ()
    for name in names[:-1]:
        way = (*way, name)
        if way in items:
            way = (*way, items[way])
    return (*way, names[-1])


def _pair(text: str, at: int, table: Path) -> Generator[tuple[Path, int], None, int]:
    """Yield the way to a key and to all in its value; return where the value ends."""
    key = _key(text, at)
    for length in range(1, len(key.names) + 1):
        yield (*table, *key.names[:length]), at
    return (yield from _value(text, _skip(text, key.at + 1), (*table, *key.names)))


def _value(text: str, at: int, way: Path) -> Generator[tuple[Path, int], None, int]:
    """Yield the way to all that is in a value; return where it ends."""
    if text[at] in "\"'":
        return _end(_STRING, text, at)
    if text[at] not in "[{":
        return _end(_PLAIN, text, at)
    closing, number = "]" if text[at] == "[" else "}", 0
    at = _skip(text, at + 1)
    while text[at] != closing:
        if closing == "]":
            yield (*way, number), at
            at = yield from _value(text, at, (*way, number))
            number += 1
        else:
            at = yield from _pair(text, at, way)
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at] == "," else at
    return at + 1


def _key(text: str, at: int) -> _Key:
    """Read a key, dotted or quoted, and the blanks behind it."""
    names: list[str | int] = []
    at = _skip(text, at)
    while True:
        pattern = _STRING if text[at] in "\"'" else _BARE
        end = _end(pattern, text, at)
        names.append(text[at:end].strip("\"'"))
        dot = _DOT.match(text, end)
        if dot is None:
            return _Key(tuple(names), _skip(text, end))
        at = dot.end()


def _skip(text: str, at: int) -> int:
    return _end(_BLANK, text, at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    assert match is not None, "tomllib has read it"
    return match.end()

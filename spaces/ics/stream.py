"""iCalendar streams (RFC 5545, 3.1 and 3.4): content lines, unfolded, and the components that they make up.

Only what says when something is booked is kept: titles, names and alarms are nobody's business here, so that nothing
that is wrong with them can be in the way.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from spaces.mistakes import shown

READ = frozenset(
    {
        *("BEGIN", "END", "METHOD"),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"),
        *("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "STATUS", "TRANSP"),
    }
)
"""The properties that are read; of all others only the name is looked at."""
PARENTS = {"VCALENDAR": "", "VEVENT": "VCALENDAR", "VTIMEZONE": "VCALENDAR"}
"""Where components stand that are read."""
_NAME = re.compile(rb"([A-Za-z0-9_.-]+)[;:]")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)')


class StreamError(ValueError):
    """A text is no iCalendar stream: the line, and why."""

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(why)


class Property(NamedTuple):
    """One content line; names in capitals, values of parameters without their quotes."""

    name: str
    parameters: Mapping[str, str]
    value: str
    line: int


@dataclass(slots=True)
class Component:
    """What stands between a BEGIN and its END, in the order of the file."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def each(self, name: str) -> list[Property]:
        """Return the properties of a name."""
        return [one for one in self.properties if one.name == name]

    def first(self, name: str) -> Property | None:
        """Return the first property of a name, if there is any."""
        return next((one for one in self.properties if one.name == name), None)


def parse_stream(data: bytes) -> list[Component]:
    r"""Return the calendars of a stream.

    >>> (calendar,) = parse_stream(b"BEGIN:VCALENDAR\nMETHOD:PUB\n LISH\nEND:VCALENDAR")
    >>> calendar.first("METHOD")
    Property(name='METHOD', parameters={}, value='PUBLISH', line=2)

    Raises:
        StreamError: it is none, or is cut short.
    """
    try:
        return _components(data)
    except _LineError as error:
        raise StreamError(error.line, f"is no calendar that can be read: {error}") from None


def _components(data: bytes) -> list[Component]:
    root = Component("", 0)
    opened = [root]
    for one in _properties(data):
        if one.name == "BEGIN":
            opened.append(_begin(one, opened))
        elif one.name == "END":
            _end(one, opened)
        elif len(opened) == 1:
            raise _LineError(one.line, f"{one.name} stands outside of BEGIN:VCALENDAR")
        else:
            opened[-1].properties.append(one)
    if len(opened) > 1:
        raise _LineError(opened[1].line, f"BEGIN:{opened[-1].name} of line {opened[-1].line} has no END")
    if not root.parts:
        raise _LineError(1, "it has no BEGIN:VCALENDAR")
    return root.parts


def _begin(one: Property, opened: list[Component]) -> Component:
    component = Component(one.value.strip().upper(), one.line)
    parent = opened[-1].name
    if PARENTS.get(component.name, parent) != parent or (not parent and component.name not in PARENTS):
        where = f"in {parent} of line {opened[-1].line}" if parent else "outside of BEGIN:VCALENDAR"
        raise _LineError(one.line, f"BEGIN:{shown(component.name)} stands {where}")
    opened[-1].parts.append(component)
    return component


def _end(one: Property, opened: list[Component]) -> None:
    name = one.value.strip().upper()
    if name not in (component.name for component in opened[1:]):
        raise _LineError(one.line, f"END:{shown(name)} has no BEGIN")
    if name != opened[-1].name:
        raise _LineError(opened[1].line, f"BEGIN:{shown(opened[-1].name)} of line {opened[-1].line} has no END")
    opened.pop()


def _properties(data: bytes) -> Iterator[Property]:
    """Yield the properties that are read.

    Raises:
        StreamError: a line is not UTF-8.
        _LineError: at the first line that is none.
    """
    for number, line in _unfolded(data):
        name = _NAME.match(line)
        if name is None:
            raise _why_not(number, line)
        if name[1].upper().decode() in READ:
            yield _property(number, line)


def _unfolded(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield content lines with their numbers; bytes, for a fold may cut a character in two."""
    pieces: list[bytes] = []
    begin = 1
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n" if b"\n" in data else b"\r"), 1):
        line = raw.rstrip(b"\r")
        if pieces and line[:1] in (b" ", b"\t"):
            pieces.append(line[1:])
        elif line.strip():
            if pieces:
                yield begin, b"".join(pieces)
            pieces, begin = [line], number
    if pieces:
        yield begin, b"".join(pieces)


def _property(number: int, line: bytes) -> Property:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(number, error) from None
    name = re.split("[;:]", text, maxsplit=1)[0]
    place = len(name)
    parameters: dict[str, str] = {}
    while found := _PARAMETER.match(text, place):
        parameters[found[1].upper()] = found[2].strip('"')
        place = found.end()
    if text[place : place + 1] != ":":
        raise _LineError(number, f"{shown(text)!r} has a parameter that cannot be read")
    return Property(name.upper(), parameters, text[place + 1 :].strip(), number)


def _why_not(number: int, line: bytes) -> StreamError:
    try:
        return _LineError(number, f"{shown(line.decode())!r} is no line of one")
    except UnicodeDecodeError as error:
        return _not_utf8(number, error)


def _not_utf8(number: int, error: UnicodeDecodeError) -> StreamError:
    return StreamError(number, f"is not UTF-8 at byte {error.start}")


class _LineError(StreamError):
    """A line that no calendar has there."""

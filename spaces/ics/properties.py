"""Properties of one event by name: their values read, and what is wrong with them noted by line."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from spaces.ics.clocks import UTC_CLOCK, Clocks
from spaces.ics.notes import Notes
from spaces.ics.stream import Component, Property
from spaces.ics.values import Moment, UnknownZoneError, UnreadableError, parse_time
from spaces.mistakes import shown
from spaces.times import SECOND, Millis

_T = TypeVar("_T")


class PropertyReader:
    """The properties of a component. What cannot be read is noted, and None comes back, or one less."""

    def __init__(self, component: Component, clocks: Clocks, notes: Notes) -> None:
        self._clocks = clocks
        self._notes = notes
        self._by_name: dict[str, list[Property]] = {}
        for one in component.properties:
            self._by_name.setdefault(one.name, []).append(one)

    def each(self, name: str) -> list[Property]:
        """Return the properties of a name."""
        return self._by_name.get(name, [])

    def first(self, name: str) -> Property:
        """Return the first property of a name that is there."""
        return self.each(name)[0]

    def refuse(self, one: Property, message: str) -> None:
        """Note a mistake at a property."""
        self._notes.refuse(one.line, f"{one.name}: {message}")

    def warn(self, one: Property, message: str) -> None:
        """Note that a property is taken otherwise than it is written."""
        self._notes.warn(one.line, f"{one.name}: {message}")

    def read_first(self, name: str, read: Callable[[Property, str], _T]) -> _T | None:
        """Return what one property says, None where it is not there, or wrong."""
        found = self.each(name)
        return self.read(found[0], found[0].value, read) if found else None

    def read(self, one: Property, word: str, read: Callable[[Property, str], _T]) -> _T | None:
        """Return what a word of a property says."""
        try:
            return read(one, word)
        except UnknownZoneError as error:
            self.refuse(one, str(error))
        except UnreadableError as error:
            self.refuse(one, f"cannot be read: {error}")
        except OverflowError:
            self.refuse(one, f"cannot be read: {shown(word)!r} lies beyond all calendars")
        return None

    def moment(self, one: Property, word: str) -> Moment:
        """Read a date or a time, by the clock that its property names.

        Raises:
            UnreadableError: it is none, or of a zone that is none.
        """
        written = parse_time(word)
        kind, zone = one.parameters.get("VALUE", "").upper(), one.parameters.get("TZID", "")
        dated = written.form == "date"
        if kind == "DATE" and not dated:
            raise UnreadableError(f"{shown(word)!r} is no date such as 20261118")
        if dated and kind in ("DATE-TIME", ""):
            self.warn(one, "is taken as a whole day: it has no time")
        if dated or (written.form == "local" and not zone):
            return Moment(written.wall, self._clocks.site, dated)
        if written.form == "utc":
            if zone:
                self.warn(one, "is taken as UTC: it has a Z, and a time zone besides")
            return Moment(written.wall, UTC_CLOCK, dated)
        return Moment(written.wall, self._clocks.named(zone, written.wall, one.line), dated)

    def read_lists(self, name: str, read: Callable[[Property, str], _T]) -> Iterator[_T]:
        """Yield what the words of all lists of a name say, but for those that are wrong."""
        for one in self.each(name):
            for word in one.value.split(","):
                if (value := self.read(one, word.strip(), read)) is not None:
                    yield value

    def word(self, name: str, *, as_written: bool = False) -> str | None:
        """Return what the first property of a name says, None where there is none or it says nothing."""
        value = self.first(name).value if self.each(name) else ""
        return (value if as_written else value.upper()) or None

    def stamp(self, name: str) -> Millis:
        """Return when a version was made, 0 where nothing says so."""
        word = self.word(name)
        try:
            return parse_time(word).wall * SECOND if word else 0
        except UnreadableError:
            self.warn(self.first(name), "cannot be read, and is left out")
            return 0

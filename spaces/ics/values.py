"""Dates, times and durations as RFC 5545 writes them (3.3.4 to 3.3.6), and moments that they tell."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from spaces.mistakes import shown
from spaces.times import SECOND, Millis

Wall = int
"""What a clock on the wall shows: seconds since it showed midnight of 1 January 1970, as if no clock ever changed."""
DAY: Wall = 86_400
Form = Literal["date", "local", "utc"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(
    r"([+-]?)P(?=[0-9T])(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)


class UnreadableError(ValueError):
    """A value cannot be read; the message says so."""


class UnknownZoneError(UnreadableError):
    """A time zone is none that anybody knows, nor one of the file's."""


class Clock(Protocol):
    """A time zone: what its clocks show, and when."""

    def instant(self, wall: Wall) -> Millis:
        """Return when the clocks show this: the first time where they do twice, by the offset before a gap."""

    def wall(self, instant: Millis) -> Wall:
        """Return what the clocks show then."""


class Written(NamedTuple):
    """A date or a time as it is written: UTC has a Z, a local one has not."""

    wall: Wall
    form: Form


class Lasting(NamedTuple):
    """How long something lasts: days by the calendar, and then milliseconds by a stopwatch."""

    days: int
    millis: Millis

    def end(self, wall: Wall, clock: Clock) -> Millis:
        """Return the end of what begins when a clock shows `wall`."""
        return clock.instant(wall + self.days * DAY) + self.millis


@dataclass(frozen=True, slots=True)
class Moment:
    """A date (its first moment) or a time, by the clock that it was written for."""

    wall: Wall
    clock: Clock
    dated: bool

    @property
    def instant(self) -> Millis:
        """UTC milliseconds."""
        return self.clock.instant(self.wall)

    def day_by(self, clock: Clock) -> Wall:
        """Return the day that is meant, where a day is asked for: midnight by a clock is its day, else what it says."""
        here = clock.wall(self.instant)
        return here if here % DAY == 0 else self.wall // DAY * DAY


def parse_time(text: str) -> Written:
    """Read a date or a time.

    >>> parse_time("19700102T000001Z"), parse_time("19700102")
    (Written(wall=86401, form='utc'), Written(wall=86400, form='date'))

    Raises:
        UnreadableError: it is none that any calendar has; 24:00 and a 60th second are none either.
    """
    found = _TIME.fullmatch(text)
    year, month, day, hour, minute, second = (int(found[part] or 0) if found else 0 for part in range(1, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise UnreadableError(f"{shown(text)!r} is no date or time that there is, such as 20261118T093000") from None
    assert found
    form: Form = "date" if found[4] is None else "utc" if found[7] else "local"
    return Written((moment - _EPOCH) // timedelta(seconds=1), form)


def year_of(wall: Wall) -> int:
    """Return the year that a clock shows."""
    return (_EPOCH + timedelta(seconds=wall)).year


def parse_duration(text: str) -> Lasting:
    """Read a duration; weeks and days are those of a calendar.

    >>> parse_duration("P1DT2H"), parse_duration("-PT1M")
    (Lasting(days=1, millis=7200000), Lasting(days=0, millis=-60000))

    Raises:
        UnreadableError: it is none.
    """
    found = _DURATION.fullmatch(text)
    if not found:
        raise UnreadableError(f"{shown(text)!r} is no duration such as PT1H30M or P1D")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    return Lasting(sign * (7 * weeks + days), sign * (hours * 3600 + minutes * 60 + seconds) * SECOND)

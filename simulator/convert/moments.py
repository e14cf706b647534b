"""When a row was measured: the text of a time laid on UTC, by what it says of its zone, else by the dump's."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.convert.dates import NumberedDays
from simulator.convert.formats import parse_iso, parse_pattern
from simulator.convert.refusals import Reason, RowError
from simulator.convert.showings import Moment, exactly, showings
from simulator.convert.words import is_gap
from spaces.times import SECOND, SECONDS_BELOW, Millis, to_millis

UNITS = {"epoch-s": (SECOND, 1), "epoch-ms": (1, 1), "epoch-us": (1, 1_000), "epoch-ns": (1, 1_000_000)}
"""Milliseconds of each named format, as a fraction."""
_LATEST: Millis = 250_000_000_000_000
"""The year 9892: later times are no dates of ours."""
_UTC = frozenset(("UTC", "GMT", "Z", "UT", "UCT", "ZULU"))
_FROM_UTC = re.compile(r"(?:UTC|GMT)([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_END_OF_DAY = re.compile(r"(?<![\d:.])24:00(?::00(?:\.0+)?)?(?![\d:])")
_WEEKDAY = re.compile(r"([0-7])(?:\.0*)?")

Reader = Callable[[str], Moment]
"""Text of a time to its moment.

Raises:
    RowError: where it is none.
"""


def reader_of(pattern: str, zone: ZoneInfo) -> Reader:
    """Return what reads times in a format; those that do not say their zone are of `zone`."""
    if pattern in UNITS:
        unit = UNITS[pattern]
        return lambda text: exactly(_plausible(_epoch(_there(text), *unit)))

    def read(text: str) -> Moment:
        try:
            local, word = _parse(_there(text), pattern)
        except (ValueError, OverflowError) as error:
            raise error if isinstance(error, RowError) else RowError(Reason.TIME, str(error)) from None
        return _checked(_zoned(local, word, zone))

    return read


class NumberedReader:
    """Reads times of numbered days, whose date is given by `simulator.convert.dates.NumberedDays`."""

    def __init__(self, days: NumberedDays, zero: int, pattern: str, zone: ZoneInfo) -> None:
        self._days = days
        self._zero = zero
        self._pattern = pattern
        self._zone = zone

    def read(self, text: str, day: str, weekday: str) -> Moment:
        """Return the moment of a time of day, of a day's number and its weekday.

        Raises:
            RowError: where there is none.
        """
        try:
            number = _weekday(weekday)
            clock = self._clock(_there(text))
            date = self._days.date_of(day, (number + self._zero) % 7)
        except (ValueError, OverflowError) as error:
            raise error if isinstance(error, RowError) else RowError(Reason.TIME, str(error)) from None
        return _checked(showings(datetime.combine(date, clock), self._zone))

    def _clock(self, text: str) -> time:
        iso = self._pattern == "iso"
        clock = time.fromisoformat(text) if iso else parse_pattern(text, self._pattern)[0].timetz()
        if clock.tzinfo is not None or "%Z" in self._pattern:
            raise ValueError(f"{text!r} has a zone, and a numbered day is local")
        return clock


def joined(cells: Sequence[str]) -> str:
    """Return the text of a time that stands in several columns; where one is empty there is none.

    >>> joined(["2026-05-04 ", "08:15"]), joined(["2026-05-04", ""])
    ('2026-05-04 08:15', '')
    """
    if len(cells) == 1:
        text = cells[0].strip()
        return "" if is_gap(text) else text
    texts = [cell.strip() for cell in cells]
    return "" if any(map(is_gap, texts)) else " ".join(texts)


def _parse(text: str, pattern: str) -> tuple[datetime, str | None]:
    """Read a local time and the name of its zone; 24:00 is the midnight at which a day ends."""
    midnight = _END_OF_DAY.search(text)
    if midnight:
        text = f"{text[: midnight.start()]}00{text[midnight.start() + 2 :]}"
    local, word = parse_iso(text) if pattern == "iso" else parse_pattern(text, pattern)
    return local + timedelta(days=1) if midnight else local, word


def _there(text: str) -> str:
    if not text:
        raise RowError(Reason.NO_TIME, "no time in this row")
    return text


def _zoned(local: datetime, word: str | None, zone: ZoneInfo) -> Moment:
    if local.tzinfo is not None:
        _check_offset(local, word)
        return exactly(to_millis(local))
    return showings(local, zone) if word is None else _by_word(local, word, zone)


def _check_offset(local: datetime, word: str | None) -> None:
    """Of an offset and a zone's name the offset counts, unless the name is of another."""
    named = _named_zone(word) if word is not None else None
    if named is not None and local.replace(tzinfo=named).utcoffset() != local.utcoffset():
        raise RowError(Reason.ZONE, f"the offset and the zone {word!r} contradict each other")


def _by_word(local: datetime, word: str, zone: ZoneInfo) -> Moment:
    named = _named_zone(word)
    if isinstance(named, ZoneInfo):
        return showings(local, named)
    if named is not None:
        return exactly(to_millis(local.replace(tzinfo=named)))
    either = showings(local, zone)
    names = [local.replace(tzinfo=zone, fold=fold).tzname() or "" for fold in (0, 1)]
    fitting = [moment for name, moment in zip(names, either, strict=True) if name.upper() == word.upper()]
    if not fitting:
        known = " or ".join(dict.fromkeys(names))
        raise RowError(
            Reason.ZONE,
            f"the zone {word!r} does not fit: {zone.key} has {known} at that time, and others' zones are not guessed",
        )
    return Moment(fitting[0], fitting[-1])


@lru_cache(maxsize=256)
def _named_zone(word: str) -> timezone | ZoneInfo | None:
    """Return the zone that a word is wherever it stands, None for abbreviations that are several."""
    if word.upper() in _UTC:
        return UTC
    if apart := _FROM_UTC.fullmatch(word):
        away = timedelta(hours=int(apart[2]), minutes=int(apart[3] or 0))
        return timezone(away if apart[1] == "+" else -away) if away < timedelta(hours=24) else None
    try:
        return ZoneInfo(word) if "/" in word else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _epoch(text: str, unit: Millis, per: int) -> Millis:
    try:
        return int(text) * unit // per if text.lstrip("-").isdecimal() else _cut(Decimal(text), unit, per)
    except (ArithmeticError, ValueError) as error:
        raise RowError(Reason.TIME, f"{text[:40]!r} is no number") from error


def _cut(number: Decimal, unit: Millis, per: int) -> Millis:
    """Return milliseconds, what is finer cut off: a float would round it up into the next now and then."""
    if not abs(number) < _LATEST * per:
        raise ValueError("beyond every date")
    whole, rest = divmod(number, 1)
    return (int(whole) * unit + int(rest * unit)) // per


def _weekday(text: str) -> int:
    found = _WEEKDAY.fullmatch(text)
    if not found:
        raise RowError(Reason.TIME, f"{text[:40]!r} is no weekday; they are 0 to 6, or 1 to 7")
    return int(found[1])


def _checked(moment: Moment) -> Moment:
    _plausible(moment.first)
    return moment


def _plausible(moment: Millis) -> Millis:
    if not SECONDS_BELOW <= moment < _LATEST:
        message = "a time before 1973 or beyond every date; is the format 'epoch-s' or 'epoch-ms' perhaps?"
        raise RowError(Reason.TIME, message)
    return moment

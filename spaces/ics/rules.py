"""Rules of what repeats (RFC 5545, 3.3.10): read, and judged before anybody follows them."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from spaces.ics.values import UnreadableError, Wall, Written, parse_time
from spaces.mistakes import did_you_mean, shown

REPEATS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
SHORTER = ("SECONDLY", "MINUTELY", "HOURLY")
"""They are rules as well, and no room is booked by them."""
MOST_A_DAY = 200
"""Occurrences on one day: whoever asks for more did not mean to."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_RANGES: Mapping[str, tuple[int, int]] = {
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (1, 31),
    "BYYEARDAY": (1, 366),
    "BYWEEKNO": (1, 53),
    "BYSETPOS": (1, 366),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
}
_SIGNED = ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_RANGES)
_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_ODD = {"BYWEEKNO": ("YEARLY",), "BYYEARDAY": ("YEARLY",), "BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY")}
"""Parts that RFC 5545 wants of some frequencies alone."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; empty where a part is left out. Weekdays are (number or 0, Monday is 0)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: Written | None = None
    weekstart: int = 0
    months: tuple[int, ...] = ()
    monthdays: tuple[int, ...] = ()
    yeardays: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()

    def times(self, start: Wall) -> list[Wall]:
        """Return the seconds of a day at which it is due, ascending; what it does not say is as in the start's."""
        hours, minutes, seconds = start // 3600, start // 60 % 60, start % 60
        parts = (self.hours or (hours,), self.minutes or (minutes,), self.seconds or (seconds,))
        return sorted({hour * 3600 + minute * 60 + second for hour, minute, second in product(*parts)})


def parse_rule(text: str, refuse: Say, warn: Say) -> Rule | None:
    """Read a rule; say what is wrong with it (None comes back then), and what is taken otherwise than written."""
    wrong: list[str] = []
    parts = _parts(text, wrong.append, warn)
    rule = None
    if not wrong:
        try:
            rule = _rule(parts, wrong.append, warn)
        except UnreadableError as error:
            wrong.append(f"cannot be read: {error}")
    if rule and not wrong:
        wrong += _senseless(rule)
        _warn_of_odd(rule, parts, warn)
    for message in wrong:
        refuse(message)
    return None if wrong else rule


def _parts(text: str, refuse: Say, warn: Say) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, text.upper().split(";")):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if name in parts:
            refuse(f"{shown(name)} stands twice")
        elif name.startswith("X-") or (name, value) in (("RSCALE", "GREGORIAN"), ("SKIP", "OMIT")):
            warn(f"{shown(name)} is left out")
        elif not equals or not value or name not in _KNOWN:
            refuse(f"cannot be read: {shown(part)!r} is no part of a rule{did_you_mean(name[:20], _KNOWN)}")
        else:
            parts[name] = value
    return parts


def _rule(parts: Mapping[str, str], refuse: Say, warn: Say) -> Rule:
    frequency = parts.get("FREQ", "nothing")
    if frequency not in REPEATS:
        unread = "" if frequency in SHORTER or "FREQ" not in parts else "cannot be read: "
        refuse(f"{unread}FREQ={shown(frequency)} is none of {', '.join(REPEATS)}")
    interval = _whole(parts.get("INTERVAL", "1"))
    if interval < 1:
        refuse("INTERVAL must be at least 1")
    count = _whole(parts["COUNT"]) if "COUNT" in parts else None
    if count is not None and count < 0:
        warn("a COUNT below 0 is left out: the series has no end")
        count = None
    elif count == 0:
        refuse("COUNT must be at least 1")
    if count is not None and "UNTIL" in parts:
        warn("COUNT and UNTIL together: the series ends with what comes first")
    lists = {name: tuple(sorted(set(_numbers(name, parts, refuse)))) for name in _RANGES}
    return Rule(
        frequency=frequency,
        interval=interval,
        count=count,
        until=parse_time(parts["UNTIL"]) if "UNTIL" in parts else None,
        weekstart=_weekday(parts.get("WKST", "MO"))[1],
        months=lists["BYMONTH"],
        monthdays=lists["BYMONTHDAY"],
        yeardays=lists["BYYEARDAY"],
        weeks=lists["BYWEEKNO"],
        weekdays=tuple(sorted({_weekday(word) for word in _words("BYDAY", parts)})),
        hours=lists["BYHOUR"],
        minutes=lists["BYMINUTE"],
        seconds=lists["BYSECOND"],
        positions=lists["BYSETPOS"],
    )


def _words(name: str, parts: Mapping[str, str]) -> list[str]:
    return [word.strip() for word in parts[name].split(",")] if name in parts else []


def _numbers(name: str, parts: Mapping[str, str], refuse: Say) -> Iterator[int]:
    least, most = _RANGES[name]
    for word in _words(name, parts):
        value = _whole(word)
        if least <= (abs(value) if name in _SIGNED else value) <= most:
            yield value
        else:
            refuse(f"{name}={value} is outside {least} to {most}")


def _whole(word: str) -> int:
    if not _WHOLE.fullmatch(word):
        raise UnreadableError(f"{shown(word)!r} is no whole number")
    return int(word)


def _weekday(word: str) -> tuple[int, int]:
    found = _WEEKDAY.fullmatch(word)
    if not found or (found[1] and not 1 <= abs(int(found[1])) <= 53):
        raise UnreadableError(f"{shown(word)!r} is no weekday such as MO or -1FR")
    return int(found[1] or 0), WEEKDAYS.index(found[2])


def _senseless(rule: Rule) -> Iterator[str]:
    """Yield what nobody can have meant."""
    longest = max((monthrange(2024, month)[1] for month in rule.months), default=31)
    if rule.months and rule.monthdays and all(abs(day) > longest for day in rule.monthdays):
        yield "no month of BYMONTH has a day of BYMONTHDAY"
    times = max(len(rule.hours), 1) * max(len(rule.minutes), 1) * max(len(rule.seconds), 1)
    if times > MOST_A_DAY:
        yield f"is due {times:,} times a day; at most {MOST_A_DAY} are taken"


def _warn_of_odd(rule: Rule, parts: Mapping[str, str], warn: Say) -> None:
    for name, frequencies in _ODD.items():
        if name in parts and rule.frequency not in frequencies:
            warn(f"{name} is no part of FREQ={rule.frequency}; taken as a limit")
    if any(number for number, _ in rule.weekdays) and (rule.frequency in ("DAILY", "WEEKLY") or rule.weeks):
        warn("a number before a weekday says nothing here, and is left out")

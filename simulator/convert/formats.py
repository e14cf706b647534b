"""Formats of times in text: `strptime` patterns, ISO 8601, and the names of zones that stand beside either."""

import re
from datetime import datetime

_DIRECTIVE = re.compile("%(.)")
_YEARS, _DAYS, _HOURS = set("YyGcx"), set("djUWVcx"), set("HIcX")
_MONTHS, _WEEKS, _WEEKDAYS, _MINUTES = set("mbBcxj"), set("UWV"), set("aAuwc"), set("McX")
_ZONE = re.compile(r"[A-Za-z]+(?:[/_][A-Za-z]+|[+-][A-Za-z0-9:]+)*")
_ZONE_AT_END = re.compile(rf"(.*[\dZz])\s*\[?({_ZONE.pattern})\]?", re.DOTALL)
_HALVES = ("AM", "PM")


def format_fault(pattern: str, *, numbered: bool) -> str | None:
    """Return what is wrong with a pattern, None where it is right; one for `numbered` days needs no date.

    >>> format_fault("%d.%m.%Y %I:%M", numbered=False)
    'has %I, the hour of twelve, without %p for morning or afternoon; %H is the hour of 24'
    """
    signs = set(_DIRECTIVE.findall(pattern))
    if fault := _unknown(pattern):
        return fault
    if "I" in signs and "p" not in signs:
        return "has %I, the hour of twelve, without %p for morning or afternoon; %H is the hour of 24"
    if "H" in signs and "p" in signs:
        return "has %H, the hour of 24, which passes over %p; %I is the hour of twelve"
    if not numbered and not signs & _YEARS:
        return 'has no year; where the date is in another column, join them: columns = ["Date", "Time"]'
    if not numbered and not signs & _DAYS:
        return "has no day"
    return _forgotten(signs)


def _forgotten(signs: set[str]) -> str | None:
    """Return what a pattern names the parts of and not the whole: `strptime` would take the first there is."""
    if "d" in signs and not signs & _MONTHS:
        return "has %d, the day of a month, without its month: %m, %b or %B"
    if signs & _WEEKS and not signs & _WEEKDAYS:
        return f"has %{min(signs & _WEEKS)}, a week, without its day: %a, %A, %u or %w"
    if "M" in signs and not signs & _HOURS:
        return "has %M, the minute of an hour, without its hour: %H"
    if "S" in signs and not signs & _MINUTES:
        return "has %S, the second of a minute, without its minute: %M"
    return None


def _unknown(pattern: str) -> str | None:
    try:
        datetime.strptime("", pattern.replace("%Z", ""))  # noqa: DTZ007 - it is tried, not used
    except ValueError as error:
        return None if "does not match" in str(error) else f"is no format: {error}"
    except re.error:
        return "has a directive twice"
    return None


def has_clock(pattern: str) -> bool:
    """Whether a pattern tells the time of day."""
    return bool(set(_DIRECTIVE.findall(pattern)) & _HOURS)


def parse_iso(text: str) -> tuple[datetime, str | None]:
    """Read ISO 8601, and return the zone's name that stands after it.

    >>> parse_iso("2022-05-01 08:00 UTC")
    (datetime.datetime(2022, 5, 1, 8, 0), 'UTC')
    >>> parse_iso("2022-05-01T08:00+02:00[Europe/Berlin]")[1]
    'Europe/Berlin'

    Raises:
        ValueError: where it is none.
    """
    try:
        return datetime.fromisoformat(text), None
    except ValueError:
        named = _ZONE_AT_END.fullmatch(text)
        if not named or named[2].upper() in _HALVES:
            raise
        return datetime.fromisoformat(named[1].rstrip()), named[2]


def parse_pattern(text: str, pattern: str) -> tuple[datetime, str | None]:
    """Read a time by a `strptime` pattern, and return the name of a zone that its %Z stands for.

    `strptime` takes few names for %Z and forgets them all, so the name is taken out before.

    >>> parse_pattern("Sun May 01 08:00:00 UTC 2022", "%a %b %d %H:%M:%S %Z %Y")
    (datetime.datetime(2022, 5, 1, 8, 0), 'UTC')

    Raises:
        ValueError: where it does not fit.
    """
    if "%Z" not in pattern:
        return datetime.strptime(text, pattern), None  # noqa: DTZ007 - the zone comes next
    rest = pattern.replace("%Z", "").strip()
    for name in reversed(list(_ZONE.finditer(text))):
        without = f"{text[: name.start()]}{text[name.end() :]}".strip()
        try:
            return datetime.strptime(without, rest), name[0]  # noqa: DTZ007 - its zone is the name
        except ValueError:
            continue
    raise ValueError(f"time data {text[:60]!r} does not match format {pattern!r}")

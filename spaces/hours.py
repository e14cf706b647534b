"""Opening hours as they are written in site files: "08:00-20:00", "08:00-12:00, 13:00-02:00", "closed"."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from spaces.site import Hours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)")
_SHORTHANDS = {"daily": range(7), "weekdays": range(5), "weekend": range(5, 7)}
DAY_NAMES = (*WEEKDAYS, *_SHORTHANDS)


def parse_hours(text: object) -> Hours:
    """Read the hours of one day, in minutes after midnight; an end at or before its start is the next day's.

    >>> parse_hours("08:00-20:00")
    ((480, 1200),)
    >>> parse_hours("08:00-12:00, 18:00-02:00")
    ((480, 720), (1080, 1560))
    >>> parse_hours("closed")
    ()

    Raises:
        ValueError: with what is wrong and what would be right.
    """
    if not isinstance(text, str):
        raise ValueError(f'{text!r} are no hours; write "08:00-20:00" or "closed"')  # noqa: TRY004 - one kind for all
    if text.strip() == "closed":
        return ()
    spans = sorted(_span(part) for part in text.split(","))
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise ValueError(f"{text!r} overlaps itself")
    return tuple(spans)


def parse_weekly(table: Mapping[str, object]) -> dict[int, Hours]:
    """Read `{ mon = "...", ... }` with the shorthands daily, weekdays and weekend; a day by name wins.

    Raises:
        ValueError: on hours that are wrong or a day that is not known.
    """
    weekly: dict[int, Hours] = {}
    for name in sorted(table, key=lambda key: key in WEEKDAYS):
        hours = parse_hours(table[name])
        days = _SHORTHANDS.get(name) or ([WEEKDAYS.index(name)] if name in WEEKDAYS else None)
        if days is None:
            raise ValueError(f"{name!r} is no day; days are {', '.join(DAY_NAMES)}")
        weekly |= dict.fromkeys(days, hours)
    return weekly


def parse_dated(table: Mapping[str, object]) -> dict[date, Hours]:
    """Read `{ "2026-12-24" = "closed", ... }`.

    Raises:
        ValueError: on hours or a date that is wrong.
    """
    return {_date(key): parse_hours(value) for key, value in table.items()}


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date; write it as 2026-12-24") from None


def _span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise ValueError(f'{text.strip()!r} are no hours; write "08:00-20:00" or "closed"')
    start, end = (_minutes(int(found[i]), int(found[i + 1]), text) for i in (1, 3))
    if start >= 1440:
        raise ValueError(f"{text.strip()!r} begins after its day; put it on the next one")
    return (start, end if end > start else end + 1440)


def _minutes(hour: int, minute: int, text: str) -> int:
    if hour * 60 + minute > 1440 or minute > 59:
        raise ValueError(f"{text.strip()!r}: {hour:02}:{minute:02} is no time of day")
    if minute % 15:
        raise ValueError(f"{text.strip()!r}: hours begin and end on quarter-hours")
    return hour * 60 + minute

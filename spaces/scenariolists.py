"""The repeated tables of a scenario file: stays, events and variants."""

import re
from collections.abc import Mapping
from typing import cast

from spaces.fields import Fields
from spaces.hours import WEEKDAYS, parse_hours
from spaces.scenario import SHAPES, Change, Event, Minutes, StayKind, StayShape, Variant
from spaces.scenarioparts import MOST_PEOPLE, MOST_RHO, Head, OpenHours
from spaces.times import DAY, HOUR, MINUTE

SHORTEST: Minutes = 5
USUAL = 6 * HOUR
"""Taken for a stay that cannot be read, so that one mistake is one."""
_CHANGE = re.compile(r"\s*([+-])\s*(\d{1,6}(?:\.\d{1,4})?)\s*(%?)\s*")
_HOW = '"+20%", "-10", or a whole number that stands for itself'


def read_stay(fields: Fields) -> StayKind:
    """Read how long a share of those who come stay."""
    shape = fields.choice("shape", SHAPES, SHAPES[0])
    mean = fields.duration("mean", USUAL) / MINUTE
    if "mean" not in fields:
        fields.wrong("mean", 'is missing; write mean = "6h"')
    elif not SHORTEST <= mean <= DAY / MINUTE:
        fields.wrong("mean", f"must be from {SHORTEST}m to 24h")
    spread = fields.duration("spread", 0) / MINUTE
    if shape in {"gamma", "lognormal"} and not 0 < spread <= 2 * mean:
        fields.wrong("spread", f"{shape} stays need one, the standard deviation: more than 0, at most twice the mean")
    if shape in {"exponential", "fixed"} and "spread" in fields:
        fields.wrong("spread", f"{shape} stays have none of their own")
    share = fields.number("share", 1.0, least=0.0)
    return StayKind(share, cast("StayShape", shape), max(mean, 1.0), spread)


def read_event(fields: Fields, hours: OpenHours) -> Event:
    """Read what happens on a weekday."""
    weekday = fields.choice("weekday", WEEKDAYS)
    day = WEEKDAYS.index(weekday) if weekday in WEEKDAYS else 0
    guests = fields.whole("guests", 0, most=MOST_PEOPLE)
    attendance = fields.number("attendance", 0.0, least=0.0, most=1.0)
    changed = "attendance" in fields
    start, end = _hours(fields, needed=guests > 0)
    if hours and weekday in WEEKDAYS and day not in hours:
        fields.wrong("weekday", "the house is closed then; see `hours` of [scenario]")
    elif hours and guests and not hours.get(day, (0, 0))[0] <= start < end <= hours.get(day, (0, 0))[1]:
        fields.wrong("hours", "lie outside of the opening hours")
    if not guests and not changed:
        fields.wrong(None, "changes nothing; give it `guests`, an `attendance` of the members, or both")
    return Event(
        name=fields.text("name", "event"),
        weekday=day,
        start=start,
        end=end,
        guests=guests,
        weeks=fields.number("weeks", 1.0, least=0.0, most=1.0),
        attendance=attendance if changed else None,
    )


def _hours(fields: Fields, *, needed: bool) -> tuple[Minutes, Minutes]:
    text = fields.text("hours", None if needed else "closed")
    try:
        spans = parse_hours(text) if text else ()
    except ValueError as error:
        fields.wrong("hours", str(error))
        return (0, 0)
    if len(spans) > 1:
        fields.wrong("hours", 'are one stretch of time, "09:00-11:00"')
    return spans[0] if spans else (0, 0)


def read_variant(fields: Fields, row: Mapping[str, object], head: Head) -> Variant:
    """Read in what a scenario differs from the one that the file describes first."""
    variant = Variant(
        name=fields.text("name"),
        members=_change(fields, row, "members"),
        desks=_change(fields, row, "desks"),
        attendance=_factor(fields, row),
        rho=fields.number("rho", 0.0, least=0.0, most=MOST_RHO) if "rho" in fields else None,
    )
    fields.optional_number("rho")
    if not {"members", "desks", "attendance", "rho"} & row.keys():
        fields.wrong(None, "changes nothing; give it `members`, `desks`, `attendance` or `rho`")
    _check(fields, "members", variant.members, head.members)
    if head.desks is None and variant.desks not in {Change(), Change(absolute=variant.desks.absolute)}:
        fields.wrong("desks", "is relative to `desks` of [scenario], which is not given")
    _check(fields, "desks", variant.desks, head.desks or 0)
    return variant


def _check(fields: Fields, key: str, change: Change, number: int) -> None:
    """Note a change that leaves nobody, or a town, of a number that is right itself."""
    if 1 <= number <= MOST_PEOPLE and change.absolute is None and not 1 <= change.of(number) <= MOST_PEOPLE:
        fields.wrong(key, f"makes {change.of(number):,} {key} of {number:,}; it must be from 1 to {MOST_PEOPLE:,}")


def _change(fields: Fields, row: Mapping[str, object], key: str) -> Change:
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return Change(absolute=fields.whole(key, least=1, most=MOST_PEOPLE))
    text = fields.text(key, "-")
    found = _CHANGE.fullmatch(text)
    if found is None:
        if text and text != "-":
            fields.wrong(key, f"{text[:40]!r} is no change; write {_HOW}")
        return Change()
    signed = float(found[1] + found[2])
    if found[3]:
        return Change(factor=1 + signed / 100)
    if signed != int(signed):
        fields.wrong(key, f"{text!r} is no whole number")
    return Change(step=int(signed))


def _factor(fields: Fields, row: Mapping[str, object]) -> float:
    """Read a change of attendance, in per cent of what it is."""
    text = fields.text("attendance", "-")
    if "attendance" not in row or text == "-":
        return 1.0
    found = _CHANGE.fullmatch(text)
    factor = 1 + float(found[1] + found[2]) / 100 if found and found[3] else 0.0
    if text and not 0 < factor <= 10:
        fields.wrong("attendance", f'{text[:40]!r} is no change in per cent of what it is; write "+10%"')
    return factor or 1.0

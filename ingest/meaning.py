"""What the fields of a message mean, by the rules of a model. Pure: nothing here knows a source or a clock."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from ingest.formats import Device, Observation
from ingest.refusals import Reason, Refusal
from spaces.models import Model, NumberRule, Part, Pointer, StateRule, TimeRule, Ways
from spaces.models.modelfile import as_word
from spaces.native import MOST_PEOPLE
from spaces.times import SECOND, Millis, to_millis

MOST_PARTS = 100
"""Sensors in one message; a device with more is an attack."""
_FAR = 10**18
_EARLIEST: Millis = 1_483_228_800_000
"""2017: what clocks tell that nobody has set lies before it: 1970, 1975, 2000, 2015."""
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):([0-5]\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)
"""Times as nearly all sources write them; for others there is a slower way."""
_MILLIS_IN: Mapping[str, tuple[int, int]] = {"s": (1000, 1), "ms": (1, 1), "us": (1, 1000), "ns": (1, 1_000_000)}


class _Absent:
    """Where a field is not."""


ABSENT = _Absent()
Said: TypeAlias = list[Observation | Refusal]


def observe(model: Model, fields: object, device: Device, *, time: Millis | None = None) -> Said:
    """Return what fields say of a device's sensors: none where they say nothing of presence.

    `time` is that of the message as its source tells it; a time that the rules find in the fields counts before it.

    >>> from spaces.models.shelf import our_models
    >>> [one] = observe(our_models()["milesight-vs34x"], {"0300": 1, "0175": 90}, Device("24e1"), time=5)
    >>> one.occupied, one.battery, one.time
    (True, 90, 5)
    """
    name, slot, label, _, alias = device
    said: Said = []
    for part in model.parts:
        if part.each is None:  # as of most: without a list of one
            one = _observe(part, fields, fields, Device(name, part.name or slot, label, model, alias), time)
            if one is not None:
                said.append(one)
            continue
        for place, entry in _entries(part, fields):
            if len(said) == MOST_PARTS:
                said[-1] = Refusal(Reason.TOO_LARGE, f"tells of more than {MOST_PARTS} sensors")
                return said
            one = _observe(part, entry, fields, Device(name, place, label, model, alias), time)
            if one is not None:
                said.append(one)
    return said


def _entries(part: Part, fields: object) -> Iterator[tuple[str, object]]:
    found = find((part.each or (),), fields)
    if isinstance(found, dict):
        for key, entry in found.items():
            yield _slot(part, entry, key), entry
    elif isinstance(found, list):
        for place, entry in enumerate(found, 1):
            yield _slot(part, entry, str(place)), entry


def _slot(part: Part, entry: object, default: str) -> str:
    found = ABSENT if part.slot is None else find((part.slot,), entry)
    return str(found) if isinstance(found, str | int) else default


def _observe(
    part: Part, entry: object, whole: object, device: Device, time: Millis | None
) -> Observation | Refusal | None:
    occupied: bool | _Absent | Refusal | None = ABSENT
    unfit: list[str] = []
    people = None
    if part.people is not None:
        people, occupied = _people(part.people, find(part.people.at, entry), unfit)
    if part.state is not None:
        state = read_state(part.state, find(part.state.at, entry))
        if not isinstance(state, _Absent):
            occupied, people = state, people if state is not None else None
            if people is not None and (people > 0) is not state:
                people = None  # a count that lags behind the state: each comes of its own algorithm
    if isinstance(occupied, _Absent):
        return None
    if isinstance(occupied, Refusal):
        return occupied
    battery = _battery(part.battery, entry, whole, unfit)
    told = None if part.time is None else _time(part.time, entry, whole)
    near = told is not None and part.time is not None and not part.time.told
    return Observation(device, time if told is None else told, occupied, people, battery, None, tuple(unfit), near)


def _people(rule: NumberRule, value: object, unfit: list[str]) -> tuple[int | None, bool | _Absent | Refusal | None]:
    """Return how many there are, and the state that this tells."""
    if isinstance(value, _Absent):
        return None, ABSENT
    if as_word(value) in rule.unknown:
        return None, None
    found = read_number(rule, value)
    if found is None or not 0 <= found <= MOST_PEOPLE or found != int(found):
        unfit.append("people")
        return None, Refusal(Reason.WRONG_TYPE, f"people: {str(value)[:40]!r} is no whole number from 0")
    return int(found), found > 0


def _battery(rule: NumberRule | None, entry: object, whole: object, unfit: list[str]) -> float | None:
    if rule is None:
        return None
    value = find(rule.at, entry)
    if isinstance(value, _Absent):
        value = find(rule.at, whole)
    if isinstance(value, _Absent) or as_word(value) in rule.unknown:
        return None
    found = read_number(rule, value)
    if found is None or not 0 <= found <= 100:
        unfit.append("battery")
        return None
    return found


def find(ways: Ways, fields: object) -> object:
    """Return what stands at the first of the ways that leads somewhere, ABSENT where none does.

    >>> find((("a", "b"), ("c", "1")), {"c": [5, 6]})
    6
    """
    null: object = ABSENT
    for way in ways:
        found = fields.get(way[0], ABSENT) if len(way) == 1 and type(fields) is dict else _follow(way, fields)
        if found is None:
            null = None  # where another way leads to something, that is what was meant
        elif found is not ABSENT:
            return found
    return null


def _follow(way: Pointer, fields: object) -> object:
    for key in way:
        if isinstance(fields, dict):
            fields = fields.get(key, ABSENT)
        elif isinstance(fields, list) and key.isdecimal() and len(key) < 6 and int(key) < len(fields):
            fields = fields[int(key)]
        else:
            return ABSENT
    return fields


def read_state(rule: StateRule, value: object) -> bool | _Absent | Refusal | None:
    """Return the state that a word means, ABSENT where there is none, a refusal where nobody knows the word."""
    if isinstance(value, _Absent):
        return ABSENT
    word = as_word(value)
    if word in rule.unknown:
        return None
    if word in rule.occupied:
        return True
    if word in rule.vacant:
        return False
    return Refusal(Reason.WRONG_TYPE, f"{'/'.join(rule.at[0])} is {str(value)[:40]!r}, a word that nobody explains")


def read_number(rule: NumberRule, value: object) -> float | None:
    """Return a number as a rule scales it, None where there is none; numbers may be spelt as text."""
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = value * rule.scale + rule.offset
    except OverflowError:
        return None
    if not math.isfinite(found):
        return None
    return value if found == value else round(found, 6)


def _time(rule: TimeRule, entry: object, whole: object) -> Millis | None:
    value = find(rule.at, entry)
    return read_time(rule, find(rule.at, whole) if isinstance(value, _Absent) else value)


def read_time(rule: TimeRule, value: object) -> Millis | None:
    """Return the time that a field tells, None where it tells none that a clock could have which somebody has set.

    >>> read_time(TimeRule((), "s"), 1767225600.25), read_time(TimeRule((), "iso"), "2026-01-01T00:00:00.2504567Z")
    (1767225600250, 1767225600250)
    >>> read_time(TimeRule((), "iso"), "2026-01-01T00:00:00"), read_time(TimeRule((), "s"), 946685671)
    (None, None)
    """
    found = _iso(rule, value) if rule.unit == "iso" else _epoch(rule, value)
    return found if found is not None and found >= _EARLIEST else None


def _iso(rule: TimeRule, value: object) -> Millis | None:
    if isinstance(value, int | float):
        return _epoch(replace(rule, unit="ms"), value)
    if not isinstance(value, str) or len(value) > 64:
        return None
    usual = _RFC3339.fullmatch(value)
    return _unusual(rule, value) if usual is None else _usual(usual)


def _usual(found: re.Match[str]) -> Millis | None:
    minute = _minute(found[1], found[4])
    return None if minute is None else minute + int(found[2]) * SECOND + int(f"{found[3] or ''}000"[:3])


def _unusual(rule: TimeRule, value: str) -> Millis | None:
    try:
        moment = datetime.fromisoformat(_cut(value.strip()))
    except ValueError:
        return None
    if moment.tzinfo is None:
        if rule.zone is None:
            return None
        moment = moment.replace(tzinfo=ZoneInfo(rule.zone))
    try:
        return to_millis(moment)
    except OverflowError:
        return None


@lru_cache(maxsize=1_024)
def _minute(head: str, offset: str) -> Millis | None:
    """Return when a minute begins, None where there is no such: messages of one minute ask but once."""
    try:
        return to_millis(datetime.fromisoformat(f"{head}{offset}"))
    except (ValueError, OverflowError):
        return None


def _cut(text: str) -> str:
    """Return a time without what is finer than microseconds: Python 3.11 reads six figures, others send nine."""
    text = text.upper().replace("/", "-")
    head, dot, rest = text.partition(".")
    if not dot:
        return text
    figures = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[: min(figures, 6)].ljust(6, '0')}{rest[figures:]}"


def _epoch(rule: TimeRule, value: object) -> Millis | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    times, by = _MILLIS_IN[rule.unit]
    if isinstance(value, int) and abs(value) < _FAR:
        return value * times // by
    if isinstance(value, float) and rule.unit == "s" and abs(value) < _FAR:
        return round(value * 1e6) // 1_000  # a float of seconds has six figures behind its point, and a bit
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
        return int(number * times // by) if abs(number) < Decimal(10) ** 20 else None
    except (InvalidOperation, ValueError):
        return None


def fields_of(value: Any) -> dict[str, Any]:
    """Return an object's fields, none where a value is no object."""
    return value if isinstance(value, dict) else {}

"""The single tables of a scenario file, one function a table: fields in, a plain value out."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as names_of
from typing import Any

from spaces.fields import Fields
from spaces.hours import DAY_NAMES, WEEKDAYS, parse_hours, parse_weekly
from spaces.scenario import Arrivals, Cost, Minutes

MOST_PEOPLE = 5_000
"""More are a town, and its days would be simulated for hours."""
MOST_RHO = 0.9
SHORTHANDS = {"daily": range(7), "weekdays": range(5), "weekend": range(5, 7)}
OpenHours = Mapping[int, tuple[Minutes, Minutes]]


@dataclass(frozen=True, slots=True)
class Head:
    """What the table [scenario] says."""

    name: str
    members: int
    desks: int | None
    hours: OpenHours
    fixed: int
    target: float
    growth: float
    years: int

    def values(self) -> dict[str, Any]:
        """Return the values by their names."""
        return {field.name: getattr(self, field.name) for field in names_of(self)}


@dataclass(frozen=True, slots=True)
class Attendance:
    """What the table [attendance] says, by weekday."""

    share: tuple[float, ...]
    rho: tuple[float, ...]
    margin: float


def read_head(fields: Fields) -> Head:
    """Read the table [scenario]."""
    desks = fields.whole("desks", 1, least=1, most=MOST_PEOPLE)
    members = fields.whole("members", least=1, most=MOST_PEOPLE)
    growth, years = fields.number("growth", 0.0, least=-0.5, most=1.0), fields.whole("years", 0, most=20)
    if growth and not years:
        fields.wrong("growth", "needs `years`, over which it goes on")
    if 1 <= members <= MOST_PEOPLE and 0 < years <= 20 and -0.5 <= growth <= 1:
        _check_growth(fields, members * (1 + growth) ** years)
    return Head(
        name=fields.text("name", "as planned"),
        members=members,
        desks=desks if "desks" in fields else None,
        hours=_open_hours(fields),
        fixed=fields.whole("fixed", 0, most=MOST_PEOPLE),
        target=fields.number("target", 0.01, least=0.0001, most=0.5),
        growth=growth,
        years=years,
    )


def _check_growth(fields: Fields, grown: float) -> None:
    if not 1 <= grown <= MOST_PEOPLE:
        fields.wrong("growth", f"leads to {grown:,.0f} members; it must be from 1 to {MOST_PEOPLE:,}")


def _open_hours(fields: Fields) -> OpenHours:
    """Read opening hours: each open day has one opening and one closing."""
    given = fields.table("hours")
    try:
        weekly = parse_weekly(given)
    except ValueError as error:
        fields.wrong("hours", str(error))
        return {}
    for day, spans in weekly.items():
        if len(spans) > 1:
            fields.wrong("hours", f"{WEEKDAYS[day]}: a scenario's day opens once and closes once")
    hours = {day: spans[0] for day, spans in weekly.items() if spans}
    if not hours:
        fields.wrong("hours", 'no day is open; write hours = { weekdays = "08:00-20:00" }')
    return hours


def read_attendance(fields: Fields, row: Mapping[str, object], hours: OpenHours) -> Attendance:
    """Read the table [attendance]: shares of members by weekday, their correlation, and what they may be off by."""
    found = {name: fields.number(name, 0.0, least=0.0, most=1.0) for name in DAY_NAMES}
    given = {name: share for name, share in found.items() if name in fields}
    shares = by_weekday(given)
    for name, share in given.items():
        if name in WEEKDAYS and hours and WEEKDAYS.index(name) not in hours and share > 0:
            fields.wrong(name, "the house is closed then; see `hours` of [scenario]")
    if row and not any(shares[day] for day in hours or range(7)):
        fields.wrong(None, "nobody ever comes; write weekdays = 0.4, say, or a share for each of mon to sun")
    return Attendance(tuple(shares), _rho(fields, row), fields.number("margin", 0.0, least=0.0, most=0.3))


def _rho(fields: Fields, row: Mapping[str, object]) -> tuple[float, ...]:
    """Read the correlation: one number for all days, or a table by weekday."""
    if not isinstance(row.get("rho"), dict):
        return (fields.number("rho", 0.0, least=0.0, most=MOST_RHO),) * 7
    given = {}
    for name, rho in fields.table("rho").items():
        if name not in DAY_NAMES:
            fields.wrong("rho", f"{name!r} is no day; days are {', '.join(DAY_NAMES)}")
        elif isinstance(rho, bool) or not isinstance(rho, int | float) or not 0 <= rho <= MOST_RHO:
            fields.wrong("rho", f"{name}: {rho!r} is no number from 0 to {MOST_RHO}")
        else:
            given[name] = float(rho)
    return tuple(by_weekday(given))


def by_weekday(given: Mapping[str, float]) -> list[float]:
    """Lay values out over the week; a day by its name goes before a shorthand.

    >>> by_weekday({"fri": 0.3, "weekdays": 0.5})
    [0.5, 0.5, 0.5, 0.5, 0.3, 0.0, 0.0]
    """
    values = [0.0] * 7
    for name in sorted(given, key=lambda one: (one in WEEKDAYS, one != "daily")):
        for day in SHORTHANDS.get(name) or [WEEKDAYS.index(name)]:
            values[day] = given[name]
    return values


def read_arrivals(fields: Fields, row: Mapping[str, object], hours: OpenHours) -> tuple[Arrivals, ...]:
    """Read the table [arrivals]: of those who come, how many do so in each part of the day."""
    found = [one for key in row if (one := _part(fields, key, hours)) is not None]
    if row and not sum(one.weight for one in found):
        fields.wrong(None, 'nobody arrives; write "09:00-10:00" = 35, a weight for each part of the day')
    for day, (opening, closing) in hours.items():
        if found and not any(one.weight and one.start < closing and one.end > opening for one in found):
            fields.wrong(None, f"nobody arrives while the house is open on {WEEKDAYS[day]}")
    return tuple(found)


def _part(fields: Fields, key: str, hours: OpenHours) -> Arrivals | None:
    weight = fields.number(key, least=0.0)
    try:
        spans = parse_hours(key)
    except ValueError as error:
        fields.wrong(key, str(error))
        return None
    if len(spans) != 1:
        fields.wrong(key, 'is no part of a day; write "09:00-10:00" = 35')
        return None
    ((start, end),) = spans
    if hours and not any(start < closing and end > opening for opening, closing in hours.values()):
        fields.wrong(key, "lies outside of the opening hours")
    return Arrivals(start, end, weight)


def read_cost(fields: Fields) -> Cost:
    """Read the table [cost]: what desks take."""
    return Cost(
        area_a_desk=fields.optional_number("area_a_desk"),
        area_shared=fields.number("area_shared", 0.0),
        a_desk=fields.optional_number("a_desk"),
        a_square_metre=fields.optional_number("a_square_metre"),
        currency=fields.text("currency", "EUR"),
    )

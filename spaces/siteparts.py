"""The rows of a site file, one function a table: fields in, a plain value out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from spaces.addresses import Address, parse_address
from spaces.fields import Fields
from spaces.holidaynames import wrong_region
from spaces.hours import parse_dated, parse_weekly
from spaces.models import AVAILABLE, OCCUPIED_AT_MOST, Hold, Model, Models
from spaces.models.shelf import NATIVE
from spaces.references import close_kind
from spaces.site import SILENCE, Assignment, CalendarRule, Floor, Members, Origin, Place, Sensor, Space, Zone
from spaces.times import BEGINNING, FOREVER, Millis, to_millis

MOST_ADDRESS = 256
"""Characters of what a source calls a device."""


def read_sensor(fields: Fields, zone: ZoneInfo, models: Models) -> Sensor:
    """Read a sensor of one of these models; its dates are local midnights."""
    sensor, space = fields.identifier("id"), fields.identifier("space")
    address, source = fields.text("address", ""), fields.identifier("source", "")
    if len(address) > MOST_ADDRESS:
        fields.wrong("address", f"has more than {MOST_ADDRESS} characters")
    name = fields.choice("format", tuple(models), "" if address else NATIVE.id)
    model = models.get(name)
    silence, origin = _silence(fields, model)
    by_availability = model is not None and model.hold is Hold.AVAILABILITY
    return Sensor(
        id=sensor,
        space=space,
        format=name,
        silence=silence,
        vacancy_delay=fields.duration("vacancy_delay", 0),
        since=read_moment(fields, "since", zone, BEGINNING),
        until=read_moment(fields, "until", zone, FOREVER),
        address=address or None,
        source=source or None,
        origin=origin,
        occupied_at_most=OCCUPIED_AT_MOST if by_availability and silence > OCCUPIED_AT_MOST else 0,
        pulse=(model.pulse or 0) if model is not None else 0,
    )


def _silence(fields: Fields, model: Model | None) -> tuple[Millis, Origin]:
    """Return how long a sensor's word holds, and who says so."""
    written = _at_least_a_second(fields, "silence", SILENCE)
    if "silence" in fields:
        return written, "written"
    if model is None:
        return SILENCE, "learning"
    if model.silence is not None:
        return model.silence, "model"
    return (AVAILABLE, "model") if model.hold is Hold.AVAILABILITY else (SILENCE, "learning")


def read_moment(fields: Fields, key: str, zone: ZoneInfo, default: Millis) -> Millis:
    """Read a date as its local midnight; the default where there is none."""
    if key in fields:
        return _midnight(fields.day(key), zone)
    fields.text(key, "-")
    return default


def _midnight(day: date, zone: ZoneInfo) -> Millis:
    return to_millis(datetime(day.year, day.month, day.day, tzinfo=zone))


def _at_least_a_second(fields: Fields, key: str, default: Millis) -> Millis:
    value = fields.duration(key, default)
    if value < 1000:
        fields.wrong(key, "must be at least 1s")
    return value


def read_floor(fields: Fields) -> Floor:
    """Read a floor."""
    floor = fields.identifier("id")
    return Floor(
        id=floor,
        name=fields.text("name", floor),
        level=fields.whole("level", 0, least=-50, most=500),
        width=fields.optional_number("width"),
        height=fields.optional_number("height"),
    )


def read_zone(fields: Fields) -> Zone:
    """Read a zone."""
    zone = fields.identifier("id")
    return Zone(id=zone, name=fields.text("name", zone), floor=fields.identifier("floor"))


def read_space(fields: Fields, steps: Mapping[str, Sequence[tuple[Millis, int]]]) -> Space:
    """Read a space with its dated seats."""
    space, kind = fields.identifier("id"), fields.identifier("kind")
    desk = (close_kind(kind) or kind) == "desk"  # `Desk` is one mistake, and its assignment none
    assignment = fields.choice("assignment", ("fixed", "flexible"), "flexible" if desk else "")
    if assignment and not desk:
        fields.wrong("assignment", "only desks are fixed or flexible")
    dated = steps.get(space, ())
    usual = dated[0][1] if dated else 1 if desk else None
    seats = fields.whole("capacity", usual, most=100_000)
    return Space(
        id=space,
        name=fields.text("name", space),
        kind=kind,
        zone=fields.identifier("zone"),
        capacity=((BEGINNING, seats), *dated),
        assignment=cast("Assignment", assignment) if desk else None,
        area=fields.optional_number("area"),
        place=_place(fields),
        bookings=_address(fields, room=(close_kind(kind) or kind) == "room"),
    )


def _address(fields: Fields, *, room: bool) -> Address | None:
    """Read the address of a room's calendar."""
    text = fields.secret("bookings")
    if text and not room:
        fields.wrong("bookings", "only rooms are booked")
        return None
    try:
        return parse_address(text) if text else None
    except ValueError as error:
        fields.wrong("bookings", str(error))
        return None


def _place(fields: Fields) -> Place | None:
    sides = {side: fields.optional_number(side) for side in ("x", "y", "width", "height")}
    given = {side: value for side, value in sides.items() if value is not None}
    if given and len(given) < 4:
        fields.wrong(None, f"a place needs x, y, width and height; only {', '.join(given)} given")
    return Place(**given) if len(given) == 4 else None


def read_capacity(fields: Fields, zone: ZoneInfo) -> tuple[str, Millis, int]:
    """Read a dated change of seats: (space, from when, seats)."""
    return fields.identifier("space"), _midnight(fields.day("from"), zone), fields.whole("seats", most=100_000)


def read_members(fields: Fields, zone: ZoneInfo) -> Members:
    """Read a number of members from a date on."""
    return Members(_midnight(fields.day("from"), zone), fields.whole("fixed", 0), fields.whole("flexible", 0))


def read_calendar(fields: Fields) -> CalendarRule:
    """Read opening hours of the site, a zone or a space."""
    region = fields.text("holidays", "") if "holidays" in fields else None
    if region and region != "none" and (message := wrong_region(region)):
        fields.wrong("holidays", message)
        region = None
    hours = {
        key: _hours(fields, key, parse)
        for key, parse in (("hours", parse_weekly), ("exceptions", parse_dated), ("hire", parse_dated))
    }
    if region is None:
        fields.text("holidays", "-")
    return CalendarRule(
        zone=fields.identifier("zone", "") or None,
        space=fields.identifier("space", "") or None,
        weekly=hours["hours"],
        holidays="" if region == "none" else region,
        exceptions=hours["exceptions"],
        hire=hours["hire"],
    )


def _hours(fields: Fields, key: str, parse: Callable[[Mapping[str, object]], dict[Any, Any]]) -> dict[Any, Any]:
    try:
        return parse(fields.table(key))
    except ValueError as error:
        fields.wrong(key, str(error))
        return {}

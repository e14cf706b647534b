"""/rooms/free: the rooms that are free now, since when and until when; also as a calendar to subscribe to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

import icalendar
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from analytics.privacy.disclosure import Row
from analytics.spacestates import SpaceStates
from dashboards.api import definitions
from dashboards.api.answers import Answer
from dashboards.api.encoding import Encoding
from dashboards.api.house import House, grouped, members
from dashboards.api.query import Filters
from spaces.calendar import open_intervals
from spaces.site import Site, Space
from spaces.times import DAY, MINUTE, Millis, rfc3339, to_datetime

DEFINITION = (
    "Rooms that are vacant now, inside opening hours and not booked: a room whose state is unknown is not among them."
    " since: when it was left or opened today; until: its next booking, or when it closes."
)
COLUMNS: Mapping[str, str] = {
    "time": "the moment shown, UTC, RFC 3339",
    "space": "the room's id",
    "name": "its name",
    "capacity": "seats in force now",
    "floor": "its floor (id)",
    "zone": "its zone (id)",
    "since": "since when it is vacant and open, today",
    "until": "its next booking within a day, or when it closes; null where neither comes within a day",
    "minutes": "minutes from now until then",
}
AGAIN: Millis = 5 * MINUTE
"""How often subscribers are asked to look again."""


class FreeQuery(BaseModel):
    """Parameters of /rooms/free."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Annotated[
        Literal["json", "csv", "arrow", "parquet", "ics"],
        Field(description="as elsewhere; ics: a calendar (iCalendar) with an event for each free room"),
    ] = "json"
    floor: Annotated[str | None, Field(description="only rooms on this floor (its id); * for all")] = None
    zone: Annotated[str | None, Field(description="only rooms of this zone (its id); * for all")] = None
    space: Annotated[str | None, Field(description="only this room (its id)")] = None
    seats: Annotated[int, Field(ge=0, le=10_000, description="only rooms with at least so many seats")] = 0
    minutes: Annotated[int, Field(ge=0, le=1_440, description="only rooms that stay free for so many minutes")] = 0


class _Free(NamedTuple):
    room: Space
    since: Millis
    until: Millis | None


def find_free_rooms(house: House, site_id: str, query: FreeQuery) -> Answer:
    """Return the rooms that are free now."""
    site, now = house.site(site_id), house.now()
    wanted = Filters(floor=query.floor, zone=query.zone, space=query.space, kind="room")
    rooms = members(site, grouped(site, "space", wanted))
    large = {group: spaces for group, spaces in rooms.items() if spaces[0].capacity_at(now) >= query.seats}
    found = [_row(site, free, now) for free in _free(house, site, large, now)]
    return Answer(
        name="rooms-free",
        now=now,
        site=site,
        columns=tuple(COLUMNS),
        rows=[row for row in found if row["minutes"] is None or row["minutes"] >= query.minutes],
        by="space",
        members=large,
        meta={
            "definition": DEFINITION,
            "disclosure": definitions.DISCLOSURE,
            "window": {"from": rfc3339(now), "to": rfc3339(now)},
        },
        format="json" if query.format == "ics" else query.format,
        encoding=CALENDAR if query.format == "ics" else None,
    )


def _free(house: House, site: Site, rooms: Mapping[str | None, Sequence[Space]], now: Millis) -> Iterator[_Free]:
    """Yield the rooms that are vacant, open and not booked."""
    today = site.midnight(to_datetime(now).astimezone(site.tz).date())
    states = house.states.over(site, min(today, now - 1), now, now)
    for index, room in enumerate(site.spaces):
        opened = _opened(site, room, now) if room.id in rooms else None
        if states is None or opened is None:
            continue
        since, until = _vacant_since(states, index), _booked(site, room, now, opened[1])
        if since is not None and until > now:
            yield _Free(room, max(since, opened[0]), until if until < now + DAY else None)


def _opened(site: Site, room: Space, now: Millis) -> tuple[Millis, Millis] | None:
    """Return the opening in which a moment lies, no further than a day around it."""
    spans = open_intervals(site, room, now - DAY, now + DAY).tolist()
    return next(((low, high) for low, high in spans if low <= now < high), None)


def _booked(site: Site, room: Space, now: Millis, closing: Millis) -> Millis:
    """Return when a room is next booked, or closes: no later than now where it is booked now."""
    calendar = site.bookings.calendars.get(room.id)
    bookings = calendar.between(now, closing) if calendar is not None else ()
    return min([closing, *(booking.start for booking in bookings)])


def _vacant_since(states: SpaceStates, index: int) -> Millis | None:
    """Return since when a space is vacant at the end of states, None where it is not."""
    rows = np.flatnonzero(states.space == index)
    taken = np.flatnonzero(states.occupied[rows] != 0)
    first = taken[-1] + 1 if len(taken) else 0
    return int(states.start[rows[first]]) if first < len(rows) else None


def _row(site: Site, free: _Free, now: Millis) -> Row:
    room = free.room
    return {
        "time": rfc3339(now),
        "space": room.id,
        "name": room.name,
        "capacity": room.capacity_at(now),
        "floor": site.floor_of(room).id,
        "zone": room.zone,
        "since": rfc3339(free.since),
        "until": None if free.until is None else rfc3339(free.until),
        "minutes": None if free.until is None else (free.until - now) // MINUTE,
    }


def _calendar(meta: Mapping[str, Any], _: Sequence[str], rows: Iterator[list[Row]]) -> Iterator[bytes]:
    """Write an event for each free room, from when it became free to when it is needed again."""
    calendar = icalendar.Calendar()
    note = " (simulated)" if meta["simulated"] else ""
    calendar.add("prodid", "-//ledig//free rooms//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Free rooms: {meta['site']}{note}")
    calendar.add("refresh-interval", timedelta(milliseconds=AGAIN), parameters={"VALUE": "DURATION"})
    for row in (row for piece in rows for row in piece if row["since"] is not None):
        calendar.add_component(_event(meta["site"], row, note))
    yield calendar.to_ical()


def _event(site: str, row: Row, note: str) -> icalendar.Event:
    event = icalendar.Event()
    moment = datetime.fromisoformat(row["time"])
    event.add("uid", f"{site}.{row['space']}@free.ledig")
    event.add("dtstamp", moment)
    event.add("dtstart", datetime.fromisoformat(row["since"]))
    event.add("dtend", datetime.fromisoformat(row["until"]) if row["until"] else moment + timedelta(days=1))
    event.add("summary", f"{row['name']}: free, {row['capacity']} seats{note}")
    event.add("location", f"{row['floor']}, {row['zone']}")
    event.add("transp", "TRANSPARENT")
    return event


CALENDAR = Encoding("text/calendar", "", _calendar)

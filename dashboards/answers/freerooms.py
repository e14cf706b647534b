"""/rooms/free: the rooms that are free now, since when and until when; also as a calendar to subscribe to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from analytics.groups import Groups
from analytics.privacy.disclosure import Row
from analytics.spacestates import SpaceStates
from dashboards.answers import definitions
from dashboards.answers.answer import Answer
from dashboards.answers.bookings import NO_CALENDAR, NOT_KNOWN
from dashboards.answers.context import Context
from dashboards.answers.selection import members
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
    "bookings": "what is to be said of its bookings: no calendar; bookings as of a time over an hour ago; bookings not"
    " known, as its calendar cannot be read or its address has not answered for a day; null where they are known",
    "bookings_as_of": "when the address of its calendar last answered, where that is over an hour ago",
}


class _Free(NamedTuple):
    room: Space
    since: Millis
    until: Millis | None


def find_free_rooms(context: Context, site: Site, rooms: Groups, seats: int = 0, minutes: int = 0) -> Answer:
    """Return the rooms that are free now, with at least so many seats, and for at least so many minutes.

    Raises:
        StoreError: the store cannot be read.
    """
    now = context.now()
    large = {group: spaces for group, spaces in members(site, rooms).items() if spaces[0].capacity_at(now) >= seats}
    free = [_row(site, one, now) for one in _free(context, site, large, now)]
    return Answer(
        name="rooms-free",
        now=now,
        site=site,
        columns=tuple(COLUMNS),
        rows=[row for row in free if row["minutes"] is None or row["minutes"] >= minutes],
        by="space",
        members=large,
        meta={
            "definition": DEFINITION,
            "disclosure": definitions.DISCLOSURE,
            "window": {"from": rfc3339(now), "to": rfc3339(now)},
        },
    )


def _free(context: Context, site: Site, rooms: Mapping[str | None, Sequence[Space]], now: Millis) -> Iterator[_Free]:
    """Yield the rooms that are vacant, open and not booked."""
    today = site.midnight(to_datetime(now).astimezone(site.tz).date())
    states = context.states.over(site, min(today, now - 1), now, now)
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
    room, as_of = free.room, site.bookings.as_of(free.room.id, now)
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
        "bookings": _said_of_bookings(site, room, now),
        "bookings_as_of": None if as_of is None else rfc3339(as_of),
    }


def _said_of_bookings(site: Site, room: Space, now: Millis) -> str | None:
    """Return what whoever reads that a room is free has to know of its bookings, in the site's time."""
    bookings = site.bookings
    if room.id not in {*bookings.calendars, *bookings.checked, *bookings.unread}:
        return NO_CALENDAR
    if not bookings.are_known(room.id, now):
        return NOT_KNOWN
    as_of = bookings.as_of(room.id, now)
    if as_of is None:
        return None
    then, today = (to_datetime(moment).astimezone(site.tz) for moment in (as_of, now))
    return f"bookings as of {then:%H:%M}" if then.date() == today.date() else f"bookings as of {then:%Y-%m-%d %H:%M}"

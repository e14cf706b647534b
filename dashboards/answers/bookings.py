"""/bookings: what became of the bookings of rooms."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.bookings import Booked, BookingFigures, booking_figures
from analytics.groups import Groups
from analytics.utilisation import ratio
from dashboards.answers.answer import Answer
from dashboards.answers.columns import counts, figures, rows
from dashboards.answers.context import Context
from dashboards.answers.days import NO_DATA, Days, Known, known, read_days
from dashboards.answers.selection import members
from dashboards.answers.windows import Span
from spaces.site import Site
from spaces.times import HOUR, rfc3339

NO_CALENDAR, BROKEN, NO_BOOKING = "no calendar", "its calendar cannot be read", "no booking"
NOT_KNOWN = "bookings not known"
BOOKINGS = (
    "What became of bookings that are past, inside opening hours and over known presence: a no-show if nobody was there"
    " within ten minutes of the begin, left early if the room stood vacant for the last fifteen minutes or longer. What"
    " is unknown decides nothing: judged says of how many bookings it is known. Recoverable are the hours that such"
    " bookings kept a vacant room from others: of a no-show after its first ten minutes."
)
BOOKING_COLUMNS: Mapping[str, str] = {
    "space": "the room's id",
    "name": "its name",
    "capacity": "its seats in force at the end of the window",
    "bookings": "past bookings; one that reaches into several openings counts for each",
    "judged": "those of which it is known what became",
    "no_shows": "of these, where nobody came within ten minutes",
    "left_early": "of these, where the room stood vacant for the last fifteen minutes or longer",
    "used_without_booking": "uses of five minutes or longer that no booking touches",
    "booked_hours": "hours booked inside opening hours, up to now; what is booked twice counts once",
    "recoverable_hours": "hours of no-shows and of bookings left early that the room stood vacant",
    "coverage": "known / booked hours",
    "reason": "why figures are null: no calendar, it cannot be read, bookings not known, no booking, closed, no data;"
    " null where none is",
    "bookings_as_of": "when the address of its calendar last answered; null where that was within an hour of the"
    " window's end, or it has none",
}


def find_bookings(context: Context, site: Site, span: Span, rooms: Groups) -> Answer:
    """Return what became of each room's bookings, in the local days of a span.

    Raises:
        StoreError: the store cannot be read.
    """
    days, groups = read_days(context, site, span), rooms
    booked = _booked(days, groups)
    found = booking_figures(days.site, days.states, groups, booked)
    columns = _columns(days, groups, found, known(days, groups))
    return Answer(
        name="bookings",
        now=days.now,
        site=days.site,
        columns=tuple(columns),
        rows=rows(columns),
        by="space",
        members=members(days.site, groups),
        meta={"definition": BOOKINGS, "window": days.span.meta, "measure": "spaces"},
    )


def _booked(days: Days, groups: Groups) -> Booked:
    """Return the bookings of some rooms that touch the days."""
    index = {space.id: number for number, space in enumerate(days.site.spaces)}
    listed = [
        (index[room], *booking)
        for room, calendar in days.site.bookings.calendars.items()
        if room in groups.labels
        for booking in calendar.between(days.start, days.end)
    ]
    space, start, end = np.array(listed, dtype=np.int64).reshape(-1, 3).T
    return Booked(space, start, end)


def _columns(days: Days, groups: Groups, found: BookingFigures, told: Known) -> dict[str, list[Any]]:
    rooms = [days.site.space_by_id[label] for label in groups.labels]
    bookings, end = days.site.bookings, min(days.end, days.now)
    has = np.array([bookings.are_known(label, end) for label in groups.labels], dtype=np.bool_)
    seen = has & (told.known > 0)
    judged = has & (found.judged > 0)
    return {
        "space": list(groups.labels),
        "name": [room.name for room in rooms],
        "capacity": [room.capacity_at(days.end - 1) for room in rooms],
        "bookings": counts(np.where(has, found.bookings, np.nan)),
        "judged": counts(np.where(has, found.judged, np.nan)),
        "no_shows": counts(np.where(judged, found.no_shows, np.nan)),
        "left_early": counts(np.where(judged, found.left_early, np.nan)),
        "used_without_booking": counts(np.where(seen, found.used_unbooked, np.nan)),
        "booked_hours": figures(np.where(has, found.booked / HOUR, np.nan)),
        "recoverable_hours": figures(np.where(judged, found.recoverable / HOUR, np.nan)),
        "coverage": figures(np.where(has, ratio(found.known, found.booked), np.nan)),
        "reason": [_why(days, groups.labels[row], found, told, row) for row in range(len(rooms))],
        "bookings_as_of": [
            as_of if (as_of := bookings.as_of(label, end)) is None else rfc3339(as_of) for label in groups.labels
        ],
    }


def _why(days: Days, room: str, found: BookingFigures, told: Known, row: int) -> str | None:
    """Return why what became of a room's bookings is not known, None where it is."""
    if room in days.site.bookings.unread:
        return BROKEN
    if room not in days.site.bookings.calendars and room not in days.site.bookings.checked:
        return NO_CALENDAR
    if not days.site.bookings.are_known(room, min(days.end, days.now)):
        return NOT_KNOWN
    if found.judged[row]:
        return None
    nothing = NO_BOOKING if not found.bookings[row] else NO_DATA
    return told.reason[row] or nothing

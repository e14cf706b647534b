"""Free rooms as a calendar to subscribe to (iCalendar, RFC 5545)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import icalendar

from analytics.privacy.disclosure import Row
from dashboards.answers.bookings import NO_CALENDAR
from spaces.summary import counted
from spaces.times import MINUTE, Millis

AGAIN: Millis = 5 * MINUTE
"""How often subscribers are asked to look again."""


def write_calendar(meta: Mapping[str, Any], _: Sequence[str], rows: Iterator[list[Row]]) -> Iterator[bytes]:
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
    bookings = f", {row['bookings']}" if row["bookings"] not in {None, NO_CALENDAR} else ""
    event.add("summary", f"{row['name']}: free, {counted(row['capacity'], 'seat')}{bookings}{note}")
    event.add("location", f"{row['floor']}, {row['zone']}")
    event.add("transp", "TRANSPARENT")
    return event

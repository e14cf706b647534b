"""/rooms, /rooms/parties and /rooms/mix: how rooms are filled, by what parties, and which rooms would have served."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.parties import Parties, parties
from analytics.privacy.disclosure import Row
from analytics.rooms import RoomFigures, room_figures
from dashboards.answers.answer import Answer
from dashboards.answers.columns import counts, figures, rows
from dashboards.answers.context import Context
from dashboards.answers.days import Days, Known, known, read_days
from dashboards.answers.selection import members
from dashboards.answers.windows import Span
from spaces.site import Site
from spaces.times import HOUR

NOT_COUNTED, NO_PARTY = "not counted", "no party"
ROOMS = (
    "How rooms are used inside opening hours. Fill, solo use and over-capacity are over the occupied time in which"
    " people are counted. A party is the largest count that holds at least five minutes, one in each use of a room;"
    " those that follow one another without a break are one."
)
PARTIES = "How many parties of each size met in rooms of each capacity, and for how many hours in all."
ROOM_COLUMNS: Mapping[str, str] = {
    "space": "the room's id",
    "name": "its name",
    "capacity": "its seats in force at the end of the window",
    "counted": "whether people are counted in it",
    "utilisation": "occupied time / known time, 0 to 1",
    "fill_when_used": "people / seats in force while in use",
    "solo": "share of that time with one person alone",
    "over_capacity": "share of that time with more people than seats",
    "parties": "parties that met",
    "median_party": "size that half of the parties have at most",
    "largest_party": "the largest party",
    "occupied_hours": "hours in use",
    "coverage": "known time / open time",
    "reason": "why figures are null: closed, no data, not counted, no party; null where none is",
}
PARTY_COLUMNS: Mapping[str, str] = {
    "capacity": "seats of the rooms, in force when the party began",
    "size": "people of the party; null where there is none",
    "parties": "parties of this size in rooms of this capacity",
    "hours": "hours they held these rooms",
    "reason": "why there is none: no data, not counted, no party; null where there are some",
}


class Rooms(NamedTuple):
    """Rooms, each a group of its own, their parties, and how much is known of them."""

    days: Days
    groups: Groups
    parties: Parties
    figures: RoomFigures
    known: Known

    @property
    def indexes(self) -> NDArray[np.intp]:
        """The rooms as indexes into the site's spaces, in the order of the groups."""
        return np.flatnonzero(self.groups.of >= 0)


def measure_rooms(context: Context, site: Site, span: Span, groups: Groups) -> Rooms:
    """Return the parties and figures of rooms, each a group of its own, in the local days of a span.

    Raises:
        StoreError: the store cannot be read.
    """
    days = read_days(context, site, span)
    met = parties(site, days.states)
    met = met.only(groups.of[met.space] >= 0)
    return Rooms(days, groups, met, room_figures(site, days.states, groups, met), known(days, groups))


def find_rooms(context: Context, site: Site, span: Span, rooms: Groups) -> Answer:
    """Return how each room is used and filled.

    Raises:
        StoreError: the store cannot be read.
    """
    asked = measure_rooms(context, site, span, rooms)
    return answer(asked, "rooms", rows(_columns(asked)), ROOM_COLUMNS, definition=ROOMS)


def find_parties(context: Context, site: Site, span: Span, rooms: Groups) -> Answer:
    """Return how many parties of each size met in rooms of each capacity.

    Raises:
        StoreError: the store cannot be read.
    """
    asked = measure_rooms(context, site, span, rooms)
    return answer(asked, "rooms-parties", _sizes(asked), PARTY_COLUMNS, definition=PARTIES)


def answer(  # noqa: PLR0913 - what an answer is made of
    asked: Rooms,
    name: str,
    found: Iterable[Row],
    columns: Mapping[str, str],
    *,
    definition: str,
    meta: Mapping[str, Any] | None = None,
) -> Answer:
    """Return an answer about rooms. Rows that name no room are sums over rooms, of which none is anybody's own."""
    return Answer(
        name=name,
        now=asked.days.now,
        site=asked.days.site,
        columns=tuple(columns),
        rows=found,
        by="space" if "space" in columns else None,
        members=members(asked.days.site, asked.groups),
        meta={"definition": definition, "window": asked.days.span.meta, "measure": "people", **(meta or {})},
    )


def _columns(asked: Rooms) -> dict[str, list[Any]]:
    found, site = asked.figures, asked.days.site
    rooms = [site.spaces[index] for index in asked.indexes.tolist()]
    known_ = asked.known.known > 0
    return {
        "space": list(asked.groups.labels),
        "name": [room.name for room in rooms],
        "capacity": [room.capacity_at(asked.days.end - 1) for room in rooms],
        "counted": found.counted.tolist(),
        "utilisation": figures(found.utilisation),
        "fill_when_used": figures(found.fill),
        "solo": figures(found.solo),
        "over_capacity": figures(found.over),
        "parties": counts(np.where(found.counted, found.parties, np.nan)),
        "median_party": counts(found.median_party),
        "largest_party": counts(found.largest_party),
        "occupied_hours": figures(np.where(known_, found.occupied / HOUR, np.nan)),
        "coverage": figures(found.coverage),
        "reason": [_why(*each) for each in zip(asked.known.reason, found.counted, found.parties, strict=True)],
    }


def _why(reason: str | None, counted: bool, number: int) -> str | None:  # noqa: FBT001 - one of several columns
    return reason or (None if number else NO_PARTY if counted else NOT_COUNTED)


def _sizes(asked: Rooms) -> Iterator[Row]:
    """Yield a row for each size up to the largest of each capacity, and one that says why where there is none."""
    site, found = asked.days.site, asked.parties
    now = {index: site.spaces[index].capacity_at(asked.days.end - 1) for index in asked.indexes.tolist()}
    for capacity in sorted({*now.values(), *found.seats.tolist()}):
        mine = found.only(found.seats == capacity)
        for size in range(1, int(mine.size.max(initial=0)) + 1):
            held = mine.only(mine.size == size)
            hours = round(int((held.end - held.start).sum()) / HOUR, 6)
            yield {"capacity": capacity, "size": size, "parties": len(held), "hours": hours, "reason": None}
        if not len(mine):
            reason = _why_none(asked, [place for place, seats in enumerate(now.values()) if seats == capacity])
            yield {"capacity": capacity, "size": None, "parties": None, "hours": None, "reason": reason}


def _why_none(asked: Rooms, places: list[int]) -> str:
    """Return why rooms had no party: the best that can be said of any of them."""
    if any(asked.figures.counted[place] for place in places):
        return NO_PARTY
    reasons = [asked.known.reason[place] for place in places]
    return NOT_COUNTED if None in reasons else str(reasons[0])

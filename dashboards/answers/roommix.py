"""/rooms/mix: the rooms that would have served the parties there were, at the least cost."""

from collections.abc import Mapping, Sequence
from statistics import linear_regression
from typing import NamedTuple

import numpy as np

from analytics.groups import Groups
from analytics.parties import Parties
from analytics.privacy.disclosure import Row
from analytics.roommix import Demand, cheapest_mix, time_of, unplaced, working_mix
from dashboards.answers.answer import Answer
from dashboards.answers.context import Context
from dashboards.answers.days import NO_SPACE
from dashboards.answers.errors import wrong_argument
from dashboards.answers.rooms import NO_PARTY, NOT_COUNTED, Rooms, answer, measure_rooms
from dashboards.answers.windows import Span
from spaces.site import Site, Space
from spaces.times import HOUR

NO_LARGE_ROOM = "a party of {} met; no room to choose from seats it"
MIX = (
    "The cheapest mix of rooms that at every moment of the window has, for each size k, as many rooms with at least k"
    " seats as there were parties that needed them: as_used needs the seats of the rooms that were taken, right_sized"
    " those of the people who came. It is a lower bound, as parties do not change rooms; the replayed columns are what"
    " is enough when each party in turn takes the smallest free room that seats it. Where all rooms of a size were in"
    " use at once, more may have been wanted than was seen: censored."
)
MIX_COLUMNS: Mapping[str, str] = {
    "seats": "seats of a room",
    "rooms_now": "rooms of this size now, of those in which people are counted",
    "as_used": "rooms of this size that the use as it was needs at least, among the sizes there are",
    "right_sized": "the same if each party had taken no more seats than people, among the sizes to choose from",
    "as_used_replayed": "as_used, grown until every party finds a room when replayed",
    "right_sized_replayed": "right_sized, grown until every party finds a room when replayed",
    "full_hours": "hours in which all rooms with at least so many seats were in use; null where there is none",
    "censored": "whether there were any: then more may have been wanted",
    "reason": "why there is no mix: not counted, no party, no data; null where there is one",
}
DEFAULT_COST = (2.0, 1.0)
"""What a room and a seat in it cost where areas are not known: a room is worth two seats more than those it has."""


class _Mixes(NamedTuple):
    """Both mixes, each as its lower bound and grown until it works, and how many parties the bound did not place."""

    bound: dict[int, int]
    working: dict[int, int]
    unplaced: int


def find_mix(context: Context, site: Site, span: Span, groups: Groups, sizes: Sequence[int] = ()) -> Answer:
    """Return the rooms that would have served the parties there were, of `sizes`, or of those there are.

    Raises:
        AnswerError: none of the sizes seats the largest party.
        StoreError: the store cannot be read.
    """
    asked = measure_rooms(context, site, span, groups)
    counted = np.flatnonzero(asked.figures.counted)
    rooms = [asked.days.site.spaces[index] for index in asked.indexes[counted].tolist()]
    if not len(asked.parties):
        return _no_mix(asked, rooms)
    found, seats = asked.parties, _seats(asked, rooms)
    room, seat, told = _cost(rooms, seats)
    there = {*seats, *found.seats.tolist()}
    as_used = _mixes(Demand(found.start, found.end, found.seats), {size: room + seat * size for size in there})
    wanted = _wanted(sizes, there, int(found.size.max()))
    right_sized = _mixes(Demand(found.start, found.end, found.size), {size: room + seat * size for size in wanted})
    listed = [_row(size, seats, found, as_used, right_sized) for size in sorted(there | wanted)]
    meta = {
        "cost": told,
        "lower_bound": True,
        "parties": len(found),
        "unplaced": {"as_used": as_used.unplaced, "right_sized": right_sized.unplaced},
        "partly_counted": int(found.partly.sum()),
        "censored": any(row["censored"] for row in listed),
        "not_counted": _not_counted(asked),
    }
    return answer(asked, "rooms-mix", listed, MIX_COLUMNS, definition=MIX, meta=meta)


def _seats(asked: Rooms, rooms: Sequence[Space]) -> list[int]:
    """Return the seats of rooms in force at the end of the window."""
    return [room.capacity_at(asked.days.end - 1) for room in rooms]


def _wanted(chosen: Sequence[int], there: set[int], largest: int) -> set[int]:
    """Return the sizes to choose from: those asked for, or those there are and one for a party larger than all.

    Raises:
        AnswerError: none of those asked for seats the largest party.
    """
    if chosen and largest > max(chosen):
        raise wrong_argument("sizes", NO_LARGE_ROOM.format(largest))
    return set(chosen) or ({*there, largest} if largest > max(there) else there)


def _cost(rooms: Sequence[Space], seats: Sequence[int]) -> tuple[float, float, str]:
    """Return what a room and each seat in it cost, and in words: square metres by a line through the rooms' own."""
    areas = [room.area for room in rooms if room.area is not None]
    if len(areas) == len(rooms) and len(set(seats)) > 1:
        seat, room = linear_regression(seats, areas)
        if seat > 0 and room > 0:
            return room, seat, f"{room:.1f} m2 a room and {seat:.1f} m2 a seat, a line through the rooms' areas"
    room, seat = DEFAULT_COST
    return room, seat, f"seats, and {room:g} for each room; areas do not tell"


def _mixes(demand: Demand, costs: Mapping[int, float]) -> _Mixes:
    bound = cheapest_mix(demand, costs)
    return _Mixes(bound, working_mix(demand, costs, bound), int(unplaced(demand, bound).sum()))


def _row(size: int, seats: Sequence[int], found: Parties, as_used: _Mixes, right_sized: _Mixes) -> Row:
    """Return a size's row; a mix that could not choose the size has none of it."""
    enough = sum(seat >= size for seat in seats)
    full = time_of(Demand(found.start, found.end, found.seats), size, enough) / HOUR if enough else None
    return {
        "seats": size,
        "rooms_now": sum(seat == size for seat in seats),
        "as_used": as_used.bound.get(size, 0),
        "right_sized": right_sized.bound.get(size, 0),
        "as_used_replayed": as_used.working.get(size, 0),
        "right_sized_replayed": right_sized.working.get(size, 0),
        "full_hours": None if full is None else round(full, 6),
        "censored": None if full is None else full > 0,
        "reason": None,
    }


def _no_mix(asked: Rooms, rooms: Sequence[Space]) -> Answer:
    """Return the sizes that there are, and why there is no mix."""
    seats = _seats(asked, rooms)
    known = [reason for reason in asked.known.reason if reason is None]
    reason = NO_PARTY if seats else NOT_COUNTED if known else next(iter(asked.known.reason), NO_SPACE)
    now = _seats(asked, [asked.days.site.spaces[index] for index in asked.indexes.tolist()])
    listed = [
        {**dict.fromkeys(MIX_COLUMNS), "seats": size, "rooms_now": seats.count(size), "reason": reason}
        for size in sorted(set(now))
    ]
    listed = listed or [{**dict.fromkeys(MIX_COLUMNS), "reason": reason}]
    meta = {"not_counted": _not_counted(asked)}
    return answer(asked, "rooms-mix", listed, MIX_COLUMNS, definition=MIX, meta=meta)


def _not_counted(asked: Rooms) -> list[str]:
    """Return the rooms of which no count came: the mix leaves their parties out."""
    return [room for room, told in zip(asked.groups.labels, asked.figures.counted.tolist(), strict=True) if not told]

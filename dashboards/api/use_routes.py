"""The routes of sessions, rooms and bookings under /v1/sites/{site}: plain `def`s, as the store blocks."""

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from analytics.groups import By, Groups
from dashboards.answers import bookings, freerooms, roommix, rooms, sessions
from dashboards.answers.answer import Answer
from dashboards.answers.selection import Filters, Grouping, select_rooms
from dashboards.answers.windows import Span
from dashboards.api.access import Access, MayPlan, MayView
from dashboards.api.building import Building
from dashboards.api.documents import answers
from dashboards.api.problems import wrong_parameter
from dashboards.api.publishing import published
from dashboards.api.query import SpanQuery, once
from dashboards.api.reading import read_groups, read_span
from dashboards.api.routes import SiteId
from spaces.mistakes import shown
from spaces.site import Site

_SIZES = re.compile(r"\d{1,4}( *, *\d{1,4})*")


class BridgesQuery(SpanQuery):
    """Parameters of /sessions/bridges."""

    group: Annotated[By, Field(description="what is taken together")] = "site"


class SessionsQuery(BridgesQuery):
    """Parameters of /sessions and /sessions/dwell."""

    bridge: Annotated[
        int | None,
        Field(ge=0, le=240, description="minutes: shorter vacant gaps are closed; 15 for desks, 5 for others"),
    ] = None


class RoomsQuery(SpanQuery):
    """Parameters of /rooms and what is below it."""


class MixQuery(RoomsQuery):
    """Parameters of /rooms/mix."""

    sizes: Annotated[
        str | None,
        Field(description="seats of the rooms to choose from, such as 1,2,4,8,12; those that there are unless given"),
    ] = None


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


def session_routes(building: Building) -> APIRouter:
    """Return how long spaces are used at a time."""
    router = APIRouter(prefix="/v1/sites/{site}/sessions", tags=["figures"], dependencies=[Depends(once)])

    def ask(access: Access, site_id: str, query: BridgesQuery) -> tuple[Site, Span, Grouping]:
        site = building.site(access, site_id)
        span = read_span(building, site, query)
        return site, span, read_groups(site, query.group, query)

    @router.get("", responses=answers(sessions.SESSION_COLUMNS, site=True), response_model=None)
    @published
    def uses(access: MayPlan, site: SiteId, query: Annotated[SessionsQuery, Query()]) -> Answer:
        """Tell how often spaces are taken, and for how long; today unless asked otherwise."""
        return sessions.find_sessions(building.context, *ask(access, site, query), query.bridge)

    @router.get("/dwell", responses=answers(sessions.DWELL_COLUMNS, site=True), response_model=None)
    @published
    def dwell(access: MayPlan, site: SiteId, query: Annotated[SessionsQuery, Query()]) -> Answer:
        """Tell what share of uses lasts longer than so many minutes."""
        return sessions.find_dwell(building.context, *ask(access, site, query), query.bridge)

    @router.get("/bridges", responses=answers(sessions.BRIDGE_COLUMNS, site=True), response_model=None)
    @published
    def bridges(access: MayPlan, site: SiteId, query: Annotated[BridgesQuery, Query()]) -> Answer:
        """Tell how the figures move as the longest absence that is closed grows from 0 to 30 minutes."""
        return sessions.find_bridges(building.context, *ask(access, site, query))

    return router


def room_routes(building: Building) -> APIRouter:
    """Return how rooms are filled, by whom, and which would have served."""
    router = APIRouter(prefix="/v1/sites/{site}/rooms", tags=["figures"], dependencies=[Depends(once)])

    @router.get("", responses=answers(rooms.ROOM_COLUMNS, site=True), response_model=None)
    @published
    def filled(access: MayPlan, site: SiteId, query: Annotated[RoomsQuery, Query()]) -> Answer:
        """Tell how each room is used: how full, by people alone, by more than it seats."""
        return rooms.find_rooms(building.context, *_rooms(building, access, site, query))

    @router.get("/free", responses=answers(freerooms.COLUMNS, site=True, also=("text/calendar",)), response_model=None)
    @published
    def free(access: MayView, site: SiteId, query: Annotated[FreeQuery, Query()]) -> Answer:
        """Tell which rooms are free now, and until when; a calendar to subscribe to with format=ics."""
        place = building.site(access, site)
        chosen = select_rooms(place, Filters(floor=query.floor, zone=query.zone, space=query.space))
        return freerooms.find_free_rooms(building.context, place, chosen, query.seats, query.minutes)

    @router.get("/parties", responses=answers(rooms.PARTY_COLUMNS, site=True), response_model=None)
    @published
    def parties(access: MayPlan, site: SiteId, query: Annotated[RoomsQuery, Query()]) -> Answer:
        """Tell how many parties of each size met in rooms of each capacity."""
        return rooms.find_parties(building.context, *_rooms(building, access, site, query))

    @router.get("/mix", responses=answers(roommix.MIX_COLUMNS, site=True), response_model=None)
    @published
    def mix(access: MayPlan, site: SiteId, query: Annotated[MixQuery, Query()]) -> Answer:
        """Tell which rooms would have served the parties there were, at the least cost."""
        return roommix.find_mix(building.context, *_rooms(building, access, site, query), _read_sizes(query))

    return router


def booking_routes(building: Building) -> APIRouter:
    """Return what became of bookings."""
    router = APIRouter(prefix="/v1/sites/{site}/bookings", tags=["figures"], dependencies=[Depends(once)])

    @router.get("", responses=answers(bookings.BOOKING_COLUMNS, site=True), response_model=None)
    @published
    def booked(access: MayPlan, site: SiteId, query: Annotated[SpanQuery, Query()]) -> Answer:
        """Tell of each room how many bookings nobody came to or left early, and what was used without any."""
        return bookings.find_bookings(building.context, *_rooms(building, access, site, query))

    return router


def _rooms(building: Building, access: Access, site_id: str, query: SpanQuery) -> tuple[Site, Span, Groups]:
    """Return what figures of rooms are asked about."""
    site = building.site(access, site_id)
    span = read_span(building, site, query)
    return site, span, select_rooms(site, query.filters())


def _read_sizes(query: MixQuery) -> list[int]:
    """Read the seats of the rooms to choose from; none where none are given.

    Raises:
        Problem: 422, with what would be right.
    """
    if query.sizes is None:
        return []
    if not _SIZES.fullmatch(query.sizes.strip()):
        raise wrong_parameter("sizes", f"{shown(query.sizes)!r} is no list of seats; write 2,4,8")
    sizes = sorted({int(part) for part in query.sizes.split(",")})
    if sizes[0] < 1 or len(sizes) > 50:
        raise wrong_parameter("sizes", "a room has at least one seat, and there are at most 50 sizes")
    return sizes

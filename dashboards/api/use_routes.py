"""The routes of sessions, rooms and bookings under /v1/sites/{site}: plain `def`s, as the store blocks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from dashboards.api import bookings, freerooms, roommix, rooms, sessions
from dashboards.api.answers import Answer, published
from dashboards.api.documents import answers
from dashboards.api.house import House
from dashboards.api.query import SpanQuery, once
from dashboards.api.roommix import MixQuery
from dashboards.api.rooms import RoomsQuery
from dashboards.api.routes import SiteId
from dashboards.api.sessions import BridgesQuery, SessionsQuery


def session_routes(house: House) -> APIRouter:
    """Return how long spaces are used at a time."""
    router = APIRouter(prefix="/v1/sites/{site}/sessions", tags=["figures"], dependencies=[Depends(once)])

    @router.get("", responses=answers(sessions.SESSION_COLUMNS, site=True), response_model=None)
    @published
    def uses(site: SiteId, query: Annotated[SessionsQuery, Query()]) -> Answer:
        """Tell how often spaces are taken, and for how long; today unless asked otherwise."""
        return sessions.find_sessions(house, site, query)

    @router.get("/dwell", responses=answers(sessions.DWELL_COLUMNS, site=True), response_model=None)
    @published
    def dwell(site: SiteId, query: Annotated[SessionsQuery, Query()]) -> Answer:
        """Tell what share of uses lasts longer than so many minutes."""
        return sessions.find_dwell(house, site, query)

    @router.get("/bridges", responses=answers(sessions.BRIDGE_COLUMNS, site=True), response_model=None)
    @published
    def bridges(site: SiteId, query: Annotated[BridgesQuery, Query()]) -> Answer:
        """Tell how the figures move as the longest absence that is closed grows from 0 to 30 minutes."""
        return sessions.find_bridges(house, site, query)

    return router


def room_routes(house: House) -> APIRouter:
    """Return how rooms are filled, by whom, and which would have served."""
    router = APIRouter(prefix="/v1/sites/{site}/rooms", tags=["figures"], dependencies=[Depends(once)])

    @router.get("", responses=answers(rooms.ROOM_COLUMNS, site=True), response_model=None)
    @published
    def filled(site: SiteId, query: Annotated[RoomsQuery, Query()]) -> Answer:
        """Tell how each room is used: how full, by people alone, by more than it seats."""
        return rooms.find_rooms(house, site, query)

    @router.get("/free", responses=answers(freerooms.COLUMNS, site=True, also=("text/calendar",)), response_model=None)
    @published
    def free(site: SiteId, query: Annotated[freerooms.FreeQuery, Query()]) -> Answer:
        """Tell which rooms are free now, and until when; a calendar to subscribe to with format=ics."""
        return freerooms.find_free_rooms(house, site, query)

    @router.get("/parties", responses=answers(rooms.PARTY_COLUMNS, site=True), response_model=None)
    @published
    def parties(site: SiteId, query: Annotated[RoomsQuery, Query()]) -> Answer:
        """Tell how many parties of each size met in rooms of each capacity."""
        return rooms.find_parties(house, site, query)

    @router.get("/mix", responses=answers(roommix.MIX_COLUMNS, site=True), response_model=None)
    @published
    def mix(site: SiteId, query: Annotated[MixQuery, Query()]) -> Answer:
        """Tell which rooms would have served the parties there were, at the least cost."""
        return roommix.find_mix(house, site, query)

    return router


def booking_routes(house: House) -> APIRouter:
    """Return what became of bookings."""
    router = APIRouter(prefix="/v1/sites/{site}/bookings", tags=["figures"], dependencies=[Depends(once)])

    @router.get("", responses=answers(bookings.BOOKING_COLUMNS, site=True), response_model=None)
    @published
    def booked(site: SiteId, query: Annotated[SpanQuery, Query()]) -> Answer:
        """Tell of each room how many bookings nobody came to or left early, and what was used without any."""
        return bookings.find_bookings(house, site, query)

    return router

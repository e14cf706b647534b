"""The routes of what people write down: notes of dates, and sensors that somebody sees to."""

from http import HTTPStatus
from secrets import token_hex
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from dashboards.answers.acknowledgements import COLUMNS as ACKNOWLEDGEMENT_COLUMNS
from dashboards.answers.acknowledgements import Acknowledged, check_sensor, find_acknowledgements
from dashboards.answers.answer import Answer
from dashboards.answers.entries import LONGEST, Entries
from dashboards.answers.notes import COLUMNS as NOTE_COLUMNS
from dashboards.answers.notes import Note, find_notes
from dashboards.api.access import MayView, MayWrite
from dashboards.api.bodies import check_own_page, read_body
from dashboards.api.building import Building
from dashboards.api.documents import answers
from dashboards.api.problems import Problem
from dashboards.api.publishing import published
from dashboards.api.query import Form, SpanQuery, once
from dashboards.api.reading import read_span
from dashboards.api.routes import SiteId
from spaces.mistakes import shown


def note_routes(building: Building) -> APIRouter:
    """Return /notes."""
    router = APIRouter(prefix="/v1/sites", tags=["notes"], dependencies=[Depends(once)])
    entries = Entries(building.settings.kept, "notes", Note)

    @router.get("/{site}/notes", responses=answers(NOTE_COLUMNS, site=True), response_model=None)
    @published
    def notes(access: MayView, site: SiteId, query: Annotated[SpanQuery, Query()]) -> Answer:
        """List what happened in a window; today unless asked otherwise."""
        place = building.site(access, site)
        span = read_span(building, place, query)
        return find_notes(entries.read(place.id), place, span)

    @router.post("/{site}/notes", status_code=201, response_model=None)
    async def add(access: MayWrite, site: SiteId, request: Request) -> Response:
        """Keep a note: {"date": "2026-05-14", "text": "..."}."""
        place, note = building.site(access, site), await read_body(request, Note)
        name = token_hex(6)
        await run_in_threadpool(entries.change, place.id, lambda held: held.update({name: note}))
        body = msgspec.json.encode({"id": name, "date": note.date, "text": note.text})
        return Response(body, HTTPStatus.CREATED, {"Cache-Control": "no-store"}, "application/json")

    @router.delete("/{site}/notes/{note}", status_code=204, response_model=None)
    def remove(access: MayWrite, site: SiteId, note: str, request: Request) -> Response:
        """Let go of a note."""
        check_own_page(request)
        place = building.site(access, site)
        if note not in entries.read(place.id):
            raise Problem(HTTPStatus.NOT_FOUND, f"There is no note {shown(note)!r}")
        entries.change(place.id, lambda held: held.pop(note, None))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent."""

    note: Annotated[str, msgspec.Meta(max_length=LONGEST)] = ""


def acknowledgement_routes(building: Building) -> APIRouter:
    """Return /acknowledgements."""
    router = APIRouter(prefix="/v1/sites", tags=["notes"], dependencies=[Depends(once)])
    entries = Entries(building.settings.kept, "acknowledged", Acknowledged)

    @router.get("/{site}/acknowledgements", responses=answers(ACKNOWLEDGEMENT_COLUMNS, site=True), response_model=None)
    @published
    def acknowledgements(access: MayView, site: SiteId, query: Annotated[Form, Query()]) -> Answer:
        """List what is seen to."""
        del query  # its format is for what publishes
        place = building.site(access, site)
        return find_acknowledgements(building.context, entries.read(place.id), place)

    address = "/{site}/acknowledgements/{sensor}"

    @router.put(address, status_code=204, response_model=None)
    async def acknowledge(access: MayWrite, site: SiteId, sensor: str, request: Request) -> Response:
        """Say that a sensor is seen to: {"note": "..."}."""
        place, said = building.site(access, site), await read_body(request, Said)
        check_sensor(building.context, place, sensor)
        entry = Acknowledged(building.now(), said.note.strip())
        await run_in_threadpool(entries.change, place.id, lambda held: held.update({sensor: entry}))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @router.delete(address, status_code=204, response_model=None)
    def withdraw(access: MayWrite, site: SiteId, sensor: str, request: Request) -> Response:
        """Take that back."""
        check_own_page(request)
        place = building.site(access, site)
        if sensor not in entries.read(place.id):
            raise Problem(HTTPStatus.NOT_FOUND, f"Sensor {shown(sensor)!r} is not acknowledged")
        entries.change(place.id, lambda held: held.pop(sensor, None))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router

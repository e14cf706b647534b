"""/acknowledgements: sensors of which somebody has said that it is seen to, until it is withdrawn."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from dashboards.api.answers import Answer, published
from dashboards.api.documents import answers
from dashboards.api.house import House
from dashboards.api.kept import LONGEST, Kept, body_of, own_page
from dashboards.api.problems import Problem, shown
from dashboards.api.query import Form, once
from dashboards.api.routes import SiteId
from spaces.site import Site
from spaces.times import Millis, rfc3339

DEFINITION = "Sensors of which somebody has said that it is seen to; the note says how. They change no figure."
COLUMNS: Mapping[str, str] = {
    "sensor": "the sensor's id",
    "note": "what is being done, as somebody wrote it",
    "time": "when it was written, RFC 3339",
}


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent."""

    note: Annotated[str, msgspec.Meta(max_length=LONGEST)] = ""


class Acknowledged(msgspec.Struct, frozen=True):
    """What is kept."""

    time: Millis
    note: str


def acknowledgement_routes(house: House) -> APIRouter:
    """Return /acknowledgements."""
    router = APIRouter(prefix="/v1/sites", tags=["notes"], dependencies=[Depends(once)])
    kept = Kept(house.settings.kept, "acknowledged", Acknowledged)

    @router.get("/{site}/acknowledgements", responses=answers(COLUMNS, site=True), response_model=None)
    @published
    def acknowledgements(site: SiteId, query: Annotated[Form, Query()]) -> Answer:
        """List what is seen to."""
        return _find(house, kept, site, query)

    address = "/{site}/acknowledgements/{sensor}"

    @router.put(address, status_code=204, response_model=None)
    async def acknowledge(site: SiteId, sensor: str, request: Request) -> Response:
        """Say that a sensor is seen to: {"note": "..."}."""
        found, said = house.site(site), await body_of(request, Said)
        _known(house, found, sensor)
        entry = Acknowledged(house.now(), said.note.strip())
        await run_in_threadpool(kept.change, found.id, lambda entries: entries.update({sensor: entry}))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @router.delete(address, status_code=204, response_model=None)
    def withdraw(site: SiteId, sensor: str, request: Request) -> Response:
        """Take that back."""
        own_page(request)
        found = house.site(site)
        if sensor not in kept.of(found.id):
            raise Problem(HTTPStatus.NOT_FOUND, f"Sensor {shown(sensor)!r} is not acknowledged")
        kept.change(found.id, lambda entries: entries.pop(sensor, None))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


def _known(house: House, site: Site, sensor: str) -> None:
    if sensor not in site.sensors_by_id and sensor not in house.live.in_force(site.id, house.now()):
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no sensor {shown(sensor)!r}; /sensors lists them")


def _find(house: House, kept: Kept[Acknowledged], site_id: str, query: Form) -> Answer:
    site, now = house.site(site_id), house.now()
    rows = [
        {"sensor": sensor, "note": said.note, "time": rfc3339(said.time)} for sensor, said in kept.of(site.id).items()
    ]
    return Answer(
        name="acknowledgements",
        now=now,
        site=site,
        columns=tuple(COLUMNS),
        rows=rows,
        meta={"definition": DEFINITION},
        format=query.format,
    )

"""/live: what changes, as it changes, by server-sent events; one look at a site serves all who may as much."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from fastapi import Path as PathParameter
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response, StreamingResponse

from dashboards.answers import definitions
from dashboards.api.access import Access, MayView
from dashboards.api.building import Building
from dashboards.api.documents import Responses, problem
from dashboards.api.middleware import HEAD
from dashboards.api.problems import Problem
from dashboards.api.query import once
from dashboards.api.streamchannel import Channel

MOST_VIEWERS = 2_000
"""Streams that one process holds open."""
MOST_CHANNELS = 1_000
"""Channels that are remembered; beyond, those that nobody watches are forgotten. Access classes come and go."""
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would gather events until they fill a page
}


class NoQuery(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Streams:
    """The channels of all sites that anybody has watched, one an access class."""

    def __init__(self, building: Building) -> None:
        self._building = building
        self._channels: dict[tuple[str, Access], Channel] = {}

    @property
    def viewers(self) -> int:
        """How many streams are open."""
        return sum(channel.viewers for channel in self._channels.values())

    async def join(self, access: Access, site_id: str) -> Channel:
        """Return the channel of a site for all who may as much as an access, at work.

        Raises:
            Problem: there is no such site for it, or too many watch already.
        """
        site = self._building.site(access, site_id)
        if self.viewers >= MOST_VIEWERS:
            detail = f"{MOST_VIEWERS} watch already; ask /status now and then instead"
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "30"})
        channel = self._channel(access.kind, site.id)
        await channel.open()
        return channel

    def close(self) -> None:
        """Let all viewers go. May be called from any thread."""
        for channel in list(self._channels.values()):
            channel.close()

    def _channel(self, kind: Access, site_id: str) -> Channel:
        if (site_id, kind) not in self._channels:
            if len(self._channels) >= MOST_CHANNELS:
                self._channels = {key: channel for key, channel in self._channels.items() if channel.at_work}
            self._channels[site_id, kind] = Channel(self._building, kind, site_id)
        return self._channels[site_id, kind]


def stream_routes(streams: Streams) -> APIRouter:
    """Return /live."""
    router = APIRouter(prefix="/v1/sites", tags=["now and then"], dependencies=[Depends(once)])

    @router.get("/{site}/live", response_class=StreamingResponse, responses=_responses(), response_model=None)
    async def live(
        access: MayView,
        request: Request,
        site: Annotated[str, PathParameter(description="the site's id, as /v1/sites lists it")],
        query: Annotated[NoQuery, Query()],
        last_event_id: Annotated[str | None, Header(description="the event seen last: browsers send it")] = None,
    ) -> Response:
        """Tell what is vacant, in use or unknown, and every change of it, until the asker leaves.

        Event `state` has all rows, `change` those that differ since the event before, `alive` (each five seconds where
        nothing else came) none. Changes within 250 ms come together.
        """
        del query
        channel = await streams.join(access, site)
        frames = () if request.scope.get(HEAD) else channel.frames(last_event_id)
        return EventSourceResponse(frames, headers=_HEADERS)

    return router


def let_go(app: FastAPI) -> None:
    """Let the viewers of an app's streams go, so that its server can stop. May be called from any thread."""
    streams = getattr(app.state, "streams", None)
    if isinstance(streams, Streams):
        streams.close()


def _responses() -> Responses:
    columns = {name: {"description": text} for name, text in definitions.LIVE_COLUMNS.items()}
    row = {"type": "object", "properties": columns}
    body = {"type": "object", "properties": {"meta": {"type": "object"}, "rows": {"type": "array", "items": row}}}
    content = {"text/event-stream": {"schema": {"type": "string"}, "x-event-data": body}}
    return {
        200: {"description": "A stream of events: state, change, alive", "content": content},
        404: problem("There is no such site"),
        422: problem("It takes no parameters"),
        503: problem("Too many watch already"),
    }

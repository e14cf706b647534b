"""What machines ask: is it alive, is it ready, how is it doing; and the documentation."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.params import Depends
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import HTMLResponse, Response

from dashboards.api.access import Scope, access_of
from dashboards.api.documents import page, problem
from dashboards.api.problems import Problem
from dashboards.web import CONTENT_SECURITY_POLICY
from spaces.sitebook import Sites
from store.protocol import Store, StoreError

Checks = Mapping[str, Callable[[], str | None]]
"""Readiness checks by name; each returns None, or what is wrong."""
Words = Callable[[Request, str], str]
"""Makes of a failing check's words those that a request may be told."""


def words_for(sites: Sites) -> Words:
    """Return what keeps the names of sites from strangers: a store's own words may repeat a reading that it refuses."""

    def words(request: Request, what: str) -> str:
        access = access_of(request)
        trusted = access is not None and access.may(Scope.OPERATE, everywhere=True)
        return what if trusted or not any(site in what for site in sites()) else "it fails; its log says more"

    return words


def health_routes(store: Store, checks: Checks, words: Words = lambda _, what: what) -> APIRouter:
    """Return /healthz and /readyz, open to everybody."""
    router = APIRouter(tags=["service"])

    @router.get("/healthz", response_model=None, responses={200: {"description": "The process lives"}})
    async def alive() -> Response:
        """Answer while the process lives."""
        return _json({"status": "alive"})

    @router.get(
        "/readyz",
        response_model=None,
        responses={200: {"description": "Everything answers"}, 503: problem("What does not")},
    )
    def ready(request: Request) -> Response:
        """Answer 200 when the store can be read and every part is well, else 503 with what is not."""
        wrong = [*_store_check(store), *((name, found) for name, check in checks.items() if (found := check()))]
        if wrong:
            told = [(name, words(request, what)) for name, what in wrong]
            detail = "; ".join(f"{name}: {what}" for name, what in told)
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"Not ready: {detail}", failing=told)
        return _json({"status": "ready", "checks": ["store", *checks]})

    return router


def metrics_routes(registry: CollectorRegistry, dependencies: Sequence[Depends] = ()) -> APIRouter:
    """Return /metrics, for those whom the dependencies let pass."""
    router = APIRouter(tags=["service"], dependencies=dependencies)

    @router.get("/metrics", response_model=None, responses={200: {"description": "Prometheus text"}})
    def metrics() -> Response:
        """Return the counters of this process as Prometheus reads them."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


def docs_route(app: FastAPI) -> APIRouter:
    """Return /docs, written by ourselves: FastAPI's own would load scripts from elsewhere."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs", response_model=None)
    async def docs() -> Response:
        return HTMLResponse(page(app.openapi()), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    return router


def _store_check(store: Store) -> list[tuple[str, str]]:
    try:
        store.sites()
    except StoreError as error:
        return [("store", str(error))]
    return []


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), headers={"Cache-Control": "no-store"}, media_type="application/json")

"""The HTTP API put together: routes, page, problems, metrics."""

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry
from starlette.middleware.gzip import GZipMiddleware

from dashboards.answers.context import Clock, Context, Limits
from dashboards.api.access import Resolver, Scope, require
from dashboards.api.building import Building
from dashboards.api.calendarmetrics import CalendarCollector
from dashboards.api.entry_routes import acknowledgement_routes, note_routes
from dashboards.api.keys import Guarded, key_routes, resolver_for
from dashboards.api.middleware import Measured, Strict
from dashboards.api.outlook_routes import forecast_routes, sizing_routes
from dashboards.api.pipeline import pipeline_routes
from dashboards.api.problems import install
from dashboards.api.routes import figure_routes, present_routes, site_routes
from dashboards.api.service import Checks, docs_route, health_routes, metrics_routes, words_for
from dashboards.api.stream import Streams, stream_routes
from dashboards.api.use_routes import booking_routes, room_routes, session_routes
from dashboards.settings import ApiSettings
from dashboards.web import mount
from spaces.sitebook import Sites
from store.live import Live
from store.protocol import Store
from store.rollups import RollupFiles

VERSION = "1"
_ABOUT = (
    "What is free now, and how a house is used. Times are UTC in RFC 3339; buckets have local edges. Unknown is never"
    " vacant: figures are over known time, and coverage says how much that is. Fixed desks are never shown one by one."
)


def create_app(  # noqa: PLR0913, PLR0917 - the parts it is assembled from
    settings: ApiSettings,
    store: Store,
    live: Live,
    sites: Sites,
    now: Clock,
    registry: CollectorRegistry,
    *,
    checks: Checks | None = None,
    rollups: RollupFiles | None = None,
    resolver: Resolver | None = None,
) -> FastAPI:
    """Return the API and the page over a store.

    `live` holds what was committed last (`store.live.LiveStates`), `sites` the sites in force, `now` the clock
    that answers go by, `registry` what /metrics shows (the API adds its own), `checks` what /readyz asks, `rollups`
    where figures are found at less cost than from readings, `resolver` who a request belongs to: by the viewer key, or
    where none is set to anybody, unless given.
    """
    app = FastAPI(
        title="ledig",
        version=VERSION,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    install(app)
    limits = Limits(most_days=settings.most_days, most_rows=settings.most_rows, cached_mb=settings.cached_mb)
    context = Context.over(store, live, now, limits, rollups)
    building = Building(settings=settings, context=context, sites=sites)
    registry.register(CalendarCollector(sites, now))
    app.include_router(site_routes(building))
    app.include_router(present_routes(building))
    app.include_router(figure_routes(building))
    app.include_router(session_routes(building))
    app.include_router(room_routes(building))
    app.include_router(booking_routes(building))
    app.include_router(sizing_routes(building))
    app.include_router(forecast_routes(building))
    app.include_router(note_routes(building))
    app.include_router(acknowledgement_routes(building))
    app.state.streams = Streams(building)
    app.include_router(stream_routes(app.state.streams))
    app.include_router(pipeline_routes(building, registry))
    app.include_router(health_routes(store, checks or {}, words_for(building.sites)))
    app.include_router(metrics_routes(registry, [Depends(require(Scope.OPERATE, everywhere=True))]))
    app.include_router(docs_route(app))
    if settings.key:
        app.include_router(key_routes(settings.key))
    mount(app)
    # The last added is the outermost; what is measured includes the packing.
    app.add_middleware(GZipMiddleware, minimum_size=2_000, compresslevel=1)
    app.add_middleware(Guarded, resolver=resolver or resolver_for(settings), form=bool(settings.key))
    app.add_middleware(Measured, registry=registry)
    app.add_middleware(Strict)
    return app


def create_service(store: Store, registry: CollectorRegistry, checks: Checks) -> FastAPI:
    """Return /healthz, /readyz and /metrics alone: for a process that has no page."""
    app = FastAPI(title="ledig", version=VERSION, openapi_url=None)
    install(app)
    app.include_router(health_routes(store, checks))
    app.include_router(metrics_routes(registry))
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name

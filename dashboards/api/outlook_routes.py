"""The routes of what is to come: how many desks, and the next two weeks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from analytics.groups import By
from analytics.sizing.demand import Pool
from analytics.sizing.told import COLUMNS as SIZING_COLUMNS
from dashboards.answers.answer import Answer
from dashboards.answers.forecast import COLUMNS as FORECAST_COLUMNS
from dashboards.answers.forecast import find_forecast
from dashboards.answers.forecasting import Forecasts
from dashboards.answers.histories import Histories
from dashboards.answers.sizing import WEEKS, Wish, find_sizing, sizing_span
from dashboards.api.access import MayPlan, MayView
from dashboards.api.building import Building
from dashboards.api.documents import answers
from dashboards.api.publishing import published
from dashboards.api.query import Filters, SpanQuery, once
from dashboards.api.reading import read_ends, read_groups
from dashboards.api.routes import SiteId


class SizingQuery(SpanQuery):
    """Parameters of /sizing."""

    from_: Annotated[
        str | None,
        Field(alias="from", description=f"begin of the history; unless given, {WEEKS} weeks before its end"),
    ] = None
    pool: Annotated[Pool, Field(description="which desks: each pool is sized by itself")] = "flexible"
    members: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="for so many members of the pool in place of those there are")
    ] = None
    target: Annotated[
        float, Field(ge=0, le=31, description="days a month on which somebody may be 15 minutes without a desk")
    ] = 1.0


class ForecastQuery(Filters):
    """Parameters of /forecast."""

    group: Annotated[By, Field(description="what is taken together")] = "site"
    stay: Annotated[int, Field(ge=1, le=12, description="hours that one means to stay, for the best times")] = 3


def sizing_routes(building: Building) -> APIRouter:
    """Return how many desks are needed."""
    router = APIRouter(prefix="/v1/sites", tags=["figures"], dependencies=[Depends(once)])
    histories = Histories(building.context)

    @router.get("/{site}/sizing", responses=answers(SIZING_COLUMNS, site=True), response_model=None)
    @published
    def sizing(access: MayPlan, site: SiteId, query: Annotated[SizingQuery, Query()]) -> Answer:
        """Tell what any number of desks would have meant; a year back unless asked otherwise."""
        place = building.site(access, site)
        groups = read_groups(place, "site", query).groups
        span = sizing_span(place, *read_ends(query), building.now(), building.context.limits)
        wish = Wish(query.pool, query.members, query.target)
        return find_sizing(building.context, histories, place, span, groups, wish)

    return router


def forecast_routes(building: Building) -> APIRouter:
    """Return what is to come."""
    router = APIRouter(prefix="/v1/sites", tags=["figures"], dependencies=[Depends(once)])
    forecasts = Forecasts(building.context)

    @router.get("/{site}/forecast", responses=answers(FORECAST_COLUMNS, site=True), response_model=None)
    @published
    def ahead(access: MayView, site: SiteId, query: Annotated[ForecastQuery, Query()]) -> Answer:
        """Tell how many spaces are likely to be in use in each hour of the next two weeks, and when it is quiet."""
        place = building.site(access, site)
        grouping = read_groups(place, query.group, query)
        return find_forecast(building.context, forecasts, place, grouping, query.stay)

    return router

"""The routes under /v1/sites. Each is a plain `def`: the store blocks, so they run in worker threads."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathParameter

from dashboards.answers import figures, fleet, planning, present, usual
from dashboards.answers.answer import Answer
from dashboards.answers.selection import Grouping
from dashboards.answers.windows import Window
from dashboards.api.access import Access, MayOperate, MayPlan, MayView
from dashboards.api.building import Building
from dashboards.api.documents import answers
from dashboards.api.publishing import published
from dashboards.api.query import (
    FigureQuery,
    Filters,
    FleetQuery,
    Form,
    HeatQuery,
    PlanningQuery,
    StatusQuery,
    UseQuery,
    UsualQuery,
    once,
)
from dashboards.api.reading import read_ends, read_groups, read_instant, read_span, read_window
from spaces.site import Site

SiteId = Annotated[str, PathParameter(description="the site's id, as /v1/sites lists it")]


def site_routes(building: Building) -> APIRouter:
    """Return what there is: sites, spaces."""
    router = APIRouter(prefix="/v1/sites", tags=["the house"], dependencies=[Depends(once)])

    @router.get("", responses=answers("SITE_COLUMNS"), response_model=None)
    @published
    def sites(access: MayView, query: Annotated[Form, Query()]) -> Answer:
        """List the sites."""
        del query  # its format is for what publishes
        return present.find_sites(building.context, building.visible(access).values())

    @router.get("/{site}", responses=answers("SITE_COLUMNS", site=True), response_model=None)
    @published
    def one_site(access: MayView, site: SiteId, query: Annotated[Form, Query()]) -> Answer:
        """Return one site."""
        del query
        return present.find_site(building.context, building.site(access, site))

    @router.get("/{site}/spaces", responses=answers("SPACE_COLUMNS", site=True), response_model=None)
    @published
    def spaces(access: MayView, site: SiteId, query: Annotated[Filters, Query()]) -> Answer:
        """List the spaces of a site, with their places on the floor plans."""
        place = building.site(access, site)
        return present.find_spaces(building.context, place, read_groups(place, "space", query))

    return router


def present_routes(building: Building) -> APIRouter:
    """Return what it is in: status, sensors."""
    router = APIRouter(prefix="/v1/sites", tags=["now and then"], dependencies=[Depends(once)])

    @router.get("/{site}/status", responses=answers("STATUS_COLUMNS", "COUNT_COLUMNS", site=True), response_model=None)
    @published
    def status(access: MayView, site: SiteId, query: Annotated[StatusQuery, Query()]) -> Answer:
        """Tell what is vacant, in use or unknown, now or at any moment, by space or as counts of a group."""
        place = building.site(access, site)
        grouping = read_groups(place, query.group, query)
        at = None if query.at is None else read_instant("at", query.at)
        return present.find_status(building.context, place, grouping, at)

    @router.get("/{site}/sensors", responses=answers("SENSOR_COLUMNS", site=True), response_model=None)
    @published
    def sensors(access: MayOperate, site: SiteId, query: Annotated[Form, Query()]) -> Answer:
        """List the sensors: which space each reports on, when it was last heard, whether it is silent."""
        del query
        return present.find_sensors(building.context, building.site(access, site))

    @router.get("/{site}/sensors/counts", responses=answers("FLEET_COLUMNS", site=True), response_model=None)
    @published
    def sensor_counts(access: MayOperate, site: SiteId, query: Annotated[FleetQuery, Query()]) -> Answer:
        """Count the sensors that are silent, or whose battery is low, of each group of spaces."""
        place = building.site(access, site)
        return fleet.find_fleet(building.context, place, read_groups(place, query.group, query))

    return router


def figure_routes(building: Building) -> APIRouter:
    """Return the figures of a window: utilisation, peaks, heat map."""
    router = APIRouter(prefix="/v1/sites", tags=["figures"], dependencies=[Depends(once)])

    @router.get(
        "/{site}/utilisation", responses=answers("UTILISATION_COLUMNS", site=True, framed=True), response_model=None
    )
    @published
    def utilisation(access: MayPlan, site: SiteId, query: Annotated[UseQuery, Query()]) -> Answer:
        """Tell how much spaces are used, in each bucket of a window; today's hours unless asked otherwise."""
        asked = _asked(building, access, site, query)
        return figures.find_utilisation(building.context, *asked, query.measure, usage=query.usage)

    @router.get("/{site}/peaks", responses=answers("PEAK_COLUMNS", site=True, framed=True), response_model=None)
    @published
    def peaks(access: MayPlan, site: SiteId, query: Annotated[FigureQuery, Query()]) -> Answer:
        """Tell the most that were in use at once in each bucket of a window, and when."""
        return figures.find_peaks(building.context, *_asked(building, access, site, query), query.measure)

    @router.get(
        "/{site}/availability", responses=answers("AVAILABILITY_COLUMNS", site=True, framed=True), response_model=None
    )
    @published
    def availability(access: MayPlan, site: SiteId, query: Annotated[FigureQuery, Query()]) -> Answer:
        """Tell what was left in each bucket: the fewest vacant at once, how long nothing was, time at target."""
        return figures.find_availability(building.context, *_asked(building, access, site, query), query.measure)

    @router.get("/{site}/planning", responses=answers(planning.COLUMNS, site=True), response_model=None)
    @published
    def planned(access: MayPlan, site: SiteId, query: Annotated[PlanningQuery, Query()]) -> Answer:
        """Tell what daily peaks seldom exceed, and how many members share a desk; the last 13 weeks unless told."""
        place = building.site(access, site)
        grouping = read_groups(place, query.group, query)
        span = planning.planning_span(place, *read_ends(query), building.now(), building.context.limits)
        return planning.find_planning(building.context, place, span, grouping, query.measure)

    @router.get("/{site}/heatmap", responses=answers("HEAT_COLUMNS", site=True), response_model=None)
    @published
    def heatmap(access: MayPlan, site: SiteId, query: Annotated[HeatQuery, Query()]) -> Answer:
        """Tell how much spaces are used by weekday and local hour, over a window."""
        place = building.site(access, site)
        span = read_span(building, place, query)
        return figures.find_heatmap(building.context, place, span, read_groups(place, query.group, query))

    @router.get("/{site}/usual", responses=answers("USUAL_COLUMNS", site=True, framed=True), response_model=None)
    @published
    def usual_day(access: MayView, site: SiteId, query: Annotated[UsualQuery, Query()]) -> Answer:
        """Tell how many spaces are in use in each hour of today, and how many usually are on this weekday."""
        place = building.site(access, site)
        return usual.find_usual(building.context, place, read_groups(place, query.group, query), query.weeks)

    return router


def _asked(building: Building, access: Access, site_id: str, query: FigureQuery) -> tuple[Site, Window, Grouping]:
    """Return what figures by bucket are asked about."""
    site = building.site(access, site_id)
    grouping = read_groups(site, query.group, query)
    return site, read_window(building, site, query), grouping

"""The routes under /v1/sites. Each is a plain `def`: the store blocks, so they run in worker threads."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathParameter

from dashboards.api import figures, fleet, planning, present, usual
from dashboards.api.answers import Answer, published
from dashboards.api.documents import answers
from dashboards.api.fleet import FleetQuery
from dashboards.api.house import House
from dashboards.api.query import FigureQuery, Filters, Form, HeatQuery, StatusQuery, UseQuery, once
from dashboards.api.usual import UsualQuery

SiteId = Annotated[str, PathParameter(description="the site's id, as /v1/sites lists it")]


def site_routes(house: House) -> APIRouter:
    """Return what there is and what it is in: sites, spaces, status, sensors."""
    router = APIRouter(prefix="/v1/sites", dependencies=[Depends(once)])

    @router.get("", responses=answers("SITE_COLUMNS"), response_model=None, tags=["the house"])
    @published
    def sites(query: Annotated[Form, Query()]) -> Answer:
        """List the sites."""
        return present.find_sites(house, query)

    @router.get("/{site}", responses=answers("SITE_COLUMNS", site=True), response_model=None, tags=["the house"])
    @published
    def one_site(site: SiteId, query: Annotated[Form, Query()]) -> Answer:
        """Return one site."""
        return present.find_site(house, site, query)

    @router.get(
        "/{site}/spaces", responses=answers("SPACE_COLUMNS", site=True), response_model=None, tags=["the house"]
    )
    @published
    def spaces(site: SiteId, query: Annotated[Filters, Query()]) -> Answer:
        """List the spaces of a site, with their places on the floor plans."""
        return present.find_spaces(house, site, query)

    @router.get(
        "/{site}/status",
        responses=answers("STATUS_COLUMNS", "COUNT_COLUMNS", site=True),
        response_model=None,
        tags=["now and then"],
    )
    @published
    def status(site: SiteId, query: Annotated[StatusQuery, Query()]) -> Answer:
        """Tell what is vacant, in use or unknown, now or at any moment, by space or as counts of a group."""
        return present.find_status(house, site, query)

    @router.get(
        "/{site}/sensors", responses=answers("SENSOR_COLUMNS", site=True), response_model=None, tags=["now and then"]
    )
    @published
    def sensors(site: SiteId, query: Annotated[Form, Query()]) -> Answer:
        """List the sensors: which space each reports on, when it was last heard, whether it is silent."""
        return present.find_sensors(house, site, query)

    @router.get(
        "/{site}/sensors/counts",
        responses=answers("FLEET_COLUMNS", site=True),
        response_model=None,
        tags=["now and then"],
    )
    @published
    def sensor_counts(site: SiteId, query: Annotated[FleetQuery, Query()]) -> Answer:
        """Count the sensors that are silent, or whose battery is low, of each group of spaces."""
        return fleet.find_fleet(house, site, query)

    return router


def figure_routes(house: House) -> APIRouter:
    """Return the figures of a window: utilisation, peaks, heat map."""
    router = APIRouter(prefix="/v1/sites", tags=["figures"], dependencies=[Depends(once)])

    @router.get(
        "/{site}/utilisation", responses=answers("UTILISATION_COLUMNS", site=True, framed=True), response_model=None
    )
    @published
    def utilisation(site: SiteId, query: Annotated[UseQuery, Query()]) -> Answer:
        """Tell how much spaces are used, in each bucket of a window; today's hours unless asked otherwise."""
        return figures.find_utilisation(house, site, query)

    @router.get("/{site}/peaks", responses=answers("PEAK_COLUMNS", site=True, framed=True), response_model=None)
    @published
    def peaks(site: SiteId, query: Annotated[FigureQuery, Query()]) -> Answer:
        """Tell the most that were in use at once in each bucket of a window, and when."""
        return figures.find_peaks(house, site, query)

    @router.get(
        "/{site}/availability", responses=answers("AVAILABILITY_COLUMNS", site=True, framed=True), response_model=None
    )
    @published
    def availability(site: SiteId, query: Annotated[FigureQuery, Query()]) -> Answer:
        """Tell what was left in each bucket: the fewest vacant at once, how long nothing was, time at target."""
        return figures.find_availability(house, site, query)

    @router.get("/{site}/planning", responses=answers(planning.COLUMNS, site=True), response_model=None)
    @published
    def planned(site: SiteId, query: Annotated[planning.PlanningQuery, Query()]) -> Answer:
        """Tell what daily peaks seldom exceed, and how many members share a desk; the last 13 weeks unless told."""
        return planning.find_planning(house, site, query)

    @router.get("/{site}/heatmap", responses=answers("HEAT_COLUMNS", site=True), response_model=None)
    @published
    def heatmap(site: SiteId, query: Annotated[HeatQuery, Query()]) -> Answer:
        """Tell how much spaces are used by weekday and local hour, over a window."""
        return figures.find_heatmap(house, site, query)

    @router.get("/{site}/usual", responses=answers("USUAL_COLUMNS", site=True, framed=True), response_model=None)
    @published
    def usual_day(site: SiteId, query: Annotated[UsualQuery, Query()]) -> Answer:
        """Tell how many spaces are in use in each hour of today, and how many usually are on this weekday."""
        return usual.find_usual(house, site, query)

    return router

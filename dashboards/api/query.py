"""The query parameters of each route: their names, values and defaults, as OpenAPI shows them."""

from collections import Counter
from typing import Annotated, Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from analytics.groups import By
from analytics.levels import Measure
from dashboards.answers import selection
from dashboards.api.problems import wrong_parameters
from spaces.mistakes import shown
from spaces.site import Assignment

Format = Literal["json", "csv", "arrow", "parquet"]
Shape = Literal["long", "wide"]
BucketName = Literal["15m", "1h", "1d", "1w", "auto"]

_TIME = "RFC 3339 with an offset, or epoch milliseconds"


class Form(BaseModel):
    """How an answer is written down."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Annotated[
        Format,
        Field(description="json: meta and rows; csv: the rows alone; arrow (a stream), parquet: both, rows as columns"),
    ] = "json"


class Filters(Form):
    """Which spaces are meant: those that pass every filter given."""

    floor: Annotated[str | None, Field(description="only spaces on this floor (its id); * for all")] = None
    zone: Annotated[str | None, Field(description="only spaces of this zone (its id); * for all")] = None
    kind: Annotated[str | None, Field(description="only spaces of this kind: desk, room, cafe, ...; * for all")] = None
    assignment: Annotated[Assignment | None, Field(description="only fixed or only flexible desks")] = None
    space: Annotated[str | None, Field(description="only this space (its id)")] = None

    def filters(self) -> selection.Filters:
        """Return the filters as answers take them."""
        return selection.Filters(self.floor, self.zone, self.kind, self.assignment, self.space)


class StatusQuery(Filters):
    """Parameters of /status."""

    at: Annotated[str | None, Field(description=f"the moment to show, {_TIME}; now unless given")] = None
    group: Annotated[By, Field(description="space: a row for each space; else counts for each group")] = "space"


class SpanQuery(Filters):
    """A window of time."""

    from_: Annotated[
        str | None,
        Field(alias="from", description=f"begin of the window, {_TIME}; unless given, local midnight of its last day"),
    ] = None
    to: Annotated[str | None, Field(description=f"end of the window (not in it), {_TIME}; now unless given")] = None


class WindowQuery(SpanQuery):
    """A window of time, and what spaces are taken together."""

    group: Annotated[By, Field(description="what is taken together")] = "site"
    shape: Annotated[
        Shape, Field(description="long: a row for each group; wide: a column for each, of the main figure")
    ] = "long"


class FigureQuery(WindowQuery):
    """Parameters of /peaks and /availability."""

    bucket: Annotated[
        BucketName,
        Field(description="length of a bucket; local edges, weeks from Monday; auto: the finest within max_points"),
    ] = "1h"
    max_points: Annotated[int, Field(ge=1, le=100_000, description="with bucket=auto: at most so many buckets")] = 500
    measure: Annotated[Measure, Field(description="count spaces in use, or people; they are never mixed")] = "spaces"


class UseQuery(FigureQuery):
    """Parameters of /utilisation."""

    usage: Annotated[
        bool, Field(description="whether to look for space_usage and held_hours too: the states of every space")
    ] = False


class PlanningQuery(SpanQuery):
    """Parameters of /planning."""

    from_: Annotated[
        str | None,
        Field(alias="from", description="begin of the window, as elsewhere; unless given, 13 weeks before its end"),
    ] = None
    group: Annotated[By, Field(description="what is taken together")] = "site"
    measure: Annotated[Measure, Field(description="count spaces in use, or people; they are never mixed")] = "spaces"


class UsualQuery(Filters):
    """Parameters of /usual."""

    group: Annotated[By, Field(description="what is taken together")] = "site"
    weeks: Annotated[int, Field(ge=1, le=26, description="how many past weeks say what is usual")] = 8


class FleetQuery(Filters):
    """Parameters of /sensors/counts."""

    group: Annotated[Literal["site", "floor", "zone", "kind"], Field(description="what is counted together")] = "floor"


HeatQuery = WindowQuery
"""Parameters of /heatmap."""


async def once(request: Request) -> None:
    """Refuse a parameter that is given twice: whichever were taken, the answer would not be what was meant.

    Raises:
        Problem: 422.
    """
    given = Counter(name for name, _ in request.query_params.multi_items())
    twice = [(shown(name), "is given more than once; one value is taken") for name, count in given.items() if count > 1]
    if twice:
        raise wrong_parameters(twice)

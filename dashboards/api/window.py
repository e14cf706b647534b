"""The window that a request asks for: read, bounded, and widened to bucket edges."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import Bucket, auto_bucket, edges
from dashboards.api.problems import shown, wrong_parameter, wrong_parameters
from dashboards.api.query import FigureQuery, SpanQuery
from dashboards.settings import ApiSettings
from spaces.site import Site
from spaces.times import DAY, Millis, parse_instant, rfc3339, to_datetime

EARLIEST: Millis = 0
LATEST: Millis = 7_258_118_400_000
"""2200-01-01: times beyond are slips, and calendars end somewhere."""
_PLUS = re.compile(r" (?=\d\d:\d\d$)")


class Window(NamedTuple):
    """[start, end) on bucket edges; `edges` are n + 1 UTC ms for n buckets."""

    start: Millis
    end: Millis
    bucket: Bucket
    edges: NDArray[np.int64]


def instant(name: str, text: str) -> Millis:
    """Read the moment that a parameter gives.

    A "+" that was not percent-encoded arrives as a blank; what was meant is plain.

    Raises:
        Problem: 422, with what would be right.
    """
    try:
        moment = parse_instant(_PLUS.sub("+", shown(text.strip())))
    except (ValueError, OverflowError) as error:
        raise wrong_parameter(name, str(error)) from None
    if not EARLIEST <= moment < LATEST:
        raise wrong_parameter(name, f"lies before {rfc3339(EARLIEST)} or after {rfc3339(LATEST)}")
    return moment


def asked(site: Site, query: SpanQuery, now: Millis, settings: ApiSettings) -> tuple[Millis, Millis]:
    """Return the window asked for as it stands, defaults filled in.

    Raises:
        Problem: 422 for times that cannot be read, are the wrong way round or too far apart.
    """
    end = now if query.to is None else instant("to", query.to)
    start = _midnight(site, end - 1) if query.from_ is None else instant("from", query.from_)
    if start >= end:
        raise wrong_parameters([("from", f"{rfc3339(start)} is not before `to`, {rfc3339(end)}")])
    if end - start > settings.most_days * DAY:
        days = -(-(end - start) // DAY)
        raise wrong_parameter(
            "from", f"the window is {days} days long, the limit is {settings.most_days}; ask in several parts"
        )
    return start, end


def resolve(site: Site, query: FigureQuery, now: Millis, settings: ApiSettings) -> Window:
    """Return the window asked for, widened to the edges of its buckets.

    Raises:
        Problem: as `asked`.
    """
    start, end = asked(site, query, now, settings)
    bucket = auto_bucket(site.tz, start, end, query.max_points) if query.bucket == "auto" else query.bucket
    marks = edges(site.tz, start, end, bucket)
    return Window(int(marks[0]), int(marks[-1]), bucket, marks)


def _midnight(site: Site, moment: Millis) -> Millis:
    return site.midnight(to_datetime(moment).astimezone(site.tz).date())

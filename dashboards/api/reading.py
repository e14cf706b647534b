"""Requests read into what answers are asked by: moments, spans, windows and groups of spaces."""

import re

from analytics.groups import By
from dashboards.answers.selection import Grouping, select_groups
from dashboards.answers.windows import Span, Window, cut_into, span_of
from dashboards.api.building import Building
from dashboards.api.problems import wrong_parameter
from dashboards.api.query import FigureQuery, Filters, SpanQuery
from spaces.mistakes import shown
from spaces.site import Site
from spaces.times import Millis, parse_instant, rfc3339

EARLIEST: Millis = 0
LATEST: Millis = 7_258_118_400_000
"""2200-01-01: times beyond are slips, and calendars end somewhere."""
_PLUS = re.compile(r" (?=\d\d:\d\d$)")


def read_instant(name: str, text: str) -> Millis:
    """Read the moment that a parameter gives.

    A "+" that was not percent-encoded arrives as a blank; what was meant is plain.

    Raises:
        Problem: 422, with what would be right.
    """
    try:
        moment = parse_instant(_PLUS.sub("+", shown(text.strip())))
    except (ValueError, OverflowError) as error:
        raise wrong_parameter(name, str(error)) from None
    if not EARLIEST <= moment <= LATEST:
        raise wrong_parameter(name, f"lies before {rfc3339(EARLIEST)} or after {rfc3339(LATEST)}")
    return moment


def read_ends(query: SpanQuery) -> tuple[Millis | None, Millis | None]:
    """Read the ends of the window that is asked for; None where one is not given.

    Raises:
        Problem: 422 for times that cannot be read.
    """
    end = None if query.to is None else read_instant("to", query.to)
    start = None if query.from_ is None else read_instant("from", query.from_)
    return start, end


def read_span(building: Building, site: Site, query: SpanQuery) -> Span:
    """Read the span that is asked for, as it stands.

    Raises:
        Problem: 422 for times that cannot be read.
        AnswerError: they are the wrong way round or too far apart.
    """
    return span_of(site, *read_ends(query), building.now(), building.context.limits)


def read_window(building: Building, site: Site, query: FigureQuery) -> Window:
    """Read the window that is asked for, widened to the edges of its buckets.

    Raises:
        Problem, AnswerError: as `read_span`.
    """
    return cut_into(site, read_span(building, site, query), query.bucket, query.max_points)


def read_groups(site: Site, by: By, query: Filters) -> Grouping:
    """Read what spaces are meant, and what is taken together.

    Raises:
        AnswerError: the site does not know a filter.
    """
    return select_groups(site, by, query.filters())

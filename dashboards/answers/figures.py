"""/utilisation, /peaks, /availability and /heatmap: figures of groups of spaces over a window."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.heatmap import HeatFigures
from analytics.levels import Measure
from dashboards.answers import definitions
from dashboards.answers.answer import Answer, grouped_answer
from dashboards.answers.columns import counts, figures, instants
from dashboards.answers.context import Context
from dashboards.answers.selection import Grouping
from dashboards.answers.usage import usage_figures
from dashboards.answers.windows import Span, Window
from spaces.site import Site

CLOSED, NO_DATA, NOT_YET, NOT_COUNTED, NO_SPACE = "closed", "no data", "not yet", "not counted", "no such space"
_WHOLE = {"spaces", "capacity", "peak", "peak_upper", "sustained", "minimum_surplus", "minimum_surplus_hi"}
Columns = dict[str, Sequence[Any]]


def find_utilisation(  # noqa: PLR0913 - what a figure is over
    context: Context,
    site: Site,
    window: Window,
    grouping: Grouping,
    measure: Measure = "spaces",
    *,
    usage: bool = False,
) -> Answer:
    """Return how much groups of spaces are used, bucket by bucket; with `usage` space usage and held hours too.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    _check(context, window, grouping)
    now, groups = window.span.now, grouping.groups
    used = context.figures.utilisation(site, window.ends, groups, window.edges, now)
    more = usage_figures(context, site, window, groups, asked=usage)
    arrays = {name: more[name] if name in more else getattr(used, name) for name in definitions.UTILISATION_COLUMNS}
    people = measure == "people"
    main = "capacity_utilisation" if people else "utilisation"
    reasons = _reasons(arrays[main], used.open_hours > 0, used.coverage > 0, grouping, window.edges[:-1] >= now)
    columns = _framed(window, grouping, arrays, reasons)
    definition = f"{definitions.CAPACITY_UTILISATION if people else definitions.UTILISATION} {definitions.HELD}"
    return _answer("utilisation", site, window, grouping, columns, main, measure, definition)


def find_peaks(context: Context, site: Site, window: Window, grouping: Grouping, measure: Measure = "spaces") -> Answer:
    """Return the most that were in use at once, bucket by bucket.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    _check(context, window, grouping)
    now = window.span.now
    most = context.figures.peaks(site, window.ends, grouping.groups, window.edges, now, measure)
    arrays = {name: getattr(most, name) for name in definitions.PEAK_COLUMNS}
    people = measure == "people"
    # The coverage of counts is nought both of what nobody counts and of silence: either way nobody was counted.
    known = (most.coverage > 0) | people
    reasons = _reasons(most.peak, ~np.isnan(most.coverage), known, grouping, window.edges[:-1] >= now)
    columns = _framed(window, grouping, arrays, reasons)
    definition = (definitions.PEAK_PEOPLE if people else definitions.PEAK_SPACES) + definitions.SUSTAINED
    return _answer("peaks", site, window, grouping, columns, "peak", measure, definition)


def find_availability(
    context: Context, site: Site, window: Window, grouping: Grouping, measure: Measure = "spaces"
) -> Answer:
    """Return what was left, bucket by bucket.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    _check(context, window, grouping)
    now = window.span.now
    left = context.figures.availability(site, window.ends, grouping.groups, window.edges, now, measure)
    arrays = {name: getattr(left, name) for name in definitions.AVAILABILITY_COLUMNS}
    known = (left.coverage > 0) | (measure == "people")
    reasons = _reasons(left.sold_out, ~np.isnan(left.coverage), known, grouping, window.edges[:-1] >= now)
    columns = _framed(window, grouping, arrays, reasons)
    text = definitions.AVAILABILITY
    return _answer("availability", site, window, grouping, columns, "minimum_surplus", measure, text)


def find_heatmap(context: Context, site: Site, span: Span, grouping: Grouping) -> Answer:
    """Return the week at a glance: weekday by local hour.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    context.check_rows(len(grouping.labels) * 7 * 24)
    week = context.figures.heatmap(site, (span.start, span.end), grouping.groups, span.now)
    columns = _heat_columns(week, grouping)
    meta = _meta(span, "weekday x hour", grouping, "spaces", definitions.HEATMAP)
    return grouped_answer(
        "heatmap", span.now, site, grouping.groups, columns, meta=meta, main="utilisation", keys=("weekday", "hour")
    )


def _check(context: Context, window: Window, grouping: Grouping) -> None:
    context.check_rows(len(grouping.labels) * (len(window.edges) - 1))


def _framed(
    window: Window, grouping: Grouping, arrays: Mapping[str, NDArray[Any]], reasons: NDArray[np.str_]
) -> Columns:
    """Return columns ascending in (time, group) from arrays of shape (groups, buckets)."""
    count, buckets = len(grouping.labels), len(window.edges) - 1
    times = instants(window.edges[:-1])
    partial = (window.edges[1:] > window.span.now).tolist()
    columns: Columns = {
        "time": [time for time in times for _ in range(count)],
        "group": list(grouping.labels) * buckets,
    }
    columns |= {name: _column(name, array.T) for name, array in arrays.items()}
    columns["partial"] = [value for value in partial for _ in range(count)]
    columns["reason"] = [reason or None for reason in reasons.T.ravel().tolist()]
    return columns


def _column(name: str, array: NDArray[Any]) -> Sequence[Any]:
    if name.endswith("_at"):
        return instants(array)
    return counts(array) if name in _WHOLE else figures(array)


def _reasons(
    main: NDArray[np.float64],
    opened: NDArray[np.bool_],
    known: NDArray[np.bool_],
    grouping: Grouping,
    future: NDArray[np.bool_],
) -> NDArray[np.str_]:
    """Say why figures of shape (groups, buckets) are null; "" where they are not."""
    empty = ~np.isin(np.arange(len(grouping.labels)), grouping.groups.of)[:, np.newaxis]
    return np.select(
        [~np.isnan(main), np.broadcast_to(empty, main.shape), np.broadcast_to(future, main.shape), ~opened, ~known],
        ["", NO_SPACE, NOT_YET, CLOSED, NO_DATA],
        NOT_COUNTED,
    )


def _heat_columns(week: HeatFigures, grouping: Grouping) -> Columns:
    """Return columns ascending in (weekday, hour, group) from arrays of shape (groups, 7, 24)."""
    count = len(grouping.labels)
    weekday, hour = np.divmod(np.repeat(np.arange(7 * 24), count), 24)
    names = [name for name in definitions.HEAT_COLUMNS if hasattr(week, name)]
    flat = {name: getattr(week, name).reshape(count, 7 * 24) for name in names}
    never = np.zeros(7 * 24, dtype=bool)
    reasons = _reasons(flat["utilisation"], flat["open_hours"] > 0, flat["known_hours"] > 0, grouping, never)
    return {
        "weekday": weekday.tolist(),
        "hour": hour.tolist(),
        "group": list(grouping.labels) * (7 * 24),
        **{name: figures(array.T) for name, array in flat.items()},
        "reason": [reason or None for reason in reasons.T.ravel().tolist()],
    }


def _answer(  # noqa: PLR0913, PLR0917 - what an answer is made of
    name: str, site: Site, window: Window, grouping: Grouping, columns: Columns, main: str, measure: Measure, text: str
) -> Answer:
    meta = _meta(window.span, window.bucket, grouping, measure, text)
    return grouped_answer(name, window.span.now, site, grouping.groups, columns, meta=meta, main=main)


def _meta(span: Span, bucket: str, grouping: Grouping, measure: Measure, definition: str) -> dict[str, Any]:
    return {
        "disclosure": definitions.DISCLOSURE,
        "window": span.meta,
        "definition": definition,
        "bucket": bucket,
        "measure": measure,
        "group": grouping.by,
    }

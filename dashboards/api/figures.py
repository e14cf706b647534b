"""/utilisation, /peaks, /availability and /heatmap: figures of groups of spaces over a window."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.heatmap import HeatFigures
from dashboards.api import definitions
from dashboards.api.answers import Answer
from dashboards.api.columns import counts, figures, instants, rows
from dashboards.api.house import House, grouped, members
from dashboards.api.problems import Problem
from dashboards.api.query import FigureQuery, HeatQuery, UseQuery
from dashboards.api.usage import usage
from dashboards.api.window import Window, asked, resolve
from spaces.site import Site
from spaces.times import Millis, rfc3339

CLOSED, NO_DATA, NOT_YET, NOT_COUNTED, NO_SPACE = "closed", "no data", "not yet", "not counted", "no such space"
_WHOLE = {"spaces", "capacity", "peak", "peak_upper", "sustained", "minimum_surplus", "minimum_surplus_hi"}
Columns = dict[str, Sequence[Any]]


def find_utilisation(house: House, site_id: str, query: UseQuery) -> Answer:
    """Return how much groups of spaces are used, bucket by bucket."""
    site, now, window, groups = _asked(house, site_id, query)
    found = house.figures.utilisation(site, (window.start, window.end), groups, window.edges, now)
    more = usage(house, site, now, window, groups, asked=query.usage)
    arrays = {name: more[name] if name in more else getattr(found, name) for name in definitions.UTILISATION_COLUMNS}
    people = query.measure == "people"
    main = "capacity_utilisation" if people else "utilisation"
    reasons = _reasons(arrays[main], found.open_hours > 0, found.coverage > 0, groups, window.edges[:-1] >= now)
    columns = _framed(window, now, groups, arrays, reasons)
    definition = f"{definitions.CAPACITY_UTILISATION if people else definitions.UTILISATION} {definitions.HELD}"
    return _answer("utilisation", (site, now, window, groups), query, columns, (main, definition))


def find_peaks(house: House, site_id: str, query: FigureQuery) -> Answer:
    """Return the most that were in use at once, bucket by bucket."""
    site, now, window, groups = _asked(house, site_id, query)
    found = house.figures.peaks(site, (window.start, window.end), groups, window.edges, now, query.measure)
    arrays = {name: getattr(found, name) for name in definitions.PEAK_COLUMNS}
    people = query.measure == "people"
    # The coverage of counts is nought both of what nobody counts and of silence: either way nobody was counted.
    known = (found.coverage > 0) | people
    reasons = _reasons(found.peak, ~np.isnan(found.coverage), known, groups, window.edges[:-1] >= now)
    columns = _framed(window, now, groups, arrays, reasons)
    definition = (definitions.PEAK_PEOPLE if people else definitions.PEAK_SPACES) + definitions.SUSTAINED
    return _answer("peaks", (site, now, window, groups), query, columns, ("peak", definition))


def find_availability(house: House, site_id: str, query: FigureQuery) -> Answer:
    """Return what was left, bucket by bucket."""
    site, now, window, groups = _asked(house, site_id, query)
    found = house.figures.availability(site, (window.start, window.end), groups, window.edges, now, query.measure)
    arrays = {name: getattr(found, name) for name in definitions.AVAILABILITY_COLUMNS}
    known = (found.coverage > 0) | (query.measure == "people")
    opened = ~np.isnan(found.coverage)
    reasons = _reasons(found.sold_out, opened, known, groups, window.edges[:-1] >= now)
    columns = _framed(window, now, groups, arrays, reasons)
    main = ("minimum_surplus", definitions.AVAILABILITY)
    return _answer("availability", (site, now, window, groups), query, columns, main)


def find_heatmap(house: House, site_id: str, query: HeatQuery) -> Answer:
    """Return the week at a glance: weekday by local hour."""
    site, now = house.site(site_id), house.now()
    start, end = asked(site, query, now, house.settings)
    groups = grouped(site, query.group, query)
    bounded(len(groups.labels) * 7 * 24, house)
    columns = _heat_columns(house.figures.heatmap(site, (start, end), groups, now), groups)
    return Answer(
        name="heatmap",
        now=now,
        site=site,
        columns=tuple(columns),
        rows=rows(columns),
        by="group",
        members=members(site, groups),
        meta=_meta(
            (start, end),
            definition=definitions.HEATMAP,
            bucket="weekday x hour",
            measure="spaces",
            group=query.group,
        ),
        format=query.format,
        shape=query.shape,
        main="utilisation",
        keys=("weekday", "hour"),
    )


Asked = tuple[Site, Millis, Window, Groups]


def _asked(house: House, site_id: str, query: FigureQuery) -> Asked:
    site, now = house.site(site_id), house.now()
    groups = grouped(site, query.group, query)
    window = resolve(site, query, now, house.settings)
    bounded(len(groups.labels) * (len(window.edges) - 1), house)
    return site, now, window, groups


def bounded(count: int, house: House) -> None:
    """Refuse an answer of too many rows.

    Raises:
        Problem: 422, with the limit and what would be less.
    """
    most = house.settings.most_rows
    if count > most:
        hint = "ask for longer buckets, fewer groups or less time"
        detail = f"The answer would have {count} rows, the limit is {most}; {hint}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, wrong=[("bucket", detail)])


def _framed(
    window: Window, now: Millis, groups: Groups, arrays: Mapping[str, NDArray[Any]], reasons: NDArray[np.str_]
) -> Columns:
    """Return columns ascending in (time, group) from arrays of shape (groups, buckets)."""
    count, buckets = len(groups.labels), len(window.edges) - 1
    times = instants(window.edges[:-1])
    partial = (window.edges[1:] > now).tolist()
    columns: Columns = {
        "time": [time for time in times for _ in range(count)],
        "group": list(groups.labels) * buckets,
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
    groups: Groups,
    future: NDArray[np.bool_],
) -> NDArray[np.str_]:
    """Say why figures of shape (groups, buckets) are null; "" where they are not."""
    empty = ~np.isin(np.arange(len(groups.labels)), groups.of)[:, np.newaxis]
    return np.select(
        [~np.isnan(main), np.broadcast_to(empty, main.shape), np.broadcast_to(future, main.shape), ~opened, ~known],
        ["", NO_SPACE, NOT_YET, CLOSED, NO_DATA],
        NOT_COUNTED,
    )


def _heat_columns(found: HeatFigures, groups: Groups) -> Columns:
    """Return columns ascending in (weekday, hour, group) from arrays of shape (groups, 7, 24)."""
    count = len(groups.labels)
    weekday, hour = np.divmod(np.repeat(np.arange(7 * 24), count), 24)
    names = [name for name in definitions.HEAT_COLUMNS if hasattr(found, name)]
    flat = {name: getattr(found, name).reshape(count, 7 * 24) for name in names}
    never = np.zeros(7 * 24, dtype=bool)
    reasons = _reasons(flat["utilisation"], flat["open_hours"] > 0, flat["known_hours"] > 0, groups, never)
    return {
        "weekday": weekday.tolist(),
        "hour": hour.tolist(),
        "group": list(groups.labels) * (7 * 24),
        **{name: figures(array.T) for name, array in flat.items()},
        "reason": [reason or None for reason in reasons.T.ravel().tolist()],
    }


def _answer(name: str, found: Asked, query: FigureQuery, columns: Columns, main: tuple[str, str]) -> Answer:
    site, now, window, groups = found
    return Answer(
        name=name,
        now=now,
        site=site,
        columns=tuple(columns),
        rows=rows(columns),
        by="group",
        members=members(site, groups),
        meta=_meta(
            (window.start, window.end),
            definition=main[1],
            bucket=window.bucket,
            measure=query.measure,
            group=query.group,
        ),
        format=query.format,
        shape=query.shape,
        main=main[0],
    )


def _meta(window: tuple[Millis, Millis], **more: str) -> dict[str, Any]:
    start, end = window
    return {"disclosure": definitions.DISCLOSURE, "window": {"from": rfc3339(start), "to": rfc3339(end)}, **more}

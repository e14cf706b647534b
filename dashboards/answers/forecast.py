"""The next two weeks by the hour, and the quiet times in them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges, local_hours
from analytics.forecast import (
    FEWEST_WEEKS,
    HORIZON,
    MEDIAN_WEEKS,
    SHARE,
    Forecast,
    by_local_hours,
    quiet_stretches,
)
from analytics.groups import Groups
from analytics.opentime import inside_open_time
from analytics.privacy.disclosure import policy_for
from analytics.spacestates import SpaceStates
from analytics.utilisation import ratio, summed
from dashboards.answers import definitions
from dashboards.answers.answer import Answer, grouped_answer
from dashboards.answers.columns import counts, figures, instants
from dashboards.answers.context import Context
from dashboards.answers.forecasting import Forecasts, local_day, local_days, midnight
from dashboards.answers.selection import Grouping, members
from spaces.readings import UNKNOWN
from spaces.site import Site
from spaces.times import Millis, rfc3339

Figures = NDArray[np.float64]
DEFINITION = (
    f"The forecast of an hour is the median number of spaces in use at that weekday and hour over the last"
    f" {MEDIAN_WEEKS} weeks, as far as they are known. lo and hi would have held {SHARE:.0%} of what such forecasts met"
    f" over the last twelve weeks; with less than {FEWEST_WEEKS} weeks of history there are none."
)
COLUMNS: Mapping[str, str] = {
    "time": "begin of the hour, UTC, RFC 3339",
    "group": definitions.TIME_COLUMNS["group"],
    "median": "spaces in use on average over the hour, forecast",
    "lo": f"lower end of the interval that is meant to hold {SHARE:.0%} of what comes",
    "hi": "its upper end",
    "capacity": "spaces of the group that are open then",
    "reason": f"why median is null: closed or no data; or lo and hi: under {FEWEST_WEEKS} weeks; null where none is",
}
QUIET_DAYS, QUIETEST = 7, 3
"""The best times are looked for in the next days, and so many are told."""
CLOSED, NO_DATA, TOO_SHORT, TOO_FEW = "closed", "no data", f"under {FEWEST_WEEKS} weeks", "too few past days"


class _Ahead(NamedTuple):
    """The hours to come: their edges, the day (0 = today) and local hour of each, and the open spaces of each group."""

    marks: NDArray[np.int64]
    day: NDArray[np.intp]
    hour: NDArray[np.intp]
    capacity: Figures


def find_forecast(context: Context, forecasts: Forecasts, site: Site, grouping: Grouping, stay: int = 3) -> Answer:
    """Return the next two weeks, hour by hour, and the best times for a stay of so many hours.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    now, groups = context.now(), grouping.groups
    context.check_groups(len(groups.labels) * HORIZON * 24)
    origin = midnight(site, now, 0)
    ahead = _ahead(site, groups, now, origin)
    likely = _open(forecasts.read(site, groups, origin), ahead)
    hidden = policy_for(site, "group", members(site, groups)).hidden
    shown = [number for number, label in enumerate(groups.labels) if label not in hidden]
    columns = _columns(groups, likely, ahead)
    return grouped_answer(
        "forecast",
        now,
        site,
        groups,
        columns,
        meta={
            "definition": DEFINITION,
            "disclosure": definitions.DISCLOSURE,
            "window": {"from": rfc3339(int(ahead.marks[0])), "to": rfc3339(int(ahead.marks[-1]))},
            "bucket": "1h",
            "measure": "spaces",
            "group": grouping.by,
            "share": SHARE,
            "weeks": {groups.labels[number]: int(likely.weeks[number]) for number in shown},
            "stay": stay,
            "best": [best for number in shown for best in _best(groups.labels[number], number, likely, ahead, stay)],
        },
    )


def _ahead(site: Site, groups: Groups, now: Millis, origin: Millis) -> _Ahead:
    marks = edges(site.tz, now, midnight(site, origin, HORIZON), "1h")
    window = int(marks[0]), int(marks[-1])
    spaces = np.arange(len(site.spaces), dtype=np.int32)
    blank = SpaceStates(
        tuple(space.id for space in site.spaces),
        window,
        spaces,
        np.full(len(spaces), window[0], dtype=np.int64),
        np.full(len(spaces), window[1], dtype=np.int64),
        np.full(len(spaces), UNKNOWN, dtype=np.int8),
        np.full(len(spaces), UNKNOWN, dtype=np.int32),
    )
    sums = summed(inside_open_time(site, blank, groups, marks), groups, marks)
    day = local_days(site, marks[:-1]) - local_day(site, origin)
    return _Ahead(marks, day, local_hours(site.tz, marks[:-1]) % 24, ratio(sums.open, sums.any_open))


def _open(found: Forecast, ahead: _Ahead) -> Forecast:
    """Return a forecast of the open hours to come alone, with no more in use than there is."""
    capacity = by_local_hours(ahead.capacity, ahead.day, ahead.hour, HORIZON)
    return replace(found, **{name: np.minimum(getattr(found, name), capacity) for name in ("median", "lo", "hi")})


def _columns(groups: Groups, found: Forecast, ahead: _Ahead) -> dict[str, Any]:
    """Return columns ascending in (time, group)."""
    median, low, high = (part[:, ahead.day, ahead.hour] for part in (found.median, found.lo, found.hi))
    reason = np.select(
        [
            np.isnan(ahead.capacity),
            np.isnan(median),
            np.broadcast_to(found.weeks[:, None] < FEWEST_WEEKS, median.shape),
            np.isnan(high),
        ],
        [CLOSED, NO_DATA, TOO_SHORT, TOO_FEW],
        "",
    )
    count, hours = len(groups.labels), len(ahead.day)
    return {
        "time": [time for time in instants(ahead.marks[:-1]) for _ in range(count)],
        "group": list(groups.labels) * hours,
        "median": figures(median.T),
        "lo": figures(low.T),
        "hi": figures(high.T),
        "capacity": counts(np.nan_to_num(ahead.capacity).T),
        "reason": [text or None for text in reason.T.ravel().tolist()],
    }


def _best(label: str, group: int, found: Forecast, ahead: _Ahead, stay: int) -> Iterator[dict[str, Any]]:
    """Yield the quietest stretches of the next days, the quietest (by share of what is open) first."""
    soon = replace(found, **{name: getattr(found, name)[:, :QUIET_DAYS] for name in ("median", "lo", "hi")})
    seats = by_local_hours(ahead.capacity[[group]], ahead.day, ahead.hour, HORIZON)[0, :QUIET_DAYS]
    for day, hour, share in quiet_stretches(soon, group, seats, stay)[:QUIETEST]:
        inside = (ahead.day == day) & (ahead.hour >= hour) & (ahead.hour < hour + stay)
        first, last = np.flatnonzero(inside)[[0, -1]].tolist()
        high = soon.hi[group, day, hour : hour + stay]
        yield {
            "group": label,
            "from": rfc3339(int(ahead.marks[first])),
            "to": rfc3339(int(ahead.marks[last + 1])),
            "median": round(float(soon.median[group, day, hour : hour + stay].max()), 2),
            "hi": None if np.isnan(high).any() else round(float(high.max()), 2),
            "capacity": round(float(np.nanmin(ahead.capacity[group, inside])), 2),
            "share": round(share, 4),
        }

"""/usual: today, hour by hour, beside what is usual on this weekday."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges, local_hours
from analytics.groups import Groups
from analytics.usual import usual
from dashboards.answers import definitions
from dashboards.answers.answer import Answer, grouped_answer
from dashboards.answers.columns import counts, figures, instants
from dashboards.answers.context import Context
from dashboards.answers.errors import wrong_argument
from dashboards.answers.selection import Grouping
from spaces.site import Site
from spaces.times import DAY, Millis, rfc3339, to_datetime

ENOUGH = 0.5
"""Share of an hour that must be known for it to count as one of the past days."""


class _Day(NamedTuple):
    """One local day: its hours' edges, and figures of shape (groups, hours)."""

    marks: NDArray[np.int64]
    average: NDArray[np.float64]
    coverage: NDArray[np.float64]


def find_usual(context: Context, site: Site, grouping: Grouping, weeks: int = 8) -> Answer:
    """Return how many spaces are in use in each hour of today, and how many usually are, by so many past weeks.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    now, groups = context.now(), grouping.groups
    if len(groups.labels) * 25 > context.limits.most_rows:
        raise wrong_argument("group", "has more groups than one answer may hold; take larger ones")
    today = _day(context, site, groups, now, 0)
    past = np.full((weeks, len(groups.labels), 24), np.nan)
    for week in range(weeks):
        _place(site, _day(context, site, groups, now, week + 1), past[week])
    columns = _columns(site, now, groups, today, past)
    return grouped_answer(
        "usual",
        now,
        site,
        groups,
        columns,
        meta={
            "definition": definitions.USUAL,
            "disclosure": definitions.DISCLOSURE,
            "window": {"from": rfc3339(int(today.marks[0])), "to": rfc3339(int(today.marks[-1]))},
            "bucket": "1h",
            "measure": "spaces",
            "group": grouping.by,
        },
    )


def _day(context: Context, site: Site, groups: Groups, now: Millis, weeks: int) -> _Day:
    """Return the same local weekday, so many weeks ago."""
    noon = to_datetime(now).astimezone(site.tz).replace(hour=12, minute=0, second=0, microsecond=0)
    middle = int(noon.timestamp()) * 1000 - weeks * 7 * DAY
    start, end = edges(site.tz, middle, middle + 1, "1d").tolist()
    marks = edges(site.tz, start, end, "1h")
    found = context.figures.utilisation(site, (start, end), groups, marks, now)
    return _Day(marks, found.average_occupancy, found.coverage)


def _place(site: Site, day: _Day, past: NDArray[np.float64]) -> None:
    """Write a day's hours where its clock showed them; of a repeated hour the second counts."""
    hours = local_hours(site.tz, day.marks[:-1]) % 24
    past[:, hours] = np.where(day.coverage >= ENOUGH, day.average, np.nan)


def _columns(
    site: Site, now: Millis, groups: Groups, today: _Day, past: NDArray[np.float64]
) -> dict[str, Sequence[Any]]:
    """Return columns ascending in (time, group)."""
    hours = local_hours(site.tz, today.marks[:-1]) % 24
    found = usual(past)
    count, buckets = len(groups.labels), len(hours)
    wide = {
        "average_occupancy": today.average,
        "usual_lo": found.lo[:, hours],
        "usual": found.median[:, hours],
        "usual_hi": found.hi[:, hours],
        "coverage": today.coverage,
    }
    known = ~np.isnan(found.median[:, hours])
    spaces = np.bincount(groups.of[groups.of >= 0], minlength=count).astype(np.float64)
    return {
        "time": [time for time in instants(today.marks[:-1]) for _ in range(count)],
        "group": list(groups.labels) * buckets,
        **{name: figures(array.T) for name, array in wide.items()},
        "days": counts(found.days[:, hours].T.astype(np.float64)),
        "spaces": counts(np.tile(spaces, buckets)),
        "partial": [bool(value) for value in today.marks[1:] > now for _ in range(count)],
        "reason": [None if value else "too few days" for value in known.T.ravel().tolist()],
    }

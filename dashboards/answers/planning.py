"""/planning: what daily peaks seldom exceed, and how many members share a desk."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.levels import Measure
from analytics.peaks import PeakFigures
from analytics.planning import NO_DATA, PlanningFigures, planning
from analytics.privacy.disclosure import policy_for
from analytics.seats import Seats
from analytics.sharing import sharing
from analytics.sizing.days import OpenDays
from dashboards.answers import definitions
from dashboards.answers.answer import Answer, grouped_answer
from dashboards.answers.columns import counts, figures
from dashboards.answers.context import Context, Limits
from dashboards.answers.figures import CLOSED, NO_SPACE, NOT_COUNTED, NOT_YET
from dashboards.answers.selection import Grouping, members
from dashboards.answers.windows import Span, span_of
from spaces.site import Site
from spaces.times import DAY, Millis, to_datetime

UNASKED: Millis = 91 * DAY
"""The window unless one is asked for: thirteen weeks, which hold enough days for an upper bound."""
_TAIL: Millis = 2 * DAY
"""An opening that begins in a window may end so long after it."""
DEFINITION = (
    "Planning peak: the 95th percentile of daily peaks over all open days, and over the busiest weekday, as order"
    " statistics. A day belongs to the date on which it opens; it counts if it is past and what was unknown leaves its"
    " peak open by at most 10 percent of capacity. upper bounds the percentile with 95 percent confidence, which takes"
    " at least 59 days. Sharing ratio: members / desks of a pool."
)
COLUMNS: Mapping[str, str] = {
    "group": definitions.TIME_COLUMNS["group"],
    "planning_peak": "the daily peak that 95 percent of the days do not exceed: the ceil(0.95 k)-th smallest of k",
    "p90": "the same for 90 percent",
    "busiest_weekday": "the weekday with the highest mean daily peak, 0 = Monday to 6 = Sunday",
    "busiest_planning_peak": "the planning peak of that weekday alone",
    "busiest_p90": "the same for 90 percent",
    "days": "days that count",
    "days_left_out": "open days that do not; meta lists them with the reason",
    "upper": "upper 95 % confidence bound of the planning peak; null below 59 days",
    "capacity": "what peaks compare with: spaces of the group, or its seats in force at the end of the window",
    "members": "members of the pool at the end of the window; null unless the group's desks are one whole pool",
    "sharing_ratio": "members a desk of the pool",
    "desks_per_member": "desks of the pool a member",
    "reason": "why the planning peak is null: closed, no data, too much unknown, not yet; null where it is not",
}


class _Asked(NamedTuple):
    site: Site
    span: Span
    groups: Groups
    days: OpenDays
    people: bool

    @property
    def now(self) -> Millis:
        """The moment of the answer."""
        return self.span.now

    @property
    def last(self) -> Millis:
        """The last moment of the window that is past, or its first where none is."""
        return max(min(self.span.end, self.now) - 1, self.span.start)


def planning_span(site: Site, start: Millis | None, end: Millis | None, now: Millis, limits: Limits) -> Span:
    """Return the span that peaks are planned by: unless given, it begins `UNASKED` before its end.

    Raises:
        AnswerError: as `span_of`.
    """
    if start is None:
        start = max(span_of(site, None, end, now, limits).end - UNASKED, 0)
    return span_of(site, start, end, now, limits)


def find_planning(context: Context, site: Site, span: Span, grouping: Grouping, measure: Measure = "spaces") -> Answer:
    """Return the planning peaks of groups over the open days of a span, which is widened to whole local days.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    span = span.widened(site, "1d")
    days = _days(context, site, grouping.groups, span)
    context.check_rows(len(grouping.labels) * max(len(days), 1))
    ask = _Asked(site, span, grouping.groups, days, measure == "people")
    peaks = planning(_daily(context, ask), days.weekday, days.closes <= span.now)
    columns = _columns(ask, peaks)
    return grouped_answer(
        "planning",
        span.now,
        site,
        grouping.groups,
        columns,
        meta={
            "definition": DEFINITION,
            "disclosure": definitions.DISCLOSURE,
            "window": span.meta,
            "bucket": "1d",
            "measure": measure,
            "group": grouping.by,
            "left_out": _left_out(ask, peaks),
        },
    )


def _days(context: Context, site: Site, groups: Groups, span: Span) -> OpenDays:
    """Return the days that open in a window, local midnights, of any of the grouped spaces."""
    spaces = [space for space, group in zip(site.spaces, groups.of.tolist(), strict=True) if group >= 0]
    days = context.days.of(site, spaces, span.start, span.end + _TAIL)
    last = to_datetime(span.end - 1).astimezone(site.tz).date().toordinal()
    return days.only(days.date <= last)


def _daily(context: Context, ask: _Asked) -> PeakFigures:
    """Return the peaks of the open days: a night that follows one, in which nothing is open, is counted to it."""
    marks = np.append(ask.days.opens, ask.days.closes[-1:]) if len(ask.days) else np.array([ask.span.start])
    measure: Measure = "people" if ask.people else "spaces"
    window = int(marks[0]), int(marks[-1])
    return context.figures.peaks(ask.site, window, ask.groups, marks, ask.now, measure)


def _columns(ask: _Asked, found: PlanningFigures) -> dict[str, Any]:
    shared = sharing(ask.site, ask.groups, ask.last)
    whole = ("planning_peak", "p90", "busiest_weekday", "busiest_planning_peak", "busiest_p90")
    return {
        "group": list(ask.groups.labels),
        **{name: counts(getattr(found, name)) for name in whole},
        "days": found.days.tolist(),
        "days_left_out": found.days_left_out.tolist(),
        "upper": counts(found.upper),
        "capacity": _capacity(ask).tolist(),
        "members": counts(shared.members),
        "sharing_ratio": figures(shared.sharing_ratio),
        "desks_per_member": figures(shared.desks_per_member),
        "reason": _reasons(ask, found),
    }


def _capacity(ask: _Asked) -> NDArray[np.int64]:
    count = len(ask.groups.labels)
    if ask.people:
        seats = Seats.within(ask.site, (ask.span.start, ask.span.end))
        return seats.of_groups(ask.groups, np.full((count, 1), ask.last))[:, 0]
    return np.bincount(ask.groups.of[ask.groups.of >= 0], minlength=count)


def _reasons(ask: _Asked, found: PlanningFigures) -> list[str | None]:
    """Say why there is no planning peak: the commonest reason for which days were left out, if any were."""
    ahead = len(ask.days) > 0 and ask.days.closes[-1] > ask.now
    reasons: list[str | None] = []
    for group, days in enumerate(found.days.tolist()):
        mine = [_said(ask, one.reason) for one in found.left_out if one.group == group]
        if days:
            reasons.append(None)
        elif not np.any(ask.groups.of == group):
            reasons.append(NO_SPACE)
        else:
            reasons.append(max(mine, key=mine.count) if mine else NOT_YET if ahead else CLOSED)
    return reasons


def _said(ask: _Asked, reason: str) -> str:
    return NOT_COUNTED if ask.people and reason == NO_DATA else reason


def _left_out(ask: _Asked, found: PlanningFigures) -> list[dict[str, str]]:
    """List the days left out of the groups that are shown: whether one counts hangs on its use."""
    labels = ask.groups.labels
    hidden = policy_for(ask.site, "group", members(ask.site, ask.groups)).hidden
    return [
        {
            "group": labels[group],
            "date": date.fromordinal(int(ask.days.date[day])).isoformat(),
            "reason": _said(ask, reason),
        }
        for group, day, reason in found.left_out
        if labels[group] not in hidden
    ]

"""How many desks, by what was measured, and for other numbers of members."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from analytics.groups import Groups
from analytics.privacy.disclosure import Row
from analytics.sizing.demand import Pool, pool_of
from analytics.sizing.history import whole_weeks
from analytics.sizing.told import COLUMNS, DEFINITION, frame, no_rows, rows, summary, why_nothing
from dashboards.answers import definitions
from dashboards.answers.answer import Answer
from dashboards.answers.context import Context, Limits
from dashboards.answers.errors import wrong_argument
from dashboards.answers.histories import Histories
from dashboards.answers.pools import why_hidden
from dashboards.answers.windows import Span, span_of
from spaces.site import Site, Space
from spaces.times import DAY, Millis, to_datetime

WEEKS = 52
"""Looked back over unless told otherwise."""


class Wish(NamedTuple):
    """What is sized: a pool of desks, for so many members (None: those there are), to a target in days a month."""

    pool: Pool = "flexible"
    members: int | None = None
    target: float = 1.0


def sizing_span(site: Site, start: Millis | None, end: Millis | None, now: Millis, limits: Limits) -> Span:
    """Return the whole local days that are past, of a year unless asked otherwise; of none the end is the start.

    Narrowed to whole weeks already here, so that what happens today does not touch what is kept.

    Raises:
        AnswerError: as `span_of`.
    """
    end = now if end is None else end
    start = max(end - WEEKS * 7 * DAY, 0) if start is None else start
    span = span_of(site, start, end, now, limits)
    begin = site.midnight(_local(site, span.start - 1) + timedelta(days=1))
    return Span(*whole_weeks(site, (begin, max(begin, site.midnight(_local(site, min(span.end, now)))))), now)


def find_sizing(  # noqa: PLR0913, PLR0917 - what a pool is sized by
    context: Context, histories: Histories, site: Site, span: Span, groups: Groups, wish: Wish
) -> Answer:
    """Return the shortage curve of the pool's desks among some spaces, by a span of `sizing_span`.

    Raises:
        AnswerError: it cannot be scaled to so many members, or would have too many rows.
        StoreError: the store cannot be read.
    """
    among = [space for space, group in zip(site.spaces, groups.of.tolist(), strict=True) if group >= 0]
    desks = pool_of(site, wish.pool, among)
    listed, meta = _size(context, histories, site, desks, span, wish)
    return Answer(
        name="sizing",
        now=span.now,
        site=site,
        columns=tuple(COLUMNS),
        rows=listed,
        by="group",
        members={wish.pool: desks},
        meta={
            "definition": DEFINITION,
            "disclosure": definitions.DISCLOSURE,
            "window": span.meta,
            "measure": "spaces",
            **meta,
        },
    )


def _size(  # noqa: PLR0913, PLR0917 - what a pool is sized by
    context: Context, histories: Histories, site: Site, desks: Sequence[Space], span: Span, wish: Wish
) -> tuple[Iterator[Row], dict[str, Any]]:
    """Return rows and what stands beside them: that too says nothing of desks whose rows are hidden."""
    pool = wish.pool
    reason = why_hidden(site, pool, desks)
    if reason is None and not desks:
        reason = f"{site.id} has no {pool} desks with a sensor among those asked for"
        return iter(()), {"pool": pool, "installed": 0, "headline": reason, "reason": reason}
    if reason is not None:
        return iter([_hidden(pool)]), {"pool": pool, "headline": reason, "reason": reason}
    measured = histories.measure(site, pool, desks, (span.start, span.end))
    meta = frame(measured.history)
    why = "not yet" if span.start >= span.end else why_nothing(measured.history)
    if why is not None:
        return no_rows(measured.history, why), {
            **meta,
            "headline": f"Nothing is known of these days: {why}.",
            "reason": why,
        }
    try:
        sized = measured.size(wish.members)
    except ValueError as error:
        raise wrong_argument("members", str(error)) from None
    most = context.limits.most_rows
    if sized.desks > most:
        raise wrong_argument("pool", f"the answer would have {sized.desks} rows, the limit is {most}; ask by zone")
    return rows(sized), {**meta, **summary(sized, wish.target)}


def _hidden(pool: Pool) -> Row:
    return {**dict.fromkeys(COLUMNS), "group": pool}


def _local(site: Site, moment: Millis) -> date:
    return to_datetime(moment).astimezone(site.tz).date()

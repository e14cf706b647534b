"""/sizing: how many desks, by what was measured, and for other numbers of members."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from analytics.groups import group_spaces
from analytics.privacy.disclosure import Row, policy_for
from analytics.sizing.days import open_days, stretches
from analytics.sizing.demand import Pool, demand, join_demand, no_demand, pool_of
from analytics.sizing.history import History, history, whole_weeks
from analytics.sizing.sizing import Sizing, size
from analytics.sizing.told import COLUMNS, DEFINITION, frame, no_rows, rows, summary, why_nothing
from analytics.spacestates import reach
from dashboards.api import definitions
from dashboards.api.answers import Answer, published
from dashboards.api.documents import answers
from dashboards.api.house import House, filters
from dashboards.api.problems import wrong_parameter
from dashboards.api.query import SpanQuery, once
from dashboards.api.recent import keep
from dashboards.api.routes import SiteId
from dashboards.api.window import asked, instant
from spaces.site import Site, Space
from spaces.times import DAY, Millis, rfc3339, to_datetime

WEEKS = 52
"""Looked back over unless told otherwise."""
KEPT = 8
"""Histories in memory: a page's sliders ask again and again of one."""
KEPT_SIZED = 32
"""Sizings of a history in memory."""


class SizingQuery(SpanQuery):
    """Parameters of /sizing."""

    from_: Annotated[
        str | None,
        Field(alias="from", description=f"begin of the history; unless given, {WEEKS} weeks before its end"),
    ] = None
    pool: Annotated[Pool, Field(description="which desks: each pool is sized by itself")] = "flexible"
    members: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="for so many members of the pool in place of those there are")
    ] = None
    target: Annotated[
        float, Field(ge=0, le=31, description="days a month on which somebody may be 15 minutes without a desk")
    ] = 1.0


Key = tuple[str, Pool, tuple[str, ...], Millis, Millis]
Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A history, what shaped it, and what was made of it: sizings by number of members."""

    site: Site
    stamp: Stamp
    history: History
    sized: OrderedDict[int | None, Sizing] = field(default_factory=OrderedDict)


class Histories:
    """Histories of pools in memory, found again while site file and readings are the same. Thread-safe.

    Whoever computes for a site holds its lock: others wait for what they would compute too.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self._lock = threading.Lock()
        self._of_site: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._kept: OrderedDict[Key, Known] = OrderedDict()

    def of(self, site: Site, pool: Pool, desks: Sequence[Space], window: tuple[Millis, Millis]) -> Known:
        """Return what is known of some desks over a window of whole local days.

        Raises:
            StoreError: the store cannot be read.
        """
        key = site.id, pool, tuple(desk.id for desk in desks), *window
        with self._turn(site):
            stamp = self._stamp(site, window)
            known = self._kept.get(key)
            if known is None or known.stamp != stamp or (known.site is not site and known.site != site):
                known = Known(site, stamp, self._measured(site, pool, desks, window))
            with self._lock:
                keep(self._kept, key, known, KEPT)
            return known

    def sized(self, known: Known, members: int | None) -> Sizing:
        """Return the sizing of a history for so many members, None for those there are.

        Raises:
            ValueError: it cannot be scaled to them.
        """
        with self._turn(known.site):
            found = known.sized[members] if members in known.sized else size(known.history, members=members)
            keep(known.sized, members, found, KEPT_SIZED)
            return found

    def _turn(self, site: Site) -> threading.Lock:
        with self._lock:
            return self._of_site[site.id]

    def _stamp(self, site: Site, window: tuple[Millis, Millis]) -> Stamp:
        before, after = reach(site)
        days = range((window[0] - before) // DAY, (window[1] + after) // DAY + 1)
        return tuple(self.house.live.generation(site.id, day) for day in days)

    def _measured(self, site: Site, pool: Pool, desks: Sequence[Space], window: tuple[Millis, Millis]) -> History:
        now = self.house.now()
        days = open_days(site, desks, *window)
        parts = [no_demand(days, len(desks))]
        for start, end in stretches(days):
            states = self.house.states.over(site, start, end, now)
            assert states is not None  # the window is past
            parts.append(demand(site, states, desks, days))
        return history(site, pool, join_demand(parts), window)


def sizing_routes(house: House) -> APIRouter:
    """Return how many desks are needed."""
    router = APIRouter(prefix="/v1/sites", tags=["figures"], dependencies=[Depends(once)])
    histories = Histories(house)

    @router.get("/{site}/sizing", responses=answers(COLUMNS, site=True), response_model=None)
    @published
    def sizing(site: SiteId, query: Annotated[SizingQuery, Query()]) -> Answer:
        """Tell what any number of desks would have meant; a year back unless asked otherwise."""
        return find_sizing(house, histories, site, query)

    return router


def find_sizing(house: House, histories: Histories, site_id: str, query: SizingQuery) -> Answer:
    """Return the shortage curve of a pool of desks."""
    site, now = house.site(site_id), house.now()
    desks = _desks(site, query)
    window = _window(house, site, query, now)
    found, meta = _found(histories, site, desks, window, query)
    return Answer(
        name="sizing",
        now=now,
        site=site,
        columns=tuple(COLUMNS),
        rows=found,
        by="group",
        members={query.pool: desks},
        meta={
            "definition": DEFINITION,
            "disclosure": definitions.DISCLOSURE,
            "window": {"from": rfc3339(window[0]), "to": rfc3339(window[1])},
            "measure": "spaces",
            **meta,
        },
        format=query.format,
    )


def _found(
    histories: Histories, site: Site, desks: Sequence[Space], window: tuple[Millis, Millis], query: SizingQuery
) -> tuple[Iterator[Row], dict[str, Any]]:
    """Return rows and what stands beside them: that too says nothing of desks whose rows are hidden."""
    reason = policy_for(site, "group", {query.pool: desks}).hidden.get(query.pool)
    if reason is None and not desks:
        reason = f"{site.id} has no {query.pool} desks with a sensor among those asked for"
        return iter(()), {"pool": query.pool, "installed": 0, "headline": reason, "reason": reason}
    if reason is not None:
        return iter([_hidden(query.pool)]), {"pool": query.pool, "headline": reason, "reason": reason}
    known = histories.of(site, query.pool, desks, window)
    meta = frame(known.history)
    why = "not yet" if window[0] >= window[1] else why_nothing(known.history)
    if why is not None:
        return no_rows(known.history, why), {
            **meta,
            "headline": f"Nothing is known of these days: {why}.",
            "reason": why,
        }
    try:
        sized = histories.sized(known, query.members)
    except ValueError as error:
        raise wrong_parameter("members", str(error)) from None
    most = histories.house.settings.most_rows
    if sized.desks > most:
        raise wrong_parameter("pool", f"the answer would have {sized.desks} rows, the limit is {most}; ask by zone")
    return rows(sized), {**meta, **summary(sized, query.target)}


def _hidden(pool: Pool) -> Row:
    return {**dict.fromkeys(COLUMNS), "group": pool}


def _desks(site: Site, query: SizingQuery) -> list[Space]:
    groups = group_spaces(site, "site", **filters(site, query))
    among = [space for space, group in zip(site.spaces, groups.of.tolist(), strict=True) if group >= 0]
    return pool_of(site, query.pool, among)


def _window(house: House, site: Site, query: SizingQuery, now: Millis) -> tuple[Millis, Millis]:
    """Return the whole local days of the window asked for that are past; of none the end is the start.

    Narrowed to whole weeks already here, so that what happens today does not touch what is kept.
    """
    end = now if query.to is None else instant("to", query.to)
    if query.from_ is None:
        query = query.model_copy(update={"from_": str(max(end - WEEKS * 7 * DAY, 0))})
    start, end = asked(site, query, now, house.settings)
    begin = site.midnight(_local(site, start - 1) + timedelta(days=1))
    return whole_weeks(site, (begin, max(begin, site.midnight(_local(site, min(end, now))))))


def _local(site: Site, moment: Millis) -> date:
    return to_datetime(moment).astimezone(site.tz).date()

"""/sessions, /sessions/dwell and /sessions/bridges: how long spaces are used at a time, and how often a day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from analytics.dwell import BRIDGES, DwellFigures, dwell, survivals
from analytics.groups import By, Groups
from analytics.privacy.blocks import FEWEST, is_own
from analytics.privacy.disclosure import Row
from analytics.sessions import DESK_BRIDGE, ROOM_BRIDGE, Sessions, sessions
from dashboards.api import definitions
from dashboards.api.answers import Answer
from dashboards.api.columns import counts, figures, rows
from dashboards.api.days import Days, Known, days_asked, known
from dashboards.api.house import House, grouped, members
from dashboards.api.problems import wrong_parameter
from dashboards.api.query import SpanQuery
from spaces.times import MINUTE, Millis

NO_SESSION, FEW_SESSIONS, TOO_LONG = "no session", "too few sessions", "most ends are not known"
SESSIONS = (
    "A session is one continuous use of a space inside opening hours; vacant gaps shorter than the bridge are part of"
    " it, unknown ones end it. It belongs to the day on which it begins. Its length is censored where its begin or end"
    " is not known; dwell figures are Kaplan and Meier's estimate, which takes those at what was seen of them."
)
DWELL = (
    "The share of sessions that last longer than so many minutes: Kaplan and Meier's estimate with 95 % limits, over"
    " sessions whose begin is known; null beyond the longest that was seen."
)
BRIDGED = "How the figures of sessions move as the bridge, the longest absence that is closed, grows."
SESSION_COLUMNS: Mapping[str, str] = {
    "group": definitions.TIME_COLUMNS["group"],
    "sessions": "sessions that begin in the window",
    "censored": "those of them whose begin or end is not known",
    "dwell_median": "minutes that half of the sessions last at most",
    "dwell_p90": "minutes that nine in ten sessions last at most; null where fewer were seen to end",
    "dwell_mean": "mean minutes; of sessions that were never seen to end, what was seen",
    "turnover": "sessions per space and open day; of today, those until now",
    "space_days": "open days of a space that were watched, partly known ones in part; today counts as a whole one",
    "spaces": "spaces in the group",
    "coverage": "known time / open time",
    "reason": "why figures are null: closed, no data, no session, too few of them; null where none is",
}
DWELL_COLUMNS: Mapping[str, str] = {
    "group": definitions.TIME_COLUMNS["group"],
    "minutes": "so many minutes",
    "share_longer": "share of sessions that last longer",
    "lo": "lower 95 % limit",
    "hi": "upper 95 % limit",
    "reason": "why share_longer is null; null where it is not",
}
BRIDGE_COLUMNS: Mapping[str, str] = {"bridge": "minutes; shorter vacant gaps are closed", **SESSION_COLUMNS}
GRID = np.arange(0, 12 * 60 + 1, 15, dtype=np.int64)
"""Minutes at which the distribution is shown: the same ones whatever was measured."""


class BridgesQuery(SpanQuery):
    """Parameters of /sessions/bridges."""

    group: Annotated[By, Field(description="what is taken together")] = "site"


class SessionsQuery(BridgesQuery):
    """Parameters of /sessions and /sessions/dwell."""

    bridge: Annotated[
        int | None,
        Field(ge=0, le=240, description="minutes: shorter vacant gaps are closed; 15 for desks, 5 for others"),
    ] = None


class _Asked(NamedTuple):
    """What a request means: days, groups of spaces, and how much is known of each."""

    days: Days
    groups: Groups
    known: Known

    def sessions(self, bridge: Millis | None) -> Sessions:
        """Return the sessions of the days."""
        return sessions(self.days.site, self.days.states, bridge)

    def rows(self, bridge: Millis | None) -> Iterator[Row]:
        """Yield the figures of each group; lengths are whole minutes."""
        found = self.sessions(bridge)
        taken = dwell(self.days.site, self.days.states, self.groups, found)
        return rows(_columns(self, taken, self.why_hidden(found)))

    def why_hidden(self, found: Sessions) -> list[str | None]:
        """Return of each group why the lengths of its sessions are not shown: they would be those of a few people.

        Of fixed desks, whose sessions are one member's, at least `FEWEST` must have some.
        """
        kept = found.only(~found.cut_before)
        number = _tally(self.groups, kept.space)
        own = np.array([is_own(space) for space in self.days.site.spaces], dtype=np.bool_)
        desks = _tally(self.groups, np.unique(kept.space[own[kept.space]]))
        return [_hidden(sessions, theirs) for sessions, theirs in zip(number, desks, strict=True)]


def find_sessions(house: House, site_id: str, query: SessionsQuery) -> Answer:
    """Return what sessions there were, how long they lasted, and how often spaces changed hands."""
    asked = _asked(house, site_id, query, 1)
    answer = _answer(asked, query, asked.rows(_bridge(query)), SESSIONS)
    return replace(answer, name="sessions", columns=tuple(SESSION_COLUMNS), meta={**answer.meta, **_bridges(query)})


def find_bridges(house: House, site_id: str, query: BridgesQuery) -> Answer:
    """Return the figures of sessions under several bridges."""
    asked = _asked(house, site_id, query, len(BRIDGES))
    found = [{"bridge": bridge // MINUTE, **row} for bridge in BRIDGES for row in asked.rows(bridge)]
    return replace(_answer(asked, query, found, BRIDGED), name="sessions-bridges", columns=tuple(BRIDGE_COLUMNS))


def find_dwell(house: House, site_id: str, query: SessionsQuery) -> Answer:
    """Return what share of sessions lasts how long."""
    asked = _asked(house, site_id, query, len(GRID))
    found = asked.sessions(_bridge(query))
    reasons = [why or hidden for why, hidden in zip(asked.known.reason, asked.why_hidden(found), strict=True)]
    listed = [
        row
        for label, curve, reason in zip(asked.groups.labels, survivals(found, asked.groups), reasons, strict=True)
        for row in _curve(label, curve.longer_than(GRID * MINUTE), reason)
    ]
    answer = _answer(asked, query, listed, DWELL)
    return replace(answer, name="sessions-dwell", columns=tuple(DWELL_COLUMNS), meta={**answer.meta, **_bridges(query)})


def _asked(house: House, site_id: str, query: BridgesQuery, each: int) -> _Asked:
    """Return what is asked for; `each` is how many rows a group has."""
    days = days_asked(house, site_id, query)
    groups = grouped(days.site, query.group, query)
    count, most = len(groups.labels) * each, house.settings.most_rows
    if count > most:
        raise wrong_parameter("group", f"the answer would have {count} rows, the limit is {most}; ask for fewer groups")
    return _Asked(days, groups, known(days, groups))


def _bridges(query: SessionsQuery) -> dict[str, Any]:
    usual = {"desk": DESK_BRIDGE // MINUTE, "other": ROOM_BRIDGE // MINUTE}
    return {"bridge": usual if query.bridge is None else {"all": query.bridge}}


def _bridge(query: SessionsQuery) -> int | None:
    return None if query.bridge is None else query.bridge * MINUTE


def _columns(asked: _Asked, taken: DwellFigures, hidden: list[str | None]) -> dict[str, list[Any]]:
    shown = np.array([why is None for why in hidden], dtype=np.bool_)
    watched = asked.known.known > 0
    median, p90, mean = (
        counts(np.where(shown, np.rint(values), np.nan)) for values in (taken.median, taken.p90, taken.mean)
    )
    unseen = [TOO_LONG if value is None else None for value in median]
    return {
        "group": list(asked.groups.labels),
        "sessions": counts(np.where(watched, taken.sessions, np.nan)),
        "censored": counts(np.where(watched, taken.censored, np.nan)),
        "dwell_median": median,
        "dwell_p90": p90,
        "dwell_mean": mean,
        "turnover": figures(taken.turnover),
        "space_days": figures(taken.space_days),
        "spaces": _tally(asked.groups, np.arange(len(asked.groups.of))),
        "coverage": figures(asked.known.coverage),
        "reason": [a or b or c for a, b, c in zip(asked.known.reason, hidden, unseen, strict=True)],
    }


def _tally(groups: Groups, spaces: NDArray[np.int64]) -> list[int]:
    """Count spaces by their group."""
    of = groups.of[spaces]
    counted: list[int] = np.bincount(of[of >= 0], minlength=len(groups.labels)).tolist()
    return counted


def _hidden(number: int, desks: int) -> str | None:
    if not number:
        return NO_SESSION
    return FEW_SESSIONS if number < FEWEST or 0 < desks < FEWEST else None


def _curve(label: str, shares: tuple[NDArray[np.float64], ...], reason: str | None) -> Iterator[Row]:
    listed = [figures(values if reason is None else np.full(len(values), np.nan)) for values in shares]
    for minutes, share, lo, hi in zip(GRID.tolist(), *listed, strict=True):
        why = reason or (TOO_LONG if share is None else None)
        yield {"group": label, "minutes": minutes, "share_longer": share, "lo": lo, "hi": hi, "reason": why}


def _answer(asked: _Asked, query: BridgesQuery, found: Iterable[Row], definition: str) -> Answer:
    days, groups = asked.days, asked.groups
    return Answer(
        name="sessions",
        now=days.now,
        site=days.site,
        columns=(),
        rows=found,
        by="group",
        members=members(days.site, groups),
        meta={
            "definition": definition,
            "disclosure": definitions.DISCLOSURE,
            **days.meta(),
            "measure": "spaces",
            "group": query.group,
        },
        format=query.format,
    )

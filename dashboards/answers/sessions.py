"""/sessions, /sessions/dwell and /sessions/bridges: how long spaces are used at a time, and how often a day."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.dwell import BRIDGES, DwellFigures, dwell, survivals
from analytics.groups import Groups
from analytics.privacy.blocks import FEWEST, is_own
from analytics.privacy.disclosure import Row
from analytics.sessions import DESK_BRIDGE, ROOM_BRIDGE, Sessions, sessions
from dashboards.answers import definitions
from dashboards.answers.answer import Answer
from dashboards.answers.columns import counts, figures, rows
from dashboards.answers.context import Context
from dashboards.answers.days import Days, Known, known, read_days
from dashboards.answers.selection import Grouping, members
from dashboards.answers.windows import Span
from spaces.site import Site
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


class _Asked(NamedTuple):
    """What is asked about: days, groups of spaces, and how much is known of each."""

    days: Days
    grouping: Grouping
    known: Known

    @property
    def groups(self) -> Groups:
        """The groups themselves."""
        return self.grouping.groups

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


def find_sessions(context: Context, site: Site, span: Span, grouping: Grouping, bridge: int | None = None) -> Answer:
    """Return what sessions there were, how long they lasted, and how often spaces changed hands.

    Vacant gaps shorter than `bridge` minutes are closed; None is what is usual for each kind of space.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    asked = _ask(context, site, span, grouping, 1)
    listed = asked.rows(_length(bridge))
    return _answer(asked, "sessions", SESSION_COLUMNS, listed, SESSIONS, {"bridge": _told(bridge)})


def find_bridges(context: Context, site: Site, span: Span, grouping: Grouping) -> Answer:
    """Return the figures of sessions under several bridges.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    asked = _ask(context, site, span, grouping, len(BRIDGES))
    listed = [{"bridge": bridge // MINUTE, **row} for bridge in BRIDGES for row in asked.rows(bridge)]
    return _answer(asked, "sessions-bridges", BRIDGE_COLUMNS, listed, BRIDGED, {})


def find_dwell(context: Context, site: Site, span: Span, grouping: Grouping, bridge: int | None = None) -> Answer:
    """Return what share of sessions lasts how long.

    Raises:
        AnswerError: it would have too many rows.
        StoreError: the store cannot be read.
    """
    asked = _ask(context, site, span, grouping, len(GRID))
    begun = asked.sessions(_length(bridge))
    reasons = [why or hidden for why, hidden in zip(asked.known.reason, asked.why_hidden(begun), strict=True)]
    listed = [
        row
        for label, curve, reason in zip(asked.groups.labels, survivals(begun, asked.groups), reasons, strict=True)
        for row in _curve(label, curve.longer_than(GRID * MINUTE), reason)
    ]
    return _answer(asked, "sessions-dwell", DWELL_COLUMNS, listed, DWELL, {"bridge": _told(bridge)})


def _ask(context: Context, site: Site, span: Span, grouping: Grouping, each: int) -> _Asked:
    """Return what is asked about; `each` is how many rows a group has."""
    context.check_groups(len(grouping.labels) * each)
    days = read_days(context, site, span)
    return _Asked(days, grouping, known(days, grouping.groups))


def _told(bridge: int | None) -> dict[str, int]:
    """Return a bridge in minutes for the frame of an answer, by kind of space."""
    usual = {"desk": DESK_BRIDGE // MINUTE, "other": ROOM_BRIDGE // MINUTE}
    return usual if bridge is None else {"all": bridge}


def _length(bridge: int | None) -> Millis | None:
    return None if bridge is None else bridge * MINUTE


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


def _answer(  # noqa: PLR0913, PLR0917 - what an answer is made of
    asked: _Asked,
    name: str,
    columns: Mapping[str, str],
    listed: Iterable[Row],
    definition: str,
    more: Mapping[str, Any],
) -> Answer:
    return Answer(
        name=name,
        now=asked.days.now,
        site=asked.days.site,
        columns=tuple(columns),
        rows=listed,
        by="group",
        members=members(asked.days.site, asked.groups),
        meta={
            "definition": definition,
            "disclosure": definitions.DISCLOSURE,
            "window": asked.days.span.meta,
            "measure": "spaces",
            "group": asked.grouping.by,
            **more,
        },
    )

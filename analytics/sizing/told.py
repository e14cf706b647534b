"""A sizing in rows and words: what the API and the command line show."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from analytics.sizing.blocks import BLOCKS, FEWEST_WEEKS, LEVEL
from analytics.sizing.curves import Curves
from analytics.sizing.history import History
from analytics.sizing.sizing import Recommended, Shortage, Sizing
from spaces.summary import counted

Row = dict[str, Any]
DEFINITION = (
    "What each number of desks would have meant for the demand that was measured: use, and gaps of at most 90 minutes"
    " in it (a jacket holds the desk), inside opening hours. Full and short: the share of open time with at least, or"
    " more than, so many desks in demand. Refused: the share of stays that find no desk, if whoever finds none leaves,"
    " waits up to 30 minutes, or stays on. Days a month: open days on which somebody is 15 minutes without a desk."
)
COLUMNS: Mapping[str, str] = {
    "group": "the pool of desks: flexible or fixed",
    "desks": "so many desks",
    "full": "share of open time in which at least so many were in demand",
    "short": "share of open time in which more were",
    "unserved_hours": "seat-hours a month beyond so many desks",
    "refused_leave": "share of stays that find none, if whoever finds none leaves",
    "refused_wait": "the same if they wait up to 30 minutes, and leave when planned",
    "refused_overlay": "the same if nobody ever leaves for want of a desk",
    "days_a_month": "days a month on which somebody is 15 minutes without a desk",
    "days_a_month_lo": "its lower bound; null under 12 weeks",
    "days_a_month_hi": "its upper bound; null under 12 weeks",
    "days_a_month_imputed": "the same with lost arrivals put back; null where demand was never censored",
    "imputed": "whether the row is beyond what was measured: more desks than were ever in demand while some were to be"
    " had, or other members",
    "reason": "why days_a_month is null: closed, no data, not yet, or not shown; null where it is not",
}
DIGITS = 6


def rows(sizing: Sizing) -> Iterator[Row]:
    """Yield a row for each number of desks: measured as far as demand was, imputed beyond.

    Where the one goes over into the other nothing rises: no number of desks is shown to be worse than one fewer.
    """
    measured = [] if sizing.measured is None else list(_rows(sizing.measured))
    lost = sizing.measured is not None and sizing.imputed is not sizing.measured
    until = sizing.measured_until
    last: Row = {}
    for number, beyond in enumerate(_rows(sizing.imputed)):
        last = measured[number] if number < until else _no_more(beyond, last)
        yield {
            "group": sizing.history.pool,
            "desks": number + 1,
            **last,
            "days_a_month_imputed": beyond["days_a_month"] if lost else None,
            "imputed": number >= until,
            "reason": None,
        }


def _no_more(row: Row, before: Row) -> Row:
    """Return a row in which nothing is more than in the one before it."""
    return {
        name: value if value is None or before.get(name) is None else min(value, before[name])
        for name, value in row.items()
    }


def no_rows(history: History, reason: str) -> Iterator[Row]:
    """Yield a row of nulls for each desk there is, with the reason."""
    for number in range(history.installed):
        yield {**dict.fromkeys(COLUMNS), "group": history.pool, "desks": number + 1, "imputed": False, "reason": reason}


def why_nothing(history: History) -> str | None:
    """Return why a history says nothing, None where it does."""
    if len(history.days):
        return None
    return "no data" if history.opened else "closed"


def frame(history: History) -> Row:
    """Return what an answer says beside its rows, whatever was found."""
    return {
        "pool": history.pool,
        "installed": history.installed,
        "members_now": history.members_now,
        "members_a_desk": _ratio(history.members_now, history.installed),
        "open_days_a_month": round(history.open_days_a_month, 1),
        "days": len(history.days),
        "weeks": history.weeks,
        "left_out": [{"date": out.day.isoformat(), "reason": out.reason} for out in history.left_out],
        "censored_share": _rounded(history.censored_share),
    }


def summary(sizing: Sizing, target: float) -> Row:
    """Return what follows from a sizing: the headline, the number of desks, intervals, who comes when."""
    history, found = sizing.history, sizing.imputed.least(target)
    return {
        "members": sizing.members,
        "headline": headline(sizing, target),
        "target": target,
        "recommended": None if found is None else found._asdict(),
        "members_a_desk_recommended": _ratio(sizing.members, None if found is None else found.desks),
        "peak": sizing.imputed.most,
        "stays_a_month": round(len(history.demand.stays) / len(history.days) * history.open_days_a_month),
        "censored_unseen_hours": round(history.lost.unfounded / 3_600_000, 1)
        if history.censored.least is not None
        else 0.0,
        "intervals": _intervals(sizing),
        "attendance": _attendance(history),
    }


def headline(sizing: Sizing, target: float) -> str:
    """Return the sizing in a few sentences."""
    return " ".join([_there(sizing), _recommended(sizing, target), _censored(sizing)]).strip()


def _there(sizing: Sizing) -> str:
    history = sizing.history
    if not history.installed:
        return f"No {history.pool} desk has a sensor any more."
    index = history.installed - 1
    shown = sizing.imputed
    days, bounds = shown.curves.days_a_month[index], _bounds_at(shown, index)
    members = f" and {counted(sizing.members or 0, 'member')}" if sizing.measured is None else ""
    often = f"15 minutes without a desk on {days:.1f} days a month{bounds}."
    if history.pool == "fixed":
        verb = "was" if history.installed == 1 else "were"
        shared = f"{verb} shared{members.replace('and', 'by')}"
        return f"If the {counted(history.installed, 'fixed desk')} {shared}, somebody would be {often}"
    return f"With {counted(history.installed, 'flexible desk')}{members}, somebody is {often}"


def _bounds_at(shown: Shortage, index: int) -> str:
    if shown.bounds is None:
        return f" (no interval: fewer than {FEWEST_WEEKS} weeks)"
    return f" ({LEVEL:.0%} interval {shown.bounds.lo[index]:.1f} to {shown.bounds.hi[index]:.1f})"


def _recommended(sizing: Sizing, target: float) -> str:
    found = sizing.imputed.least(target)
    limit = f"For at most {'one such day' if target == 1 else f'{target:g} such days'} a month"
    if found is None:
        return f"{limit} more than {sizing.desks} desks are needed."
    what = "1 desk is" if found.desks == 1 else f"{found.desks} desks are"
    return f"{limit} {what} needed{_between(found, sizing.desks)}."


def _between(found: Recommended, most: int) -> str:
    if found.lo is None:
        return ""
    return f" ({found.lo} to {found.hi})" if found.hi is not None else f" ({found.lo} to more than {most})"


def _censored(sizing: Sizing) -> str:
    share = sizing.history.censored_share
    if not share:
        return ""
    return (
        f"In {share:.1%} of the open time hardly a desk was left; arrivals that were lost then are put back in these"
        " figures, rather too few than too many."
    )


def _intervals(sizing: Sizing) -> Row:
    found = {"level": LEVEL, "blocks_weeks": list(BLOCKS), "weeks": sizing.history.weeks}
    if sizing.imputed.bounds is None:
        return {**found, "held": None, "reason": f"fewer than {FEWEST_WEEKS} weeks"}
    if sizing.measured is None:
        return {**found, "held": None, "reason": "what scaling to other members adds to the doubt is not in them"}
    reason = None if sizing.held is not None else f"fewer than {2 * FEWEST_WEEKS} weeks, or nothing was ever short"
    return {**found, "held": _rounded(sizing.held), "reason": reason}


def _attendance(history: History) -> list[Row] | None:
    """Return of each weekday with open days the share of members there at the peak, and rho; None without members."""
    try:
        found = history.attendance
    except ValueError:
        return None
    return [
        {
            "weekday": day,
            "share": round(float(found.share[day]), 4),
            "rho": round(float(found.rho[day]), 4),
            "days": int(found.days[day]),
        }
        for day in np.flatnonzero(found.days).tolist()
    ]


def _rows(shortage: Shortage) -> Iterator[Row]:
    columns = {one.name: _listed(getattr(shortage.curves, one.name)) for one in fields(Curves)}
    none = np.full(len(shortage.curves.full), np.nan)
    lo, hi = (none, none) if shortage.bounds is None else shortage.bounds
    columns |= {"days_a_month_lo": _listed(lo), "days_a_month_hi": _listed(hi)}
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _listed(values: Any) -> list[float | None]:
    return [None if np.isnan(value) else value for value in np.round(values, DIGITS).tolist()]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _ratio(over: int | None, under: int | None) -> float | None:
    return round(over / under, 3) if over and under else None

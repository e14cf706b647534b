"""A sizing as a person reads it in a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from analytics.sizing.blocks import LEVEL
from analytics.sizing.demand import Pool
from analytics.sizing.sizing import Sizing
from analytics.sizing.told import frame, headline, rows, summary
from ledig.tables import lines
from spaces.hours import WEEKDAYS
from spaces.summary import counted

MOST = 24
"""Rows of the table: of a longer curve every second, third, ... is shown."""


def report(sized: Sizing, others: Mapping[Pool, Sizing], target: float, *, simulated: bool) -> Iterator[str]:
    """Yield the lines: what was found, the curve, who comes when, and what it rests on."""
    history = sized.history
    first, last = (date.fromordinal(int(day)) for day in history.days.date[[0, -1]])
    if simulated:
        yield "Simulated: what the sensors of this site say is made up."
    yield headline(sized, target)
    yield ""
    yield from _curve(sized, target)
    yield ""
    yield from _split(others, target)
    yield ""
    yield from _attendance(summary(sized, target)["attendance"])
    yield f"History: {first} to {last}, {counted(len(history.days), 'day')} in {counted(history.weeks, 'week')}."
    yield from _left_out(frame(history)["left_out"])
    yield from _held(sized, summary(sized, target)["intervals"])


def _curve(sized: Sizing, target: float) -> Iterator[str]:
    found = sized.imputed.least(target)
    chosen = list(_telling(list(rows(sized)), {sized.history.installed, found.desks if found else 0}))
    header = ["desks", "days a month", f"{LEVEL:.0%} interval", "full", "short", "leave", "wait", "overlay", "hours"]
    yield from lines(header, [_row(row) for row in chosen])
    yield "leave, wait, overlay: share of stays refused under each rule; hours: seat-hours a month that find no desk."
    if any(row["imputed"] for row in chosen):
        yield "*: beyond what was measured; lost arrivals are put back, other members are scaled to."


def _row(row: Mapping[str, Any]) -> list[str]:
    lo, hi = row["days_a_month_lo"], row["days_a_month_hi"]
    shares = ("full", "short", "refused_leave", "refused_wait", "refused_overlay")
    return [
        f"{row['desks']}{'*' if row['imputed'] else ''}",
        f"{row['days_a_month']:.2f}",
        "" if lo is None else f"{lo:.2f} to {hi:.2f}",
        *("" if row[name] is None else f"{row[name]:.2%}" for name in shares),
        f"{row['unserved_hours']:.1f}",
    ]


def _telling(listed: Sequence[Mapping[str, Any]], wanted: set[int]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows between "short every other day" and "never short", thinned out, and those wanted."""
    most = listed[0]["days_a_month"] / 2
    inner = [row["desks"] for row in listed if 0 < row["days_a_month"] < most] or [listed[0]["desks"]]
    low, high = max(inner[0] - 1, 1), inner[-1] + 1
    step = -(-(high - low + 1) // MOST)
    for row in listed:
        if row["desks"] in wanted or (low <= row["desks"] <= high and (high - row["desks"]) % step == 0):
            yield row


def _split(others: Mapping[Pool, Sizing], target: float) -> Iterator[str]:
    """Yield a table of the pools: members and desks as they are, and the desks that would do."""
    header = ["pool", "members", "desks", "a desk", "peak", f"needed for {target:g} a month", "members a desk then"]
    yield from lines(header, [_pool(pool, found, target) for pool, found in others.items()])
    if "fixed" in others:
        yield "Fixed desks have one owner each; what would do is what they would need if they were shared."


def _pool(pool: Pool, found: Sizing, target: float) -> list[str]:
    known, told = frame(found.history), summary(found, target)
    need = told["recommended"]
    values = (
        known["members_now"],
        known["installed"],
        known["members_a_desk"],
        told["peak"],
        None if need is None else need["desks"],
        told["members_a_desk_recommended"],
    )
    return [pool, *("-" if value is None else f"{value:g}" for value in values)]


def _attendance(listed: Sequence[Mapping[str, Any]] | None) -> Iterator[str]:
    if listed is None:
        yield "Who comes when is not known: the site file names no members of this pool, or fewer than were there."
        yield ""
        return
    header = ["weekday", "there at the peak", "rho", "days"]
    cells = [[WEEKDAYS[row["weekday"]], f"{row['share']:.1%}", f"{row['rho']:.4f}", str(row["days"])] for row in listed]
    yield from lines(header, cells)
    yield "there at the peak: share of members; rho: how far they come on the same days, 0 is by chance alone."
    yield ""


def _left_out(listed: Sequence[Mapping[str, str]]) -> Iterator[str]:
    if listed:
        shown = ", ".join(f"{one['date']} ({one['reason']})" for one in listed[:5])
        yield f"Left out: {counted(len(listed), 'day')}: {shown}{', ...' if len(listed) > 5 else ''}"


def _held(sized: Sizing, found: Mapping[str, Any]) -> Iterator[str]:
    if found["held"] is not None:
        yield (
            f"Intervals resample whole weeks, one and four at a time. Made from what came before, such intervals held"
            f" in {found['held']:.0%} of {LEVEL:.0%} of the cases that this history gives."
        )
    elif sized.imputed.bounds is None:
        yield f"No intervals: {found['reason']}."
    else:
        yield f"Whether intervals hold was not tried: {found['reason']}."

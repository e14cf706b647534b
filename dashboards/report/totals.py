"""Figures of a whole window from those of its days: sums first, then their ratio."""

from analytics.groups import By
from analytics.privacy.disclosure import Row
from dashboards.answers.questions import Question
from dashboards.answers.selection import EVERYTHING, Filters
from dashboards.report.asked import Ask

_SUMMED = ("occupied_hours", "known_hours", "open_hours")


def totals(ask: Ask, by: By = "site", filters: Filters = EVERYTHING) -> list[Row]:
    """Return utilisation, its bounds, average occupancy and coverage of each group over a window.

    A group of which nothing is known has nulls and the reason of its last day that was open.
    """
    answer = ask(Question("utilisation", by=by, filters=filters, bucket="1d"))
    groups: dict[str, list[Row]] = {}
    for row in answer.rows:
        groups.setdefault(row["group"], []).append(row)
    return [_total(group, rows) for group, rows in groups.items()]


def _total(group: str, rows: list[Row]) -> Row:
    occupied, known, opened = (sum(row[name] or 0.0 for row in rows) for name in _SUMMED)
    weighed = [(row["average_occupancy"], row["known_hours"]) for row in rows if row["average_occupancy"] is not None]
    reasons = [row["reason"] for row in rows if row["reason"] not in {None, "closed", "not yet"}]
    return {
        "group": group,
        "utilisation": _over(occupied, known),
        "lo": _over(occupied, opened) if known else None,
        "hi": _over(occupied + opened - known, opened) if known else None,
        "average_occupancy": _over(sum(value * hours for value, hours in weighed), known) if known else None,
        "spaces": max((row["spaces"] or 0 for row in rows), default=0),
        "coverage": _over(known, opened),
        "reason": None if known else (reasons or ["closed"])[-1],
    }


def _over(above: float, below: float) -> float | None:
    return above / below if below else None

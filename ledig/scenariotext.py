"""A scenario as a person reads it in a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analytics.queues.models import MEASURES
from ledig.tables import lines
from spaces.summary import counted

Row = Mapping[str, Any]


def report(rows: Sequence[Row], models: Sequence[Row], target: float, years: int) -> Iterator[str]:
    """Yield the lines: the first scenario by every model, then all of them in one table."""
    yield f"{rows[0]['scenario']}: a scenario. Nothing of it was measured; it is worth what the file's numbers are."
    yield _busiest(rows[0])
    for measure, meaning in MEASURES.items():
        yield ""
        yield f"{measure.replace('_', ' ').capitalize()}: {meaning}."
        yield from _models(measure, [row for row in models if row["measure"] == measure], rows[0])
    yield ""
    yield f"Simulated: {counted(years, 'year')} of 52 weeks; in brackets, what nine of ten of them lie between."
    yield ""
    yield from _scenarios(rows, target)


def _busiest(row: Row) -> str:
    guests = f" and {row['busiest_guests']} guests" if row["busiest_guests"] else ""
    weeks = f" in {row['busiest_weeks']:.0%} of its weeks" if row["busiest_weeks"] < 1 else ""
    hour, minute = divmod(row["busiest_minute"], 60)
    return (
        f"Busiest: {row['busiest_weekday']} {hour:02}:{minute:02}{weeks}, {row['busiest_members']:.1f} of"
        f" {counted(row['members'], 'member')}{guests} on average, give or take {row['busiest_spread']:.1f}."
    )


def _models(measure: str, models: Sequence[Row], first: Row) -> Iterator[str]:
    """Yield a table: the desks that each model and the simulation ask for, and what those there mean."""
    header = [measure.replace("_", " "), *(f"desks for {target} %" for target in models[0]["desks"])]
    header += [f"with {counted(first['desks'], 'desk')}"] if first["desks_given"] else []
    yield from lines(header, [_model(row) for row in models])


def _model(row: Row) -> list[str]:
    there = [] if row["with_desks"] is None else [f"{100 * row['with_desks']:.2f} %"]
    return [row["model"], *(_desks(desks) for desks in row["desks"].values()), *there]


def _scenarios(rows: Sequence[Row], target: float) -> Iterator[str]:
    header = ["scenario", "members", f"desks for {target * 100:g} %", "desks", "days a month short", "refused"]
    header += ["members a desk", "area m2", f"{rows[0]['currency']} a month"]
    yield from lines(header, [_scenario(row) for row in rows])
    yield ""
    yield (
        f"Desks for {target * 100:g} %: {MEASURES['short']}. Days a month short: somebody goes 15 minutes without a"
        " desk and does not leave. Refused: share of all stays that find no desk, and leave."
    )
    if not all(row["desks_given"] for row in rows):
        yield "Where the scenario names no desks, the rest of the row is for those of the third column."


def _scenario(row: Row) -> list[str]:
    needed, lo, hi = (_desks(row[name]) for name in ("desks_needed", "desks_needed_lo", "desks_needed_hi"))
    return [
        row["scenario"],
        str(row["members"]),
        f"{needed} ({lo} to {hi})",
        str(row["desks"]),
        _band(row, "days_a_month", 1, 1),
        _band(row, "refused", 100, 2) + " %",
        f"{row['members_a_desk']:.2f}",
        "-" if row["area"] is None else f"{row['area']:,.0f}",
        "-" if row["cost_a_month"] is None else f"{row['cost_a_month']:,.0f}",
    ]


def _band(row: Row, name: str, times: float, digits: int) -> str:
    value, lo, hi = (f"{row[part] * times:.{digits}f}" for part in (name, f"{name}_lo", f"{name}_hi"))
    return f"{value} ({lo} to {hi})"


def _desks(desks: int | None) -> str:
    return "none" if desks is None else str(desks)

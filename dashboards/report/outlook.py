"""The sections on what is to come: how many desks, and the next two weeks."""

from collections.abc import Mapping

from dashboards.answers.questions import Question
from dashboards.report import charts
from dashboards.report.asked import DESKS, Answered, Ask
from dashboards.report.numbers import between
from dashboards.report.sections import Section, Table, Tile, Writer

_FEW = 12
"""Rows of a shortage curve around the numbers that matter."""


def size_section(ask: Ask, writer: Writer) -> Section:
    """Return what any number of flexible desks would mean, and how many are needed."""
    words = writer.words
    found = ask(Question("sizing"))
    known = [row for row in found.rows if row["days_a_month"] is not None]
    installed = found.meta.get("installed")
    return Section(
        "size",
        words("size.title"),
        lines=[found.trouble] if found.trouble else _measured(found, writer),
        tiles=_tiles(found, writer),
        pictures=[charts.curve(found.rows, installed, words)] if known else [],
        tables=[_curve(found, writer)] if known else [],
        defined=("days_a_month", "sizing"),
        advice=_advice(found, writer),
    )


def forecast_section(ask: Ask, writer: Writer) -> Section:
    """Return what is expected of the next two weeks."""
    words = writer.words
    found = ask(Question("forecast", filters=DESKS))
    known = any(row["median"] is not None for row in found.rows)
    return Section(
        "forecast",
        words("report.forecast"),
        lines=[found.trouble] if found.trouble else [],
        pictures=[charts.forecast(found.rows, writer.numbers.zone, words)] if known else [],
        defined=("forecast",),
    )


def _tiles(found: Answered, writer: Writer) -> list[Tile]:
    words, numbers = writer.words, writer.numbers
    wanted = found.meta.get("recommended") or {}
    pairs = (
        (words("size.installed"), found.meta.get("installed"), ""),
        (words("report.recommended"), wanted.get("desks"), _bounds(wanted, writer)),
        (words("size.members"), found.meta.get("members"), ""),
    )
    return [Tile(label, numbers.number(value), detail) for label, value, detail in pairs if value is not None]


def _measured(found: Answered, writer: Writer) -> list[str]:
    """Return what the curve stands on: weeks, censoring, how well intervals held."""
    words, numbers, meta = writer.words, writer.numbers, found.meta
    lines = [words("size.weeks", meta.get("weeks") or 0)]
    if meta.get("censored_share"):
        lines.append(words("size.censored", share=numbers.share(meta["censored_share"], 1)))
    held = (meta.get("intervals") or {}).get("held")
    if held is not None:
        lines.append(words("size.backtest", share=numbers.share(held)))
    elif not any(row["days_a_month_lo"] is not None for row in found.rows):
        lines.append(words("size.no_interval"))
    return lines


def _curve(found: Answered, writer: Writer) -> Table:
    words, numbers = writer.words, writer.numbers
    columns = (
        ("size.desks", lambda row: numbers.number(row["desks"]) + (" *" if row["imputed"] else "")),
        ("size.full", lambda row: numbers.share(row["full"], 1)),
        ("size.short", lambda row: numbers.share(row["short"], 1)),
        ("size.unserved", lambda row: numbers.number(row["unserved_hours"], 1)),
        ("report.refused", lambda row: _refused(row, writer)),
        ("size.days", lambda row: numbers.number(row["days_a_month"], 1)),
        ("size.range", lambda row: numbers.range(row["days_a_month_lo"], row["days_a_month_hi"], 1)),
    )
    wanted = (found.meta.get("recommended") or {}).get("desks") or found.meta.get("installed") or 0
    near = sorted(found.rows, key=lambda row: abs(row["desks"] - wanted))[:_FEW]
    return writer.table(words("report.curve"), sorted(near, key=lambda row: row["desks"]), columns)


def _refused(row: dict[str, float | None], writer: Writer) -> str:
    shares = [value for rule in ("leave", "wait", "overlay") if (value := row[f"refused_{rule}"]) is not None]
    numbers = writer.numbers
    return between(numbers.share(min(shares), 1), numbers.share(max(shares), 1)) if shares else numbers.share(None)


def _bounds(wanted: Mapping[str, int | None], writer: Writer) -> str:
    """Return between which numbers of desks the one that is needed lies; "" where there are too few weeks to say."""
    low, high = wanted.get("lo"), wanted.get("hi")
    if low is None:
        return ""
    if high is None:
        return writer.words("report.or_more", n=low)
    return writer.numbers.range(low, high)


def _advice(found: Answered, writer: Writer) -> list[str]:
    words, numbers = writer.words, writer.numbers
    wanted = found.meta.get("recommended")
    if not wanted:
        return []
    between = _bounds(wanted, writer)
    return [
        words(
            "report.desk_advice",
            desks=numbers.number(wanted["desks"]),
            between=f" ({between})" if between else "",
            installed=numbers.number(found.meta.get("installed")),
            days=numbers.number(found.meta.get("target"), 0),
        )
    ]

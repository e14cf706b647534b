"""The sections on how a house is used: utilisation and the week, peaks, stays."""

from collections.abc import Mapping, Sequence

from analytics.privacy.disclosure import Row
from dashboards.answers.questions import Question
from dashboards.report import charts
from dashboards.report.asked import DESKS, Ask
from dashboards.report.numbers import NOTHING, between
from dashboards.report.sections import Section, Tile, Writer
from dashboards.report.totals import totals

WELL_KNOWN = 0.9
"""Coverage below which a report warns."""


def use_section(ask: Ask, writer: Writer) -> Section:
    """Return utilisation by kind and zone, and the week at a glance."""
    words, numbers = writer.words, writer.numbers
    heat = ask(Question("heatmap", filters=DESKS))
    desks = totals(ask, filters=DESKS)
    columns = (
        ("use.group_name", writer.name),
        ("figure.utilisation", lambda row: numbers.share(row["utilisation"])),
        ("report.with_unknown", lambda row: between(numbers.share(row["lo"]), numbers.share(row["hi"]))),
        ("figure.average", lambda row: numbers.number(row["average_occupancy"], 1)),
        ("report.spaces", lambda row: numbers.number(row["spaces"])),
        ("figure.coverage", lambda row: numbers.share(row["coverage"])),
    )
    return Section(
        "use",
        words("use.title"),
        tiles=_tiles(desks, writer),
        tables=[
            writer.table(words("report.by_kind"), totals(ask, "kind"), columns),
            writer.table(words("report.by_zone"), totals(ask, "zone"), columns),
        ],
        pictures=[charts.heat(heat.rows, words)] if heat.rows else [],
        lines=[heat.trouble] if heat.trouble else [],
        defined=("utilisation", "average", "heat", "coverage"),
        advice=_warnings(desks, writer),
    )


def peaks_section(ask: Ask, writer: Writer) -> Section:
    """Return the peak of every day, and the planning peak of desks and rooms."""
    words, numbers = writer.words, writer.numbers
    days = ask(Question("peaks", filters=DESKS, bucket="1d"))
    planning = ask(Question("planning", filters=DESKS))
    kinds = ask(Question("planning", by="kind"))
    columns = (
        ("use.group_name", writer.name),
        ("figure.planning_peak", lambda row: numbers.number(row["planning_peak"])),
        ("report.p90", lambda row: numbers.number(row["p90"])),
        ("report.busiest", lambda row: _busiest(row, writer)),
        ("use.capacity", lambda row: numbers.number(row["capacity"])),
        ("report.days", lambda row: numbers.number(row["days"])),
        ("report.left_out", lambda row: numbers.number(row["days_left_out"])),
    )
    wanted = planning.rows[0]["planning_peak"] if planning.rows else None
    desks = [{**row, "group": words("pool.desks")} for row in planning.rows]
    lines = [why for why in (days.trouble, planning.trouble) if why]
    return Section(
        "peaks",
        words("use.peaks_1d"),
        lines=[*lines, *_left_out(planning.meta.get("left_out", ()), writer)],
        pictures=[charts.daily_peaks(days.rows, wanted, numbers.zone, words)] if days.rows else [],
        tables=[writer.table(words("figure.planning_peak"), [*desks, *kinds.rows], columns)],
        defined=("peak", "planning_peak"),
        advice=_peak_advice(planning.rows, writer),
    )


def stays_section(ask: Ask, writer: Writer) -> Section:
    """Return how long spaces are used at a time, and how far that hangs on the bridge."""
    words, numbers = writer.words, writer.numbers
    found = ask(Question("sessions", by="kind"))
    bridges = ask(Question("sessions/bridges", filters=DESKS))
    longer = ask(Question("sessions/dwell", filters=DESKS))
    columns = (
        ("figure.dwell", lambda row: numbers.minutes(row["dwell_median"])),
        ("report.dwell_p90", lambda row: numbers.minutes(row["dwell_p90"])),
        ("figure.turnover", lambda row: numbers.number(row["turnover"], 2)),
        ("report.sessions", lambda row: numbers.number(row["sessions"])),
        ("report.censored", lambda row: numbers.number(row["censored"])),
    )
    return Section(
        "stays",
        words("report.stays"),
        lines=[found.trouble] if found.trouble else [],
        tables=[
            writer.table(words("report.by_kind"), found.rows, (("use.group_name", writer.name), *columns)),
            writer.table(
                words("report.bridges"),
                bridges.rows,
                (("report.bridge", lambda row: numbers.minutes(row["bridge"])), *columns),
            ),
        ],
        pictures=[charts.survival(longer.rows, words)] if any(row["share_longer"] for row in longer.rows) else [],
        defined=("dwell", "turnover"),
    )


def _tiles(desks: Sequence[Row], writer: Writer) -> list[Tile]:
    words, numbers = writer.words, writer.numbers
    return [
        Tile(
            words("figure.utilisation"),
            numbers.share(row["utilisation"]),
            between(numbers.share(row["lo"]), numbers.share(row["hi"])),
        )
        for row in desks
    ] + [Tile(words("figure.coverage"), numbers.share(row["coverage"])) for row in desks]


def _warnings(desks: Sequence[Row], writer: Writer) -> list[str]:
    """Return what a reader must know before believing a figure of desks."""
    coverage = desks[0]["coverage"] if desks else None
    if not coverage:
        return [writer.words("report.nothing_known")]
    if coverage < WELL_KNOWN:
        return [writer.words("report.thin", share=writer.numbers.share(coverage))]
    return []


def _peak_advice(planning: Sequence[Row], writer: Writer) -> list[str]:
    found = planning[0] if planning else None
    if found is None or found["planning_peak"] is None:
        return []
    numbers = writer.numbers
    return [
        writer.words(
            "report.peak_advice",
            peak=numbers.number(found["planning_peak"]),
            capacity=numbers.number(found["capacity"]),
            days=numbers.number(found["days"]),
        )
    ]


def _busiest(row: Row, writer: Writer) -> str:
    if row["busiest_weekday"] is None or row["busiest_planning_peak"] is None:
        return NOTHING
    day = writer.words(f"weekday.{row['busiest_weekday']}")
    return f"{day}: {writer.numbers.number(row['busiest_planning_peak'])}"


def _left_out(days: Sequence[Mapping[str, str]], writer: Writer) -> list[str]:
    if not days:
        return []
    dates = sorted({day["date"] for day in days})
    return [writer.words("report.left_out_days", days=", ".join(dates))]

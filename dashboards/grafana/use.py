"""Use: how a house was used over a window, with how much of it is known."""

from dashboards.answers import definitions
from dashboards.grafana.ask import Ask, Column, Look, in_time, moment, number, share, text
from dashboards.grafana.dashboard import Dashboard
from dashboards.grafana.now import house
from dashboards.grafana.panels import BAD, FADED, FREE, UNKNOWN, USED, WARN, Panel, bars, curve, lines, override, table
from dashboards.grafana.source import Json

OPEN = 'reason != "closed"'
"""Rows that remain where nights and closed days are left out."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_KNOWN = share("coverage", "known", Look(colour=UNKNOWN, right=True, line="bars"))
_COVERED = " The grey bars say how much is known."


def _utilisation() -> Panel:
    ask = in_time(
        "utilisation",
        "1d",
        share("lo", "if the unknown was vacant", Look(colour=FADED, line="none")),
        share("hi", "if the unknown was in use", Look(colour=FADED, line="none", low="lo")),
        share("utilisation", "time utilisation", Look(colour=USED)),
        _KNOWN,
    )
    return lines("Time utilisation by day", [ask], definitions.UTILISATION + _COVERED, defaults={"min": 0})


def _peaks() -> Panel:
    ask = in_time(
        "peaks",
        "1d",
        number("peak", "peak", Look(colour=USED)),
        number("peak_upper", "if the unknown was in use", Look(colour=FADED, line="none", low="peak")),
        number("capacity", "spaces", Look(colour=BAD, line="dashed")),
        _KNOWN,
    )
    return lines("Most at once by day", [ask], definitions.PEAK_SPACES + _COVERED, defaults={"min": 0})


def _planning() -> Panel:
    ask = Ask(
        route="planning",
        params={"group": "kind"},
        columns=(
            text("group", "kind"), number("planning_peak", "planning peak"), number("p90", "P90"),
            number("busiest_planning_peak", "on the busiest weekday"), number("upper", "upper bound"),
            number("capacity", "there are"), number("sharing_ratio", "members a desk", Look(decimals=2)),
            number("days", "days"), number("days_left_out", "days left out"),
        ),
        spanning=True,
    )  # fmt: skip
    about = (
        "The planning peak is the 95th percentile of daily peaks, an order statistic. A day counts if at most a tenth"
        " of the capacity was unknown at its peak; there is no upper bound below 59 days."
    )
    return table("Planning peak by kind", ask, about, width=24, height=7)


def _hours() -> Panel:
    ask = Ask(
        route="utilisation",
        params={"group": "site", "bucket": "1h"},
        columns=(
            moment(),
            share("utilisation", "time utilisation", Look(colour=USED)),
            share("coverage", "known", Look(colour=UNKNOWN)),
            text("reason", "reason"),
        ),
        spanning=True,
        only=OPEN,
    )
    about = definitions.UTILISATION + " Nights and closed days are left out."
    return bars("Time utilisation by open hour", ask, about, x="time", width=24)


def _week() -> Panel:
    used = share("utilisation", "time utilisation", Look(unit="percentunit"))
    return _by_hour("The week by hour", used, share("coverage", "known"))


def _known_week() -> Panel:
    return _by_hour("How much of it is known", share("coverage", "known"))


def _by_hour(title: str, value: Column, *beside: Column) -> Panel:
    """Return a week by weekday and hour, with one value shown of each."""
    ask = Ask(
        route="heatmap",
        params={"group": "site"},
        columns=(number("weekday", "weekday"), number("hour", "hour"), value, *beside, text("reason", "reason")),
        spanning=True,
        keys=("weekday", "hour"),
        only=OPEN,
    )
    return table(
        title, ask, definitions.HEATMAP, width=12, height=13, sort=("hour", False),
        transformations=_matrix(value.name), overrides=_weekdays(),
    )  # fmt: skip


def _matrix(value: str) -> tuple[Json, ...]:
    """Return what makes a row an hour and a column a weekday of a list of cells."""
    named = {"columnField": "weekday", "rowField": "hour", "valueField": value, "emptyValue": "null"}
    return ({"id": "groupingToMatrix", "options": named},)


def _weekdays() -> tuple[Json, ...]:
    shaded = {"mode": "continuous-blues"}
    cell = {"type": "color-background", "mode": "basic"}
    days = [
        override(str(number), displayName=day, unit="percentunit", min=0, max=1, color=shaded, custom__cellOptions=cell)
        for number, day in enumerate(_DAYS)
    ]
    return (override("hour\\weekday", displayName="hour", custom__width=60), *days)


def _sessions() -> Panel:
    minutes = Look(unit="m", decimals=0)
    ask = Ask(
        route="sessions",
        params={"group": "kind"},
        columns=(
            text("group", "kind"), number("sessions", "uses"), number("dwell_median", "half last at least", minutes),
            number("dwell_p90", "a tenth last at least", minutes),
            number("turnover", "uses a space and day", Look(decimals=2)),
            number("censored", "end not seen"), share("coverage", "known"),
        ),
        spanning=True,
    )  # fmt: skip
    about = (
        "A use is a space in use, short absences closed. Medians are Kaplan-Meier's, so that uses whose end was not"
        " seen count as lasting at least as long as they were."
    )
    return table("Dwell and turnover by kind", ask, about, width=12)


def _dwell() -> Panel:
    ask = Ask(
        route="sessions/dwell",
        params={"group": "site"},
        columns=(
            number("minutes", "minutes", Look(unit="m")),
            share("share_longer", "last longer", Look(colour=USED)),
            share("lo", "at least", Look(colour=FADED, line="none")),
            share("hi", "at most", Look(colour=FADED, line="none", low="lo")),
        ),
        spanning=True,
        keys=("minutes",),
    )
    return curve("How long uses last", ask, "Share of uses that last longer, by Kaplan and Meier.", x="minutes")


def _sold_out() -> Panel:
    full = Look(unit="percentunit", cell="colour", thresholds=((None, FREE), (0.05, WARN), (0.2, BAD)))
    ask = Ask(
        route="availability",
        params={"group": "zone", "bucket": "1w"},
        columns=(
            moment("time", "week from"), text("group", "zone"), number("minimum_surplus", "fewest free"),
            share("sold_out", "sold out", full), share("sold_out_possible", "perhaps sold out"),
            share("coverage", "known"),
        ),
        spanning=True,
        keys=("group",),
    )  # fmt: skip
    about = "Share of known open time in which nothing of a zone was vacant; perhaps: if the unknown was in use."
    return table("Sold out by zone and week", ask, about, width=24, height=9, sort=("sold out", True))


def _surplus() -> Panel:
    ask = in_time(
        "availability",
        "1d",
        number("minimum_surplus", "fewest free at once", Look(colour=USED)),
        share("sold_out_possible", "perhaps sold out", Look(colour=WARN, right=True)),
        _KNOWN,
    )
    about = (
        "The fewest spaces that were vacant at the same moment of the day, and how long none may have been." + _COVERED
    )
    return lines("Fewest free by day", [ask], about, defaults={"min": 0})


def use() -> Dashboard:
    """Return the dashboard of those who plan a house."""
    return Dashboard(
        slug="use",
        title="Use",
        about="How a house was used, by day, hour and weekday, with how much of it is known.",
        rows=(
            ("", (house(),)),
            ("Utilisation and peaks", (_utilisation(), _peaks(), _planning(), _hours())),
            ("The week", (_week(), _known_week())),
            ("How long, how often, how scarce", (_sessions(), _dwell(), _surplus(), _sold_out())),
        ),
    )

"""Sensors and pipeline: what is silent or low, and whether what sensors say arrives."""

from dashboards.answers import definitions
from dashboards.grafana.ask import Ask, Column, Look, in_time, moment, number, share, text
from dashboards.grafana.dashboard import Dashboard
from dashboards.grafana.now import house
from dashboards.grafana.panels import BAD, FREE, USED, WARN, Panel, bars, lines, stat, table

_UP = Look(thresholds=((None, BAD), (1, FREE)))
_MINUTES = Look(unit="m", thresholds=((None, FREE), (5, WARN), (15, BAD)))
_SECONDS = Look(unit="s", thresholds=((None, FREE), (10, WARN), (60, BAD)))


def _way(title: str, *columns: Column, width: int) -> Panel:
    ask = Ask(route="/v1/pipeline", columns=columns, picked=(), keys=("process",))
    return stat(title, ask, definitions.PIPELINE, width=width)


def _processes() -> Panel:
    ask = Ask(
        route="/v1/pipeline",
        columns=(
            text("process", "process"), number("up", "stores", _UP), number("received", "received"),
            number("stored", "stored"), number("duplicate", "duplicate"), number("refused", "refused"),
            number("in_flight", "in flight"), number("spooled", "spooled"), number("missing", "never came"),
            number("spool_readings", "in the spool"), number("spool_bytes", "spool", Look(unit="bytes")),
            number("spool_lag_seconds", "oldest there", _SECONDS), number("spool_damaged", "lost there"),
            text("reason", "why not"),
        ),
        picked=(),
        keys=("process",),
    )  # fmt: skip
    return table("Processes that take messages in", ask, definitions.PIPELINE, width=24, height=6)


def _became() -> Panel:
    ask = Ask(
        route="/v1/pipeline/messages",
        columns=(
            text("became", "became"),
            number("messages", "messages", Look(colour=USED)),
            text("process", "process"),
        ),
        picked=(),
        keys=("process", "became"),
    )
    return bars("What became of the messages", ask, definitions.PIPELINE, x="became", width=12, lying=True, height=10)


def _counts(group: str, title: str) -> Panel:
    bad = Look(cell="colour", unit="percentunit", thresholds=((None, FREE), (0.1, WARN), (0.25, BAD)))
    ask = Ask(
        route="sensors/counts",
        params={"group": group},
        columns=(
            text("group", group), number("sensors", "sensors"), number("silent", "silent"),
            number("silent_share", "share", bad), number("never_heard", "never heard"), number("low", "low batteries"),
            number("battery", "lowest battery", Look(unit="percent")),
        ),
    )  # fmt: skip
    return table(title, ask, definitions.SENSORS, width=12, height=10, sort=("share", True))


def _sensors() -> Panel:
    low = Look(unit="percent", cell="colour", thresholds=((None, BAD), (20, WARN), (40, FREE)))
    ask = Ask(
        route="sensors",
        columns=(
            text("sensor", "sensor"), text("space", "space"), text("floor", "floor"), text("zone", "zone"),
            Column("mapped", "mapped", "boolean"), Column("silent", "silent", "boolean"),
            number("silent_minutes", "silent for", Look(unit="m")), number("battery", "battery", low),
            moment("last", "newest reading"),
        ),
        picked=(),
        keys=("sensor",),
    )  # fmt: skip
    return table("All sensors", ask, definitions.SENSORS, width=24, height=12, sort=("silent for", True))


def _coverage() -> Panel:
    ask = in_time("utilisation", "1h", text("group", "floor"), share("coverage", "known"), group="floor")
    about = "Share of open time in which the state of spaces is known. What is unknown is in no figure."
    return lines("Coverage by floor", [ask], about, defaults={"unit": "percentunit", "min": 0, "max": 1})


def sensors() -> Dashboard:
    """Return the dashboard of those who keep sensors and servers going."""
    store = number(
        "store_seconds", "store answers in", Look(unit="s", thresholds=((None, FREE), (0.5, WARN), (2, BAD)))
    )
    return Dashboard(
        slug="sensors",
        title="Sensors and pipeline",
        about="Which sensors are silent or low, and whether what sensors say arrives.",
        live=True,
        rows=(
            ("", (house(),)),
            ("From broker to store", (
                _way("Newest reading came before", number("heard_minutes", "minutes ago", _MINUTES), width=6),
                _way("Lag from event to receipt", number("lag_seconds", "lag", _SECONDS), width=6),
                _way("Oldest in the spool", number("spool_lag_seconds", "age", _SECONDS), width=6),
                _way("Store", store, width=6),
                _processes(), _became(), _coverage(),
            )),
            ("Sensors", (_counts("floor", "By floor"), _counts("zone", "By zone"), _sensors())),
        ),
    )  # fmt: skip

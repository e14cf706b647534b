"""House now: what is free, what is full, how today goes, and which sensors cannot say."""

from dashboards.answers import definitions
from dashboards.grafana.ask import Ask, Column, Look, in_time, moment, number, share, text
from dashboards.grafana.dashboard import Dashboard
from dashboards.grafana.panels import BAD, FADED, FREE, UNKNOWN, USED, WARN, Panel, bars, lines, stat, table

SITE = Ask(
    route="",
    columns=(
        text("name", "house"),
        text("zone", "time zone"),
        Column("simulated", "data", "boolean"),
        number("spaces", "spaces"),
        number("sensors", "sensors"),
    ),
    keys=("site",),
    picked=(),
)
_MAPPED = {
    "type": "value",
    "options": {
        "true": {"text": "SIMULATED", "color": WARN, "index": 0},
        "1": {"text": "SIMULATED", "color": WARN, "index": 1},
        "false": {"text": "measured", "color": FREE, "index": 2},
        "0": {"text": "measured", "color": FREE, "index": 3},
    },
}
_COUNTED = (
    number("vacant", "free", Look(colour=FREE)),
    number("unknown", "unknown", Look(colour=UNKNOWN)),
    number("occupied", "in use", Look(colour=USED)),
)
_ALL = Ask(route="status", params={"group": "site"}, columns=_COUNTED)


def house() -> Panel:
    """Return the strip that says which house it is, and whether its data is simulated."""
    mapped = {
        "matcher": {"id": "byName", "options": "simulated"},
        "properties": [{"id": "mappings", "value": [_MAPPED]}],
    }
    return table("", SITE, definitions.SITES, width=24, height=3, overrides=(mapped,))


def _free(kind: str, title: str) -> Panel:
    ask = Ask(route="status", params={"group": "site", "kind": kind}, columns=_COUNTED)
    return stat(title, ask, f"{definitions.STATUS} Unknown ones stand beside: they are not free.", width=6)


def _by_floor(kind: str, title: str) -> Panel:
    ask = Ask(route="status", params={"group": "floor", "kind": kind}, columns=(text("group", "floor"), *_COUNTED))
    return bars(title, ask, definitions.STATUS, x="group", width=12, stacked=True, lying=True)


def _today() -> Panel:
    seats = Look(colour=BAD, line="dashed")
    used = number("average_occupancy", "in use", Look(colour=USED))
    ask = in_time("utilisation", "15m", used, number("spaces", "spaces", seats))
    return lines("In use today against what there is", [ask], definitions.UTILISATION, defaults={"min": 0})


def _people() -> Panel:
    ask = in_time(
        "utilisation",
        "15m",
        number("average_people", "people", Look(colour=USED)),
        number("capacity", "seats", Look(colour=BAD, line="dashed")),
        share("people_coverage", "people known", Look(colour=UNKNOWN, right=True)),
        measure="people",
    )
    return lines("People today against seats", [ask], definitions.CAPACITY_UTILISATION, defaults={"min": 0})


def _usual() -> Panel:
    ask = Ask(
        route="usual",
        params={"group": "site"},
        columns=(
            moment(),
            number("usual_lo", "usually at least", Look(colour=FADED, line="none")),
            number("usual_hi", "usually at most", Look(colour=FADED, line="none", low="usual_lo")),
            number("usual", "usual on this weekday", Look(colour=FADED, line="dashed")),
            number("average_occupancy", "today", Look(colour=USED)),
        ),
        series=True,
    )
    return lines("Today against what is usual on this weekday", [ask], definitions.USUAL)


def _sold_out() -> Panel:
    full = Look(cell="colour", thresholds=((None, BAD), (1, WARN), (3, FREE)))
    ask = Ask(
        route="status",
        params={"group": "zone"},
        columns=(
            text("group", "zone"),
            number("vacant", "free", full),
            number("unknown", "unknown"),
            number("occupied", "in use"),
            number("spaces", "spaces"),
        ),
    )
    return table("Zones, the fullest first", ask, definitions.STATUS, sort=("free", False))


def _silent() -> Panel:
    ask = Ask(
        route="sensors",
        columns=(
            text("sensor", "sensor"), text("space", "space"), text("floor", "floor"), text("zone", "zone"),
            Column("silent", "silent", "boolean"), number("silent_minutes", "silent for", Look(unit="m")),
            number("battery", "battery", Look(unit="percent")),
        ),
        picked=(),
        keys=("sensor",),
        only="silent == true",
    )  # fmt: skip
    return table(
        "Sensors that are silent", ask, definitions.SENSORS, sort=("silent for", True), empty="No sensor is silent."
    )


def _counted() -> Panel:
    bad = Look(cell="colour", unit="percentunit", thresholds=((None, FREE), (0.1, WARN), (0.25, BAD)))
    ask = Ask(
        route="sensors/counts",
        params={"group": "floor"},
        columns=(
            text("group", "floor"),
            number("sensors", "sensors"),
            number("silent", "silent"),
            number("silent_share", "share", bad),
            number("low", "low batteries"),
        ),
    )
    return table("Silent sensors by floor", ask, definitions.SENSORS, width=12)


def house_now() -> Dashboard:
    """Return the dashboard of those who run a house."""
    return Dashboard(
        slug="now",
        title="House now",
        about="What is free and what is full in this moment, how today goes, and which sensors cannot say.",
        live=True,
        rows=(
            ("", (house(),)),
            ("Free now", (
                _free("desk", "Desks"), _free("room", "Rooms"),
                stat("Everything picked", _ALL, definitions.STATUS, width=12),
                _by_floor("desk", "Desks by floor"), _by_floor("room", "Rooms by floor"),
            )),
            ("Today", (_today(), _people(), _usual(), _sold_out())),
            ("Sensors", (_silent(), _counted())),
        ),
    )  # fmt: skip

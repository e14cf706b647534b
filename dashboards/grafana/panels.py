"""Panels of a dashboard, each with its questions, its look and what its figures mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dashboards.grafana.ask import Ask, Column, Look
from dashboards.grafana.source import Json, Source

Kind = Literal["stat", "table", "timeseries", "barchart", "bargauge", "trend"]
FREE, USED, UNKNOWN, WARN, BAD = "#009E73", "#0072B2", "#999999", "#E69F00", "#D55E00"
"""Okabe and Ito's colours, which those who see fewer colours tell apart."""
FADED = "#56B4E9"
_REFS = "ABCDEFGH"
NO_DATA = "no data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel: `width` of the 24 columns of a row, `height` in steps of about 30 pixels."""

    title: str
    kind: Kind
    asks: tuple[Ask, ...]
    about: str
    width: int
    height: int = 8
    options: Json = field(default_factory=dict)
    custom: Json = field(default_factory=dict)
    defaults: Json = field(default_factory=dict)
    overrides: tuple[Json, ...] = ()
    transformations: tuple[Json, ...] = ()

    def json(self, number: int, source: Source, place: tuple[int, int]) -> Json:
        """Return it as Grafana has it, at (x, y)."""
        x, y = place
        columns = [column for ask in self.asks for column in ask.columns]
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.about,
            "datasource": source.reference,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "fieldConfig": {
                "defaults": {"noValue": NO_DATA, **self.defaults, "custom": self.custom},
                "overrides": [*_overrides(columns), *self.overrides],
            },
            "options": self.options,
            "targets": [source.target(ask, ref) for ask, ref in zip(self.asks, _REFS, strict=False)],
            "transformations": [*_organised(self), *self.transformations],
        }


def stat(  # noqa: PLR0913 - the parts of a panel
    title: str, ask: Ask, about: str, *, width: int = 4, height: int = 4, defaults: Json | None = None
) -> Panel:
    """Return numbers in large type, one for each number column of a single row."""
    options = {
        "reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": ""},
        "orientation": "auto",
        "textMode": "auto",
        "wideLayout": True,
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    }
    return Panel(
        title=title, kind="stat", asks=(ask,), about=about, width=width, height=height, options=options,
        defaults=defaults or {},
    )  # fmt: skip


def table(  # noqa: PLR0913 - the parts of a panel
    title: str,
    ask: Ask,
    about: str,
    *,
    width: int = 12,
    height: int = 8,
    sort: tuple[str, bool] | None = None,
    transformations: Sequence[Json] = (),
    overrides: Sequence[Json] = (),
    empty: str = NO_DATA,
) -> Panel:
    """Return rows; `sort` is the title of a column and whether it descends."""
    by = [{"displayName": sort[0], "desc": sort[1]}] if sort else []
    options = {"showHeader": True, "cellHeight": "sm", "sortBy": by, "frameIndex": 0}
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": False, "inspect": False}
    return Panel(
        title=title, kind="table", asks=(ask,), about=about, width=width, height=height, options=options,
        custom=custom, transformations=tuple(transformations), overrides=tuple(overrides),
        defaults={"noValue": empty},
    )  # fmt: skip


def lines(  # noqa: PLR0913 - the parts of a panel
    title: str, asks: Sequence[Ask], about: str, *, width: int = 12, height: int = 9, defaults: Json | None = None
) -> Panel:
    """Return lines over time, broken where nothing is known or the house is closed."""
    custom = {
        "drawStyle": "line",
        "lineWidth": 2,
        "fillOpacity": 0,
        "showPoints": "auto",
        "pointSize": 5,
        "spanNulls": False,
        "axisSoftMin": 0,
        "lineInterpolation": "stepAfter",
    }
    named = {"displayName": "${__field.labels.group}"} if any(_by_group(ask) for ask in asks) else {}
    return Panel(
        title=title, kind="timeseries", asks=tuple(asks), about=about, width=width, height=height, custom=custom,
        options={"legend": _LEGEND, "tooltip": _TOOLTIP}, defaults={**named, **(defaults or {})},
    )  # fmt: skip


def bars(  # noqa: PLR0913 - the parts of a panel
    title: str,
    ask: Ask,
    about: str,
    *,
    x: str,
    width: int = 12,
    height: int = 8,
    stacked: bool = False,
    lying: bool = False,
    defaults: Json | None = None,
) -> Panel:
    """Return bars over a column of words or of moments: what has no row takes no room, such as nights."""
    options = {
        "orientation": "horizontal" if lying else "vertical",
        "xField": x,
        "stacking": "normal" if stacked else "none",
        "showValue": "auto",
        "barWidth": 0.9,
        "groupWidth": 0.8,
        "barRadius": 0,
        "fullHighlight": False,
        "xTickLabelRotation": 0,
        "xTickLabelMaxLength": 24,
        "xTickLabelSpacing": 100,
        "legend": _LEGEND,
        "tooltip": _TOOLTIP,
    }
    return Panel(
        title=title, kind="barchart", asks=(ask,), about=about, width=width, height=height, options=options,
        custom={"lineWidth": 1, "fillOpacity": 80, "axisSoftMin": 0}, defaults=defaults or {},
    )  # fmt: skip


def curve(  # noqa: PLR0913 - the parts of a panel
    title: str, ask: Ask, about: str, *, x: str, width: int = 12, height: int = 8
) -> Panel:
    """Return lines over a number that ascends."""
    custom = {
        "drawStyle": "line",
        "lineWidth": 2,
        "fillOpacity": 0,
        "showPoints": "never",
        "lineInterpolation": "linear",
    }
    options = {"xField": x, "legend": _LEGEND, "tooltip": _TOOLTIP}
    return Panel(
        title=title, kind="trend", asks=(ask,), about=about, width=width, height=height, options=options, custom=custom
    )


_LEGEND = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
_TOOLTIP = {"mode": "multi", "sort": "none"}


def _organised(panel: Panel) -> Iterator[Json]:
    """Put columns in our order, for both sources sort them by name; leave out what rows were only chosen by."""
    if panel.kind == "timeseries":
        return
    (ask,) = panel.asks
    chosen_by = ask.only.partition(" ")[0]
    places = {column.name: place for place, column in enumerate(ask.columns)}
    hidden = {chosen_by: True} if chosen_by else {}
    yield {"id": "organize", "options": {"indexByName": places, "excludeByName": hidden, "renameByName": {}}}


def override(name: str, **properties: object) -> Json:
    """Return properties of the field of a name; `__` in a property stands for a dot."""
    listed = [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byName", "options": name}, "properties": listed}


def _by_group(ask: Ask) -> bool:
    return ask.series and any(column.type == "string" for column in ask.columns)


def _overrides(columns: Sequence[Column]) -> Iterator[Json]:
    seen: set[str] = set()
    for column in columns:
        properties = dict(_properties(column))
        if column.name not in seen and properties:
            yield override(column.name, **properties)
        seen.add(column.name)


def _properties(column: Column) -> Iterator[tuple[str, object]]:
    look = column.look
    if column.title != column.name:
        yield "displayName", column.title
    if look.unit:
        yield "unit", look.unit
    if look.decimals is not None:
        yield "decimals", look.decimals
    if look.colour:
        yield "color", {"mode": "fixed", "fixedColor": look.colour}
    if look.width:
        yield "custom__width", look.width
    if look.thresholds:
        steps = [{"value": value, "color": colour} for value, colour in look.thresholds]
        yield "thresholds", {"mode": "absolute", "steps": steps}
    if look.cell:
        yield "custom__cellOptions", _CELLS[look.cell]
        if not look.colour:
            yield "color", {"mode": "thresholds"}
    yield from _drawing(look)


_CELLS = {
    "colour": {"type": "color-background", "mode": "basic"},
    "gauge": {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"},
}


def _drawing(look: Look) -> Iterator[tuple[str, object]]:
    if look.low:
        yield "custom__fillBelowTo", look.low
        yield "custom__fillOpacity", 20
    if look.line == "none":
        yield "custom__lineWidth", 0
    elif look.line == "dashed":
        yield "custom__lineStyle", {"fill": "dash", "dash": [10, 10]}
    elif look.line == "bars":
        yield "custom__drawStyle", "bars"
        yield "custom__fillOpacity", 40
    if look.right:
        yield "custom__axisPlacement", "right"

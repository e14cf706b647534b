"""The API as a data source, through the plugin Infinity (3.11, which needs Grafana 11.6 or later).

Columns are typed, rows ascend in time, and only the plugin's backend parser is used: it alone serves alerts. Windows
go out by the plugin's own macros, addresses are relative to the data source's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from dashboards.grafana.ask import Ask, Column, text
from dashboards.grafana.source import Json

PLUGIN = "yesoreyeram-infinity-datasource"
PLUGIN_VERSION = "3.11.1"
LEAST_GRAFANA = (11, 6)
UID = "ledig"
ROOT = "rows"
_FROM, _TO = "${__timeFrom}", "${__timeTo}"
Params = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Infinity:
    """The plugin, asking as the dashboards' pickers say; `uid` is that of the data source."""

    uid: str = UID
    name: ClassVar[str] = ""
    every: ClassVar[str] = "*"

    @property
    def reference(self) -> Json:
        """How panels refer to the data source."""
        return {"type": PLUGIN, "uid": self.uid}

    def target(self, ask: Ask, ref: str) -> Json:
        """Return a panel's target."""
        picked = [(name, f"${{{name}}}") for name in ask.pickers]
        return {"datasource": self.reference, **query(ask, ref, site="${site}", picked=picked)}

    def variable(self, name: str) -> Json:
        """Return what a picker asks."""
        route, value, label, params = {
            "site": ("/v1/sites", "site", "name", []),
            "floor": ("/v1/sites/${site}/spaces", "floor", "floor_name", []),
            "zone": ("/v1/sites/${site}/spaces", "zone", "zone_name", [("floor", "${floor}")]),
            "kind": ("/v1/sites/${site}/spaces", "kind", "kind", []),
        }[name]
        columns = [text(label, label), *([text(value, value)] if value != label else [])]
        asked = {"datasource": self.reference, **_query(route, params, columns, "variable")}
        meta = {"textField": label, "valueField": value}
        return {"queryType": "infinity", "refId": "variable", "query": "", "infinityQuery": asked, "meta": meta}


def query(ask: Ask, ref: str, *, site: str, picked: Params = ()) -> Json:
    """Return a question as the plugin takes it; `site` is an id, or the name of a picker."""
    route = ask.route if ask.route.startswith("/") else f"/v1/sites/{site}/{ask.route}".rstrip("/")
    params = [*ask.params.items(), *([] if ask.route.startswith("/") else picked)]
    if ask.spanning:
        params += [("from", _FROM), ("to", _TO)]
    return _query(route, params, ask.columns, ref, series=ask.series, only=ask.only)


def _query(  # noqa: PLR0913 - the parts of a question
    route: str, params: Params, columns: Iterable[Column], ref: str, *, series: bool = False, only: str = ""
) -> Json:
    return {
        "refId": ref,
        "type": "json",
        "source": "url",
        "parser": "backend",
        "format": "timeseries" if series else "table",
        "url": route,
        "url_options": {
            "method": "GET",
            "data": "",
            "params": [{"key": name, "value": value} for name, value in params],
        },
        "root_selector": ROOT,
        "columns": [{"selector": column.name, "text": column.name, "type": column.type} for column in columns],
        "computed_columns": [],
        "filters": [],
        "filterExpression": only,
    }

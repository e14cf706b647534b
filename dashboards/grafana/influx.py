"""Figures that were written back into InfluxDB (`ledig figures`), for whoever has Grafana on it already. No plugin.

The measurement is `ledig_figure`; its tags and fields are in docs/design.md, section 6. Only numbers lie there, so
columns of words are left out except those that name a row. A picker acts on panels whose rows are what it picks from.
"""

from dataclasses import dataclass
from typing import ClassVar

from dashboards.grafana.ask import Ask
from dashboards.grafana.source import Json

UID = "ledig-influxdb"
MEASUREMENT = "ledig_figure"
_ROWS = ("floor", "zone", "kind")


@dataclass(frozen=True, slots=True)
class Influx:
    """Flux over the default bucket of the data source; `uid` is that of the data source."""

    uid: str = UID
    name: ClassVar[str] = "InfluxDB"
    every: ClassVar[str] = ".*"

    @property
    def reference(self) -> Json:
        """How panels refer to the data source."""
        return {"type": "influxdb", "uid": self.uid}

    def target(self, ask: Ask, ref: str) -> Json:
        """Return a panel's target."""
        return {"refId": ref, "datasource": self.reference, "query": flux(ask)}

    def variable(self, name: str) -> Json:
        """Return what a picker asks: the values of a tag."""
        tag, where = ("site", "") if name == "site" else ("group", f' and r.by == "{name}" and r.site == "${{site}}"')
        text = (
            'import "influxdata/influxdb/schema"\n'
            f'schema.tagValues(bucket: v.defaultBucket, tag: "{tag}",'
            f' predicate: (r) => r._measurement == "{MEASUREMENT}"{where})'
        )
        return {"refId": "variable", "query": text}


def flux(ask: Ask) -> str:
    """Return a question in Flux: lines of the window, or the newest value of each row."""
    names = [column.name for column in ask.columns if column.type in {"number", "boolean"}]
    named = " or ".join(f'r._field == "{name}"' for name in names)
    lines = [
        "from(bucket: v.defaultBucket)",
        f"range(start: {_since(ask)}, stop: {_until(ask)})",
        f'filter(fn: (r) => r._measurement == "{MEASUREMENT}" and r.figure == "{ask.figure}")',
        f'filter(fn: (r) => r.by == "{ask.by}" and r.bucket == "{ask.bucket}"{_where(ask)})',
        f"filter(fn: (r) => {named})",
    ]
    return "\n  |> ".join([*lines, *(_series(ask) if ask.series else _table(ask))])


def _where(ask: Ask) -> str:
    """Return the pickers that act on these rows. A picker of several levels ends like one of its values."""
    where = "" if ask.route.startswith("/") else ' and r.site == "${site}"'
    return where + (f" and r.group =~ /^(${{{ask.by}}})$/" if ask.by in ask.pickers and ask.by in _ROWS else "")


def _timed(ask: Ask) -> bool:
    """Whether rows are of moments of the dashboard's window, rather than the newest of each."""
    return ask.series or (ask.spanning and any(column.type == "timestamp" for column in ask.columns))


def _since(ask: Ask) -> str:
    return "v.timeRangeStart" if _timed(ask) else "-30d"


def _until(ask: Ask) -> str:
    return "v.timeRangeStop" if _timed(ask) else "2d"


def _series(ask: Ask) -> list[str]:
    if any(column.type == "string" for column in ask.columns):
        return [
            'keep(columns: ["_time", "_value", "group"])',
            'group(columns: ["group"])',
            'sort(columns: ["_time"])',
        ]
    return [
        'keep(columns: ["_time", "_value", "_field"])',
        'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
        'sort(columns: ["_time"])',
    ]


def _table(ask: Ask) -> list[str]:
    """Return rows whose columns are named as the API names them; several ids of a row stay in one column."""
    moment = "_time" if _timed(ask) else ""
    keys = ", ".join(f'"{name}"' for name in (moment, "group") if name)
    named = next(
        (column.name for column in ask.columns if column.type == "string" and column.name in ask.keys), "group"
    )
    renamed = ", ".join(f'{old}: "{new}"' for old, new in (("group", named), ("_time", "time")) if old in keys)
    return [
        *([] if moment else ["last()"]),
        f'keep(columns: ["_value", "_field", {keys}])',
        f'pivot(rowKey: [{keys}], columnKey: ["_field"], valueColumn: "_value")',
        *_only(ask),
        "group()",
        f"sort(columns: [{keys}])",
        f"rename(columns: {{{renamed}}})",
    ]


def _only(ask: Ask) -> list[str]:
    """Return the rows that an expression chooses. Reasons are words: where there is one, there is no figure."""
    if not ask.only:
        return []
    column, _, value = ask.only.split(" ", 2)
    if value == "true":
        return [f"filter(fn: (r) => r.{column} == 1.0)"]
    main = next(column.name for column in ask.columns if column.type == "number" and column.name not in ask.keys)
    return [f"filter(fn: (r) => exists r.{main})"]

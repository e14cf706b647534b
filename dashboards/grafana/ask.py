"""What a panel asks: a route of the API and the columns of its rows that are shown. No word of Grafana's is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

ColumnType = Literal["timestamp", "string", "number", "boolean"]
PICKERS = ("floor", "zone", "kind")
"""Filters that are picked on a dashboard, unless a panel sets them itself."""
WINDOW = "window"
NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a column is drawn; what is None is left to the panel."""

    unit: str | None = None
    colour: str | None = None
    decimals: int | None = None
    width: int | None = None
    cell: Literal["colour", "gauge"] | None = None
    low: str | None = None
    """The column that this one is filled down to: a band of what is not known for certain."""
    line: Literal["solid", "dashed", "none", "bars"] | None = None
    right: bool = False
    thresholds: tuple[tuple[float | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the API's rows: its name there, what it is called on the panel, its type, its look."""

    name: str
    title: str
    type: ColumnType = "number"
    look: Look = field(default_factory=Look)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to the API.

    `route` stands below a site (``status``; empty for the site itself), or below the root where it begins with a slash.
    `series` asks for lines over time: then the first column is `time`, and either a string column names the line and
    one number is drawn, or there is no string column. `spanning` questions are about the dashboard's window, others
    about now or today.
    `keys` name the columns that tell rows of one moment apart.
    """

    route: str
    columns: tuple[Column, ...]
    params: Mapping[str, str] = field(default_factory=dict)
    series: bool = False
    spanning: bool = False
    picked: tuple[str, ...] = PICKERS
    keys: tuple[str, ...] = ("group",)
    only: str = ""
    """An expression over columns, as Infinity's backend reads it, that rows must fulfil."""

    @property
    def pickers(self) -> tuple[str, ...]:
        """The filters that a dashboard's pickers set."""
        return tuple(name for name in self.picked if name not in self.params)

    @property
    def figure(self) -> str:
        """The name under which its rows lie in InfluxDB: the route, and what is asked beside group and bucket."""
        more = [value for name, value in sorted(self.params.items()) if name not in {"group", "bucket"}]
        return ".".join([self.route.strip("/").replace("/", "-") or "site", *more])

    @property
    def by(self) -> str:
        """What its rows are grouped by."""
        return self.params.get("group", self.keys[0] if self.keys else "site")

    @property
    def bucket(self) -> str:
        """The length of its buckets, `window` for the whole of one, `now` for a moment."""
        return self.params.get("bucket", WINDOW if self.spanning else NOW)


def in_time(route: str, bucket: str, *columns: Column, group: str = "site", **params: str) -> Ask:
    """Ask for lines over the dashboard's window, a point a bucket."""
    asked = {"group": group, "bucket": bucket, **params}
    return Ask(route=route, params=asked, columns=(moment(), *columns), series=True, spanning=True)


def text(name: str, title: str) -> Column:
    """Return a column of words."""
    return Column(name, title, "string")


def moment(name: str = "time", title: str = "time") -> Column:
    """Return a column of moments."""
    return Column(name, title, "timestamp")


def number(name: str, title: str, look: Look | None = None) -> Column:
    """Return a column of numbers."""
    return Column(name, title, "number", look or Look())


def share(name: str, title: str, look: Look | None = None) -> Column:
    """Return a column of shares from 0 to 1, shown in percent."""
    shown = look or Look()
    return Column(name, title, "number", shown if shown.unit else replace(shown, unit="percentunit"))

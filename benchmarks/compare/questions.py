"""What is asked of every route that OpenAPI lists: each parameter's values one by one, and pairs of parameters.

A route or a parameter that is new is asked as well, or this stops and says that it has no values for it.
"""

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

Values = Mapping[str, str]
"""Query parameters of one request, or a part of them."""
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Question:
    """One request. `stream`: an endless answer, of which the first event is read."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    stream: bool = False
    note: str = ""
    """What is told of it besides, where method and path alone do not tell it apart."""

    @property
    def name(self) -> str:
        """How it is told of."""
        return " ".join(part for part in (self.method, self.path, self.note) if part)


class Parameter(NamedTuple):
    """A query parameter as OpenAPI describes it."""

    name: str
    schema: Mapping[str, Any]

    @property
    def words(self) -> Sequence[str]:
        """The words that it may be, none where it is not one of several."""
        return [word for kind in self.kinds for word in kind.get("enum", ())]

    @property
    def kinds(self) -> Sequence[Mapping[str, Any]]:
        """What it may be: one description for each."""
        found: Sequence[Mapping[str, Any]] = self.schema.get("anyOf", [self.schema])
        return found


class Route(NamedTuple):
    """A method of a path, and its query parameters by name."""

    method: str
    path: str
    parameters: Mapping[str, Parameter]

    def at(self, site: str, values: Values | None = None) -> str:
        """Return its address for a site, what else stands in its path as `none`."""
        path = self.path.replace("{site}", site).replace("{note}", "none").replace("{sensor}", "none")
        return f"{path}?{urlencode(values)}" if values else path


class Place(NamedTuple):
    """A site as its API tells of it: ids, the moment that is now, and the windows that are asked for."""

    site: str
    moment: datetime
    floors: Sequence[str]
    zones: Sequence[str]
    kinds: Sequence[str]
    spaces: Sequence[str]
    thorough: bool

    def windows(self) -> Mapping[str, Values]:
        """Return windows by name: usual ones, both clock changes, odd and empty ones, and some that are not over."""
        today = self.moment.replace(hour=0, minute=0, second=0)
        monday = today - timedelta(days=today.weekday())
        spring, autumn = (_last_sunday(self.moment, month) for month in (3, 10))

        def span(start: datetime, end: datetime) -> Values:
            return {"from": start.isoformat(), "to": end.isoformat()}

        def days(end: datetime, number: int) -> Values:
            return span(end - timedelta(days=number), end)

        return {
            "usual": {},
            "today": span(today, self.moment),
            "yesterday": days(today, 1),
            "week": days(monday, 7),
            "4 weeks": days(self.moment, 28),
            "13 weeks": days(self.moment, 91),
            "spring": span(spring - timedelta(days=1), spring + timedelta(days=2)),
            "autumn": span(autumn - timedelta(days=1), autumn + timedelta(days=2)),
            "future": days(self.moment + timedelta(days=3), 1),
            "not over": span(today - timedelta(days=1), today + timedelta(days=1)),
            "empty": days(self.moment - timedelta(days=120), 1),
            "odd": span(self.moment - timedelta(hours=30, seconds=7), self.moment - timedelta(hours=26, seconds=11)),
            "epoch": {name: str(int(value.timestamp() * 1000)) for name, value in (("from", monday), ("to", today))},
            "open end": {"from": monday.isoformat()},
            "open begin": {"to": monday.isoformat()},
        }


_LONG = {"13 weeks"}
"""Asked in days, unless the bucket is what is varied."""
_TYPICAL = {"week", "13 weeks", "autumn", "not over"}
"""Windows of pairs, unless it is to be thorough; so many zones at most are asked for one by one then."""
_ZONES = 4
_PAIRS = (
    ("window", "group"), ("window", "bucket"), ("window", "measure"), ("window", "pool"), ("group", "shape"),
    ("group", "measure"), ("group", "format"), ("group", "desks"), ("group", "bucket"), ("bucket", "shape"),
    ("bucket", "measure"), ("bucket", "desks"), ("format", "shape"), ("at", "group"), ("pool", "members"),
)  # fmt: skip
_THOROUGH = (("window", "format"), ("window", "desks"), ("group", "kind"), ("group", "bridge"), ("window", "usage"))
"""Pairs that are asked besides when it is to be thorough."""


def routes(openapi: Mapping[str, Any]) -> list[Route]:
    """Return what OpenAPI lists."""
    return [
        Route(method.upper(), path, _parameters(about))
        for path, methods in openapi["paths"].items()
        for method, about in methods.items()
    ]


def _parameters(about: Mapping[str, Any]) -> Mapping[str, Parameter]:
    found = [one for one in about.get("parameters", ()) if one["in"] == "query"]
    return {one["name"]: Parameter(one["name"], one["schema"]) for one in found}


def questions(route: Route, place: Place, *, pairs: bool = True) -> Iterator[Question]:
    """Yield what is asked of one route that only reads; without `pairs` one parameter at a time."""
    if route.method != "GET":
        return
    if route.path.endswith("/live"):
        yield Question(route.at(place.site), stream=True)
        return
    dimensions = _dimensions(route, place)
    varied = itertools.chain([{}], _singly(dimensions), _paired(dimensions, place) if pairs else ())
    yield from (Question(address) for address in dict.fromkeys(route.at(place.site, values) for values in varied))
    yield Question(route.at(place.site), headers={"Accept-Encoding": "gzip"}, note="packed")
    yield Question(route.at(place.site), method="HEAD")


Dimensions = Mapping[str, Mapping[str, Values]]


def _singly(dimensions: Dimensions) -> Iterator[Values]:
    for name, values in dimensions.items():
        for each, value in values.items():
            yield {**_days(name, each, dimensions), **value}


def _paired(dimensions: Dimensions, place: Place) -> Iterator[Values]:
    for one, other in (*_PAIRS, *(_THOROUGH if place.thorough else ())):
        found = itertools.product(dimensions.get(one, {}).items(), dimensions.get(other, {}).items())
        for (each, first), (_, second) in found:
            if one != "window" or each in _TYPICAL or place.thorough:
                yield {**_days(one, each, dimensions), **first, **second}


def _days(name: str, value: str, dimensions: Dimensions) -> Values:
    return {"bucket": "1d"} if name == "window" and value in _LONG and "bucket" in dimensions else {}


def _dimensions(route: Route, place: Place) -> Dimensions:
    """Return the values of each parameter by their names; `window` stands for both ends, `desks` for two filters."""
    found: dict[str, Mapping[str, Values]] = {
        name: {value: {name: value} for value in _values(route, parameter, place)}
        for name, parameter in route.parameters.items()
        if name not in {"from", "to"}
    }
    if "from" in route.parameters:
        found["window"] = place.windows()
    if "assignment" in route.parameters:
        found["desks"] = {kind: {"kind": "desk", "assignment": kind} for kind in ("flexible", "fixed")}
    return found


def _values(route: Route, parameter: Parameter, place: Place) -> Iterable[str]:
    if parameter.words:
        return parameter.words
    windows = place.windows()
    moments = (windows["yesterday"]["to"], windows["odd"]["from"], windows["empty"]["to"], windows["future"]["to"])
    table: Mapping[str, Iterable[str]] = {
        "floor": (*place.floors, "*"),
        "zone": (*(place.zones if place.thorough else place.zones[:_ZONES]), "*"),
        "kind": (*place.kinds, "*"),
        "space": place.spaces,
        "at": (*moments, str(int(place.moment.timestamp() * 1000))),
        "max_points": ("1", "7", "100"),
        "usage": ("true", "false"),
        "weeks": ("1", "4", "26"),
        "bridge": ("0", "10", "240"),
        "sizes": ("1,2,4,8,12", "100", "4"),
        "seats": ("1", "8", "100"),
        "minutes": ("15", "60", "1440"),
        "members": ("1", "100", "250"),
        "target": ("0", "0.5", "31"),
        "stay": ("1", "8", "12"),
    }
    if parameter.name not in table:
        sys.exit(f"{route.path} has a parameter {parameter.name!r} that nothing is asked of: add values in {__file__}")
    return table[parameter.name]


def place_of(row: Mapping[str, Any], spaces: Sequence[Mapping[str, Any]], moment: int, *, thorough: bool) -> Place:
    """Return a site by its row and those of its spaces; of each kind and assignment of spaces one is asked for."""
    typical = {(space["kind"], space["assignment"]): str(space["space"]) for space in spaces}
    floors, zones, kinds = (
        list(dict.fromkeys(str(space[name]) for space in spaces)) for name in ("floor", "zone", "kind")
    )
    return Place(
        site=row["site"],
        moment=datetime.fromtimestamp(moment / 1000, ZoneInfo(row["zone"])),
        floors=floors,
        zones=zones,
        kinds=kinds,
        spaces=list(typical.values()),
        thorough=thorough,
    )


def _last_sunday(moment: datetime, month: int) -> datetime:
    last = moment.replace(month=month, day=31, hour=0, minute=0, second=0)
    return last - timedelta(days=(last.weekday() + 1) % 7)

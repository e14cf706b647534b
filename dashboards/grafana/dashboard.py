"""A dashboard: rows of panels, pickers above them, links to the others. Classic JSON, as Grafana 11 to 13 take it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboards.grafana.panels import Panel
from dashboards.grafana.source import Json, Source

SCHEMA = 39
"""Grafana 11's; later ones migrate it when they load it."""
TAG = "ledig"
COLUMNS = 24
_LABELS = {"site": "House", "floor": "Floor", "zone": "Zone", "kind": "Kind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """What one dashboard shows, whatever it stands on."""

    slug: str
    title: str
    about: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]
    live: bool = False
    """Of today, and asked again every 30 seconds; others are of four weeks, and rest."""

    @property
    def panels(self) -> Iterator[Panel]:
        """All panels, in order."""
        for _, panels in self.rows:
            yield from panels

    def json(self, source: Source, timezone: str) -> Json:
        """Return it as Grafana has it, on a source, in the time of a zone."""
        return {
            "uid": uid(self.slug, source),
            "title": self.title if not source.name else f"{self.title} ({source.name})",
            "description": self.about,
            "tags": [_tag(source)],
            "timezone": timezone,
            "weekStart": "monday",
            "editable": True,
            "graphTooltip": 1,
            "schemaVersion": SCHEMA,
            "refresh": "30s" if self.live else "",
            "time": {"from": "now/d", "to": "now/d"} if self.live else {"from": "now-28d", "to": "now"},
            "timepicker": {},
            "annotations": {"list": []},
            "templating": {"list": [_picker(source, name) for name in _LABELS]},
            "links": [_links(source)],
            "panels": list(_laid_out(self.rows, source)),
        }


def uid(slug: str, source: Source) -> str:
    """Return the fixed uid of a dashboard."""
    return "-".join(["ledig", *([source.name.lower()] if source.name else []), slug])


def _tag(source: Source) -> str:
    return f"{TAG}-{source.name.lower()}" if source.name else TAG


def _links(source: Source) -> Json:
    return {
        "type": "dashboards",
        "title": "ledig",
        "tags": [_tag(source)],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": False,
        "targetBlank": False,
        "icon": "dashboard",
        "tooltip": "",
        "url": "",
    }


def _picker(source: Source, name: str) -> Json:
    """Return a picker; "all" goes to the API as a star, which leaves nothing out."""
    every = name != "site"
    return {
        "name": name,
        "label": _LABELS[name],
        "type": "query",
        "datasource": source.reference,
        "query": source.variable(name),
        "refresh": 1,
        "regex": "",
        "sort": 0,
        "multi": False,
        "hide": 0,
        "skipUrlSync": False,
        "options": [],
        "includeAll": every,
        **({"allValue": source.every, "current": {"text": "All", "value": "$__all"}} if every else {}),
    }


def _laid_out(rows: Sequence[tuple[str, Sequence[Panel]]], source: Source) -> Iterator[Json]:
    number, y = 1, 0
    for title, panels in rows:
        if title:
            place = {"x": 0, "y": y, "w": COLUMNS, "h": 1}
            yield {"id": number, "type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": place}
            number, y = number + 1, y + 1
        x = height = 0
        for panel in panels:
            if x + panel.width > COLUMNS:
                x, y, height = 0, y + height, 0
            yield panel.json(number, source, (x, y))
            number, x, height = number + 1, x + panel.width, max(height, panel.height)
        y += height

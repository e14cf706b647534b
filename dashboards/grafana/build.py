"""All dashboards, on all sources, as the files that `ledig grafana build` writes."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from dashboards.grafana.alerts import rule_groups
from dashboards.grafana.ask import Ask
from dashboards.grafana.dashboard import Dashboard
from dashboards.grafana.infinity import Infinity
from dashboards.grafana.influx import Influx
from dashboards.grafana.now import house_now
from dashboards.grafana.rooms import rooms
from dashboards.grafana.sensors import sensors
from dashboards.grafana.source import Json, Source
from dashboards.grafana.use import use

DASHBOARDS: tuple[Dashboard, ...] = (house_now(), use(), rooms(), sensors())
SOURCES: tuple[Source, ...] = (Infinity(), Influx())
FOLDERS = {"": "dashboards/ledig", "InfluxDB": "dashboards/ledig-influxdb"}
"""Where the dashboards on a source lie, below the folder that is written to."""

ALERTS = "provisioning/alerting/ledig.json"


def questions() -> list[Ask]:
    """Return every question of the dashboards once."""
    found: dict[tuple[str, str, str], Ask] = {}
    for ask in _asks():
        found.setdefault((ask.figure, ask.by, ask.bucket), ask)
    return list(found.values())


def dashboard_files(timezone: str) -> dict[str, bytes]:
    """Return the dashboards' files by their paths."""
    return {
        f"{FOLDERS[source.name]}/{dashboard.slug}.json": encoded(dashboard.json(source, timezone))
        for source in SOURCES
        for dashboard in DASHBOARDS
    }


def dashboards_on(source: Source, timezone: str) -> tuple[Json, ...]:
    """Return the dashboards on one source."""
    return tuple(dashboard.json(source, timezone) for dashboard in DASHBOARDS)


def alert_file(sites: Sequence[str]) -> dict[str, bytes]:
    """Return the file of alert rules for houses by its path."""
    return {ALERTS: encoded(rule_groups(sites))}


def encoded(value: Any) -> bytes:
    """Return JSON as it is written: the same each time, and readable as a difference."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _asks() -> Iterator[Ask]:
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            yield from panel.asks

"""The commands: what each is called, says of itself, takes and does.

A command's code is imported when it is asked for: `ledig publish` need not know how reports are made, and what helps
a mistyped command should come at once.
"""

import inspect
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pkgutil import resolve_name
from typing import NamedTuple

from ledig.settings import Settings


class Command(NamedTuple):
    """One command.

    `place` is the module and the function that does it, of `arguments`, `settings` and `stop` what it has parameters
    for. `flags` are functions of the same module, or of another, that add flags of its own. `settings` are those that
    have a flag, None where the command has no settings at all; all have an environment variable and a place in the
    settings file.
    """

    text: str
    place: str
    flags: tuple[str, ...] = ()
    settings: tuple[str, ...] | None = ()

    def add_flags(self, parser: ArgumentParser) -> None:
        """Add the flags of its own."""
        for flags in self.flags:
            resolve_name(flags if ":" in flags else f"{self.place.partition(':')[0]}:{flags}")(parser)

    def run(self, arguments: Namespace, settings: Settings | None, stop: threading.Event) -> int:
        """Do it; return the exit status."""
        known = {"arguments": arguments, "settings": settings, "stop": stop}
        act = resolve_name(self.place)
        status: int = act(**{name: known[name] for name in inspect.signature(act).parameters})
        return status


_INFLUXDB = ("influxdb_url", "influxdb_org", "influxdb_bucket", "influxdb_token_file")
COMMANDS: Mapping[str, Command] = {
    "demo": Command(
        "run a simulated house: broker, ingest, store, API and page in one",
        "ledig.demo:demo",
        ("add_demo",),
        ("data", "host", "port"),
    ),
    "serve": Command(
        "run ingest, store, API and page for real houses",
        "ledig.serve:serve",
        ("add_serve",),
        ("data", "sites", "broker", "store", "host", "port"),
    ),
    "ingest": Command(
        "run ingest alone, into a server store, by one worker or several",
        "ledig.ingesting:ingest",
        ("add_ingest",),
        ("data", "sites", "broker", "store"),
    ),
    "api": Command(
        "run API and page alone, over a server store",
        "ledig.api:api",
        ("add_api",),
        ("sites", "broker", "store", "host", "port"),
    ),
    "rollup": Command(
        "keep roll-ups alone, beside a server store: what makes a year's figures cheap",
        "ledig.rollup:rollup",
        ("add_rollup",),
        ("data", "sites", "broker", "store"),
    ),
    "check": Command(
        "check settings, site files and connections; report every mistake at once",
        "ledig.check:check",
        settings=("data", "sites", "broker", "store"),
    ),
    "discover": Command(
        "listen to the sources, say which sensors speak there, and place them",
        "ledig.discover:discover",
        ("add_discover",),
        ("sites", "broker"),
    ),
    "simulate": Command(
        "write what a site's sensors would say, and the truth", "ledig.traffic:simulate_site", ("add_simulate",), None
    ),
    "convert": Command(
        "turn others' counts (CSV, Parquet) into a recording, every row accounted for",
        "ledig.convert:convert_dump",
        ("add_convert",),
    ),
    "replay": Command(
        "send a recording through a broker", "ledig.traffic:replay_recording", ("add_replay",), ("data", "broker")
    ),
    "publish": Command(
        "say to a broker what a site's sensors would say, as time goes by",
        "ledig.publish:publish",
        ("add_publish",),
        ("broker",),
    ),
    "size": Command(
        "tell how many desks a house needs, by what was measured in it, or by a scenario",
        "ledig.sizes:sizes",
        ("ledig.sizing:add_size", "ledig.scenario:add_scenario", "ledig.modeltest:add_back_test"),
        ("data", "sites", "store"),
    ),
    "forecast": Command(
        "tell how full the next two weeks are likely to be, and how such forecasts did",
        "ledig.forecast:forecast_house",
        ("add_forecast",),
        ("data", "sites", "store"),
    ),
    "report": Command(
        "write one file for a planner and a board, from what was measured",
        "ledig.report:report_house",
        ("add_report",),
        ("data", "sites", "store"),
    ),
    "export": Command(
        "write a store's readings into files, or what is new since the last time",
        "ledig.moving:export_readings",
        ("add_export",),
        ("data", "store"),
    ),
    "import": Command(
        "bring exported readings into a store, and read them back",
        "ledig.moving:import_readings",
        ("add_import",),
        ("data", "store"),
    ),
    "backup": Command(
        "copy the embedded store while it runs", "ledig.moving:back_up_store", ("add_backup",), ("data",)
    ),
    "restore": Command(
        "bring a back-up into a fresh data folder", "ledig.moving:restore_store", ("add_restore",), ("data",)
    ),
    "figures": Command(
        "write figures into InfluxDB, for dashboards that stand on it",
        "ledig.figures:figures",
        ("add_figures",),
        ("data", "sites", "store", "api_key_file", *_INFLUXDB),
    ),
    "grafana": Command(
        "write Grafana's dashboards and alert rules, or push them",
        "ledig.grafana:grafana",
        ("add_grafana",),
        ("sites", "host", "port", "api_key_file", "grafana_url", "grafana_token_file"),
    ),
    "secrets": Command(
        "make passwords, a token and certificates for docker-compose.yml",
        "ledig.secrets:make_secrets",
        ("add_secrets",),
        None,
    ),
}

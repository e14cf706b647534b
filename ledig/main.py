"""The command line: one parser, one function a command, and one way for bad input to end it."""

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ledig.api import api
from ledig.check import check
from ledig.demo import demo
from ledig.figures import add_figures, figures
from ledig.forecast import add_forecast, forecast_house
from ledig.grafana import add_grafana, grafana
from ledig.ingesting import ingest
from ledig.modeltest import add_back_test, models_tested
from ledig.moving import (
    add_backup,
    add_export,
    add_import,
    add_restore,
    back_up_store,
    export_readings,
    import_readings,
    restore_store,
)
from ledig.problem import USAGE, CommandError
from ledig.publish import publish
from ledig.report import add_report, report_house
from ledig.rollup import rollup
from ledig.scenario import add_scenario, size_scenario
from ledig.secrets import make_secrets
from ledig.serve import serve
from ledig.settings import TABLE, Settings, load_settings
from ledig.sizing import add_size, size_house
from ledig.stopping import STOPPED, complain, stop_on_signals
from ledig.traffic import convert_dump, replay_recording, simulate_site
from simulator.betahaus import SITE
from spaces.mistakes import FileError
from store.protocol import StoreError

_FLAGS: dict[str, tuple[str, ...]] = {
    "demo": ("data", "host", "port"),
    "serve": ("data", "sites", "broker", "store", "host", "port"),
    "ingest": ("data", "sites", "broker", "store"),
    "api": ("sites", "broker", "store", "host", "port"),
    "rollup": ("data", "sites", "broker", "store"),
    "check": ("data", "sites", "broker", "store"),
    "convert": (),
    "replay": ("data", "broker"),
    "publish": ("broker",),
    "size": ("data", "sites", "store"),
    "forecast": ("data", "sites", "store"),
    "report": ("data", "sites", "store"),
    "export": ("data", "store"),
    "import": ("data", "store"),
    "backup": ("data",),
    "restore": ("data",),
    "figures": ("api_key_file", "influxdb_url", "influxdb_org", "influxdb_bucket", "influxdb_token_file"),
    "grafana": ("sites", "host", "port", "api_key_file", "grafana_url", "grafana_token_file"),
}
"""Settings that have a flag, by command; all have an environment variable and a place in the settings file."""


ENDED_EARLY = 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its status: 0 well, 1 ended early, 2 bad input."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    parsed = _parser().parse_args(arguments)
    try:
        with stop_on_signals() as stop:
            return _command(parsed)(stop)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read has gone: `ledig size | head`
        return STOPPED
    except (CommandError, FileError, StoreError) as error:
        complain(f"ledig {parsed.command}: {error}" if isinstance(error, CommandError | StoreError) else str(error))
        return USAGE


def _command(parsed: argparse.Namespace) -> Callable[[threading.Event], int]:
    if parsed.command == "simulate":
        return lambda _: simulate_site(parsed)
    if parsed.command == "secrets":
        return lambda _: make_secrets(parsed)
    settings = _settings(parsed)
    commands: dict[str, Callable[[threading.Event], int]] = {
        "demo": lambda stop: demo(parsed, settings, stop),
        "serve": lambda stop: serve(parsed, settings, stop),
        "ingest": lambda stop: ingest(parsed, settings, stop),
        "api": lambda stop: api(parsed, settings, stop),
        "rollup": lambda stop: rollup(parsed, settings, stop),
        "check": lambda _: check(settings),
        "convert": lambda _: convert_dump(parsed, settings),
        "replay": lambda stop: replay_recording(parsed, settings, stop),
        "publish": lambda stop: publish(parsed, settings, stop),
        "forecast": lambda stop: forecast_house(parsed, settings, stop),
        "size": lambda stop: _size(parsed, settings, stop),
        "report": lambda stop: report_house(parsed, settings, stop),
        "export": lambda stop: export_readings(parsed, settings, stop),
        "import": lambda stop: import_readings(parsed, settings, stop),
        "backup": lambda stop: back_up_store(parsed, settings, stop),
        "restore": lambda _: restore_store(parsed, settings),
        "figures": lambda stop: figures(parsed, settings, stop),
        "grafana": lambda _: grafana(parsed, settings),
    }
    return commands[parsed.command]


def _size(parsed: argparse.Namespace, settings: Settings, stop: threading.Event) -> int:
    if parsed.scenario:
        return size_scenario(parsed, stop)
    return models_tested(parsed, settings, stop) if parsed.back_test else size_house(parsed, settings, stop)


def _settings(parsed: argparse.Namespace) -> Settings:
    flags = {name: getattr(parsed, name) for name in _FLAGS[parsed.command]}
    return load_settings(parsed.settings, flags=flags)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ledig", description="Occupancy in, figures that can be defended out.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(_add(commands, "demo", "run a simulated house: broker, ingest, store, API and page in one"))
    serving = _add(commands, "serve", "run ingest, store, API and page for real houses")
    serving.add_argument("--with-broker", action="store_true", help="start a broker of our own on the broker's port")
    ingesting = _add(commands, "ingest", "run ingest alone, into a server store, by one worker or several")
    ingesting.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes that share the messages")
    ingesting.add_argument("--worker", type=_workers, help=argparse.SUPPRESS)
    showing = _add(commands, "api", "run API and page alone, over a server store")
    rolling = _add(commands, "rollup", "keep roll-ups alone, beside a server store: what makes a year's figures cheap")
    rolling.add_argument("--once", action="store_true", help="roll up what is due, and end")
    for command in (showing, rolling):
        command.add_argument("--client-id", default=None, help="name at the broker (default: one of its own)")
    for command in (serving, ingesting, showing, rolling):
        command.add_argument("--exit-after", type=_seconds, metavar="SECONDS", help="end by itself")
    _add(commands, "check", "check settings, site files and connections; report every mistake at once")
    _add_simulate(commands.add_parser("simulate", help="write what a site's sensors would say, and the truth"))
    _add_convert(_add(commands, "convert", "turn others' counts (CSV) into a recording"))
    _add_replay(_add(commands, "replay", "send a recording through a broker"))
    _add_publish(_add(commands, "publish", "say to a broker what a site's sensors would say, as time goes by"))
    sizing = _add(commands, "size", "tell how many desks a house needs, by what was measured in it, or by a scenario")
    add_size(sizing)
    add_scenario(sizing)
    add_back_test(sizing)
    add_forecast(
        _add(commands, "forecast", "tell how full the next two weeks are likely to be, and how such forecasts did")
    )
    add_report(_add(commands, "report", "write one file for a planner and a board, from what was measured"))
    add_export(_add(commands, "export", "write a store's readings into files, or what is new since the last time"))
    add_import(_add(commands, "import", "bring exported readings into a store, and read them back"))
    add_backup(_add(commands, "backup", "copy the embedded store while it runs"))
    add_restore(_add(commands, "restore", "bring a back-up into a fresh data folder"))
    add_figures(_add(commands, "figures", "write figures into InfluxDB, for dashboards that stand on it"))
    add_grafana(_add(commands, "grafana", "write Grafana's dashboards and alert rules, or push them"))
    _add_secrets(commands.add_parser("secrets", help="make passwords, a token and certificates for docker-compose.yml"))
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    command.add_argument("--settings", type=Path, metavar="FILE", help="settings file (default: ledig.toml, if there)")
    for setting in _FLAGS[name]:
        shown = TABLE[setting].default or "none"
        command.add_argument(
            f"--{setting.replace('_', '-')}",
            nargs="+" if setting == "sites" else None,
            help=f"{TABLE[setting].meaning} (default: {shown})",
        )
    return command


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("--broker-port", type=_port, metavar="PORT", help="port of the demo's broker (default: 1883)")
    command.add_argument(
        "--speed", type=_fast, metavar="N", help="begin four weeks ago and run N times as fast until now"
    )
    command.add_argument("--exit-after", type=_seconds, metavar="SECONDS", help="end by itself")
    command.add_argument("--seed", type=int, default=1, help="another seed, other people (default: 1)")


def _add_simulate(command: argparse.ArgumentParser) -> None:
    command.add_argument("--site", type=Path, default=SITE, help="site file or folder (default: the demo's house)")
    command.add_argument("--from", dest="start", required=True, metavar="TIME", help="RFC 3339 or epoch milliseconds")
    command.add_argument("--to", dest="end", required=True, metavar="TIME", help="the same, exclusive")
    command.add_argument("--seed", type=int, default=1, help="another seed, other people (default: 1)")
    command.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="folder for the recording and the truth"
    )


def _add_convert(command: argparse.ArgumentParser) -> None:
    command.add_argument("mapping", type=Path, help="mapping file: what the columns mean (docs/real-data.md)")
    command.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="recording to write, .jsonl or .jsonl.gz"
    )
    command.add_argument(
        "--data", dest="dump", type=Path, metavar="FOLDER", help="where the dump lies, if not where the mapping says"
    )
    command.add_argument(
        "--skip-bad-rows", action="store_true", help="go on without rows that are wrong, and count them"
    )


def _add_replay(command: argparse.ArgumentParser) -> None:
    command.add_argument("recording", type=Path, help="recording to send")
    command.add_argument(
        "--speed", type=_speed, metavar="N", help="divide its spacing by N (default: as fast as it is taken)"
    )
    command.add_argument("--rename-site", metavar="SITE", help="send it as another site")
    command.add_argument("--into-live", action="store_true", help="send it even into a site that has live readings")


def _add_publish(command: argparse.ArgumentParser) -> None:
    command.add_argument("--site", type=Path, default=SITE, help="site file or folder (default: the demo's house)")
    command.add_argument("--seed", type=int, default=1, help="another seed, other people (default: 1)")
    command.add_argument("--exit-after", type=_seconds, metavar="SECONDS", help="end by itself")


def _add_secrets(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, help="folder to make; nothing is overwritten")
    command.add_argument(
        "--houses", nargs="+", default=["betahaus"], metavar="SITE",
        help="ids of the sites whose sensors get a user at the broker (default: the demo's house)",
    )  # fmt: skip
    command.add_argument(
        "--host", nargs="+", default=[], metavar="NAME", help="names and addresses by which sensors reach the broker"
    )
    command.add_argument("--add", metavar="SITE", help="add the user of one more site to a folder that was made before")


def _seconds(text: str) -> float:
    return _number(text, "a number of seconds", least=0.0)


def _speed(text: str) -> float:
    return _number(text, "a speed; 1 is real time, 60 an hour in a minute", least=1e-6)


def _fast(text: str) -> float:
    return _number(text, "a speed of 1 or more", least=1.0)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of workers from 1 to 64")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 1 to 65535")
    return int(text)


def _number(text: str, what: str, *, least: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not least <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return number

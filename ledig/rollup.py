"""`ledig rollup`: roll-ups kept fresh beside a server store, by a process of its own."""

import threading
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack, closing
from dataclasses import replace
from secrets import token_hex

from tqdm import tqdm

from dashboards.api import create_service
from ingest.listening import LiveListener
from ledig.arguments import add_client_id, add_exit_after
from ledig.clock import wall_clock
from ledig.house import new_registry
from ledig.ports import claim
from ledig.problem import CommandError
from ledig.rolling import RollupLoop
from ledig.rollupmetrics import RollupCollector
from ledig.serve import watch
from ledig.server import Server
from ledig.settings import TABLE, Settings
from ledig.sites import sites_of
from ledig.stopping import say
from ledig.stores import open_server_store, want_server
from store.polled import PolledStates


def add_rollup(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig rollup`."""
    command.add_argument("--once", action="store_true", help="roll up what is due, and end")
    add_client_id(command)
    add_exit_after(command)


def rollup(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Keep roll-ups beside a server store until stopped, or once; return the exit status.

    Raises:
        CommandError: with what is in the way.
    """
    want_server(settings, serve="keeps its roll-ups", needs="`ledig rollup` needs")
    sites = sites_of(settings)
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_server_store(settings)))
        live = PolledStates(store, wall_clock)
        loop = RollupLoop(store, live, sites.current, wall_clock, settings.rollup_folder(), seconds_between(settings))
        stack.callback(loop.stop)
        if arguments.once:
            return _once(loop, stop)
        asked = "rollup_metrics_port" in settings.given
        listener, moved = claim(settings.host, settings.rollup_metrics_port, asked=asked, what="health and metrics")
        stack.callback(listener.close)
        ingest = replace(settings.ingest(), client_id=arguments.client_id or f"ledig-rollup-{token_hex(4)}")
        hearing = LiveListener(ingest, live.note)
        registry = new_registry()
        registry.register(RollupCollector(loop))
        checks = {"live": hearing.trouble, "rollup": loop.trouble}
        server = Server(create_service(store, registry, checks), listener)
        for part in (live, hearing, loop, server):
            stack.callback(part.stop)
            part.start()
        if moved:
            say(moved)
        houses = ", ".join(site.name for site in sites.current().values())
        say(f"roll-ups of {houses}: {settings.rollup_folder()}, {server.url}metrics")
        return watch(server.trouble, checks, sites, stop, arguments.exit_after)


def seconds_between(settings: Settings) -> int:
    """Return the seconds between two looks: those of the settings, unless they only say that `ledig serve` does not."""
    return settings.rollup_seconds or int(TABLE["rollup_seconds"].default)


def _once(loop: RollupLoop, stop: threading.Event) -> int:
    with tqdm(desc="roll-ups", unit="day", leave=False, mininterval=0.5) as bar:

        def show(done: int, days: int) -> None:
            bar.total = days
            bar.update(done - bar.n)
            if stop.is_set():
                raise _Stopped

        try:
            quarters = loop.round(show, rest=False)
        except _Stopped:
            return 1
        except OSError as error:
            raise CommandError(f"roll-ups cannot be written: {error}") from error
    if not loop.has_turn():
        raise CommandError("another process keeps the roll-ups in this folder")
    say(f"roll-ups: {quarters:,} quarter-hours were rolled up; all are fresh")
    return 0


class _Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """The command was asked to end."""

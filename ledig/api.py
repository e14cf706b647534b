"""`ledig api`: the API and the page over a server store that others write to; any number of them."""

import threading
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack, closing
from dataclasses import replace
from secrets import token_hex

from dashboards.api import create_app
from ingest.listening import LiveListener
from ledig.arguments import add_client_id, add_exit_after
from ledig.calendarfetcher import CalendarFetcher
from ledig.clock import wall_clock
from ledig.house import new_registry
from ledig.ports import claim
from ledig.serve import watch
from ledig.server import Server
from ledig.settings import Settings
from ledig.sites import sites_of
from ledig.stopping import say
from ledig.stores import open_server_store, want_server
from spaces.fetched import FETCHED
from store.polled import PolledStates
from store.rollups import RollupFiles


def add_api(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig api`."""
    add_client_id(command)
    add_exit_after(command)


def api(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Answer until stopped; return the exit status.

    Raises:
        CommandError: with what is in the way.
    """
    want_server(settings, serve="is its API", needs="`ledig api` needs")
    sites = sites_of(settings)
    ingest = replace(settings.ingest(), client_id=arguments.client_id or f"ledig-api-{token_hex(4)}")
    with ExitStack() as stack:
        listener, moved = claim(settings.host, settings.port, asked="port" in settings.given, what="the page")
        stack.callback(listener.close)
        store = stack.enter_context(closing(open_server_store(settings)))
        live = PolledStates(store, wall_clock)
        hearing = LiveListener(ingest, live.note)
        fetcher = CalendarFetcher(sites.current, settings.data / FETCHED, wall_clock)
        app = create_app(
            settings.api(), store, live, sites.current, wall_clock, new_registry(), checks={"live": hearing.trouble},
            rollups=RollupFiles(settings.rollup_folder()),
        )  # fmt: skip
        server = Server(app, listener)
        for part in (live, hearing, server, fetcher):
            stack.callback(part.stop)
            part.start()
        if moved:
            say(moved)
        say(f"page    {server.url}  {', '.join(site.name for site in sites.current().values())}")
        checks = {"live": hearing.trouble, "calendars": fetcher.trouble}
        return watch(server.trouble, checks, sites, stop, arguments.exit_after)

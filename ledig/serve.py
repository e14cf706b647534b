"""`ledig serve`: ingest, store, API and page of real houses in one process."""

import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from urllib.parse import urlsplit

from ingest.clockwatch import ClockWatch
from ingest.formats.families import family_of
from ingest.settings import IngestSettings
from ingest.spooled import SpoolLedger
from ledig.arguments import add_exit_after
from ledig.broker import start_broker
from ledig.calendarfetcher import CalendarFetcher
from ledig.clock import system_clock, wall_clock
from ledig.house import Check, House
from ledig.learning import LearningLoop
from ledig.ports import LOOPBACK, claim
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.sites import sites_of
from ledig.stopping import complain, say
from ledig.stores import open_spooled_store
from spaces.fetched import FETCHED
from spaces.sitebook import SiteBook
from store.opening import open_store, through
from store.protocol import Store

_LOOK_EVERY = 1.0


def add_serve(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig serve`."""
    command.add_argument("--with-broker", action="store_true", help="start a broker of our own on the broker's port")
    add_exit_after(command)


def serve(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Serve until stopped; return the exit status.

    Raises:
        CommandError: with what is in the way.
    """
    sites = sites_of(settings)
    ingests = settings.ingests()
    with ExitStack() as stack:
        listener, moved = claim(settings.host, settings.port, asked="port" in settings.given, what="the page")
        stack.callback(listener.close)
        books = SpoolLedger()
        store = stack.enter_context(closing(_open(settings, books)))
        if arguments.with_broker:
            port = urlsplit(settings.broker).port or 1883
            claimed, _ = claim(LOOPBACK, port, asked=True, what="the broker")
            claimed.close()
            stack.callback(start_broker(port, settings.data).stop)
            ingests = tuple(
                replace(one, host=LOOPBACK, port=port, protocol="3.1.1", tls=False) if one.is_native else one
                for one in ingests
            )
        house = House(settings, ingests, store, sites, wall_clock, listener, ClockWatch(system_clock()))
        stack.callback(house.stop)
        books.keep_for(*house.workers)
        house.start()
        fetcher = CalendarFetcher(sites.current, settings.data / FETCHED, wall_clock)
        stack.callback(fetcher.stop)
        fetcher.start()
        learning = LearningLoop(store, sites.current, wall_clock, settings.data)
        stack.callback(learning.stop)
        learning.start()
        if moved:
            say(moved)
        for ingest in ingests:
            say(_spoken(ingest))
        say(f"page    {house.server.url}  {', '.join(site.name for site in sites.current().values())}")
        checks = {**house.watched, "calendars": fetcher.trouble}
        return watch(house.trouble, checks, sites, stop, arguments.exit_after)


def _spoken(ingest: IngestSettings) -> str:
    """Return where sensors speak, in a line."""
    if ingest.is_native:
        return f"broker  {ingest.address}  topics {ingest.prefix}/SITE/SENSOR/state"
    return f"source  {ingest.source}: {family_of(ingest.family).title} at {ingest.address}"


def _open(settings: Settings, books: SpoolLedger) -> Store:
    if settings.store != "embedded":
        return open_spooled_store(settings, settings.data / "spool-1", books.settled)
    store = open_store(settings.data)
    if held := through(store):
        store.close()
        raise CommandError(f"{settings.data} is in use: {held.partition(';')[0]}; one process serves a folder")
    return store


def watch(
    ended: Check, checks: Mapping[str, Check], sites: SiteBook, stop: threading.Event, exit_after: float | None
) -> int:
    """Say what goes wrong and what is well again, until stopped or something has `ended`; return the exit status."""
    said: dict[str, str] = {}
    waited = 0.0
    while not stop.wait(_LOOK_EVERY):
        if wrong := ended():
            complain(f"ledig: {wrong}")
            return 1
        sites.current()
        mistakes = "\n".join(f"{mistake} (the old site stays in force)" for mistake in sites.mistakes())
        bookings = "\n".join(f"{mistake} (the calendar is not taken up)" for mistake in sites.wrong_bookings())
        files = {"sites": mistakes, "bookings": bookings}
        for what, trouble in (*((name, check() or "") for name, check in checks.items()), *files.items()):
            if trouble != said.get(what, ""):
                complain(trouble or f"{what}: well again")
            said[what] = trouble
        waited += _LOOK_EVERY
        if exit_after is not None and waited >= exit_after:
            break
    return 0

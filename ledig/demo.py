"""`ledig demo`: a living, simulated house in one process, from the first minute."""

import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial

import msgspec
from tqdm import tqdm

from ingest.settings import IngestSettings
from ledig.arguments import add_exit_after, add_seed, fast, port
from ledig.broker import Broker, start_broker
from ledig.clock import wall_clock
from ledig.democalendars import DemoCalendars
from ledig.house import House
from ledig.ports import LOOPBACK, claim
from ledig.preload import Preloading
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.sites import DEMO_NOTE
from ledig.stopping import complain, say
from simulator.betahaus import SITE
from simulator.demo_clock import DemoClock, resume
from simulator.publisher import Publisher
from spaces.bookings import FOLDER
from spaces.site import Site
from spaces.sitebook import SiteBook
from spaces.summary import counted
from spaces.times import DAY, MINUTE, Millis, to_datetime
from store.opening import open_store, through
from store.protocol import Store

HISTORY: Millis = 13 * 7 * DAY
FAST_HISTORY: Millis = 4 * 7 * DAY
"""How long before now a house begins that runs fast."""
BROKER_PORT = 1883
_LINE_EVERY = 5.0
_DRAIN = 3.0
"""Seconds that ingest is given at the end to take what the simulator has published."""
_OVERLAP = 10 * MINUTE
"""A second start looks back so far for what the first published and did not store."""


class Plan(msgspec.Struct, frozen=True):
    """The demo's clock, kept beside its data: a first start that was broken off goes on filling to it."""

    start: Millis


def add_demo(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig demo`."""
    command.add_argument("--broker-port", type=port, metavar="PORT", help="port of the demo's broker (default: 1883)")
    command.add_argument(
        "--speed", type=fast, metavar="N", help="begin four weeks ago and run N times as fast until now"
    )
    add_exit_after(command)
    add_seed(command)


def demo(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Run the demo until it is stopped; return the exit status.

    Raises:
        CommandError: with what is in the way.
    """
    site_book = SiteBook([SITE], bookings=settings.data / FOLDER)
    site = next(iter(site_book.current().values()))
    with ExitStack() as stack:
        listener, moved = claim(settings.host, settings.port, asked="port" in settings.given, what="the page")
        stack.callback(listener.close)
        store = stack.enter_context(closing(_own_store(settings)))
        clock = _Past(arguments, settings, store, site).clock(stop)
        if clock is None or stop.is_set():
            return 0
        broker, port = _broker(arguments, settings)
        stack.callback(broker.stop)
        ingest = replace(settings.ingest(), host=LOOPBACK, port=port, protocol="3.1.1", tls=False, username=None)
        house = House(settings, [ingest], store, site_book, clock, listener)
        stack.callback(house.stop)
        publisher = Publisher(LOOPBACK, port, site=site, seed=arguments.seed, clock=clock, prefix=settings.prefix)
        stack.callback(_drain, publisher, house)
        house.start()
        publisher.start(clock())
        calendars = DemoCalendars(site, arguments.seed, clock(), settings.data / FOLDER)
        stack.callback(calendars.stop)
        calendars.start()
        _greet(house, site, broker, ingest, [moved])
        line = partial(_line, house, publisher, clock, site)
        return _live(house, publisher, line, stop, arguments.exit_after)


def _own_store(settings: Settings) -> Store:
    store = open_store(settings.data)
    if held := through(store):
        store.close()
        raise CommandError(
            f"{settings.data} is in use: {held.partition(';')[0]}, perhaps another demo;"
            " stop it, or name another folder with --data"
        )
    return store


class _Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """The preloading was asked to end."""


class _Past:
    """What lies before the demo: where its clock starts, and the history that leads there."""

    def __init__(self, arguments: Namespace, settings: Settings, store: Store, site: Site) -> None:
        self._note = settings.data / DEMO_NOTE
        self._speed: float | None = arguments.speed
        self._preloading = Preloading(store, site, seed=arguments.seed, prefix=settings.prefix)
        extent = store.extent(site.id)
        self._last = extent.last if extent else None
        self._start = self._planned(site)
        self._note.write_bytes(msgspec.json.encode(Plan(self._start)))

    def clock(self, stop: threading.Event) -> DemoClock | None:
        """Return the demo's clock once the store holds what came before; None where that was stopped."""
        if self._speed is not None:
            begin = max(self._start - FAST_HISTORY, self._last or 0)
            return DemoClock(begin, monotonic=time.monotonic, speed=self._speed, target=self._start)
        begin = self._start - HISTORY if self._last is None else self._last - _OVERLAP
        if begin < self._start and not self._fill(begin, stop):
            return None
        return DemoClock(self._start, monotonic=time.monotonic)

    def _planned(self, site: Site) -> Millis:
        """Go on filling to where a first start was broken off, else start anew from what there is."""
        try:
            planned = msgspec.json.decode(self._note.read_bytes(), type=Plan).start
        except (OSError, msgspec.DecodeError):
            planned = None
        if planned is not None and (self._last is None or self._last < planned):
            return planned
        return resume(site, self._last, wall_clock())

    def _fill(self, begin: Millis, stop: threading.Event) -> bool:
        """Preload with a progress bar; return whether it came to its end."""
        days = -(-(self._start - begin) // DAY)
        began = time.monotonic()
        with tqdm(total=days, desc="history", unit="day", leave=False, mininterval=0.5) as bar:

            def show(done: int, _days: int) -> None:
                bar.update(done - bar.n)
                if stop.is_set():
                    raise _Stopped

            try:
                stored = self._preloading.run(begin, self._start, show)
            except _Stopped:
                return False
        weeks = (self._start - begin) / (7 * DAY)
        if weeks >= 0.1:
            say(
                f"history: {counted(stored, 'reading', ',')} of {weeks:.1f} weeks stored"
                f" in {time.monotonic() - began:.1f} s"
            )
        else:
            say("history: goes on where it ended")
        return True


def _broker(arguments: Namespace, settings: Settings) -> tuple[Broker, int]:
    asked = arguments.broker_port
    listener, moved = claim(LOOPBACK, asked or BROKER_PORT, asked=asked is not None, what="the broker")
    port: int = listener.getsockname()[1]
    listener.close()
    if moved:
        say(moved)
    return start_broker(port, settings.data), port


def _greet(house: House, site: Site, broker: Broker, ingest: IngestSettings, sentences: list[str | None]) -> None:
    for sentence in filter(None, sentences):
        say(sentence)
    say(f"broker  {ingest.address}  {broker.name}, no password, this machine only")
    say(f"page    {house.server.url}  {site.name}, simulated, on a demo clock")
    say("Ctrl-C ends it; what was stored stays.")


def _live(
    house: House, publisher: Publisher, line: Callable[[], str], stop: threading.Event, exit_after: float | None
) -> int:
    """Say what flows every few seconds, until stopped."""
    until = time.monotonic() + exit_after if exit_after is not None else float("inf")
    while True:
        left = until - time.monotonic()
        if stop.wait(max(min(_LINE_EVERY, left), 0)) or left <= _LINE_EVERY:
            return 0
        if wrong := publisher.failed() or house.trouble():
            complain(f"ledig demo: {wrong}")
            return 1
        say(line())


def _line(house: House, publisher: Publisher, clock: DemoClock, site: Site) -> str:
    now = to_datetime(clock()).astimezone(site.tz)
    count = house.workers[0].ledger.count()
    occupied = sum(reading.occupied is True for reading in house.live.in_force(site.id, clock()).values())
    trouble = house.workers[0].trouble() or publisher.trouble()
    parts = [
        f"{now:%a %d %b %H:%M:%S} (demo clock)",
        f"{counted(occupied, 'space')} in use",
        f"published {publisher.published:,}",
        f"stored {count.readings.stored:,}",
        f"duplicate {count.readings.duplicate:,}",
        f"refused {count.refused.total():,}",
    ]
    return "  ".join([*parts, *([trouble] if trouble else [])])


def _drain(publisher: Publisher, house: House) -> None:
    """End the simulator, then wait for ingest to take what it has published: the demo's broker forgets."""
    publisher.stop()
    until = time.monotonic() + _DRAIN
    while house.workers[0].ledger.count().messages.received < publisher.acknowledged and time.monotonic() < until:
        time.sleep(0.02)

"""`ledig ingest`: workers that write to a server store, one a process, sharing one subscription."""

import os
import threading
from argparse import SUPPRESS, ArgumentParser, Namespace
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from dashboards.api import create_service
from ingest.clockwatch import ClockWatch
from ingest.collector import calm_collector
from ingest.metrics import IngestCollector, SpoolCollector
from ingest.settings import IngestSettings
from ingest.spooled import SpoolLedger
from ingest.worker import Worker
from ledig.arguments import add_exit_after, workers
from ledig.clock import system_clock, wall_clock
from ledig.house import new_registry, worker_checks
from ledig.learning import LearningLoop
from ledig.ports import claim
from ledig.problem import CommandError
from ledig.serve import watch
from ledig.server import Server
from ledig.sessions import Sessions
from ledig.settings import Settings
from ledig.sites import sites_of
from ledig.stopping import say
from ledig.stores import open_spooled_store, want_server
from ledig.team import Team

SHARE = "ledig"


def add_ingest(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig ingest`."""
    command.add_argument("--workers", type=workers, default=1, metavar="N", help="processes that share the messages")
    command.add_argument("--worker", type=workers, help=SUPPRESS)
    add_exit_after(command)


def ingest(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Ingest until stopped; return the exit status.

    Raises:
        CommandError: with what is in the way.
    """
    _check(settings, arguments.workers)
    if arguments.worker is None and arguments.workers > 1:
        return Team(arguments.workers, settings.data).run(stop, arguments.exit_after)
    return _work(arguments, settings, stop)


def _end_with_parent(stop: threading.Event) -> None:
    """Stop when the pipe to the parent ends, in whatever way the parent did."""

    def wait() -> None:
        while os.read(0, 1):  # not by `sys.stdin`: whoever waits in it ends the interpreter with a fatal error
            pass
        stop.set()

    threading.Thread(target=wait, name="parent", daemon=True).start()


def worker_settings(settings: Settings, workers: int) -> list[list[IngestSettings]]:
    """Return the settings of the workers of each process: sessions of their own, and what can be shared is.

    Sources of others need all that a device says: the first process owns them.
    """
    every = [replace(one, republish=one.is_native) for one in settings.ingests()]
    return [[_member(one, n, workers) for one in every if one.is_native or n == 1] for n in range(1, workers + 1)]


def _member(base: IngestSettings, number: int, workers: int) -> IngestSettings:
    if workers == 1 or not base.is_native:
        return base
    client_id, quarantine = f"{base.client_id}-{number}", base.quarantine / str(number)
    return replace(base, client_id=client_id, share=SHARE, quarantine=quarantine)


def _check(settings: Settings, workers: int) -> None:
    want_server(settings, serve="ingests into it", needs="workers need")
    if workers > 1 and settings.mqtt_protocol != "5":
        raise CommandError(
            'several workers share a subscription, which is of MQTT 5: set mqtt_protocol to "5", or run one worker if'
            " the broker speaks 3.1.1 alone"
        )


def _work(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    number = arguments.worker or 1
    if arguments.worker is not None:
        _end_with_parent(stop)
    every = worker_settings(settings, arguments.workers)
    ours = every[number - 1]
    sessions = Sessions(settings.data)
    sites = sites_of(settings)
    with ExitStack() as stack:
        listener, _ = claim(settings.host, settings.metrics_port + number - 1, asked=True, what="health and metrics")
        stack.callback(listener.close)
        books = SpoolLedger()
        store = open_spooled_store(settings, settings.data / f"spool-{number}", books.settled)
        stack.callback(store.close)
        clock_watch = ClockWatch(system_clock())
        workers = [Worker(one, store, sites.current, wall_clock, watch=clock_watch) for one in ours]
        books.keep_for(*workers)
        registry = new_registry()
        registry.register(IngestCollector(*workers))
        registry.register(SpoolCollector(store))
        checks = {**worker_checks(workers), "spool": store.trouble}
        server = Server(create_service(store, registry, checks), listener)
        stack.callback(server.stop)
        server.start()
        shared = [one for group in every for one in group if one.is_native]
        if number == 1 and shared:
            ledger = next(worker.ledger for worker in workers if worker.settings.is_native)
            retire = partial(Worker, store=store, sites=sites.current, clock=wall_clock, ledger=ledger)
            sessions.empty_left_behind(shared, retire, stop)
        if number == 1:
            learning = LearningLoop(store, sites.current, wall_clock, settings.data)
            stack.callback(learning.stop)
            learning.start()
        calm_collector()
        for worker in workers:
            stack.callback(worker.stop)
            worker.start()
        addresses = ", ".join(dict.fromkeys(one.address for one in ours))
        say(f"worker {number} of {arguments.workers}: {addresses} to {settings.store}, {server.url}metrics")
        return watch(server.trouble, checks, sites, stop, None if arguments.worker else arguments.exit_after)

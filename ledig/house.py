"""One process that does it all: store, ingest, API and page, put together."""

import socket
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from dashboards.api import create_app
from ingest.clockwatch import ClockWatch
from ingest.collector import calm_collector
from ingest.metrics import IngestCollector, SpoolCollector
from ingest.settings import NATIVE, IngestSettings
from ingest.worker import Worker
from ledig.rolling import RollupLoop
from ledig.rollupmetrics import RollupCollector
from ledig.server import Server
from ledig.settings import Settings
from spaces.sitebook import SiteBook
from spaces.times import Millis
from store.live import LiveStates
from store.opening import OwnStore
from store.polled import PolledStates
from store.protocol import Store
from store.rollups import RollupFiles
from store.spool import SpooledStore

Check = Callable[[], str | None]
"""Returns what is wrong, None where nothing is."""


def new_registry() -> CollectorRegistry:
    """Return a registry that shows what every process shows."""
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return registry


def worker_checks(workers: Sequence[Worker]) -> dict[str, Check]:
    """Return what keeps each source's messages from being stored, by its name where it has one."""
    return {
        "ingest" if worker.settings.source == NATIVE else f"ingest {worker.settings.source}": worker.trouble
        for worker in workers
    }


class House:
    """The parts over one store, started and stopped together. The store and the listener are its to close."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it is assembled from
        self,
        settings: Settings,
        ingests: Sequence[IngestSettings],
        store: Store,
        sites: SiteBook,
        clock: Callable[[], Millis],
        listener: socket.socket,
        watch: ClockWatch | None = None,
    ) -> None:
        """Put them together, with a worker for each of the sources that `ingests` are of.

        `watch` says when the clock is not to be believed; without it always is, like that of a demo.
        """
        self.store = store
        live = LiveStates(store, clock) if settings.store == "embedded" else PolledStates(store, clock)
        self.live = live
        if isinstance(store, OwnStore):
            store.on_foreign_append(live.note)
        self.workers = tuple(
            Worker(ingest, store, sites.current, clock, watch=watch, committed=[live.note]) for ingest in ingests
        )
        registry = new_registry()
        registry.register(IngestCollector(*self.workers))
        self.checks = worker_checks(self.workers)
        if isinstance(store, SpooledStore):
            registry.register(SpoolCollector(store))
            self.checks["spool"] = store.trouble
        folder, every = settings.rollup_folder(), settings.rollup_seconds
        self.rolling = RollupLoop(store, live, sites.current, clock, folder, every) if every else None
        self.watched = dict(self.checks)
        if self.rolling is not None:
            registry.register(RollupCollector(self.rolling))
            self.watched["rollups"] = self.rolling.trouble  # without them all is answered from readings, and ready
        app = create_app(
            settings.api(), store, live, sites.current, clock, registry, checks=self.checks, rollups=RollupFiles(folder)
        )
        self.server = Server(app, listener)

    def start(self) -> None:
        """Listen on both sides."""
        calm_collector()
        self.server.start()
        for worker in self.workers:
            worker.start()
        if isinstance(self.live, PolledStates):
            self.live.start()
        if self.rolling is not None:
            self.rolling.start()

    def stop(self) -> None:
        """Let ingest settle what is in hand, then the API, then the store."""
        if self.rolling is not None:
            self.rolling.stop()
        for worker in self.workers:
            worker.stop()
        if isinstance(self.live, PolledStates):
            self.live.stop()
        self.server.stop()
        self.store.close()

    def trouble(self) -> str | None:
        """Return what has ended that should not have, None where all parts live."""
        return self.server.trouble()

"""The demo's house with a month of its simulated readings, served over HTTP, with an ingest beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from dashboards.api import ApiSettings, create_app
from ingest.metrics import IngestCollector
from ingest.settings import IngestSettings
from ingest.worker import Worker
from simulator.betahaus import SITE
from simulator.sensors import said_between
from spaces.sitefile import load_site
from spaces.times import DAY, Millis, parse_instant
from store.live import LiveStates
from store.opening import open_store
from tests.web.served import Served

NOW: Millis = parse_instant("2026-11-19T14:30:00+01:00")
"""A Thursday afternoon."""
SINCE: Millis = NOW - 28 * DAY
KEY = "the-viewer-key-of-the-tests"


@contextmanager
def demo_house(folder: Path, settings: ApiSettings | None = None) -> Iterator[str]:
    """Give the address of the demo's house, without a slash at its end."""
    site = load_site(SITE)
    store = open_store(folder / "store")
    for said in said_between(site, 1, SINCE, NOW):
        store.append(said)
    worker = Worker(IngestSettings(quarantine=folder / "quarantine"), store, lambda: {site.id: site}, lambda: NOW)
    registry = CollectorRegistry()
    registry.register(IngestCollector(worker))
    asked = settings or ApiSettings(key=KEY)
    app = create_app(asked, store, LiveStates(store), lambda: {site.id: site}, lambda: NOW, registry)
    with Served(app) as served:
        yield served.url.rstrip("/")
    worker._link.close()
    store.close()

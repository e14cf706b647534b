"""The API over a store in a process of its own, by a real uvicorn on a free port."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from prometheus_client import CollectorRegistry

from dashboards.api import ApiSettings, create_app
from simulator.betahaus import SITE
from spaces.sitefile import load_site
from spaces.times import Millis
from store.live import LiveStates
from store.opening import open_store
from store.rollups import RollupFiles


@contextmanager
def serving(module: str, folder: Path) -> Iterator[int]:
    """Have a module serve a folder (`python -m MODULE serve FOLDER`); give the port that it prints."""
    with subprocess.Popen([sys.executable, "-m", module, "serve", str(folder)], stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


def serve(folder: Path, start: Millis, *, rollups: bool) -> None:
    """Serve the Betahaus in a folder on a free port, which is printed; its clock begins at `start`."""
    store, site, begun = open_store(folder), load_site(SITE), time.monotonic()

    def now() -> Millis:
        return start + int((time.monotonic() - begun) * 1000)

    live, registry = LiveStates(store), CollectorRegistry()
    files = RollupFiles(folder / "rollups") if rollups else None
    app = create_app(ApiSettings(), store, live, lambda: {site.id: site}, now, registry, rollups=files)
    # The protocol must be named: only then does asyncio send at once (TCP_NODELAY).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # whoever connects from now on is waited for
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run([listener])
    store.close()

"""One checkout's side of a comparison: run as a script by that checkout's own Python, which may be an older one.

It imports nothing of this package, and looks for what it needs by all the names it has had: the same script serves the
commit before a move and the one after it.

    python -P probe.py serve DATA SITES MOMENT    three APIs over a data folder; their ports are printed
    python -P probe.py roll DATA SITES MOMENT     rolls up what the data folder holds, as of a moment
"""

import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import uvicorn
from prometheus_client import CollectorRegistry

NAMES: Mapping[str, tuple[str, ...]] = {
    "ApiSettings": ("dashboards.settings:ApiSettings",),
    "create_app": ("dashboards.api:create_app",),
    "Fingerprints": ("dashboards.api.rollups.freshness:Fingerprints",),
    "Keeper": ("ledig.keeping:Keeper",),
    "LiveStates": ("store.live:LiveStates",),
    "open_store": ("store.opening:open_store",),
    "Reading": ("spaces.reading:Reading",),
    "RollupFiles": ("store.rollups:RollupFiles",),
    "SiteBook": ("spaces.sitebook:SiteBook",),
}
"""Where a name may be, the newest place first; any of them may lie below `ledig` as well."""
KEY = "a-key-for-whoever-compares"
"""Of the third API; the first has roll-ups, the second reads readings."""


def named(name: str) -> Any:
    """Return what goes by a name, wherever this checkout has it.

    Raises:
        SystemExit: it is in none of the places known.
    """
    for place in NAMES[name]:
        for whole in (place, f"ledig.{place}"):
            try:
                return resolve_name(whole)
            except (ImportError, AttributeError):
                continue
    sys.exit(f"{name} is in none of {', '.join(NAMES[name])}: name its place in {__file__}")


def serve(data: Path, sites: Path, moment: int) -> None:
    """Serve three APIs over one store; each line of readings that comes in is stored and told of."""
    store, book = named("open_store")(data), named("SiteBook")([sites])
    live, files = named("LiveStates")(store), named("RollupFiles")(data / "rollups")
    settings, create_app = named("ApiSettings"), named("create_app")

    def api(name: str, rollups: Any, key: str = "") -> int:
        kept = data / f"notes-{name}"
        made = settings(kept=kept, key=key)
        return listen(create_app(made, store, live, book.current, lambda: moment, CollectorRegistry(), rollups=rollups))

    ports = {"rollups": api("rollups", files), "readings": api("readings", None), "keyed": api("keyed", files, KEY)}
    print(json.dumps(ports), flush=True)
    for line in sys.stdin:
        batch = [named("Reading")(**fields) for fields in json.loads(line)]
        store.append(batch)
        live.note(batch)
        print(json.dumps(len(batch)), flush=True)
    os._exit(0)  # whoever asked has gone; the data is a copy


def listen(app: Any) -> int:
    """Serve an app in a thread; return its port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, date_header=False))
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    port: int = listener.getsockname()[1]
    return port


def roll(data: Path, sites: Path, moment: int) -> None:
    """Roll up the days until a moment, and bind the months."""
    store, files = named("open_store")(data), named("RollupFiles")(data / "rollups")
    fingerprints = named("Fingerprints")(store, named("LiveStates")(store))
    for site in named("SiteBook")([sites]).current().values():
        keeper = named("Keeper")(site, store, fingerprints, files)
        for day in keeper.due(moment, 0.0):
            keeper.refresh(day, moment)
        for month in keeper.unbound(0.0):
            keeper.bind(month, 0.0)
    store.close()


if __name__ == "__main__":
    logging.disable()
    MODES: Mapping[str, Callable[[Path, Path, int], None]] = {"serve": serve, "roll": roll}
    MODES[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))

"""`python -m tests.folders.make CHECKOUT FILE`: data folders as a checkout leaves them, packed into one file.

Made by its own commands and by what they are sent, so that nothing here knows how it keeps anything. `serve` is the
data folder of a `ledig serve` with readings of four days, roll-ups, refused messages, notes and acknowledgements;
`ingest` that of two workers whose store never answered. `asked.json` holds what the checkout answered at `NOW`.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import urllib3

from benchmarks.compare.answers import answered
from benchmarks.compare.checkouts import Checkout, checkout
from benchmarks.compare.data import asked, serving, settled, wait_for
from benchmarks.compare.questions import JSON, Question
from spaces.times import MINUTE, Millis, parse_instant
from tests.brokers import Mosquitto, free_port
from tests.ingest.publishing import Sender
from tests.programs import required

HERE = Path(__file__).parent
SITE = HERE / "site.toml"
START: Millis = parse_instant("2026-11-16T00:00:00+01:00")
NOW: Millis = parse_instant("2026-11-19T10:30:00+01:00")
"""A Thursday."""
EVERY: Millis = 30 * MINUTE
WINDOW = "from=2026-11-16T00:00:00%2B01:00&to=2026-11-19T10:30:00%2B01:00"
ASKED = (
    *(f"{name}?{WINDOW}&group={group}&bucket=1h" for name in ("utilisation", "peaks") for group in ("kind", "zone")),
    *(f"{figure}?{WINDOW}" for figure in ("heatmap", "planning", "sessions", "rooms", "notes")),
    "status", "sensors", "acknowledgements",
)  # fmt: skip
"""Below /v1/sites/village."""
REFUSED = (
    ("ledig/v1/village/s-room/state", "no JSON"),
    ("ledig/v1/nowhere/s-room/state", '{"occupied": true}'),
    ("ledig/v1/village/s-desk-7/state", '{"occupied": "perhaps"}'),
)
NOTE = {"date": "2026-11-17", "text": "Heating off"}
SEEN_TO = ("s-desk-8", "battery ordered")
WAITING = 40
"""Readings in the spools, of the two flexible desks and the room."""


def readings() -> Iterator[tuple[str, str]]:
    """Yield what the house says, as topics and payloads."""
    for number, sensor in enumerate(["s-room", *(f"s-desk-{one}" for one in range(1, 9))]):
        for step, time in enumerate(range(START, NOW, EVERY)):
            used = (number + step // 3) % 3 > 0
            said = {"people": used * (1 + step % 4)} if sensor == "s-room" else {"occupied": used}
            yield topic(sensor), json.dumps({"time": time - number * 1_000, "battery": 57.5, **said})


def waiting() -> Iterator[tuple[str, str]]:
    """Yield what is said while the store is away."""
    for step in range(WAITING):
        sensor = ("s-room", "s-desk-7", "s-desk-8")[step % 3]
        yield topic(sensor), json.dumps({"time": NOW + step * MINUTE, "occupied": step % 2 == 0})


def topic(sensor: str) -> str:
    """Return the topic of a sensor's states."""
    return f"ledig/v1/village/{sensor}/state"


def main() -> None:
    """Make the folders and pack them."""
    old, out = checkout("old", Path(sys.argv[1])), Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("serve", "ingest"):
            (folder / part / "sites").mkdir(parents=True)
            shutil.copy(SITE, folder / part / "sites/site.toml")
        broker = Mosquitto(required("mosquitto"), folder)
        broker.start()
        try:
            _serve(old, folder / "serve", broker.port)
            _ingest(old, folder / "ingest", broker.port)
        finally:
            broker.stop()
        with tarfile.open(out, "w:xz", preset=9) as packed:
            for part in ("serve", "ingest"):
                packed.add(folder / part, part)


def _serve(old: Checkout, folder: Path, port: int) -> None:
    with serving(old, folder, port) as url, Sender(port) as sender:
        said = list(readings())
        sender.send_all(said)
        sender.send_all(REFUSED)
        settled(url, len(said) + len(REFUSED))
        for method, path, body in (
            ("POST", "notes", json.dumps(NOTE)),
            ("PUT", f"acknowledgements/{SEEN_TO[0]}", json.dumps({"note": SEEN_TO[1]})),
        ):
            answer = urllib3.request(method, f"{url}/v1/sites/village/{path}", body=body, headers=JSON)
            assert answer.status in {201, 204}, answer.data
    old.roll(folder / "data", folder / "sites", NOW)
    with tempfile.TemporaryDirectory() as name:
        copy = shutil.copytree(folder / "data", Path(name) / "data")
        (copy / "notes").rename(copy / "notes-rollups")
        with old.probe(copy, folder / "sites", NOW) as probe:
            answers = {path: _answer(probe.urls["rollups"], path) for path in ASKED}
    (folder / "asked.json").write_text(json.dumps(answers))


def _answer(url: str, path: str) -> Any:
    answer = answered(url, Question(f"/v1/sites/village/{path}"))
    assert answer.status == 200, answer
    return json.loads(answer.raw)


def _ingest(old: Checkout, folder: Path, port: int) -> None:
    metrics, away = free_port(following=1), free_port()
    words = ["ingest", "--workers", "2", "--data", "data", "--sites", "sites", "--broker", f"mqtt://127.0.0.1:{port}"]
    words += ["--store", "victoriametrics"]
    environment = {**old.environment, "LEDIG_METRICS_PORT": str(metrics)}
    environment["LEDIG_VICTORIAMETRICS_URL"] = f"http://127.0.0.1:{away}"
    with subprocess.Popen(old.command(*words), cwd=folder, env=environment) as process:
        urls = [f"http://127.0.0.1:{metrics + worker}" for worker in range(2)]
        wait_for(lambda: all(asked(url, "/healthz").status == 200 for url in urls))
        wait_for(lambda: all(b"ledig_ingest_up 1.0" in asked(url, "/metrics").data for url in urls))
        with Sender(port) as sender:
            sender.send_all(waiting())
        wait_for(lambda: sum(_spooled(url) for url in urls) == WAITING)
        process.terminate()


def _spooled(url: str) -> float:
    text = asked(url, "/metrics").data.decode()
    return next((float(line.split()[1]) for line in text.splitlines() if line.startswith("ledig_spool_readings ")), 0.0)


if __name__ == "__main__":
    main()

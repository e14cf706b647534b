"""A `ledig serve` of both checkouts that takes messages in: what became of them, health, metrics, quarantine."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.compare.answers import bytes_difference, metric_names
from benchmarks.compare.checkouts import Checkout
from benchmarks.compare.data import asked, serving, settled
from benchmarks.compare.findings import Findings
from tests.brokers import Mosquitto
from tests.ingest.publishing import Sender
from tests.programs import path_of

_TIMES = re.compile(rb'("received":"|receipt at )[0-9T:.Z-]+')
"""Of a real clock: not compared."""
_PAYLOADS = (
    '{"occupied": true}', '{"time": 1735732800000, "occupied": true, "people": 2, "battery": 55.5, "seq": 7}',
    '{"time": 1735732800000, "occupied": true, "people": 2, "battery": 55.5, "seq": 7}',
    '{"people": -1}', "", "no JSON",
    '{"occupied": "perhaps"}', '{"time": 1735732800, "occupied": true}',
    '{"time": "2099-01-01T00:00:00Z", "people": 1}',
    '{"time": "1999-01-01T00:00:00Z", "people": 1}', '{"occupied": NaN}', '{"unknown": 5}', "[]", "null", "\x00",
    '{"time": "2025-01-01T12:00:00", "people": 1}', '{"occupied": null}', '{"people": 3, "seq": 12}', '{"battery": 5}',
)  # fmt: skip


def compare_ingest(sides: tuple[Checkout, Checkout], folders: tuple[Path, Path], site: str, findings: Findings) -> None:
    """Send the same messages to both, and compare what can be seen of them."""
    if not findings.wants("ingest"):
        return
    old, new = (_ingested(side, folder, site) for side, folder in zip(sides, folders, strict=True))
    for part in dict.fromkeys((*old, *new)):
        findings.note(f"{site} ingest {part}", bytes_difference(old.get(part, b""), new.get(part, b"")))


def _ingested(side: Checkout, folder: Path, site: str) -> Mapping[str, bytes]:
    program = path_of("mosquitto")
    assert program is not None, "mosquitto is not installed"
    broker = Mosquitto(program, folder, durable=False)
    broker.start()
    try:
        with serving(side, folder, broker.port) as url, Sender(broker.port) as sender:
            said = list(_messages(site, asked(url, f"/v1/sites/{site}/sensors").json()["rows"][0]["sensor"]))
            sender.send_all(said)
            settled(url, len(said))
            metrics = metric_names(asked(url, "/metrics").data).decode().splitlines()
            rows = asked(url, "/v1/pipeline/messages").json()["rows"]
            quarantine = b"".join(file.read_bytes() for file in sorted((folder / "data/quarantine").glob("*")))
            return {
                "readyz": asked(url, "/readyz").data,
                "messages": "\n".join(json.dumps({**row, "time": None}) for row in rows).encode(),
                "pipeline": json.dumps([*asked(url, "/v1/pipeline").json()["rows"][0]]).encode(),
                "quarantine": _TIMES.sub(rb"\1", quarantine),
                **{f"metric {name}": b"is there" for name in metrics if name.startswith("ledig_")},
            }
    finally:
        broker.stop()


def _messages(site: str, sensor: str) -> Iterator[tuple[str, str]]:
    for payload in _PAYLOADS:
        yield f"ledig/v1/{site}/{sensor}/state", payload
    yield "ledig/v1/nowhere/nobody/state", '{"occupied": true}'
    yield f"ledig/v1/{site}/newcomer/state", '{"occupied": true}'
    for payload in ("online", "offline", "perhaps"):
        yield f"ledig/v1/{site}/{sensor}/status", payload
    for topic in (
        f"ledig/v1/{site}",
        f"ledig/v1/{site}/{sensor}",
        f"ledig/v1/{site}/{sensor}/other",
        "ledig/v1/a/b/c/d",
    ):
        yield topic, '{"occupied": true}'

"""Worker, store and API in the test's own process, fed by a real broker, on a clock that the test moves."""

import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from prometheus_client import CollectorRegistry

from dashboards.api import ApiSettings, create_app
from ingest.clockwatch import Clock, ClockWatch
from ingest.metrics import IngestCollector
from ingest.settings import IngestSettings
from ingest.worker import Worker
from spaces.native import DEFAULT_PREFIX, encode_reading, state_topic
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import Millis, rfc3339
from store.embedded.duck import EmbeddedStore
from store.live import LiveStates
from store.rollups import RollupFiles
from tests.brokers import Mosquitto
from tests.ingest.publishing import Sender
from tests.ledig.running import wait_for
from tests.web.served import Served

BUCKETS = {"utilisation": ("1h", "1d"), "peaks": ("1h", "1d")}
GROUPS = ("site", "zone", "space")


class Rig:
    """A house under test; `now` is its clock, `running` for how long its machine has been on."""

    def __init__(
        self,
        folder: Path,
        broker: Mosquitto,
        site: Site,
        now: Millis,
        *,
        name: str = "rig",
        rollups: RollupFiles | None = None,
        synchronised: bool = True,
    ) -> None:
        self.site, self.now = site, now
        self.synchronised, self.running = synchronised, 0
        sites = {site.id: site}
        self.store = EmbeddedStore(folder / name)
        self.live = LiveStates(self.store, lambda: self.now)
        settings = IngestSettings(
            port=broker.port, client_id=name, quarantine=folder / f"{name}-quarantine", republish=False
        )
        clock = Clock(lambda: self.now, lambda: self.synchronised, lambda: self.running)
        self.worker = Worker(
            settings, self.store, lambda: sites, clock.now, watch=ClockWatch(clock), committed=[self.live.note]
        )
        self.registry = CollectorRegistry()
        self.registry.register(IngestCollector(self.worker))
        app = create_app(
            ApiSettings(), self.store, self.live, lambda: sites, lambda: self.now, self.registry, rollups=rollups
        )
        self._served = Served(app)
        self._broker = broker
        self._handed = 0

    def publish(self, readings: Iterable[Reading], *, retain: bool = False) -> None:
        """Publish readings, and return when the worker has settled them."""
        messages = [
            (state_topic(DEFAULT_PREFIX, reading.site, reading.sensor), encode_reading(reading)) for reading in readings
        ]
        self.send(*messages, retain=retain)

    def send(self, *messages: tuple[str, str | bytes], retain: bool = False) -> None:
        """Publish messages, and return when the worker has settled them."""
        with Sender(self._broker.port) as sender:
            sender.send_all(messages, retain=retain)
        self.settled(len(messages))

    def hand(self, *messages: tuple[str, str | bytes]) -> None:
        """Publish messages, and return when the broker has them: the worker may let them wait."""
        with Sender(self._broker.port) as sender:
            sender.send_all(messages)
        self._handed += len(messages)

    def settled(self, more: int) -> None:
        """Wait until the worker has settled so many more messages."""
        self._handed += more
        wait_for(lambda: self.worker.ledger.count().messages.received >= self._handed, "messages do not come")
        wait_for(lambda: self.worker.ledger.count().messages.in_flight == 0, "messages stay in flight")
        assert self.worker.ledger.count().balances

    @property
    def doubts(self) -> bool:
        """Whether messages wait because the clock may be wrong."""
        return "is not set by a time server" in (self.worker.trouble() or "")

    def pass_(self, time: Millis) -> None:
        """Let time pass."""
        self.now += time
        self.running += time

    def ask(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return the rows of an answer about the site; `from_` stands for `from`."""
        rows: list[dict[str, Any]] = self._answer(path, **query)["rows"]
        return rows

    def states(self) -> dict[str, str]:
        """Return what each space is in now."""
        return {row["space"]: row["state"] for row in self.ask("status", group="space")}

    def figures(self, start: Millis, end: Millis, *, begin: int = 0, step: int = 1) -> bytes:
        """Return every figure of a window, to the bit: whole answers but for when they were made.

        With a `step` only some of the questions are asked: from the one with the number `begin` on.
        """
        window = {"from_": rfc3339(start), "to": rfc3339(end)}
        questions = [
            (path, {"bucket": bucket, "group": group, "measure": measure})
            for path, buckets in BUCKETS.items()
            for bucket in buckets
            for group in GROUPS
            for measure in ("spaces", "people")
        ]
        questions.append(("heatmap", {}))
        answers = [self._answer(path, **window, **more) for path, more in questions[begin::step]]
        for answer in answers:
            del answer["meta"]["generated"]
        return json.dumps(answers, allow_nan=False).encode()

    def _answer(self, path: str, **query: str) -> dict[str, Any]:
        params = {name.rstrip("_"): value for name, value in query.items()}
        found = self._client.get(f"v1/sites/{self.site.id}/{path}", params=params)
        assert found.status_code == 200, found.text
        answer: dict[str, Any] = found.json()
        return answer

    def __enter__(self) -> Self:
        self._served.start()
        self._client = httpx.Client(base_url=self._served.url, timeout=60)
        self.worker.start()
        wait_for(lambda: self.worker.trouble() is None or self.doubts, "the worker does not connect")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.worker.stop()
        self._client.close()
        self._served.stop()
        self.store.close()

"""A house to look at: the real API over a real embedded store, with a clock that the test moves."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from prometheus_client import CollectorRegistry

from dashboards.api import ApiSettings, create_app
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import Millis, rfc3339
from store.live import LiveStates
from store.opening import open_store
from tests.web.served import Served
from tests.web.small import reading


class House:
    """Sites, their readings and the page over them. The first site is the one that `say` speaks for."""

    def __init__(self, folder: Path, sites: Sequence[Site], now: Millis, readings: Sequence[Reading] = ()) -> None:
        self.sites = {site.id: site for site in sites}
        self.site = sites[0]
        self.now = now
        self.store = open_store(folder)
        if readings:
            self.store.append(readings)
        self.live = LiveStates(self.store)
        registry = CollectorRegistry()
        app = create_app(ApiSettings(), self.store, self.live, lambda: self.sites, lambda: self.now, registry)
        self.served = Served(app)

    @property
    def url(self) -> str:
        """The page's address."""
        return self.served.url

    def say(self, space: str, *, used: bool) -> None:
        """Commit a reading of a space's sensor, a second later than the last moment."""
        self.now += 1_000
        batch = [reading(self.site, self.site.space_by_id[space], self.now, used=used)]
        self.store.append(batch)
        self.live.note(batch)

    def ask(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        """Return the rows of an answer about the first site."""
        answer = httpx.get(f"{self.url}v1/sites/{self.site.id}/{path}", params=query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["rows"]
        return rows

    def states(self, at: Millis | None = None) -> dict[str, str | None]:
        """Return the state of each space by its id, as /status gives it."""
        when = {} if at is None else {"at": rfc3339(at)}
        return {row["space"]: row["state"] for row in self.ask("status", group="space", **when)}

    def __enter__(self) -> Self:
        self.served.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.served.stop()
        self.store.close()

"""An office whose answers come from roll-ups where they hold, beside the same office without any."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashboards.rollups.freshness import Fingerprints
from ledig.keeping import Keeper
from spaces.reading import Reading
from spaces.readings import Readings
from spaces.site import Site
from spaces.times import Millis
from store.opening import OwnStore
from store.rollups import RollupFiles
from tests.api.office import Office


class Watched(OwnStore):
    """A store that remembers for how long a time it was read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.spans: list[Millis] = []

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        """Read, and remember."""
        self.spans.append(end - start)
        return super().read(site, start, end)


class Twins:
    """Two offices over one store: `rolled` has roll-ups, `plain` has none."""

    def __init__(self, rolled: Office, plain: Office, files: RollupFiles, watched: Watched) -> None:
        self.rolled, self.plain, self.files, self.watched = rolled, plain, files, watched

    def refresh(self) -> None:
        """Roll up all that is due."""
        keeper = Keeper(
            self.rolled.site, self.rolled.store, Fingerprints(self.rolled.store, self.rolled.live), self.files
        )
        for day in keeper.due(self.rolled.now, 0.0):
            keeper.refresh(day, self.rolled.now)
        for month in keeper.unbound(0.0):
            keeper.bind(month, 0.0)

    def note(self, *batch: Reading) -> None:
        """Commit readings; both offices hear of them."""
        self.rolled.note(*batch)
        self.plain.live.note(batch)

    def at(self, now: Millis) -> None:
        """Set both clocks."""
        self.rolled.now = self.plain.now = now

    def become(self, site: Site) -> None:
        """Change the site's file."""
        for one in (self.rolled, self.plain):
            one.site = site
            one.sites = {site.id: site}

    def same(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Ask both, see that they say the same, and return the rows."""
        found, wanted = self.rolled.answer(path, **query), self.plain.answer(path, **query)
        for answer in (found, wanted):
            answer["meta"].pop("generated")
        assert found == wanted, (path, query)
        rows: list[dict[str, Any]] = found["rows"]
        return rows

    def read(self) -> Millis:
        """Return for how long a time the store was read since the last call."""
        total = sum(self.watched.spans)
        self.watched.spans.clear()
        return total


@contextmanager
def twins(folder: Path, readings: Sequence[Reading], site: Site | None = None) -> Iterator[Twins]:
    """Open both offices; nothing is rolled up yet."""
    watched, files = Watched(folder), RollupFiles(folder / "rollups")
    with (
        Office(folder, readings, site=site, store=watched, rollups=files) as rolled,
        Office(folder, site=site, store=watched) as plain,
    ):
        yield Twins(rolled, plain, files, watched)

"""Which files of roll-ups there are of a site's days, and what they say of themselves."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from analytics.rollup.layout import Layout
from analytics.spacestates import reach
from dashboards.cache import MOST_DAYS, Cache
from dashboards.rollups.afresh import Roller
from dashboards.rollups.freshness import Reach
from dashboards.rollups.memory import GoneError
from dashboards.rollups.months import Months
from spaces.site import Site
from spaces.times import DAY
from store.protocol import Store
from store.rollups import Damaged, Header, RollupFiles, month_of
from store.rollups.headers import Signature

_DIGESTS = 4_000
"""Days of each site whose digests are at hand."""


class RolledSite(NamedTuple):
    """What is worked out once of a site, as its file describes it."""

    site: Site
    roller: Roller
    reach: Reach
    digest: Callable[[int], str]
    """Gives the digest of a UTC day's roll-up."""

    @classmethod
    def read(cls, store: Store, site: Site) -> "RolledSite":
        """Return what is worked out of a site."""
        roller = Roller.of(store, site)

        @lru_cache(_DIGESTS)
        def digest(day: int) -> str:
            return roller.layout.digest(day * DAY, (day + 1) * DAY)

        return cls(site, roller, reach(site), digest)

    @property
    def layout(self) -> Layout:
        """How the site is rolled up."""
        return self.roller.layout


class Filed(NamedTuple):
    """A file that there is of a day."""

    signature: Signature
    header: Header


class Headers:
    """The headers of the files of all sites. Thread-safe."""

    def __init__(self, files: RollupFiles, months: Months) -> None:
        self._files = files
        self._months = months
        self._known: Cache[tuple[str, int], Filed] = Cache(MOST_DAYS)

    def find(self, known: RolledSite, days: Iterable[int]) -> dict[int, Filed]:
        """Return the files that there are of some days, as they are now."""
        found = {day: self._header(known, day) for day in days}
        return {day: header for day, header in found.items() if header is not None}

    def _header(self, known: RolledSite, day: int) -> Filed | None:
        site, digest = known.site.id, known.digest(day)
        signature = self._files.signature(site, day, digest)
        if signature is None:
            return None
        with suppress(Damaged, GoneError):  # it is gone now
            return self._known.get((site, day), (digest, signature), lambda: self._look(known, day, signature))
        return None

    def _look(self, known: RolledSite, day: int, signature: Signature) -> Filed:
        """Return the header of a file, from the sheet of its month where that has it.

        Raises:
            Damaged, GoneError: there is none any more.
        """
        site, digest = known.site.id, known.digest(day)
        listed = self._months.of(known.layout, month_of(day)).days.get(day)
        if listed is not None and listed.signature == signature and listed.header.digest == digest:
            return Filed(signature, listed.header)
        with self._files.opened(site, day, digest) as file:
            if file is None:
                raise GoneError(f"the roll-up of {site} on day {day} is gone")
            return Filed(signature, file.header)

"""Keeping the roll-ups of a site's days fresh: what is missing or no longer holds is rolled up again, and no more."""

from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from analytics.rollup.rolled import Rolled, join
from analytics.spacestates import reach
from dashboards.rollups.afresh import Roller
from dashboards.rollups.binding import bind
from dashboards.rollups.freshness import Fingerprints, Run, Told, reached, standing, without
from dashboards.rollups.translation import Want, rolled_of, sections_of
from spaces.site import Site
from spaces.times import DAY, Millis
from store.fingerprints import QUARTER
from store.protocol import Store
from store.rollups import Damaged, Header, Listed, RollupFiles, month_of
from store.rollups.headers import Signature, header_of
from store.rollups.sheets import Month

_REST = 3600.0
"""Seconds from one writing of a month's sheet to the next."""
_LOOK_BACK = 3600.0
"""Seconds after which a site is asked anew for its first reading: older ones than that are seldom brought in."""


class _Seen(NamedTuple):
    """The header of a file."""

    signature: Signature
    header: Header


@dataclass(frozen=True, slots=True)
class _Due:
    """A day that is to be rolled up until `end`: `parts` of it anew, while `holds` stays."""

    day: int
    end: Millis
    parts: list[Run]
    holds: list[Run]


class Keeper:
    """Keeps the files of one site fresh, as its file describes it. Not thread-safe; there may be others at it."""

    def __init__(self, site: Site, store: Store, fingerprints: Fingerprints, files: RollupFiles) -> None:
        self.site = site
        self._roller = Roller.of(store, site)
        self._layout = self._roller.layout
        self._reach = reach(site)
        self._store = store
        self._fingerprints = fingerprints
        self._files = files
        self._seen: dict[int, _Seen] = {}
        self._digests: dict[int, str] = {}
        self._sheets: dict[Month, tuple[Signature, tuple[Listed, ...]]] = {}
        self._bound: dict[Month, float] = {}
        self._first: int | None = None
        self._looked = 0.0

    def due(self, now: Millis, monotonic: float) -> list[int]:
        """Return the UTC days (ms // DAY), newest first, of which something is to be rolled up.

        Raises:
            StoreError: the store cannot be read.
        """
        days = self._days(now, monotonic)
        if not days:
            return []
        told = self._ask(days.start * DAY, days.stop * DAY, now)
        return [day for day in reversed(days) if self._look(day, now, told) is not None]

    def refresh(self, day: int, now: Millis) -> int:
        """Roll up what is due of a day; return how many quarter-hours that were.

        Raises:
            StoreError: the store cannot be read.
            OSError: the file cannot be written.
        """
        told = self._ask(day * DAY, (day + 1) * DAY, now)  # before the readings, so that it never tells of more
        due = self._look(day, now, told)
        if due is None:
            return 0
        start = day * DAY
        since, until = reached(start, due.end, self._reach)
        header = header_of(
            digest=self._digest(day), start=start, end=due.end, since=since, prints=told.within(since, until)
        )
        rolled = self._put_together(due)
        self._files.write(self.site.id, day, header, sections_of(rolled))
        return sum(high - low for low, high in due.parts) // QUARTER

    def unbound(self, monotonic: float) -> list[Month]:
        """Return the months whose sheets are not of their days' files as they are.

        That is looked at once an hour at most: meanwhile the days that a sheet lacks are read from their own files.
        """
        months = {month_of(day) for day in self._digests}
        rested = sorted(month for month in months if monotonic - self._bound.get(month, -_REST) >= _REST)
        listed = {month: self._listed(month) for month in rested}
        found = [month for month, days in listed.items() if days and days != self._in_sheet(month)]
        self._bound |= dict.fromkeys(set(rested) - set(found), monotonic)
        return found

    def bind(self, month: Month, monotonic: float) -> None:
        """Write the sheet of a month; whatever is in the way of that, there will be another time.

        Raises:
            OSError: the disk takes no more.
        """
        self._bound[month] = monotonic
        with suppress(Damaged):
            bind(self.site.id, self._layout, self._listed(month), self._files, self._files.sheets)

    def _listed(self, month: Month) -> tuple[Listed, ...]:
        """Return the longest run of whole days of a month of which there are files."""
        runs: list[list[Listed]] = [[]]
        for day in sorted(day for day in self._digests if month_of(day) == month):
            header = self._header(day)
            if header is None or (header.start, header.end) != (day * DAY, (day + 1) * DAY):
                continue
            if runs[-1] and runs[-1][-1].day != day - 1:
                runs.append([])
            runs[-1].append(Listed(day, self._seen[day].signature, header))
        longest = max(len(run) for run in runs)
        return tuple(next(run for run in runs if len(run) == longest))

    def _in_sheet(self, month: Month) -> tuple[Listed, ...]:
        signature = self._files.sheets.signature(self.site.id, month, self._layout.shape)
        if signature is None:
            return ()
        seen = self._sheets.get(month)
        if seen is not None and seen[0] == signature:
            return seen[1]
        with suppress(Damaged), self._files.sheets.opened(self.site.id, month, self._layout.shape) as sheet:
            if sheet is not None:
                self._sheets[month] = signature, sheet.header.days
                return sheet.header.days
        return ()

    def sweep(self, now: float) -> int:
        """Delete the files of layouts that are no more (old by `now`, seconds since 1970); return how many."""
        if not self._digests:
            return 0
        sheets = self._files.sheets.sweep(self.site.id, self._layout.shape, now)
        return sheets + self._files.sweep(self.site.id, self._digests, now)

    def _days(self, now: Millis, monotonic: float) -> range:
        """Return the days from that of the first reading to today."""
        if self._first is None or monotonic - self._looked > _LOOK_BACK:
            extent = self._store.extent(self.site.id)
            self._first, self._looked = None if extent is None else extent.first // DAY, monotonic
        return range(0) if self._first is None else range(self._first, now // DAY + 1)

    def _ask(self, start: Millis, end: Millis, now: Millis) -> Told:
        since, until = reached(start, end, self._reach)
        return Told(since, self._fingerprints.of(self.site.id, since, until, now))

    def _look(self, day: int, now: Millis, told: Told) -> _Due | None:
        """Return what is due of a day, None where nothing is.

        It is rolled up as far as no reading to come can change it, unless it comes late: the vacancy delay before now.
        """
        start, end = day * DAY, min((day + 1) * DAY, (now - self._reach[1]) // QUARTER * QUARTER)
        if start >= end:
            return None
        header = self._header(day)
        holds: list[Run] = []
        if header is not None:
            until = header.since + len(header.fingerprints()) * QUARTER
            found = standing(header, told.within(header.since, until), self._reach)
            holds = [(low, min(high, end)) for low, high in found if low < end]
        parts = without((start, end), holds)
        return _Due(day, end, parts, holds) if parts else None

    def _put_together(self, due: _Due) -> Rolled:
        """Return the day's roll-up: what holds of the old one, and the rest from readings."""
        old = self._read(due.day) if due.holds else None
        parts = due.parts if old is not None else [(due.day * DAY, due.end)]
        found = [(start, self._roller.over(start, end)) for start, end in parts]
        if old is not None:
            found += [(start, old.cut(start, end)) for start, end in due.holds]
        return join([rolled for _, rolled in sorted(found, key=lambda part: part[0])])

    def _read(self, day: int) -> Rolled | None:
        """Return what the file of a day holds, None where it is gone or is another one than was looked at."""
        with suppress(Damaged), self._files.opened(self.site.id, day, self._digest(day)) as file:
            if file is not None and file.header == self._seen[day].header:
                return rolled_of(file, Want.everything(self._layout))
        return None

    def _header(self, day: int) -> Header | None:
        digest = self._digest(day)
        signature = self._files.signature(self.site.id, day, digest)
        seen = self._seen.get(day)
        if signature is None or (seen is not None and seen.signature == signature):
            return None if signature is None or seen is None else seen.header
        with suppress(Damaged), self._files.opened(self.site.id, day, digest) as file:
            if file is not None:
                self._seen[day] = _Seen(signature, file.header)
                return file.header
        return None

    def _digest(self, day: int) -> str:
        if day not in self._digests:
            self._digests[day] = self._layout.digest(day * DAY, (day + 1) * DAY)
        return self._digests[day]

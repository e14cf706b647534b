"""What of a window is in roll-ups that hold, and the rest of it rolled up from readings on the spot.

Nothing here is ever stale: a roll-up is taken where the store's fingerprints, asked for by the very request, are those
that it was made under. So a late reading is seen by the next request, whether or not somebody has rolled it up since.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled, join
from dashboards.cache import MOST_SITES, Cache
from dashboards.rollups.blank import blank
from dashboards.rollups.current import Current
from dashboards.rollups.filed import Filed, Headers, RolledSite
from dashboards.rollups.freshness import Fingerprints, Run, Told, reached, standing, without
from dashboards.rollups.memory import GoneError, Memory
from dashboards.rollups.months import Month, Months
from dashboards.rollups.translation import Want, rolled_of
from spaces.site import Site
from spaces.times import DAY, HOUR, Millis
from store.fingerprints import QUARTER, Prints
from store.live import Live
from store.protocol import Store
from store.rollups import Header, RollupFiles, month_of

MOST_ANEW: Millis = 3 * DAY
"""Of a window so much is rolled up on the spot at most; where more is missing, figures are made of states."""

IN_PROGRESS: Millis = 6 * HOUR
"""What has begun so lately at most is asked for again and again while it goes on."""

Held = tuple[int, Filed, Run]
"""A day, its file, and what of it holds."""
Part = Callable[[Want], Rolled]
"""Gives what is wanted of a stretch of time."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A window in parts that follow one another, each of which is rolled up."""

    layout: Layout
    start: Millis
    end: Millis
    parts: Sequence[Part]
    pieces: Sequence[Part]
    """The same in smaller parts: a day at most, but where nothing is known."""

    def counting(self) -> NDArray[np.bool_]:
        """Return which spaces that are no desks were counted: shape (quarter-hours, spaces).

        Raises:
            Damaged, GoneError: ask the states.
        """
        return self.read(Want((), (), counting=True)).counting

    def read(self, want: Want) -> Rolled:
        """Return what is wanted of the whole window.

        Raises:
            Damaged, GoneError: ask the states.
        """
        return join([part(want) for part in self.parts])

    def read_in_turn(self, want: Want) -> Iterator[Rolled]:
        """Yield what is wanted piece by piece, where all of it would be too much at a time.

        Raises:
            Damaged, GoneError: ask the states.
        """
        return (piece(want) for piece in self.pieces)


class Rollups:
    """Roll-ups of any window of a site, where they hold. Thread-safe."""

    def __init__(self, files: RollupFiles, store: Store, live: Live, *, most_bytes: int) -> None:
        self._files = files
        self._store = store
        self._fingerprints = Fingerprints(store, live)
        self._read = Memory(most_bytes)
        self._sites: Cache[str, RolledSite] = Cache(MOST_SITES)
        self._months = Months(files.sheets)
        self._headers = Headers(files, self._months)
        self._current = Current()

    def over(self, site: Site, start: Millis, end: Millis, now: Millis) -> Fresh | None:
        """Return a site's roll-ups of [start, min(end, now)), None where too little of that is there.

        Raises:
            StoreError: the store cannot be read.
        """
        end = min(end, now)
        if start >= end:
            return None
        known = self._site(site)
        settled = min(end, now - known.reach[1])  # of what comes later, a reading ahead of its time may be in a file
        headers = self._headers.find(known, range(start // DAY, (end - 1) // DAY + 1))
        since, until = reached(start, end, known.reach)
        since = min([since, *(found.header.since for found in headers.values())])
        until = max([until, *(_until(found.header) for found in headers.values())])
        prints = self._fingerprints.of(site.id, since, until, now)
        if not headers and prints.any():
            return None  # nothing was rolled up where something was said
        holds = [
            (day, found, run)
            for day, found in headers.items()
            for run in _within(standing(found.header, prints[_slice(found.header, since)], known.reach), start, settled)
        ]
        gaps = [
            gap
            for missing in without((start, end), [run for _, _, run in holds])
            for gap in _gaps(missing, known, prints, since)
        ]
        if sum(high - low for (low, high), silent in gaps if not silent) > MOST_ANEW:
            return None
        told = Told(since, prints)
        anew = [(gap[0], self._anew(known, gap, now, told, silent=silent)) for gap, silent in gaps]
        filed = [(run[0], self._filed(known, day, found, run)) for day, found, run in holds]
        parts, pieces = _in_order([*self._held(known, holds), *anew]), _in_order([*filed, *anew])
        return Fresh(known.layout, start, end, parts, pieces)

    def beneath(self, site: Site, start: Millis, end: Millis, now: Millis) -> Hashable:
        """Return what figures of [start, end) hang on, in short: the same now and later, so are they.

        Raises:
            StoreError: the store cannot be read.
        """
        known = self._site(site)
        prints = self._fingerprints.of(site.id, *reached(start, end, known.reach), now)
        return known.roller, hashlib.blake2b(prints.tobytes()).digest()

    def _site(self, site: Site) -> RolledSite:
        return self._sites.get(site.id, site, lambda: RolledSite.read(self._store, site))

    def _held(self, known: RolledSite, holds: Sequence[Held]) -> Iterator[tuple[Millis, Part]]:
        """Yield the parts that hold, ascending: those of days that are in one sheet, one after another, together."""
        together: list[list[Held]] = []
        months = {month: self._months.of(known.layout, month) for month in {month_of(day) for day, _, _ in holds}}
        for hold in sorted(holds, key=lambda hold: hold[2]):
            last = together[-1][-1] if together else None
            if last is not None and last[2][1] == hold[2][0] and _in_one(months, last, hold):
                together[-1].append(hold)
            else:
                together.append([hold])
        for run in together:
            filed = [self._filed(known, *hold) for hold in run]
            month = months[month_of(run[0][0])]
            yield run[0][2][0], self._sheeted(known, month, run, filed) if len(run) > 1 else filed[0]

    def _sheeted(self, known: RolledSite, month: Month, run: Sequence[Held], filed: Sequence[Part]) -> Part:
        """Return the part that is read from a sheet; what sheets lack is read from the files of its days."""
        start, end = run[0][2][0], run[-1][2][1]

        def part(want: Want) -> Rolled:
            if want.spaces or want.levels:
                return join([each(want) for each in filed])
            return self._months.read(known.layout, month, want, self._read).cut(start, end)

        return part

    def _filed(self, known: RolledSite, day: int, found: Filed, run: Run) -> Part:
        """Return the part that is read from a file."""
        site, digest = known.site.id, known.digest(day)

        def read(want: Want) -> Rolled:
            with self._files.opened(site, day, digest) as file:
                if file is None or file.header != found.header:
                    raise GoneError(f"the roll-up of {site} on day {day} was replaced")
                return rolled_of(file, want)

        def part(want: Want) -> Rolled:
            if want.spaces:  # of thousands of spaces a few days would be all that is kept
                return read(want).cut(*run)
            return self._read.get((site, day, want), (digest, found.signature), lambda: read(want)).cut(*run)

        return part

    def _anew(self, known: RolledSite, window: Run, now: Millis, told: Told, *, silent: bool) -> Part:
        """Return the part that is rolled up from readings, of which there are none where it is `silent`."""
        start, end = window
        if silent:
            return lambda want: blank(known.layout, want, start, end)
        if now - start <= IN_PROGRESS:
            rolled = self._current.over(known.roller, window, now, told)
        else:
            rolled = known.roller.over(start, end, now)
        return lambda want: want.of(rolled)


def _in_order(parts: Sequence[tuple[Millis, Part]]) -> list[Part]:
    return [part for _, part in sorted(parts, key=lambda part: part[0])]


def _in_one(months: Mapping[str, Month], one: Held, other: Held) -> bool:
    """Whether two days are in one sheet, as their files are now."""
    month = months[month_of(one[0])]
    return all(day in month.days and month.days[day].signature == found.signature for day, found, _ in (one, other))


def _until(header: Header) -> Millis:
    return header.since + len(header.prints) // 8 * QUARTER


def _slice(header: Header, since: Millis) -> slice:
    return slice((header.since - since) // QUARTER, (_until(header) - since) // QUARTER)


def _within(runs: Sequence[Run], start: Millis, end: Millis) -> Iterator[Run]:
    """Yield what of the runs lies in a window: whole quarter-hours, unless the run itself ends within one."""
    for low, high in runs:
        first = max(low, -(-start // QUARTER) * QUARTER)
        last = high if high <= end else end // QUARTER * QUARTER
        if first < last:
            yield first, last


def _gaps(missing: Run, known: RolledSite, prints: Prints, since: Millis) -> Iterator[tuple[Run, bool]]:
    """Cut what is missing at the edges of days, tell of each part whether no reading bears on it; join those alike."""
    marks = [missing[0], *range((missing[0] // DAY + 1) * DAY, missing[1], DAY), missing[1]]
    found: list[tuple[Run, bool]] = []
    for low, high in pairwise(marks):
        first, last = ((edge - since) // QUARTER for edge in reached(low, high, known.reach))
        silent = not prints[max(first, 0) : last].any()
        if found and found[-1][1] == silent:
            found[-1] = (found[-1][0][0], high), silent
        else:
            found.append(((low, high), silent))
    yield from found

"""What of a window is in roll-ups that hold, and the rest of it rolled up from readings on the spot.

Nothing here is ever stale: a roll-up is taken where the store's fingerprints, asked for by the very request, are those
that it was made under. So a late reading is seen by the next request, whether or not somebody has rolled it up since.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled, join
from analytics.rollup.rolling import roll
from analytics.spacestates import reach, space_states
from dashboards.api.disclosure import blocks
from dashboards.api.rollups.blank import blank
from dashboards.api.rollups.freshness import Fingerprints, Reach, Run, reached, standing, without
from dashboards.api.rollups.translation import Want, rolled_of
from dashboards.api.statecache import Live
from dashboards.api.veil import veil
from spaces.site import Site
from spaces.times import DAY, Millis
from store.fingerprints import QUARTER, Prints
from store.protocol import Store
from store.rollups import Damaged, Header, RollupFiles
from store.rollups.files import Signature

MOST_ANEW: Millis = 3 * DAY
"""Of a window so much is rolled up on the spot at most; where more is missing, figures are made of states."""


class GoneError(Exception):
    """A file was replaced or lost between two looks at it: ask the states."""


class _Site(NamedTuple):
    """What is worked out once of a site, as its file describes it."""

    site: Site
    layout: Layout
    reach: Reach
    digests: dict[int, str]

    def digest(self, day: int) -> str:
        """Return the digest of a UTC day's roll-up."""
        if day not in self.digests:
            self.digests[day] = self.layout.digest(day * DAY, (day + 1) * DAY)
        return self.digests[day]


class _Header(NamedTuple):
    signature: Signature
    header: Header


Part = Callable[[Want], Rolled]
"""Gives what is wanted of a stretch of time."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A window in parts that follow one another, each of which is rolled up."""

    layout: Layout
    start: Millis
    end: Millis
    parts: Sequence[Part]

    def counting(self) -> NDArray[np.bool_]:
        """Return which spaces that are no desks were counted: shape (quarter-hours, spaces).

        Raises:
            Damaged, GoneError: ask the states.
        """
        return self.read(Want((), ())).counting

    def read(self, want: Want) -> Rolled:
        """Return what is wanted of the whole window.

        Raises:
            Damaged, GoneError: ask the states.
        """
        return join([part(want) for part in self.parts])


class Rollups:
    """Roll-ups of any window of a site, where they hold. Thread-safe."""

    def __init__(self, files: RollupFiles, store: Store, live: Live, *, most_bytes: int) -> None:
        self._files = files
        self._store = store
        self._fingerprints = Fingerprints(store, live)
        self._read = _Memory(most_bytes)
        self._sites: dict[str, _Site] = {}
        self._headers: dict[tuple[str, int, str], _Header] = {}

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
        headers = self._found(known, range(start // DAY, (end - 1) // DAY + 1))
        if not headers:
            return None
        since, until = reached(start, end, known.reach)
        since = min([since, *(found.header.since for found in headers.values())])
        until = max([until, *(_until(found.header) for found in headers.values())])
        prints = self._fingerprints.of(site.id, since, until, now)
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
        parts = [(run[0], self._filed(known, day, found, run)) for day, found, run in holds]
        parts += [(low, self._anew(known, (low, high), now, silent=silent)) for (low, high), silent in gaps]
        return Fresh(known.layout, start, end, [part for _, part in sorted(parts, key=lambda part: part[0])])

    def _site(self, site: Site) -> _Site:
        known = self._sites.get(site.id)
        if known is None or (known.site is not site and known.site != site):
            known = _Site(site, Layout.of(site, blocks(site)), reach(site), {})
        else:
            known = known._replace(site=site)  # an equal one: the next look is by identity
        self._sites[site.id] = known
        return known

    def _found(self, known: _Site, days: range) -> dict[int, _Header]:
        """Return the headers of the files there are."""
        found = {day: self._header(known, day) for day in days}
        return {day: header for day, header in found.items() if header is not None}

    def _header(self, known: _Site, day: int) -> _Header | None:
        site, digest = known.site.id, known.digest(day)
        signature = self._files.signature(site, day, digest)
        if signature is None:
            return None
        seen = self._headers.get((site, day, digest))
        if seen is not None and seen.signature == signature:
            return seen
        try:
            with self._files.opened(site, day, digest) as file:
                if file is None:
                    return None
                self._headers[site, day, digest] = found = _Header(signature, file.header)
                return found
        except Damaged:
            return None

    def _filed(self, known: _Site, day: int, found: _Header, run: Run) -> Part:
        """Return the part that is read from a file."""
        site, digest = known.site.id, known.digest(day)

        def read(want: Want) -> Rolled:
            with self._files.opened(site, day, digest) as file:
                if file is None or file.header != found.header:
                    raise GoneError(f"the roll-up of {site} on day {day} was replaced")
                return rolled_of(file, want)

        def part(want: Want) -> Rolled:
            return self._read.get((site, day, digest, found.signature, want), lambda: read(want)).cut(*run)

        return part

    def _anew(self, known: _Site, window: Run, now: Millis, *, silent: bool) -> Part:
        """Return the part that is rolled up from readings, of which there are none where it is `silent`."""
        start, end = window
        if silent:
            return lambda want: blank(known.layout, want, start, end)
        before, after = known.reach
        readings = self._store.read(known.site.id, start - before, min(end + after, now + 1))
        states = veil(space_states(known.site, readings, start, end), known.layout.blocks)
        rolled = roll(known.layout, states, start, end)
        return lambda want: want.of(rolled)


class _Memory:
    """What was read from files, the longest unused forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, tuple[Rolled, int]] = OrderedDict()

    def get(self, key: Any, read: Callable[[], Rolled]) -> Rolled:
        """Return what is kept under a key, or read and keep it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        found = read()
        with self._lock:
            self._size += (size := _size(found)) - self._kept.pop(key, (found, 0))[1]
            self._kept[key] = found, size
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1][1]
        return found


def _size(rolled: Rolled) -> int:
    tables = (rolled.grouped, rolled.levels, rolled.runs, rolled.spaces)
    arrays = [rolled.counting, *(column for table in tables if table is not None for column in table.values())]
    return sum(array.nbytes + 100 for array in arrays)


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


def _gaps(missing: Run, known: _Site, prints: Prints, since: Millis) -> Iterator[tuple[Run, bool]]:
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

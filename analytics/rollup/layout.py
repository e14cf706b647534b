"""What shapes the roll-ups of a site, and the hash that they are kept under."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from analytics.rollup.cohorts import QUARTER, Mask, calendar_classes, cohort_masks, open_quarters
from analytics.rollup.rolled import quarter_marks
from analytics.spacestates import reach
from spaces.site import Sensor, Site
from spaces.times import BEGINNING, DAY, FOREVER, Millis

VERSION = 1
"""Of how states are combined and rolled up: a new one makes every older roll-up stale."""
_STRETCH: Millis = 32 * DAY
_REMEMBERED = 64
"""Stretches whose opening hours are remembered: panels ask for the same time again and again."""
Digest = str
"""64 hexadecimal digits."""


@dataclass(frozen=True)
class Layout:
    """How the states of one site are rolled up: n spaces in m cohorts (`analytics.rollup.cohorts`).

    ``blocks`` are the sets of desks that are veiled together: states are veiled before they are rolled up. Seats are
    laid on when rolling, calendars when figures are made: new opening hours need no new roll-up, unless a
    zone or a space gets hours of its own, or loses them.
    """

    site: Site
    blocks: tuple[tuple[str, ...], ...]
    classes: NDArray[np.intp]
    """The calendar class of each space."""
    representatives: tuple[int, ...]
    """A space (its index) of each class."""
    masks: NDArray[np.bool_]
    """Which spaces each cohort is made of, shape (m, n)."""
    _digests: dict[tuple[Millis, ...], Digest] = field(default_factory=dict)
    _opened: dict[int, tuple[NDArray[np.int64], bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, site: Site, blocks: Collection[Collection[str]]) -> "Layout":
        """Return the layout of a site as its file describes it."""
        classes, representatives = calendar_classes(site)
        whole = tuple(sorted(tuple(sorted(block)) for block in blocks))
        return cls(site, whole, classes, representatives, cohort_masks(site, classes, representatives))

    @cached_property
    def desk(self) -> Mask:
        """Which spaces are desks: those count one person where nobody counts."""
        return np.array([space.kind == "desk" for space in self.site.spaces], dtype=np.bool_)

    @cached_property
    def counters(self) -> NDArray[np.intp]:
        """The spaces (their indexes) that have people figures only where a count came: all but desks."""
        return np.flatnonzero(~self.desk)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """The number of spaces of each cohort."""
        sizes: NDArray[np.int64] = self.masks.sum(axis=1)
        return sizes

    @cached_property
    def atoms(self) -> NDArray[np.intp]:
        """The atom of each space: spaces that no cohort tells apart share one."""
        packed = np.packbits(self.masks, axis=0).T
        if not len(packed):
            return np.zeros(0, dtype=np.intp)
        return np.unique(packed, axis=0, return_inverse=True)[1].reshape(-1)

    @cached_property
    def made_of(self) -> NDArray[np.bool_]:
        """Which atoms each cohort is made of, shape (m, atoms)."""
        _, first = np.unique(self.atoms, return_index=True)
        return self.masks[:, first]

    @cached_property
    def _index(self) -> dict[bytes, int]:
        return {mask.tobytes(): number for number, mask in enumerate(self.masks)}

    def cohort(self, mask: Mask) -> int | None:
        """Return the cohort that is made of just these spaces."""
        return self._index.get(mask.tobytes())

    def opened(self, start: Millis, end: Millis) -> tuple[NDArray[np.int64], bool]:
        """Return what `open_quarters` does, of stretches of time that are remembered."""
        stretches = range(start // _STRETCH, -(-end // _STRETCH))
        if start >= end or len(stretches) > _REMEMBERED:
            return open_quarters(self.site, self.representatives, start, end)
        parts = [self._opened_in(stretch) for stretch in stretches]
        if not all(whole for _, whole in parts):
            return open_quarters(self.site, self.representatives, start, end)
        first = stretches.start * (_STRETCH // QUARTER)
        inside = slice(start // QUARTER - first, -(-end // QUARTER) - first)
        opened = np.concatenate([part for part, _ in parts], axis=1)[:, inside]
        lengths = np.diff(quarter_marks(start, end))
        return np.where(opened > 0, lengths, 0), True

    def _opened_in(self, stretch: int) -> tuple[NDArray[np.int64], bool]:
        found = self._opened.get(stretch)
        if found is None:
            if len(self._opened) >= _REMEMBERED:
                self._opened.clear()
            found = open_quarters(self.site, self.representatives, stretch * _STRETCH, (stretch + 1) * _STRETCH)
            self._opened[stretch] = found
        return found

    @cached_property
    def shape(self) -> Digest:
        """Which cohorts of which spaces there are, and nothing else."""
        spaces = [(space.id, space.kind == "desk") for space in self.site.spaces]
        hasher = hashlib.sha256(msgspec.json.encode((VERSION, spaces)))
        hasher.update(np.packbits(self.masks, axis=1).tobytes())
        return hasher.hexdigest()

    @cached_property
    def hash(self) -> Digest:
        """What all of the site's past and future is shaped by."""
        return self._hashed(BEGINNING, FOREVER)

    def digest(self, start: Millis, end: Millis) -> Digest:
        """Return the hash of what shapes roll-ups of [start, end): a sensor replaced later leaves it as it is."""
        low, high = start - reach(self.site)[0], end + reach(self.site)[1]
        inside = np.searchsorted(self._dates, (low, high + 1)).tolist()
        key = tuple(inside) if inside[0] == inside[1] else (*inside, start, end)
        if key not in self._digests:
            self._digests[key] = self._hashed(start, end)
        return self._digests[key]

    @cached_property
    def _dates(self) -> NDArray[np.int64]:
        """The moments from which anything differs, ascending."""
        mapped = (moment for entry in self.site.sensors for moment in (entry.since, entry.until))
        seated = (since for space in self.site.spaces for since, _ in space.capacity)
        return np.unique(np.array([*mapped, *seated], dtype=np.int64))

    def _hashed(self, start: Millis, end: Millis) -> Digest:
        before, after = reach(self.site)
        low, high = max(start - before, BEGINNING), min(end + after, FOREVER)
        spaces = [
            (space.id, space.kind == "desk", space.capacity_at(start), _seats(space.capacity, start, end))
            for space in self.site.spaces
        ]
        mapped = sorted(_mapped(self.site.sensors, low, high))
        hasher = hashlib.sha256(msgspec.json.encode((VERSION, spaces, mapped, self.blocks)))
        hasher.update(np.packbits(self.masks, axis=1).tobytes())
        return hasher.hexdigest()


def _seats(capacity: Sequence[tuple[Millis, int]], start: Millis, end: Millis) -> list[tuple[Millis, int]]:
    return [step for step in capacity[1:] if start < step[0] < end]


def _mapped(sensors: Sequence[Sensor], low: Millis, high: Millis) -> Iterator[tuple[str | int, ...]]:
    """Yield what entries mean to a window: their dates only where they fall into it."""
    for entry in sensors:
        if entry.since <= high and entry.until > low and entry.since < entry.until:
            dates = max(entry.since, low), min(entry.until, high + 1)
            inside = dates[0] if dates[0] > low else -1, dates[1] if dates[1] <= high else -1
            short = (entry.occupied_at_most, entry.pulse)
            yield entry.id, entry.space, entry.silence, entry.vacancy_delay, *inside, *(short if any(short) else ())

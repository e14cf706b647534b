"""Which sets of spaces are rolled up together: every group there is, while any of its calendars are open.

Spaces other than desks are few and looked at one by one: each is a cohort of its own as well.

Levels of a set of spaces are no sums of those of its parts, so a peak must be rolled up for the very set that is open.
Spaces share few calendars; a group of several is rolled up for each subset of them that can be open together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from spaces.calendar import open_intervals
from spaces.site import Site
from spaces.times import DAY, MINUTE, Millis

Mask = NDArray[np.bool_]
"""Which spaces of the site: one entry a space."""
QUARTER: Millis = 15 * MINUTE
MOST_CLASSES = 3
"""Up to so many calendars in a group every subset is rolled up; of more, those that a usual week opens."""
MOST_PATTERNS = 32
_MONDAY = 20_094 * DAY
"""A Monday in UTC; the week looked at begins a day before, wherever the site is."""


def calendar_classes(site: Site) -> tuple[NDArray[np.intp], tuple[int, ...]]:
    """Return the calendar class of each space, and one space (its index) of each class.

    Spaces of a class are open at the same times: none has a calendar of its own that the others lack, nor its zone.
    """
    own_spaces = {rule.space for rule in site.calendars}
    own_zones = {rule.zone for rule in site.calendars}
    found: dict[tuple[str | None, str | None], int] = {}
    first: list[int] = []
    of = np.zeros(len(site.spaces), dtype=np.intp)
    for index, space in enumerate(site.spaces):
        key = space.id if space.id in own_spaces else None, space.zone if space.zone in own_zones else None
        if key not in found:
            found[key] = len(found)
            first.append(index)
        of[index] = found[key]
    return of, tuple(first)


def cohort_masks(site: Site, classes: NDArray[np.intp], representatives: Sequence[int]) -> NDArray[np.bool_]:
    """Return the cohorts of a site, shape (cohorts, spaces), none of them empty or twice."""
    patterns = _usual_patterns(site, representatives)
    found: dict[bytes, Mask] = {}
    for group in _groups(site):
        for part in _parts(group, classes, patterns):
            found.setdefault(part.tobytes(), part)
    for index, space in enumerate(site.spaces):
        if space.kind != "desk":
            alone = np.arange(len(site.spaces)) == index
            found.setdefault(alone.tobytes(), alone)
    return np.array(list(found.values()), dtype=np.bool_).reshape(len(found), len(site.spaces))


def _groups(site: Site) -> Iterator[Mask]:
    """Yield what may be asked for: site, floors and zones, each also by kind and by assignment."""
    zone = np.array([space.zone for space in site.spaces], dtype=np.str_)
    floor = np.array([site.floor_of(space).id for space in site.spaces], dtype=np.str_)
    kind = np.array([space.kind for space in site.spaces], dtype=np.str_)
    assignment = np.array([space.assignment or "" for space in site.spaces], dtype=np.str_)
    everything = np.ones(len(site.spaces), dtype=np.bool_)
    scopes = [everything, *(floor == each for each in np.unique(floor)), *(zone == each for each in np.unique(zone))]
    kinds = [everything, *(kind == each for each in np.unique(kind))]
    pools = [everything, *(assignment == each for each in np.unique(assignment) if each)]
    for scope, of_kind, of_pool in product(scopes, kinds, pools):
        yield scope & of_kind & of_pool


def _parts(group: Mask, classes: NDArray[np.intp], patterns: NDArray[np.bool_]) -> Iterator[Mask]:
    """Yield a group and those of its parts that may be open while the others are closed."""
    present = np.unique(classes[group])
    if not len(present):
        return
    yield group
    if len(present) <= MOST_CLASSES:
        chosen: Iterator[Sequence[int]] = (
            some for count in range(1, len(present)) for some in combinations(present.tolist(), count)
        )
    else:
        usual = np.unique(patterns[:, present], axis=0)
        more = [present[row].tolist() for row in usual if 1 < row.sum() < len(present)]
        chosen = iter([*([each] for each in present.tolist()), *more[:MOST_PATTERNS]])
    for some in chosen:
        yield group & np.isin(classes, some)


def _usual_patterns(site: Site, representatives: Sequence[int]) -> NDArray[np.bool_]:
    """Return which classes are open together in a week without holidays and exceptions, a row a quarter-hour."""
    usual = replace(
        site, calendars=tuple(replace(rule, holidays=None, exceptions={}, hire={}) for rule in site.calendars)
    )
    start, end = _MONDAY - DAY, _MONDAY + 8 * DAY
    return open_quarters(usual, representatives, start, end)[0].T > 0


def open_quarters(
    site: Site, representatives: Sequence[int], start: Millis, end: Millis
) -> tuple[NDArray[np.int64], bool]:
    """Return how long (ms) each class is open in each quarter-hour of [start, end), in shape (classes, quarters).

    Beside it, whether each is open for all of a quarter-hour (within the window) or none of it.
    """
    first, last = start // QUARTER, -(-end // QUARTER)
    marks = np.clip(np.arange(first, last + 1) * QUARTER, start, end)
    lengths = np.diff(marks)
    opened = np.zeros((len(representatives), len(lengths)), dtype=np.int64)
    for number, index in enumerate(representatives):
        spans = open_intervals(site, site.spaces[index], start, end)
        opened[number] = np.diff(_covered(marks, spans))
    return opened, bool(((opened == 0) | (opened == lengths)).all())


def _covered(marks: NDArray[np.int64], spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how long of the time before each mark is covered by spans, ascending and disjoint."""
    if not len(spans):
        return np.zeros_like(marks)
    begun = np.searchsorted(spans[:, 0], marks, side="right") - 1
    sums = np.concatenate([[0], np.cumsum(spans[:, 1] - spans[:, 0])])
    last = np.maximum(begun, 0)
    inside = np.minimum(marks, spans[last, 1]) - spans[last, 0]
    return np.where(begun < 0, 0, sums[last] + inside)

"""What desks were asked for: stays, measured day by day, with the times in which a jacket holds the desk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from analytics.held import short_gaps
from analytics.opentime import Spans, inside_open_time
from analytics.sizing.days import OpenDays
from analytics.spacestates import SpaceStates
from spaces.calendar import open_intervals, rules_for
from spaces.site import Site, Space
from spaces.times import Millis

Pool = Literal["flexible", "fixed"]
Whole = NDArray[np.int64]
Window = tuple[Millis, Millis]


@dataclass(frozen=True)
class Stays:
    """n stretches of time at desks of a pool, ascending in (start, end); each lies within one open day.

    ``day`` is the day's index, ``start`` and ``end`` are UTC ms. Which desk it was is not kept.
    """

    day: Whole
    start: Whole
    end: Whole

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def of(cls, day: Whole, start: Whole, end: Whole) -> "Stays":
        """Return stays in their order, without those of no length."""
        kept = np.flatnonzero(end > start)
        order = kept[np.lexsort((end[kept], start[kept]))]
        return cls(day[order], start[order], end[order])

    @classmethod
    def together(cls, parts: Iterable["Stays"]) -> "Stays":
        """Return the stays of all parts."""
        return cls.of(
            *(np.concatenate(column) for column in zip(*((p.day, p.start, p.end) for p in parts), strict=True))
        )

    def only(self, kept: NDArray[np.bool_]) -> "Stays":
        """Return some of the stays."""
        return Stays(self.day[kept], self.start[kept], self.end[kept])


@dataclass(frozen=True)
class Demand:
    """What was measured of a pool on d open days: its stays, and the time of which nothing is known.

    ``offered`` says when desks were open and had a sensor, ``desks_offered`` how many at each of these stretches;
    what is `unknown` of that is lost. ``desks`` have a sensor at the end of what was measured.
    """

    days: OpenDays
    stays: Stays
    unknown: Stays
    offered: Stays
    desks_offered: Whole
    desks: int

    @cached_property
    def coverage(self) -> NDArray[np.float64]:
        """Known part of the measured time of each day, NaN where no desk had a sensor."""
        lost, measured = np.zeros((2, len(self.days)), dtype=np.int64)
        np.add.at(lost, self.unknown.day, self.unknown.end - self.unknown.start)
        np.add.at(measured, self.offered.day, (self.offered.end - self.offered.start) * self.desks_offered)
        share = np.full(len(self.days), np.nan)
        np.divide(measured - lost, measured, out=share, where=measured > 0)
        return share

    def only(self, kept: NDArray[np.bool_]) -> "Demand":
        """Return the demand of some of the days, numbered anew."""
        number = np.cumsum(kept) - 1

        def of(stays: Stays) -> Stays:
            inside = kept[stays.day]
            return Stays(number[stays.day[inside]], stays.start[inside], stays.end[inside])

        offered = self.desks_offered[kept[self.offered.day]]
        return Demand(self.days.only(kept), of(self.stays), of(self.unknown), of(self.offered), offered, self.desks)


def pool_of(site: Site, pool: Pool, among: Sequence[Space] | None = None) -> list[Space]:
    """Return the desks of a pool that a sensor has ever reported on."""
    heard = {entry.space for entry in site.sensors}
    desks = [space for space in site.spaces if space.kind == "desk" and space.id in heard]
    wanted = None if among is None else {space.id for space in among}
    return [desk for desk in desks if desk.assignment == pool and (wanted is None or desk.id in wanted)]


def demand(site: Site, states: SpaceStates, desks: Sequence[Space], days: OpenDays) -> Demand:
    """Return the demand for some desks on the days that lie in the window of the states (others have none).

    A stay is the use of a desk from its begin to its end inside opening hours, held gaps (`analytics.held`) included:
    whoever went to lunch has not given up the desk. An unknown gap ends it.
    """
    wanted = {space.id for space in desks}
    chosen = [0 if space.id in wanted else -1 for space in site.spaces]
    groups = Groups(("pool",), np.array(chosen, dtype=np.int32))
    window = states.window
    inside = inside_open_time(site, states, groups, np.array(window, dtype=np.int64))
    mapped = _mapped_times(site, window)
    used, unknown = _cut(inside.used, days), _cut(_mapped(site, inside.unknown, mapped, window), days)
    offered, desks_offered = _offered(site, desks, days, mapped)
    return Demand(
        days=days,
        stays=_joined(used, unknown),
        unknown=Stays.of(unknown.day, unknown.start, unknown.end),
        offered=offered,
        desks_offered=desks_offered,
        desks=sum(mapped[desk.id][-1:] != () and mapped[desk.id][-1][1] == window[1] for desk in desks),
    )


def no_demand(days: OpenDays, desks: int) -> Demand:
    """Return what is measured before anything is: no stay on any of the days."""
    none = np.zeros(0, dtype=np.int64)
    nothing = Stays(none, none, none)
    return Demand(days, nothing, nothing, nothing, none, desks)


def join_demand(parts: Sequence[Demand]) -> Demand:
    """Return what was measured in windows that follow one another, on the same days (one part has each of them)."""
    return Demand(
        days=parts[0].days,
        stays=Stays.together(part.stays for part in parts),
        unknown=Stays.together(part.unknown for part in parts),
        offered=Stays(
            *(np.concatenate([getattr(part.offered, name) for part in parts]) for name in ("day", "start", "end"))
        ),
        desks_offered=np.concatenate([part.desks_offered for part in parts]),
        desks=parts[-1].desks,
    )


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Stretches of time at desks (`space`: which), within one interval of an open day each."""

    space: NDArray[np.intp]
    day: Whole
    start: Whole
    end: Whole


def _cut(spans: Spans, days: OpenDays) -> _Pieces:
    row, day, start, end = within_days(days, spans.start, spans.end)
    return _Pieces(spans.space[row], day, start, end)


def within_days(days: OpenDays, start: Whole, end: Whole) -> tuple[NDArray[np.intp], Whole, Whole, Whole]:
    """Cut stretches of time at the intervals of open days: row, day, start and end of each piece that is left."""
    first = np.searchsorted(days.end, start, side="right")
    count = np.maximum(np.searchsorted(days.start, end, side="left") - first, 0)
    row = np.repeat(np.arange(len(first)), count)
    interval = np.arange(len(row)) + np.repeat(first + count - np.cumsum(count), count)
    return (
        row,
        days.day[interval],
        np.maximum(start[row], days.start[interval]),
        np.minimum(end[row], days.end[interval]),
    )


def _joined(used: _Pieces, unknown: _Pieces) -> Stays:
    """Join the uses of a desk over its held gaps: neighbours in time with nothing unknown between them."""
    space, day, start, end = (
        np.concatenate((getattr(used, name), getattr(unknown, name))) for name in ("space", "day", "start", "end")
    )
    is_use = np.arange(len(space)) < len(used.space)
    order = np.lexsort((start, space))
    space, day, start, end, is_use = space[order], day[order], start[order], end[order], is_use[order]
    goes_on = short_gaps(space, start, end, is_use)
    goes_on[1:-1] &= day[1:] == day[:-1]
    first, last = np.flatnonzero(is_use & ~goes_on[:-1]), np.flatnonzero(is_use & ~goes_on[1:])
    return Stays.of(day[first], start[first], end[last])


def _mapped_times(site: Site, window: Window) -> dict[str, tuple[Window, ...]]:
    """Return when some sensor was mapped to each space, within a window: ascending, disjoint."""
    found: dict[str, list[Window]] = {}
    for entry in sorted(site.sensors, key=lambda one: one.since):
        low, high = max(entry.since, window[0]), min(entry.until, window[1])
        times = found.setdefault(entry.space, [])
        if low < high and times and low <= times[-1][1]:
            times[-1] = times[-1][0], max(high, times[-1][1])
        elif low < high:
            times.append((low, high))
    return {space: tuple(times) for space, times in found.items()}


def _mapped(site: Site, unknown: Spans, mapped: Mapping[str, tuple[Window, ...]], window: Window) -> Spans:
    """Return of unknown time what lies where a sensor was mapped: before it was mounted nothing could be measured."""
    always = np.array([mapped.get(space.id) == (window,) for space in site.spaces], dtype=np.bool_)
    parts = [unknown.only(always[unknown.space])]
    for index in np.unique(unknown.space[~always[unknown.space]]).tolist():
        here = unknown.only(unknown.space == index)
        parts += [_within(here, low, high) for low, high in mapped.get(site.spaces[index].id, ())]
    return Spans(*(np.concatenate([getattr(part, name) for part in parts]) for name in Spans.__slots__))


def _within(spans: Spans, low: Millis, high: Millis) -> Spans:
    start, end = np.clip(spans.start, low, high), np.clip(spans.end, low, high)
    return Spans(spans.group, spans.space, start, end, spans.people, spans.seats).only(end > start)


def _offered(
    site: Site, desks: Sequence[Space], days: OpenDays, mapped: Mapping[str, tuple[Window, ...]]
) -> tuple[Stays, Whole]:
    """Return when desks were open and had a sensor (in no order), and how many at each of these stretches."""
    alike: dict[tuple[object, ...], list[Space]] = {}
    for desk in desks:
        alike.setdefault((*map(id, rules_for(site, desk)), mapped[desk.id]), []).append(desk)
    rows = [np.zeros((4, 0), dtype=np.int64)]
    for same in alike.values():
        for low, high in mapped[same[0].id]:
            opened = open_intervals(site, same[0], low, high)
            _, day, start, end = within_days(days, opened[:, 0], opened[:, 1])
            rows.append(np.stack((day, start, end, np.full(len(day), len(same)))))
    day, start, end, count = np.concatenate(rows, axis=1)
    return Stays(day, start, end), count

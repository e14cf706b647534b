"""What each sensor said, as pieces of time: how long a reading holds, and what a late "vacant" takes back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spaces.readings import Readings
from spaces.site import Sensor
from spaces.times import FOREVER

_NOTHING = slice(0, 0)


@dataclass(frozen=True, slots=True)
class SensorPieces:
    """When sensors were known to be occupied or vacant: n pieces ascending in (entry, start), disjoint in each.

    ``entry`` holds indexes into the sensor entries asked for; ``occupied`` is 1 or 0, what no piece covers is
    unknown; ``people`` is -1 where no count came, 0 only while vacant.
    """

    entry: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    occupied: NDArray[np.int8]
    people: NDArray[np.int32]

    def only(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> "SensorPieces":
        """Return some of the pieces."""
        return SensorPieces(self.entry[kept], self.start[kept], self.end[kept], self.occupied[kept], self.people[kept])


def sensor_pieces(entries: Sequence[Sensor], readings: Readings) -> SensorPieces:
    """Return the pieces of each sensor entry; a reading speaks for the entry within whose dates it falls."""
    pieces = _held(entries, readings)
    if any(entry.occupied_at_most or entry.pulse for entry in entries):
        pieces = _cut_short(pieces, entries)
    pieces = _merged(pieces)
    pieces = pieces.only(pieces.occupied >= 0)
    delays = np.array([entry.vacancy_delay for entry in entries], dtype=np.int64)
    return _taken_back(pieces, delays) if delays.any() else pieces


def _held(entries: Sequence[Sensor], readings: Readings) -> SensorPieces:
    """Return a piece a reading: it holds until the next, the silence limit or the end of its mapping."""
    rows = _rows_of(entries, readings)
    counts = np.array([part.stop - part.start for part in rows], dtype=np.intp)
    time = _gathered(readings.time, rows)
    until = np.full(len(time), FOREVER, dtype=np.int64)
    until[:-1] = time[1:]
    spoke = counts > 0
    until[(np.cumsum(counts) - 1)[spoke]] = np.array([entry.until for entry in entries], dtype=np.int64)[spoke]
    silence = np.repeat(np.array([entry.silence for entry in entries], dtype=np.int64), counts)
    occupied, people = _said(_gathered(readings.occupied, rows), _gathered(readings.people, rows))
    entry = np.repeat(np.arange(len(entries), dtype=np.int32), counts)
    return SensorPieces(entry, time, np.minimum(time + silence, until), occupied, people)


def _cut_short(pieces: SensorPieces, entries: Sequence[Sensor]) -> SensorPieces:
    """Return the pieces with each "occupied" no longer than it may be taken for true.

    A sensor that never says "vacant" means it after its pulse: a reading at 9:00 with a pulse of 10 minutes and a
    silence limit of two hours is occupied until 9:10, and vacant until 11:00 unless it is heard again.
    """
    longest = np.array([entry.occupied_at_most or FOREVER for entry in entries], dtype=np.int64)[pieces.entry]
    pulse = np.array([entry.pulse for entry in entries], dtype=np.int64)[pieces.entry]
    used = pieces.occupied == 1
    most = np.where(pulse > 0, np.minimum(pulse, longest), longest)
    cut = np.where(used, pieces.start + np.minimum(most, pieces.end - pieces.start), pieces.end)
    over = used & (pulse > 0) & (pulse <= longest) & (cut < pieces.end)
    place = np.repeat(np.arange(len(cut)), 1 + over)
    second = np.zeros(len(place), dtype=np.bool_)
    second[1:] = place[1:] == place[:-1]
    people = np.where(pieces.people[place] < 0, np.int32(-1), np.int32(0))
    return SensorPieces(
        entry=pieces.entry[place],
        start=np.where(second, cut[place], pieces.start[place]),
        end=np.where(second, pieces.end[place], cut[place]),
        occupied=np.where(second, np.int8(0), pieces.occupied[place]),
        people=np.where(second, people, pieces.people[place]),
    )


def _rows_of(entries: Sequence[Sensor], readings: Readings) -> list[slice]:
    """Return the rows of each entry: those of its sensor from `since` to before `until`."""
    bounds = np.searchsorted(readings.sensor, np.arange(len(readings.sensors) + 1)).tolist()
    blocks = {sensor: slice(bounds[index], bounds[index + 1]) for index, sensor in enumerate(readings.sensors)}
    rows = []
    for entry in entries:
        block = blocks.get(entry.id, _NOTHING)
        first, last = np.searchsorted(readings.time[block], (entry.since, entry.until)).tolist()
        rows.append(slice(block.start + first, block.start + last))
    return rows


def _gathered(column: NDArray, rows: Sequence[slice]) -> NDArray:  # type: ignore[type-arg]  # of any type, kept
    return np.concatenate([column[part] for part in rows] or [column[_NOTHING]])


def _said(occupied: NDArray[np.int8], people: NDArray[np.int32]) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
    """Return state and count of each reading: a count speaks where no state came, 0 counts nobody in use."""
    state = np.where((occupied < 0) & (people == 0), np.int8(0), occupied)
    state[people > 0] = 1
    return state, np.where((state == 1) & (people == 0), np.int32(-1), people)


def _merged(pieces: SensorPieces) -> SensorPieces:
    """Return the pieces with those that repeat what touches them before melted into it: heartbeats vanish."""
    if not len(pieces.start):
        return pieces
    fresh = np.ones(len(pieces.start), dtype=np.bool_)
    fresh[1:] = (
        (pieces.start[1:] != pieces.end[:-1])
        | (pieces.occupied[1:] != pieces.occupied[:-1])
        | (pieces.people[1:] != pieces.people[:-1])
        | (pieces.entry[1:] != pieces.entry[:-1])
    )
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(fresh)) - 1
    return replace(pieces.only(first), end=pieces.end[last])


def _taken_back(pieces: SensorPieces, delays: NDArray[np.int64]) -> SensorPieces:
    """Return the pieces with the end of each run of use given to the vacancy that ends it.

    Where a "vacant" at t ends a run, [max(start of the run, t - vacancy delay), t) is vacant as well.
    """
    if not len(pieces.start):
        return pieces
    used = pieces.occupied == 1
    follows = np.zeros(len(used), dtype=np.bool_)
    follows[1:] = (pieces.start[1:] == pieces.end[:-1]) & (pieces.entry[1:] == pieces.entry[:-1]) & used[:-1]
    run = np.maximum.accumulate(np.where(follows & used, 0, np.arange(len(used))))
    vacant = np.flatnonzero(follows & ~used)
    begun = run[vacant - 1]
    cut = np.maximum(pieces.start[begun], pieces.start[vacant] - delays[pieces.entry[vacant]])
    limit = np.full(len(used), FOREVER, dtype=np.int64)
    limit[begun] = cut
    start, end = pieces.start.copy(), np.where(used, np.minimum(pieces.end, limit[run]), pieces.end)
    start[vacant] = cut
    return replace(pieces, start=start, end=end).only(start < end)

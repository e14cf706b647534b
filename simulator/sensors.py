"""What sensors say of the truth: readings at changes, heartbeats between them, delays and silences.

Everything about a reading follows from (site, seed, sensor, time): a window asked for alone holds the same
readings as the part of a longer one. `seq` begins anew at each local midnight, as if the device restarted.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.faults import silences
from simulator.fleet import COUNTER_PULSE, Fleet, Ints, fleet_of
from simulator.house import House, OpenDay
from simulator.people import visits
from simulator.steps import Steps, intervals_of, placed, steps_of
from spaces.calendar import local_days
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import DAY, SECOND, Millis

COUNTER_GRID: Millis = 10 * SECOND
"""A counter says the newest count at the next mark of this grid, not every step through a door."""

SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


class Said(NamedTuple):
    """Rows of length n: index of a sensor, UTC ms, and people or 1 and 0 from a desk."""

    sensor: Ints
    time: Ints
    value: Ints

    def where(self, kept: NDArray[np.bool_] | Ints) -> "Said":
        """Return some of the rows."""
        return Said(self.sensor[kept], self.time[kept], self.value[kept])


def said(site: Site, seed: int, start: Millis, end: Millis) -> Iterator[Reading]:
    """Yield what the sensors say in [start, end), ascending in time; received when said."""
    for batch in said_between(site, seed, start, end):
        yield from batch


def said_between(site: Site, seed: int, start: Millis, end: Millis) -> Iterator[list[Reading]]:
    """Yield what the sensors say in [start, end), a local day at a time."""
    days = local_days(site, start, end)
    if not days:
        return
    for batch in said_days(site, seed, days[0], days[-1]):
        whole = not batch or (start <= batch[0].time and batch[-1].time < end)
        yield batch if whole else [reading for reading in batch if start <= reading.time < end]


def said_days(site: Site, seed: int, first: date, last: date) -> Iterator[list[Reading]]:
    """Yield what the sensors say on each local day from `first` to `last` (with it), ascending in time."""
    house, fleet = House(site), fleet_of(site, seed)
    day = first
    before = _rows(house, seed, day - timedelta(days=1))
    while day <= last:
        rows = _rows(house, seed, day)
        yield _said_on(house, fleet, day, np.concatenate([before, rows]))
        day, before = day + timedelta(days=1), rows


def _rows(house: House, seed: int, day: date) -> Ints:
    return placed(visits(house, seed, day), OpenDay(house, day).anchor)


def _said_on(house: House, fleet: Fleet, day: date, rows: Ints) -> list[Reading]:
    """Return one local day's readings, from visits that begin on it or the day before."""
    start, end = house.site.midnight(day), house.site.midnight(day + timedelta(days=1))
    steps = steps_of(rows)
    changes = _joined(_desk_changes(fleet, steps), _counter_changes(fleet, steps))
    said_rows = _with_heartbeats(changes, _heartbeats(fleet, start, end), len(fleet.names), start - 3 * DAY)
    heard = _heard(house.site, fleet, day, said_rows)
    return _readings(
        house.site.id, fleet, day, said_rows.where(heard & (said_rows.time >= start) & (said_rows.time < end))
    )


def _joined(*parts: Said) -> Said:
    return Said(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _desk_changes(fleet: Fleet, steps: Steps) -> Said:
    """Return when desk sensors change, ascending in (sensor, time); each holds for its delay."""
    used = intervals_of(steps)
    sensor, row = _pairs(fleet, np.flatnonzero(fleet.desk), used[:, 0])
    on = used[row, 1] + fleet.latency[sensor]
    off = used[row, 2] + fleet.latency[sensor] + fleet.delay[sensor]
    # Who comes back within the delay was never away, for the sensor.
    begins = _heads(sensor)
    begins[1:] |= on[1:] > off[:-1]
    ends = np.roll(begins, -1)
    both = np.stack([on[begins], off[ends]], axis=1).ravel()
    return Said(np.repeat(sensor[begins], 2), both, np.tile(np.array([1, 0]), int(begins.sum())))


def _counter_changes(fleet: Fleet, steps: Steps) -> Said:
    """Return when counters change, ascending in (sensor, time): the newest count of each mark."""
    sensor, row = _pairs(fleet, np.flatnonzero(~fleet.desk), steps.space)
    time = -(-steps.time[row] // COUNTER_GRID) * COUNTER_GRID
    last = np.roll(_heads(sensor, time), -1)
    newest = Said(sensor[last], time[last], steps.people[row][last])
    before = np.where(_heads(newest.sensor), 0, np.roll(newest.value, 1))
    return newest.where(newest.value != before)


def _heads(*columns: Ints) -> NDArray[np.bool_]:
    """Tell where rows differ from the row before; the first always does."""
    heads = np.zeros(len(columns[0]), dtype=bool)
    heads[:1] = True
    for column in columns:
        heads[1:] |= column[1:] != column[:-1]
    return heads


def _pairs(fleet: Fleet, sensors: Ints, spaces: Ints) -> tuple[Ints, Ints]:
    """Pair sensors with the rows of their spaces; `spaces` is ascending. Two columns: sensor, row."""
    low, high = (np.searchsorted(spaces, fleet.space[sensors], side=side) for side in SIDES)
    count = high - low
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(sensors, count), np.repeat(low, count) + within


def _heartbeats(fleet: Fleet, start: Millis, end: Millis) -> tuple[Ints, Ints]:
    """Return (sensor, time) of the heartbeats in [start, end): each sensor has its own grid, the same for ever."""
    first = start + (fleet.phase - start) % fleet.pulse
    beats = np.arange(-(-(end - start) // COUNTER_PULSE))
    grid = first[:, None] + beats[None, :] * fleet.pulse[:, None]
    sensor, which = np.nonzero(grid < end)
    return sensor, grid[sensor, which]


def _with_heartbeats(changes: Said, beats: tuple[Ints, Ints], sensors: int, long_ago: Millis) -> Said:
    """Add heartbeats, which repeat what the sensor said last, to its changes; ascending in (sensor, time)."""
    nothing = Said(np.arange(sensors), np.full(sensors, long_ago), np.zeros(sensors, dtype=np.int64))
    rows = _joined(nothing, changes, Said(*beats, np.zeros(len(beats[0]), dtype=np.int64)))
    is_beat = np.arange(len(rows.time)) >= sensors + len(changes.time)
    order = np.lexsort((is_beat, rows.time, rows.sensor))
    rows, is_beat = rows.where(order), is_beat[order]
    latest_change = np.maximum.accumulate(np.where(is_beat, 0, np.arange(len(is_beat))))
    return rows._replace(value=rows.value[latest_change]).where(_heads(rows.sensor, rows.time))


def _heard(site: Site, fleet: Fleet, day: date, rows: Said) -> NDArray[np.bool_]:
    """Tell which rows are sent: by a sensor that is mounted then and has not fallen silent."""
    heard = (fleet.since[rows.sensor] <= rows.time) & (rows.time < fleet.until[rows.sensor])
    for name, start, end in silences(site, day):
        silent = np.array([other == name for other in fleet.names])
        heard &= ~(silent[rows.sensor] & (start <= rows.time) & (rows.time < end))
    return heard


def _readings(site: str, fleet: Fleet, day: date, rows: Said) -> list[Reading]:
    """Build readings from rows ascending in (sensor, time), in order of time."""
    seq = np.arange(len(rows.sensor)) - np.searchsorted(rows.sensor, rows.sensor, side="left")
    order = np.lexsort((rows.sensor, rows.time))
    columns = (*(column[order].tolist() for column in rows), seq[order].tolist())
    desk, battery, names = fleet.desk.tolist(), fleet.battery_on(day), fleet.names
    return [
        Reading(site, names[who], at, at, bool(said), None, battery[who], number)
        if desk[who]
        else Reading(site, names[who], at, at, said > 0, said, None, number)
        for who, at, said, number in zip(*columns, strict=True)
    ]

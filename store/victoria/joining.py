"""Samples of several fields joined by (sensor, time), and repeats merged as `spaces.reading.merge` does."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from spaces.reading import Reading
from spaces.readings import UNKNOWN, Readings
from store.lines import FIELDS, MEASUREMENT, text_of
from store.victoria.samples import Ints, Samples, no_samples

NAMES = {field: f"{MEASUREMENT}_{field}" for field in FIELDS}
"""Fields and the metrics that they become."""
PRESENT = ("lag", "stamped")
"""One of the two comes with every reading."""
STATES = ("occupied", "unknown", "people")
"""What a figure needs; one of the first two comes with every reading."""
_MOST_SEQ = 2**63 - 1
_Number = TypeVar("_Number", np.int8, np.int32, np.float64)


def readings_of(samples: Mapping[str, Samples], codes: Mapping[str, int]) -> Readings:
    """Return columns, ascending in (sensor, time), of the samples of `STATES`."""
    table = _Table(samples, codes, ("occupied", "unknown"))
    occupied = table.column("occupied", np.maximum, np.full(len(table), UNKNOWN, np.int8))
    people = table.column("people", np.maximum, np.full(len(table), UNKNOWN, np.int32))
    return Readings(table.names, table.sensor, table.time, occupied, people)


def rows_of(site: str, samples: Mapping[str, Samples], codes: Mapping[str, int]) -> list[Reading]:
    """Return whole readings, ascending in (sensor, time), of the samples of all fields."""
    table = _Table(samples, codes, PRESENT)
    columns = (table.sensor.tolist(), table.time.tolist(), *(_numbers(table, field) for field in FIELDS))
    return [
        Reading(
            site=site,
            sensor=table.names[sensor],
            time=time,
            received=time + int(min(wait for wait in (lag, stamped) if wait is not None)),
            occupied=None if occupied is None else bool(occupied),
            people=None if people is None else int(people),
            battery=battery,
            seq=None if seq is None else min(int(seq), _MOST_SEQ),
            stamped=lag is None,
        )
        for sensor, time, occupied, _, people, battery, seq, lag, stamped in zip(*columns, strict=True)
    ]


class _Table:
    """The identities that samples of some fields have, each once: `sensor` and `time`, ascending."""

    def __init__(self, samples: Mapping[str, Samples], codes: Mapping[str, int], present: Sequence[str]) -> None:
        self._samples = samples
        self.names, self._ranked = _ranks(codes)
        times = [one.time for one in samples.values() if len(one.time)]
        self._first = min((int(time.min()) for time in times), default=0)
        self._width = max((int(time.max()) for time in times), default=0) - self._first + 1
        keys = np.concatenate([self._packed(_of(samples, field)) for field in present])
        if not (keys[1:] >= keys[:-1]).all():
            keys.sort(kind="stable")  # runs that are in order already are merged, not sorted
        fresh = np.ones(len(keys), bool)
        np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
        self._keys = keys if fresh.all() else keys[fresh]
        self.sensor = (self._keys // self._width).astype(np.int32)
        self.time = self._keys % self._width + self._first

    def __len__(self) -> int:
        return len(self._keys)

    def column(self, field: str, choose: np.ufunc, column: NDArray[_Number]) -> NDArray[_Number]:
        """Fill a column (of what stands for nothing) with the samples of a field, several of one identity merged."""
        found = _of(self._samples, field)
        keys, values = self._packed(found), found.value.astype(column.dtype)
        if np.array_equal(keys, self._keys):
            return values
        places = np.searchsorted(self._keys, keys)
        known = np.zeros(len(keys), bool)
        inside = places < len(self._keys)
        known[inside] = self._keys[places[inside]] == keys[inside]
        if not known.all():  # parts of readings whose rest is still on its way
            places, values = places[known], values[known]
        choose.at(column, places, values)
        return column

    def _packed(self, samples: Samples) -> Ints:
        # Both fit: a window has less than 2^43 ms (2248), which leaves room for a million sensors.
        return self._ranked[samples.sensor].astype(np.int64) * self._width + (samples.time - self._first)


def _numbers(table: _Table, field: str) -> list[float | None]:
    """Return what a field says of each identity, None where it says nothing."""
    choose = np.fmin if field in {"battery", "lag", "stamped"} else np.fmax
    column = table.column(field, choose, np.full(len(table), np.nan))
    return [None if value != value else value for value in column.tolist()]  # noqa: PLR0124 - NaN alone differs from itself


def _of(samples: Mapping[str, Samples], field: str) -> Samples:
    return samples.get(NAMES[field], no_samples())


def _ranks(codes: Mapping[str, int]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the sensors' names, sorted, and for each code the place among them."""
    names = {code: text_of(tag) for tag, code in codes.items()}
    ordered = sorted(names, key=names.__getitem__)
    ranked = np.zeros(len(ordered), np.int32)
    ranked[ordered] = np.arange(len(ordered))
    return tuple(names[code] for code in ordered), ranked

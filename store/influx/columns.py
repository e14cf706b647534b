"""InfluxDB's rows, one a field, put together into readings in columns."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spaces.reading import Reading
from spaces.readings import UNKNOWN, Readings, no_readings
from store.lines import FIELDS, NANOS, text_of

_WORDS = pa.dictionary(pa.int32(), pa.string())
TYPES: Mapping[str, pa.DataType] = {
    "_time": pa.timestamp("ns", "UTC"),
    "_value": pa.int64(),
    "_field": _WORDS,
    "sensor": _WORDS,
}
"""Of every field but the battery."""
BATTERY_TYPES: Mapping[str, pa.DataType] = {**TYPES, "_value": pa.float64()}
_NUMBER_OF = {name: number for number, name in enumerate(FIELDS)}
_OTHER = -1
_MOST = np.iinfo(np.int64).max

Ints = NDArray[np.int64]


class Joined:
    """Rows of fields joined to one row an identity, ascending in (sensor, time).

    What merging different contents of an identity needs, and what joining its fields needs, is the same: the
    largest, or the least, of a field's rows that are of it.
    """

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Take in record batches with columns as in TYPES, or as in BATTERY_TYPES, or both."""
        numbers: dict[str, int] = {}
        parts = [_part(batch, numbers) for batch in batches if len(batch)]
        self.sensors = tuple(sorted(map(text_of, numbers)))
        self.empty = not parts
        if self.empty:
            return
        sensor, time, self._field, self._value = (np.concatenate(column) for column in zip(*parts, strict=True))
        place = {name: number for number, name in enumerate(self.sensors)}
        sensor = np.array([place[text_of(tag)] for tag in numbers], dtype=np.int32)[sensor]
        self._order = _in_order(sensor, time)
        sensor, time = sensor[self._order], time[self._order]
        another = (sensor[1:] != sensor[:-1]) | (time[1:] != time[:-1])
        self._first = np.flatnonzero(np.r_[True, another])
        self.sensor: NDArray[np.int32] = sensor[self._first]
        self.time: Ints = time[self._first]

    def largest(self, field: str) -> Ints:
        """Return the largest whole number of a field, UNKNOWN where there is none: shape (identities,)."""
        return np.maximum.reduceat(self._only(field, UNKNOWN), self._first)

    def least(self, *fields: str) -> Ints:
        """Return the least whole number of some fields, the largest there is where there is none."""
        found = [np.minimum.reduceat(self._only(field, _MOST), self._first) for field in fields]
        least: Ints = np.minimum.reduce(found)
        return least

    def least_real(self, field: str) -> NDArray[np.float64]:
        """Return the least number of a field of real numbers, infinity where there is none."""
        chosen = self._field == _NUMBER_OF[field]
        values = np.where(chosen, self._value.view(np.float64), np.inf)[self._order]
        return np.minimum.reduceat(values, self._first)

    def _only(self, field: str, otherwise: int) -> Ints:
        return np.where(self._field == _NUMBER_OF[field], self._value, otherwise)[self._order]


def to_readings(batches: Iterable[pa.RecordBatch]) -> Readings:
    """Return readings in columns from rows of `occupied`, `unknown` and `people`."""
    joined = Joined(batches)
    if joined.empty:
        return no_readings()
    occupied, people = joined.largest("occupied").astype(np.int8), joined.largest("people").astype(np.int32)
    return Readings(joined.sensors, joined.sensor, joined.time, occupied, people)


def to_rows(site: str, batches: Iterable[pa.RecordBatch]) -> list[Reading]:
    """Return whole readings of a site, ascending in (sensor, time), from rows of all fields."""
    joined = Joined(batches)
    return [] if joined.empty else list(_whole(site, joined))


def _whole(site: str, joined: Joined) -> Iterator[Reading]:
    own = joined.least("lag") != _MOST
    lag = joined.least("lag", "stamped")
    states = (None, False, True)
    columns = (
        joined.sensor,
        joined.time,
        joined.time + np.where(lag == _MOST, 0, lag),
        joined.largest("occupied"),
        joined.largest("people"),
        joined.least_real("battery"),
        joined.largest("seq"),
        ~own & (lag != _MOST),
    )
    for sensor, time, received, occupied, people, battery, seq, stamped in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        yield Reading(
            site,
            joined.sensors[sensor],
            time,
            received,
            states[occupied + 1],
            None if people == UNKNOWN else people,
            None if battery == np.inf else battery,
            None if seq == UNKNOWN else seq,
            stamped,
        )


def _part(batch: pa.RecordBatch, numbers: dict[str, int]) -> tuple[NDArray[np.int32], Ints, NDArray[np.int8], Ints]:
    """Return (sensor, time, field, value) of a batch; real numbers lie in the bits of the whole ones."""
    field, sensor = batch.column("_field"), batch.column("sensor")
    known = [numbers.setdefault(tag, len(numbers)) for tag in sensor.dictionary.to_pylist()]
    fields = [_NUMBER_OF.get(name, _OTHER) for name in field.dictionary.to_pylist()]
    return (
        np.array(known, dtype=np.int32)[sensor.indices.to_numpy()],
        batch.column("_time").cast(pa.int64()).to_numpy() // NANOS,
        np.array(fields, dtype=np.int8)[field.indices.to_numpy()],
        batch.column("_value").to_numpy(zero_copy_only=False).view(np.int64),
    )


def _in_order(sensor: NDArray[np.int32], time: Ints) -> NDArray[np.intp]:
    """Return the order by (sensor, time): as one number each where they fit, which come in few ascending runs."""
    low = int(time.min())
    bits = (int(time.max()) - low).bit_length()
    if bits + int(sensor.max()).bit_length() > 62:
        return np.lexsort((time, sensor))
    return np.argsort(sensor.astype(np.int64) << bits | (time - low), kind="stable")

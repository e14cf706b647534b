"""Samples of several fields joined by (sensor, time), and repeats merged as `spaces.reading.merge` does."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from spaces.reading import Reading
from spaces.readings import UNKNOWN, Readings
from store.lines import FIELDS, MEASUREMENT, text_of
from store.victoria.samples import Floats, Ints, Samples, no_samples

NAMES = {field: f"{MEASUREMENT}_{field}" for field in FIELDS}
"""Fields and the metrics that they become."""
PRESENT = ("lag", "stamped")
"""One of the two comes with every reading."""
STATES = ("occupied", "unknown", "people")
"""What a figure needs; one of the first two comes with every reading."""
_MOST_SEQ = 2**63 - 1


def readings_of(samples: Mapping[str, Samples], codes: Mapping[str, int]) -> Readings:
    """Return columns, ascending in (sensor, time), of the samples of `STATES`."""
    names, ranked = _ranks(codes)
    keys = _Keys([_of(samples, field) for field in STATES], ranked)
    occupied = np.full(len(keys), UNKNOWN, np.int8)
    people = np.full(len(keys), UNKNOWN, np.int32)
    occupied_ones, _, counts = (_of(samples, field) for field in STATES)
    np.maximum.at(occupied, keys.places(0), occupied_ones.value.astype(np.int8))
    np.maximum.at(people, keys.places(2), counts.value.astype(np.int32))
    return Readings(names, keys.sensor, keys.time, occupied, people)


def rows_of(site: str, samples: Mapping[str, Samples], codes: Mapping[str, int]) -> list[Reading]:
    """Return whole readings, ascending in (sensor, time), of the samples of all fields."""
    names, ranked = _ranks(codes)
    found = [_of(samples, field) for field in FIELDS]
    keys = _Keys(found, ranked)
    column = {field: _merged(field, found[place], keys, place) for place, field in enumerate(FIELDS)}
    columns = (keys.sensor.tolist(), keys.time.tolist(), *(column[field] for field in FIELDS))
    return [
        Reading(
            site=site,
            sensor=names[sensor],
            time=time,
            received=time + int(min(wait for wait in (lag, stamped) if wait is not None)),
            occupied=None if occupied is None else bool(occupied),
            people=None if people is None else int(people),
            battery=battery,
            seq=None if seq is None else min(int(seq), _MOST_SEQ),
            stamped=lag is None,
        )
        for sensor, time, occupied, _, people, battery, seq, lag, stamped in zip(*columns, strict=True)
        if lag is not None or stamped is not None  # the rest of a reading that is still on its way
    ]


class _Keys:
    """The identities that some samples have, each once: `sensor` and `time`, ascending."""

    def __init__(self, found: Sequence[Samples], ranked: NDArray[np.int32]) -> None:
        whole = np.concatenate([samples.time for samples in found])
        self._first = int(whole.min()) if len(whole) else 0
        self._width = (int(whole.max()) if len(whole) else 0) - self._first + 1
        self._ranked = ranked
        self._packed = [self._pack(samples) for samples in found]
        self._keys = np.unique(np.concatenate(self._packed))
        self.sensor = (self._keys // self._width).astype(np.int32)
        self.time = self._keys % self._width + self._first

    def __len__(self) -> int:
        return len(self._keys)

    def places(self, index: int) -> NDArray[np.intp]:
        """Return the place among the identities of each of the samples with that index."""
        return np.searchsorted(self._keys, self._packed[index])

    def _pack(self, samples: Samples) -> Ints:
        # Both fit: a window has less than 2^43 ms (2248), which leaves room for a million sensors.
        return self._ranked[samples.sensor].astype(np.int64) * self._width + (samples.time - self._first)


def _merged(field: str, samples: Samples, keys: _Keys, place: int) -> Iterator[float | None]:
    """Yield what a field says of each identity, None where it says nothing."""
    merged: Floats = np.full(len(keys), np.nan)
    choose = np.fmin if field in {"battery", "lag", "stamped"} else np.fmax
    choose.at(merged, keys.places(place), samples.value)
    return (None if value != value else value for value in merged.tolist())  # noqa: PLR0124 - NaN alone differs from itself


def _of(samples: Mapping[str, Samples], field: str) -> Samples:
    return samples.get(NAMES[field], no_samples())


def _ranks(codes: Mapping[str, int]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the sensors' names, sorted, and for each code the place among them."""
    names = {code: text_of(tag) for tag, code in codes.items()}
    ordered = sorted(names, key=names.__getitem__)
    ranked = np.zeros(len(ordered), np.int32)
    ranked[ordered] = np.arange(len(ordered))
    return tuple(names[code] for code in ordered), ranked

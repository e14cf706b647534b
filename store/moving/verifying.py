"""Whether a target holds what a file does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from spaces.reading import Reading, merge
from store.moving.checksum import Digests, Tally, digests
from store.moving.manifest import Part, SiteDay
from store.moving.parquet import read_readings
from store.moving.problem import DamagedError
from store.protocol import Store, battery_error


@dataclass(frozen=True, slots=True)
class Difference:
    """A day of which the target does not hold what it should: `missing` of the file's readings."""

    key: SiteDay
    wanted: Tally
    found: Tally
    missing: int

    def __str__(self) -> str:
        lacks = "1 reading is missing or has" if self.missing == 1 else f"{self.missing:,} readings are missing or have"
        return (
            f"{self.key}: {lacks} other contents; the manifest has"
            f" {self.wanted.readings:,} (checksum {self.wanted.spelled()}), the store"
            f" {self.found.readings:,} (checksum {self.found.spelled()})"
        )


def difference(folder: Path, part: Part, target: Store) -> Difference | None:
    """Compare a file with what is read back of its day; None where every reading of it is in the target.

    Count and checksum are equal where the target had nothing else of that day. Where it had, each reading of the
    file must be there, alone or merged with what was there, its battery within the store's `battery_error`.

    Raises:
        DamagedError: the manifest and the readings of the file do not go together.
    """
    tally, held = _held(target, part.key)
    if tally == part.tally:
        return None
    missing, own = 0, Tally()
    for batch in read_readings(folder / part.file):
        own = own.plus(batch)
        missing += _missing(batch, held, target)
    if own != part.tally:
        raise DamagedError(
            f"{folder / part.file}: the checksum of its readings is {own.spelled()}, not {part.checksum}"
        )
    return Difference(part.key, part.tally, tally, missing) if missing else None


def _held(target: Store, key: SiteDay) -> tuple[Tally, Digests]:
    tally, found = Tally(), [np.empty(0, dtype=np.uint64)]
    for batch in target.rows(key.site, key.start, key.end):
        tally = tally.plus(batch)
        found.append(digests(batch))
    return tally, np.concatenate(found)


def _missing(batch: Sequence[Reading], held: Digests, target: Store) -> int:
    absent = ~np.isin(digests(batch), held)
    rows = [row for row, gone in zip(batch, absent.tolist(), strict=True) if gone]
    return missing_of(rows, target) if rows else 0


def missing_of(rows: Sequence[Reading], target: Store) -> int:
    """Return how many readings of one site are not in a target, neither alone nor merged with others."""
    merged = {(row.sensor, row.time): row for row in _around(rows, target)}
    error = battery_error(target)
    return sum(not _is_in(row, merged.get((row.sensor, row.time)), error) for row in rows)


def _around(rows: Sequence[Reading], target: Store) -> Iterator[Reading]:
    wanted = {(row.sensor, row.time) for row in rows}
    times = [row.time for row in rows]
    for batch in target.rows(rows[0].site, min(times), max(times) + 1):
        yield from (row for row in batch if (row.sensor, row.time) in wanted)


def _is_in(row: Reading, stored: Reading | None, error: float) -> bool:
    """Whether merging a reading with what is stored adds nothing but what the store cannot keep of a decimal."""
    if stored is None:
        return False
    merged = merge(stored, row)
    if merged.battery is not None and stored.battery is not None:
        near = abs(merged.battery - stored.battery) <= error
        merged = replace(merged, battery=stored.battery) if near else merged
    return merged == stored

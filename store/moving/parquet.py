"""Readings in Parquet files: the columns, writing, reading, and looking whether a file may be taken."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spaces.fields import is_id
from spaces.native import MOST_PEOPLE
from spaces.reading import Reading
from spaces.times import Millis
from store.moving.checksum import Tally
from store.moving.problem import DamagedError
from store.protocol import ROWS_AT_ONCE

_MOMENT = pa.timestamp("ms", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("site", pa.string(), nullable=False),
        pa.field("sensor", pa.string(), nullable=False),
        pa.field("time", _MOMENT, nullable=False),
        pa.field("received", _MOMENT, nullable=False),
        pa.field("occupied", pa.bool_()),
        pa.field("people", pa.int32()),
        pa.field("battery", pa.float64()),
        pa.field("seq", pa.int64()),
        pa.field("stamped", pa.bool_(), nullable=False),
    ]
)
_LATEST: Millis = 1 << 53
_BOUNDS: dict[str, tuple[float, float]] = {
    "received": (-_LATEST, _LATEST),
    "people": (0, MOST_PEOPLE),
    "battery": (0, 100),
    "seq": (0, 2**63 - 1),
}


def write_readings(path: Path, batches: Iterable[Sequence[Reading]]) -> Tally:
    """Write batches into a file, a row group each, and return their tally.

    Raises:
        OSError: the disk takes no more.
    """
    tally = Tally()
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(_to_table(batch))
            tally = tally.plus(batch)
    return tally


def read_readings(path: Path) -> Iterator[list[Reading]]:
    """Yield the readings of a file in batches of at most ROWS_AT_ONCE.

    Raises:
        DamagedError: it is no such file.
    """
    for batch in _batches(path):
        columns = [_plain(batch.column(name)).to_pylist() for name in SCHEMA.names]
        yield [Reading(*row) for row in zip(*columns, strict=True)]


def look_at(path: Path, site: str, start: Millis, end: Millis) -> int:
    """Return how many readings a file has, all of which a store may take: of that site, start <= time < end.

    Raises:
        DamagedError: it is no such file, or has readings that no sensor of the site can have sent.
    """
    count = 0
    for batch in _batches(path):
        count += len(batch)
        if wrong := _wrong(batch, site, start, end):
            raise DamagedError(f"{path}: {wrong}")
    return count


def _batches(path: Path) -> Iterator[Any]:
    try:
        with pq.ParquetFile(path) as opened:
            if not opened.schema_arrow.equals(SCHEMA):
                raise DamagedError(f"{path}: has other columns than an export; they are {', '.join(SCHEMA.names)}")
            yield from opened.iter_batches(ROWS_AT_ONCE)
    except (pa.ArrowException, OSError) as error:
        raise DamagedError(f"{path}: cannot be read: {error}") from error


def _wrong(batch: Any, site: str, start: Millis, end: Millis) -> str | None:
    if any(batch.column(field.name).null_count for field in SCHEMA if not field.nullable):
        return "has readings without a site, sensor or time"
    if (others := set(batch.column("site").unique().to_pylist()) - {site}) != set():
        return f"has readings of {others.pop()!r}, and should have those of {site} alone"
    for sensor in batch.column("sensor").unique().to_pylist():
        if not is_id(sensor):
            return f"has a sensor {sensor!r}, which is no id"
    if pc.any(pc.is_nan(batch.column("battery"))).as_py():
        return "has a battery that is no number"
    for name, (least, most) in {"time": (start, end - 1), **_BOUNDS}.items():
        found = pc.min_max(_plain(batch.column(name))).as_py()
        if found["min"] is not None and not least <= found["min"] <= found["max"] <= most:
            return f"has {name} outside {least} to {most}: {found['min']} to {found['max']}"
    return None


def _to_table(rows: Sequence[Reading]) -> pa.Table:
    columns = [
        [row.site for row in rows],
        [row.sensor for row in rows],
        [row.time for row in rows],
        [row.received for row in rows],
        [row.occupied for row in rows],
        [row.people for row in rows],
        [row.battery for row in rows],
        [row.seq for row in rows],
        [row.stamped for row in rows],
    ]
    return pa.Table.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def _plain(column: Any) -> Any:
    """Return a column with times as integers."""
    return column.cast(pa.int64()) if column.type == _MOMENT else column

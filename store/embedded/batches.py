"""Batches on their way into DuckDB: rows to Arrow columns, repeats within a batch merged."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from spaces.reading import Reading, merge
from spaces.times import Millis

COLUMNS = pa.schema(
    [
        ("series", pa.int32()),
        ("time", pa.int64()),
        ("lag", pa.int64()),
        ("occupied", pa.bool_()),
        ("people", pa.int32()),
        ("battery", pa.float64()),
        ("seq", pa.int64()),
        ("stamped", pa.bool_()),
    ]
)
Identity = tuple[str, str, int]
Newest = dict[tuple[str, str], Millis]
"""The newest time of sensors, by (site, sensor)."""


def identity(reading: Reading) -> Identity:
    """Return what makes a reading itself: site, sensor and event time."""
    return (reading.site, reading.sensor, reading.time)


def newest_if_ahead(batch: Sequence[Reading], before: Mapping[tuple[str, str], Millis]) -> Newest | None:
    """Return each sensor's newest time in a batch, None where a reading is no newer than one before it.

    >>> one, two = Reading("s", "d", 5, 5), Reading("s", "d", 7, 7)
    >>> newest_if_ahead([one, two], {}), newest_if_ahead([two, one], {}), newest_if_ahead([one], {("s", "d"): 5})
    ({('s', 'd'): 7}, None, None)
    """
    newest: Newest = {}
    for row in batch:
        owner = (row.site, row.sensor)
        known = newest.get(owner)
        if known is None:
            known = before.get(owner)
        if known is not None and row.time <= known:
            return None
        newest[owner] = row.time
    return newest


def unique(batch: Sequence[Reading]) -> list[Reading]:
    """Merge repeats within a batch, keeping the order of first arrival."""
    found: dict[Identity, Reading] = {}
    for reading in batch:
        key = (reading.site, reading.sensor, reading.time)
        known = found.get(key)
        found[key] = reading if known is None else merge(known, reading)
    return list(found.values())


def moved_back(rows: Sequence[Reading], before: Mapping[str, Millis]) -> dict[str, Millis]:
    """Return the oldest time of each site that a batch has older readings of than there were, or the first."""
    oldest: dict[str, Millis] = {}
    for row in rows:
        if row.time < oldest.get(row.site, before.get(row.site, row.time + 1)):
            oldest[row.site] = row.time
    return oldest


def to_arrow(rows: Sequence[Reading], series: Mapping[tuple[str, str], int]) -> pa.Table:
    """Put readings into the columns of the table `readings`."""
    columns = [
        [series[row.site, row.sensor] for row in rows],
        [row.time for row in rows],
        [row.received - row.time for row in rows],
        [row.occupied for row in rows],
        [row.people for row in rows],
        [row.battery for row in rows],
        [row.seq for row in rows],
        [row.stamped for row in rows],
    ]
    return pa.Table.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, COLUMNS, strict=True)], schema=COLUMNS
    )


def series_table(numbered: Mapping[tuple[str, str], int]) -> pa.Table:
    """Put new series into the columns of the table `series`."""
    sites, sensors = [site for site, _ in numbered], [sensor for _, sensor in numbered]
    return pa.table({"id": pa.array(numbered.values(), pa.int32()), "site": sites, "sensor": sensors})

"""The embedded store itself."""

import errno
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spaces.reading import Reading, merge
from spaces.readings import UNKNOWN, Readings, no_readings
from spaces.times import FOREVER, Millis
from store.embedded.backup import Contents, bytes_of, copy_into, look_for_room
from store.embedded.batches import (
    Identity,
    Newest,
    identity,
    moved_back,
    newest_if_ahead,
    series_table,
    to_arrow,
    unique,
)
from store.embedded.columns import in_order, merged
from store.embedded.making import making
from store.embedded.pieces import Piece, pieces
from store.embedded.schema import MERGED, SCHEMA
from store.fingerprints import QUARTER, Prints
from store.protocol import ROWS_AT_ONCE, Appended, Extent, RefusalError, StoreError

FILE = "ledig.duckdb"
_LOOK_AGAIN = 0.02
_NO_SPACE = os.strerror(errno.ENOSPC)
"""How DuckDB's words on a full disk end."""
_ROW = "series, time, lag, occupied, people, battery, seq, stamped"
CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    "default_block_size": 65_536,
    "storage_compatibility_version": "v1.5.0",
    "checkpoint_threshold": "24MB",
}
"""Measured on a year of the demo's house: 7.0 bytes a reading where the defaults take 7.9, and no slower to scan."""


_PATIENCE = 30.0
"""Seconds that readers are waited for before the file is opened anew."""
RESERVE = 64 * 1024 * 1024
"""Bytes of the disk that stay free: as much as DuckDB needs at most to move its log into the file. Where that fails
half-way the whole database ends, and has taken the process with it (measured)."""


class EmbeddedStore:
    """Readings in one DuckDB file.

    One lock lets one thread write at a time, in the caller's own thread: a thread of its own would cost a hop
    for every batch (measured: one thread beats two). Readers take a cursor each and never wait for the writer.
    The newest time of every sensor is kept in memory, so only readings not newer are looked up. Readers take
    those tables by one `list(...)`, which no writer can interrupt.
    """

    reserve = RESERVE

    def __init__(self, folder: Path) -> None:
        """Open the file in a folder, making both where they are missing.

        Raises:
            StoreError: the file cannot be opened; the message says why.
        """
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._idle = threading.Condition()
        self._reading = 0
        self._closed = False
        self._copying = threading.Lock()
        self._copier: duckdb.DuckDBPyConnection | None = None
        self._ending = False
        with _as_store_error(f"{self._path} cannot be opened"), making(self._path):
            self._connection = duckdb.connect(str(self._path), config=CONFIGURATION)
            self._connection.execute(SCHEMA)
        self._load()

    def append(self, batch: Sequence[Reading]) -> Appended:
        """Keep a batch; durable on return."""
        with self._lock, _as_store_error(f"{self._path} takes no readings"):
            self._look_for_room()
            try:
                rows, newest = self._to_insert(batch)
                if rows:
                    self._insert(rows, newest)
            except BaseException:
                self._mend()
                raise
            return Appended(len(rows), len(batch) - len(rows))

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        """Return a site's readings with start <= time < end, merged."""
        names = sorted((sensor, key) for (owner, sensor), key in list(self._series.items()) if owner == site)
        if not names:
            return no_readings()
        code_of = np.zeros(max(key for _, key in names) + 1, dtype=np.int32)
        code_of[[key for _, key in names]] = np.arange(len(names))
        found = self._columns(start, end, [key for _, key in names])
        sensor = code_of[found["series"]]
        order = in_order(sensor, found["time"])
        columns = (column[order] for column in (sensor, found["time"], found["occupied"], found["people"]))
        return Readings(tuple(name for name, _ in names), *merged(*columns))

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        """Yield a site's whole readings with start <= time < end in batches, ascending in time."""
        for piece in self.pieces(site, start, end):
            found = self.piece(site, *piece)
            yield from (found[low : low + ROWS_AT_ONCE] for low in range(0, len(found), ROWS_AT_ONCE))

    def pieces(self, site: str, start: Millis, end: Millis) -> list[Piece]:
        """Return windows that hold all of a site's readings with start <= time < end, some ROWS_AT_ONCE rows each."""
        query = (
            "SELECT (time - $start) // $width AS bucket, count(*) FROM readings"
            " WHERE time >= $start AND time < $end AND series IN (SELECT unnest($series)) GROUP BY ALL ORDER BY bucket"
        )
        series = self._series_of(site)

        def counts(start: Millis, end: Millis, width: Millis) -> list[tuple[int, int]]:
            values: dict[str, object] = {"start": start, "end": end, "width": width, "series": series}
            return cursor.execute(query, values).fetchall()

        with _as_store_error(f"{self._path} cannot be read"), self.cursor() as cursor:
            return list(pieces(counts, start, end, ROWS_AT_ONCE))

    def piece(self, site: str, start: Millis, end: Millis) -> list[Reading]:
        """Return a site's whole readings with start <= time < end, merged, ascending in time."""
        rows = (
            f"SELECT {_ROW} FROM readings WHERE time >= $start AND time < $end"  # noqa: S608 - no text of others
            " AND series IN (SELECT unnest($series))"
        )
        values: dict[str, object] = {"start": start, "end": end, "series": self._series_of(site)}
        with _as_store_error(f"{self._path} cannot be read"), self.cursor() as cursor:
            found = cursor.execute(MERGED.format(rows=rows) + " ORDER BY time, series", values).fetchall()
        owners = {key: owner for owner, key in list(self._series.items())}
        return [_reading(owners[row[0]], row) for row in found]

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        """Return the newest reading up to a moment of each sensor, merged, in order of sensor."""
        newest = [(self._series[owner], time) for owner, time in list(self._newest.items()) if owner[0] == site]
        ahead = [series for series, time in newest if time > until]
        if ahead:
            newest = [(series, time) for series, time in newest if time <= until] + self._newest_until(ahead, until)
        return sorted(self._at(newest).values(), key=lambda reading: reading.sensor)

    def extent(self, site: str) -> Extent | None:
        """Return the earliest and latest event time of a site: both are in memory."""
        newest = [time for (owner, _), time in list(self._newest.items()) if owner == site]
        first = self._oldest.get(site)
        return None if first is None or not newest else Extent(first, max(newest))

    def fingerprints(self, site: str, start: Millis, end: Millis, width: Millis = QUARTER) -> Prints:
        """Return for each stretch of [start, end) the sum of one number a row, each larger than all moments in it.

        A row that adds something is inserted and none is ever changed or taken out, so the sums only grow.
        """
        found = np.zeros((end - start) // width, dtype=np.int64)
        series = self._series_of(site)
        if not series:
            return found
        whole = len(series) == max(series) + 1  # as for columns: a bound is found out in half the time
        query = (
            "SELECT (time - $start) // $width AS stretch, count(*) AS rows, sum(time - $start)::BIGINT AS moments"  # noqa: S608 - no text of others
            " FROM readings WHERE time >= $start AND time < $end"
            f" AND series {'< $series' if whole else 'IN (SELECT unnest($series))'} GROUP BY 1"
        )
        values: dict[str, object] = {"start": start, "end": end, "width": width}
        values["series"] = len(series) if whole else series
        with _as_store_error(f"{self._path} cannot be read"), self.cursor() as cursor:
            sums: dict[str, np.ndarray] = cursor.execute(query, values).fetchnumpy()
        within = sums["moments"] - sums["rows"] * sums["stretch"] * width
        found[sums["stretch"]] = (sums["rows"] << 32) + within
        return found

    def sites(self) -> tuple[str, ...]:
        """Return the sites that have readings, sorted."""
        return tuple(sorted({site for site, _ in list(self._newest)}))

    def back_up(self, path: Path) -> Contents:
        """Copy everything, as it is at one moment, into a new file, while appends and reads go on.

        Raises:
            StoreError: it cannot be written, was interrupted, or another copy is being made.
        """
        if not self._copying.acquire(blocking=False):
            raise StoreError(f"a back-up of {self._path} is being written already")
        try:
            if self._ending:
                raise StoreError(f"{self._path} is being closed")
            with _as_store_error(f"{self._path} cannot be copied to {path}"), self.cursor() as self._copier:
                log = self._path.with_name(f"{FILE}.wal")
                look_for_room(bytes_of((self._path, log)), path.parent, self.reserve)
                return copy_into(self._copier, path)
        finally:
            self._copier = None
            self._copying.release()

    def interrupt_back_up(self) -> None:
        """End the back-up that is being written, if any: its caller has a StoreError. Ask again until it has."""
        if (copier := self._copier) is not None:
            copier.interrupt()

    def end_back_ups(self) -> None:
        """Interrupt the back-up that is being written, and let none begin: whoever closes does not wait for it."""
        self._ending = True
        while self._copying.locked():
            self.interrupt_back_up()
            time.sleep(_LOOK_AGAIN)

    def close(self) -> None:
        """Let go of the file."""
        self.end_back_ups()
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor of one's own for reading, closed at the end: for tools that ask what the Protocol does not."""
        with self._idle:
            cursor = self._connection.cursor()
            self._reading += 1
        try:
            yield cursor
        finally:
            cursor.close()
            with self._idle:
                self._reading -= 1
                self._idle.notify_all()

    def _load(self) -> None:
        with _as_store_error(f"{self._path} cannot be read"):
            rows = self._connection.execute("SELECT site, sensor, id FROM series").fetchall()
            self._series: dict[tuple[str, str], int] = {(site, sensor): key for site, sensor, key in rows}
            found = self._connection.execute(
                "SELECT series, max(time), min(time) FROM readings GROUP BY series"
            ).fetchall()
        newest, oldest = ({row[0]: row[place] for row in found} for place in (1, 2))
        known = {owner: key for owner, key in self._series.items() if key in newest}
        self._newest: dict[tuple[str, str], Millis] = {owner: newest[key] for owner, key in known.items()}
        self._oldest: dict[str, Millis] = {}
        for (site, _), key in known.items():
            self._oldest[site] = min(oldest[key], self._oldest.get(site, oldest[key]))

    def _series_of(self, site: str) -> list[int]:
        return [key for (owner, _), key in list(self._series.items()) if owner == site]

    def _adding_something(self, rows: Iterable[Reading], older: Sequence[Reading]) -> Iterator[Reading]:
        """Yield rows that are new, and what repeats with other contents become when merged."""
        keys = [(self._series[row.site, row.sensor], row.time) for row in older]
        known = self._at(keys)
        for row in rows:
            stored = known.get(identity(row))
            if stored is None:
                yield row
            elif (merged := merge(stored, row)) != stored:
                yield merged

    def _to_insert(self, batch: Sequence[Reading]) -> tuple[Sequence[Reading], Newest]:
        """Return what of a batch must be inserted, and the newest time of each of its sensors then.

        Mostly readings come in the order of their times, each sensor's newer than all before; that is found in one
        pass, and nothing need be looked up.
        """
        ahead = newest_if_ahead(batch, self._newest)
        if ahead is not None:
            return batch, ahead
        rows = unique(batch)
        older = [row for row in rows if row.time <= self._newest.get((row.site, row.sensor), row.time - 1)]
        if older:
            rows = list(self._adding_something(rows, older))
        newest: Newest = {}
        for row in rows:
            owner = (row.site, row.sensor)
            newest[owner] = max(row.time, newest.get(owner, self._newest.get(owner, row.time)))
        return rows, newest

    def _insert(self, rows: Sequence[Reading], newest: Newest) -> None:
        fresh = newest.keys() - self._series.keys()
        numbered = {owner: len(self._series) + index for index, owner in enumerate(sorted(fresh))}
        incoming = to_arrow(rows, self._series | numbered if numbered else self._series)
        self._connection.execute("BEGIN")
        if numbered:
            self._put("series", series_table(numbered))
        self._put("readings", incoming)
        self._connection.execute("COMMIT")
        self._series |= numbered
        if numbered or pc.min(incoming["time"]).as_py() < max(self._oldest.values(), default=FOREVER):
            self._oldest |= moved_back(rows, self._oldest)
        self._newest.update(newest)

    def _put(self, table: str, rows: pa.Table) -> None:
        self._connection.register("incoming", rows)
        try:
            self._connection.execute(f"INSERT INTO {table} SELECT * FROM incoming")  # noqa: S608 - our own two tables
        finally:
            self._connection.unregister("incoming")

    def _look_for_room(self) -> None:
        found = os.statvfs(self._path.parent)
        free = found.f_bavail * found.f_frsize
        if free < self.reserve:
            raise StoreError(
                f"{self._path} takes no readings: the disk is full but for {free // 1_000_000} MB,"
                f" and {self.reserve // 1_000_000} MB stay free for the store's own work; make room"
            )

    def _mend(self) -> None:
        """Forget a transaction that failed; open the file anew where the failure has ended the whole database.

        A full disk does that, where it meets DuckDB while it moves its log into the file. What was committed is
        in the log. Readers are waited for: closing a database under them has ended the process (measured), and
        while one holds it, opening gives the ended one once more.
        """
        with suppress(duckdb.Error):
            self._connection.execute("ROLLBACK")
        if self._closed:
            return
        with self._idle:
            try:
                self._connection.execute("SELECT 1").fetchall()
            except duckdb.Error:
                self._idle.wait_for(lambda: self._reading == 0, _PATIENCE)
                self._connection.close()
                self._connection = duckdb.connect(str(self._path), config=CONFIGURATION)

    def _newest_until(self, series: Sequence[int], until: Millis) -> list[tuple[int, Millis]]:
        query = "SELECT series, max(time) FROM readings WHERE time <= ? AND series IN (SELECT unnest(?)) GROUP BY 1"
        with _as_store_error(f"{self._path} cannot be read"), self.cursor() as cursor:
            return cursor.execute(query, [until, list(series)]).fetchall()

    def _at(self, keys: Sequence[tuple[int, Millis]]) -> dict[Identity, Reading]:
        """Return what is stored at (series, time) pairs, merged, by identity."""
        if not keys:
            return {}
        wanted = pa.table({"s": pa.array([k for k, _ in keys], pa.int32()), "t": pa.array([t for _, t in keys])})
        low, high = min(time for _, time in keys), max(time for _, time in keys)
        rows = f"SELECT {_ROW} FROM readings SEMI JOIN wanted ON series = s AND time = t WHERE time BETWEEN ? AND ?"  # noqa: S608 - no text of others
        with _as_store_error(f"{self._path} cannot be read"), self.cursor() as cursor:
            cursor.register("wanted", wanted)
            found = cursor.execute(MERGED.format(rows=rows), [low, high]).fetchall()
        owners = {key: owner for owner, key in list(self._series.items())}
        readings = (_reading(owners[row[0]], row) for row in found)
        return {identity(reading): reading for reading in readings}

    def _columns(self, start: Millis, end: Millis, series: Sequence[int]) -> dict[str, np.ndarray]:
        query = (
            "SELECT series, time, coalesce(occupied::TINYINT, $none)::TINYINT AS occupied,"
            " coalesce(people, $none)::INTEGER AS people FROM readings WHERE time >= $start AND time < $end"
        )
        values: dict[str, object] = {"none": UNKNOWN, "start": start, "end": end}
        # Looking for those of one site takes as long as all the rest; where it owns every series, a bound will do:
        # what was numbered since comes later.
        whole = len(series) == max(series) + 1
        query += " AND series < $series" if whole else " AND series IN (SELECT unnest($series))"
        values["series"] = len(series) if whole else list(series)
        with _as_store_error(f"{self._path} cannot be read"), self.cursor() as cursor:
            found: dict[str, np.ndarray] = cursor.execute(query, values).fetchnumpy()
        return found


def _reading(owner: tuple[str, str], row: tuple[int, int, int, bool, int, float, int, bool]) -> Reading:
    _, time, lag, occupied, people, battery, seq, stamped = row
    return Reading(*owner, time, time + lag, occupied, people, battery, seq, stamped)


_OF_THE_DATA = (
    pa.ArrowInvalid,
    pa.ArrowTypeError,
    OverflowError,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.ConstraintException,
)
"""Errors that lie in a reading: the same batch would fail again."""


@contextmanager
def _as_store_error(what: str) -> Iterator[None]:
    try:
        yield
    except _OF_THE_DATA as error:
        raise RefusalError(f"{what} such as these: {error}") from error
    except (duckdb.Error, OSError) as error:
        why = "the disk is full; make room: " if _NO_SPACE in str(error) else ""
        raise StoreError(f"{what}: {why}{error}") from error

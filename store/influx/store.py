"""The InfluxDB 2 store itself."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from spaces.reading import Reading
from spaces.readings import Readings, no_readings
from spaces.times import FOREVER, Millis
from store.fingerprints import QUARTER, Prints
from store.influx import flux
from store.influx.columns import BATTERY_TYPES, TYPES, to_readings, to_rows
from store.influx.connection import Connection
from store.influx.latest import latest
from store.influx.settings import InfluxSettings
from store.influx.stepping import stepwise
from store.lines import FIELDS, NANOS, text_of, to_lines
from store.protocol import ROWS_AT_ONCE, Appended, Extent

_FIGURED = ("occupied", "unknown", "people")
"""The fields that columns are made of."""
_WHOLE = tuple(field for field in FIELDS if field != "battery")
_MOST_VALUES = 5 * ROWS_AT_ONCE
"""Values of fields in one step of `rows`: a reading has three to six."""


class InfluxStore:
    """Readings in a bucket of an InfluxDB 2 server.

    Nothing is looked up before it is written: the same reading overwrites itself, so every reading counts as
    stored. The server answers a write when its log is synced (unless its `storage-wal-fsync-delay` says otherwise),
    so what is answered is durable. Nothing is asked when it is opened: a server that is away is met by `append`.
    """

    def __init__(self, settings: InfluxSettings) -> None:
        """Make ready for a server.

        Raises:
            StoreError: the settings are no use.
        """
        self._bucket = settings.bucket
        self._connection = Connection(settings)

    def append(self, batch: Sequence[Reading]) -> Appended:
        """Keep a batch; durable on return."""
        if batch:
            self._connection.write(to_lines(batch))
        return Appended(len(batch), 0)

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        """Return a site's readings with start <= time < end, merged."""
        if not flux.is_window(start, end):
            return no_readings()
        question = flux.readings(self._bucket, site, start, end, _FIGURED)
        return to_readings(self._connection.columns(question, TYPES))

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        """Yield a site's whole readings with start <= time < end in batches, ascending in time from batch to batch.

        How much a stretch of time holds is found by trying: it is halved while that is too much.
        """
        extent = self.extent(site)
        if extent is None:
            return
        start, end = max(start, extent.first), min(end, extent.last + 1)
        for found in stepwise(lambda low, high: self._whole(site, low, high), start, end, ROWS_AT_ONCE):
            yield from (found[at : at + ROWS_AT_ONCE] for at in range(0, len(found), ROWS_AT_ONCE))

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        """Return the newest reading up to a moment of each sensor, merged, in order of sensor."""
        return latest(self._connection, self._bucket, site, until)

    def extent(self, site: str) -> Extent | None:
        """Return the earliest and latest event time of a site."""
        rows = self._connection.rows(flux.extent(self._bucket, site), "_time")
        times = [flux.nanos_of(time) // NANOS for (time,) in rows]
        return Extent(min(times), max(times)) if times else None

    def fingerprints(self, site: str, start: Millis, end: Millis, width: Millis = QUARTER) -> Prints:
        """Return how many readings there are in each stretch: other contents are a reading of their own."""
        found = np.zeros((end - start) // width, dtype=np.int64)
        if not flux.is_window(start, end):
            return found
        question = flux.counts(self._bucket, site, start, end, width)
        for time, count in self._connection.rows(question, "_time", "_value"):
            found[(flux.nanos_of(time) // NANOS - start) // width] = int(count)
        return found

    def sites(self) -> tuple[str, ...]:
        """Return the sites that have readings, sorted."""
        return tuple(sorted(text_of(tag) for (tag,) in self._connection.rows(flux.sites(self._bucket), "_value")))

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    def _whole(self, site: str, start: Millis, end: Millis) -> list[Reading] | None:
        """Return whole readings; None where they are too many and a shorter stretch would have fewer."""
        found: list[pa.RecordBatch] = []
        values = 0
        for fields, types in ((_WHOLE, TYPES), (("battery",), BATTERY_TYPES)):
            for batch in self._connection.columns(flux.readings(self._bucket, site, start, end, fields), types):
                found.append(batch)
                values += len(batch)
                if values > _MOST_VALUES and end - start > 1:
                    return None
        return to_rows(site, found)

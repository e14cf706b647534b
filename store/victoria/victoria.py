"""The VictoriaMetrics store itself."""

import time
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from spaces.reading import Reading
from spaces.readings import Readings
from spaces.times import DAY, FOREVER, HOUR, SECOND, Millis
from store.embedded.pieces import pieces
from store.fingerprints import QUARTER, Prints
from store.lines import FIELDS, tag_text, text_of, to_lines
from store.protocol import ROWS_AT_ONCE, Appended, Extent, RefusalError
from store.victoria.health import Health, health_of
from store.victoria.joining import PRESENT, STATES, readings_of, rows_of
from store.victoria.questions import matrix, names, seconds, selector, vector, window
from store.victoria.samples import Samples, samples_of
from store.victoria.server import Server
from store.victoria.settings import VictoriaSettings

_DAWN: Millis = 2 * DAY
"""Servers throw the first day of 1970 away, and answer nothing to queries that begin in the second."""
_AHEAD: Millis = 2 * DAY
"""Readings further ahead than this are thrown away by the server."""
_LATELY: Millis = 8 * DAY
_COUNTED_AT_ONCE: Millis = 250 * DAY
"""A range query has at most 30,000 points a series."""
_HEALTH_KEPT = 60.0
_MOST_TAG = 1_000
"""Bytes of a tag; servers cut longer ones, or throw the line away."""


class VictoriaStore:
    """Readings in a VictoriaMetrics.

    What `append` wrote is **not durable** yet (the server answers from memory), and readable after at most about
    ten seconds: use it through the spool, which writes again what `epoch` says may be lost. It keeps repeats, and
    they are merged on reading; so every append is `stored` and none is a `duplicate`.
    """

    battery_error = 1e-9
    """It keeps some twelve digits, counted from the largest of a block: 66.66666666666667 comes back as 66.6666666667.

    Beside a 100 a small charge keeps fewer: of 16,000 of all sizes none was off by more than 1e-10, many by more than a
    part in 10^12 (measured, 1.79.5).
    """

    def __init__(self, settings: VictoriaSettings) -> None:
        """Nothing is asked of the server yet."""
        self._settings = settings
        self._server = Server(settings)
        self._known: Health | None = None
        self._known_since = 0.0

    def append(self, batch: Sequence[Reading]) -> Appended:
        """Hand a batch to the server.

        Raises:
            RefusalError: it holds a reading that the server would take and throw away.
            StoreError: nothing of the batch is certain, or the server is none that will do.
        """
        if batch:
            self._check(batch)
            self._server.write(to_lines(batch, precision="ms"))
        return Appended(len(batch), 0)

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        """Return a site's readings with start <= time < end, merged."""
        codes: dict[str, int] = {}
        samples = self._export(selector(STATES, site), start, end, codes)
        return readings_of(samples, codes)

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        """Yield a site's whole readings in batches, merged."""
        for low, high in self._pieces(site, start, end):
            codes: dict[str, int] = {}
            found = rows_of(site, self._export(selector(FIELDS, site), low, high, codes), codes)
            for at in range(0, len(found), ROWS_AT_ONCE):
                yield found[at : at + ROWS_AT_ONCE]

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        """Return the newest reading up to a moment of each sensor, merged, in order of sensor."""
        newest = self._newest(site, until)
        found = [row for group in _together(newest) for row in self._at(site, group)]
        return sorted(found, key=lambda row: row.sensor)

    def extent(self, site: str) -> Extent | None:
        """Return the earliest and latest event time of a site."""
        what, now = selector(PRESENT, site), _now()
        first = self._moments("tfirst_over_time", what, _DAWN, now + _AHEAD)
        if not first:
            return None
        last = self._moments("tlast_over_time", what, now - _LATELY, now + _AHEAD)
        last = last or self._moments("tlast_over_time", what, _DAWN, now - _LATELY)
        return Extent(min(first.values()), max(last.values()))

    def fingerprints(self, site: str, start: Millis, end: Millis, width: Millis = QUARTER) -> Prints:
        """Return how many samples there are in each stretch: what is written again makes another number."""
        found = np.zeros((end - start) // width, dtype=np.int64)
        what = selector(STATES, site)
        first, last = max(start, _DAWN), min(end, -(-(_now() + _AHEAD) // width) * width)
        for low in range(first, last, _COUNTED_AT_ONCE):
            high = min(low + _COUNTED_AT_ONCE, last)
            for bucket, rows in self._counted(what, low, high - width, width):
                found[(low - start) // width + bucket] = rows
        return found

    def sites(self) -> tuple[str, ...]:
        """Return the sites that have readings, sorted."""
        return tuple(sorted(map(text_of, self._labels("site", selector(PRESENT)))))

    def started(self) -> float:
        """Return since when the server that is written to has been running, in seconds since 1970.

        Raises:
            StoreError: it cannot be asked.
        """
        return self._health().started

    def epoch(self) -> str:
        """Return a token that is another one whenever something written lately may be lost: write that again.

        It changes when the server was started anew, and in a cluster when a storage node went away or came back.

        Raises:
            StoreError: the server cannot be asked.
        """
        return self._health().epoch

    def close(self) -> None:
        """Let go of the connections."""
        self._server.close()

    def _health(self) -> Health:
        self._known, self._known_since = health_of(self._server.metrics()), time.monotonic()
        return self._known

    def _known_health(self) -> Health:
        """Return what was told in the last minute: it may have been restarted with other flags since."""
        if self._known is None or time.monotonic() - self._known_since > _HEALTH_KEPT:
            return self._health()
        return self._known

    def _check(self, batch: Sequence[Reading]) -> None:
        now, told = _now(), self._known_health().retention_days
        days = self._settings.retention_days or told
        first, last = min(reading.time for reading in batch), max(reading.time for reading in batch)
        if last > now + _AHEAD:
            raise RefusalError("VictoriaMetrics throws readings away that are two days ahead or more")
        if first < _DAWN:
            raise RefusalError("VictoriaMetrics keeps nothing from before 3 January 1970")
        if days is not None and first < now - days * DAY:
            raise RefusalError(f"VictoriaMetrics throws away what is older than {days:g} days (-retentionPeriod)")
        for text in {tag for reading in batch for tag in (reading.site, reading.sensor)}:
            if len(text) > _MOST_TAG // 12 and len(tag_text(text).encode()) > _MOST_TAG:
                raise RefusalError(f"VictoriaMetrics keeps no name of more than {_MOST_TAG} bytes: {text[:40]!r}...")

    def _export(self, what: str, start: Millis, end: Millis, codes: dict[str, int]) -> dict[str, Samples]:
        start, end = max(start, _DAWN), min(end, _now() + _AHEAD)
        if end <= start:
            return {}
        fields = {"match[]": what, "reduce_mem_usage": "1", "deny_partial_response": "1", **window(start, end)}
        return samples_of(self._server.lines("/api/v1/export", fields), codes)

    def _labels(self, label: str, what: str) -> list[str]:
        fields = {"match[]": what, "deny_partial_response": "1", **window(_DAWN, _now() + _AHEAD)}
        return names(self._server.ask(f"/api/v1/label/{label}/values", fields))

    def _moments(self, function: str, what: str, start: Millis, end: Millis) -> dict[str, Millis]:
        """Return by sensor what a function of a window says that answers with moments."""
        step = end - start
        fields = {"query": f"{function}({what}[{step}ms]) keep_metric_names", "time": seconds(end - 1), "nocache": "1"}
        found: dict[str, Millis] = {}
        choose = min if function == "tfirst_over_time" else max
        for metric, value in vector(self._server.ask("/api/v1/query", fields | {"deny_partial_response": "1"})):
            sensor, moment = text_of(metric.get("sensor", "")), round(value * SECOND)
            found[sensor] = choose(found.get(sensor, moment), moment)
        return found

    def _newest(self, site: str, until: Millis) -> dict[str, Millis]:
        """Return each sensor's newest time up to a moment, looking further back only for those that were not found."""
        missing = set(map(text_of, self._labels("sensor", selector(PRESENT, site))))
        newest: dict[str, Millis] = {}
        end = min(_now() + _AHEAD, until + 1)
        lately = max(end - _AHEAD - _LATELY, _DAWN)
        for first, last in ((lately, end), (_DAWN, lately)):
            if missing and first < last:
                what = selector(PRESENT, site, sorted(missing))
                newest = self._moments("tlast_over_time", what, first, last) | newest
                missing -= newest.keys()
        return newest

    def _at(self, site: str, newest: dict[str, Millis]) -> list[Reading]:
        """Return the readings at the newest times of some sensors."""
        codes: dict[str, int] = {}
        what = selector(FIELDS, site, sorted(newest))
        samples = self._export(what, min(newest.values()), max(newest.values()) + 1, codes)
        return [row for row in rows_of(site, samples, codes) if newest.get(row.sensor) == row.time]

    def _pieces(self, site: str, start: Millis, end: Millis) -> Iterator[tuple[Millis, Millis]]:
        start, end, what = max(start, _DAWN), min(end, _now() + _AHEAD), selector(PRESENT, site)
        if end <= start:
            return

        yield from pieces(partial(self._counted, what), start, end, ROWS_AT_ONCE)

    def _counted(self, what: str, low: Millis, high: Millis, width: Millis) -> list[tuple[int, int]]:
        """Return (bucket, samples) of the buckets that begin from `low` to `high`, that included, and hold some."""
        fields = {
            "query": f"sum(count_over_time({what}[{width}ms]))",
            "start": seconds(low + width - 1),
            "end": seconds(high + width - 1),
            "step": f"{width}ms",
            "nocache": "1",
            "deny_partial_response": "1",
        }
        found = matrix(self._server.ask("/api/v1/query_range", fields))
        return [((round(moment * SECOND) - low) // width, int(rows)) for moment, rows in found]


def _now() -> Millis:
    return time.time_ns() // 1_000_000


def _together(newest: dict[str, Millis]) -> Iterator[dict[str, Millis]]:
    """Yield sensors with their newest times in groups that lie within one hour: one question each."""
    group: dict[str, Millis] = {}
    for sensor, moment in sorted(newest.items(), key=lambda item: item[1]):
        if group and moment - next(iter(group.values())) >= HOUR:
            yield group
            group = {}
        group[sensor] = moment
    if group:
        yield group

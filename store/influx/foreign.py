"""Readings out of an operator's own bucket, by a mapping."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import isfinite

from spaces.fields import is_id
from spaces.reading import Reading
from spaces.times import Millis
from store.influx import flux
from store.influx.connection import Connection
from store.influx.mapping import BucketMapping
from store.influx.settings import InfluxSettings
from store.influx.stepping import stepwise
from store.lines import NANOS
from store.protocol import ROWS_AT_ONCE

_MOST_PEOPLE = 1_000_000
_Point = tuple[Millis, str, str, str, str]
"""Time, sensor, state, people, battery: texts as the server spells them, empty where there is none."""


class ForeignBucket:
    """The points of a bucket as readings, received when they happened; `skipped` counts what makes none by reason."""

    def __init__(self, settings: InfluxSettings, mapping: BucketMapping) -> None:
        """Take the server of the settings, and the bucket of the mapping."""
        self.skipped: Counter[str] = Counter()
        self._mapping = mapping
        self._connection = Connection(replace(settings, bucket=mapping.bucket))

    def batches(self) -> Iterator[Sequence[Reading]]:
        """Yield readings, at most ROWS_AT_ONCE at a time, ascending in time from batch to batch.

        Raises:
            StoreError: the server does not answer; what came until then is right.
        """
        mapping = self._mapping
        for rows in stepwise(self._rows, mapping.start, mapping.end, ROWS_AT_ONCE):
            found = list(self._readings(rows))
            yield from (found[at : at + ROWS_AT_ONCE] for at in range(0, len(found), ROWS_AT_ONCE))

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _rows(self, start: Millis, end: Millis) -> list[_Point]:
        """Return points in order of time.

        Fields of one point are put in one row by the server: it is the way to join them that takes the id of a
        sensor from a field as well as from a tag.
        """
        mapping = self._mapping
        fields = [name for name in (mapping.occupied, mapping.people, mapping.battery) if name is not None]
        question = (
            f"from(bucket: {flux.literal(mapping.bucket)}) |> {flux.within(start, end)}"
            f" |> filter(fn: (r) => r._measurement == {flux.literal(mapping.measurement)}"
            f" and ({flux.one_of('_field', [*fields, mapping.sensor])}))"
            ' |> drop(columns: ["_start", "_stop"])'
            ' |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
        )
        wanted = (mapping.sensor, *fields)
        found = self._connection.rows(question, "_time", *wanted, optional=wanted)
        return sorted(self._placed(row) for row in found)

    def _placed(self, row: tuple[str, ...]) -> _Point:
        """Return a point, with an empty text for every field that the mapping does not name."""
        time, sensor, *values = row
        given = iter(values)
        names = (self._mapping.occupied, self._mapping.people, self._mapping.battery)
        state, people, battery = ("" if name is None else next(given) for name in names)
        return flux.nanos_of(time) // NANOS, sensor, state, people, battery

    def _readings(self, rows: Iterable[_Point]) -> Iterator[Reading]:
        for row in rows:
            found = self._reading(*row)
            if isinstance(found, Reading):
                yield found
            else:
                self.skipped[found] += 1

    def _reading(self, time: Millis, theirs: str, state: str, people: str, battery: str) -> Reading | str:
        """Return a reading, or why a point makes none."""
        sensor = self._mapping.sensors.get(theirs, theirs)
        if not is_id(sensor):
            return f"{theirs[:64]!r} is no id of a sensor" if theirs else "no sensor"
        count = _whole(people)
        if people and count is None:
            return "no count"
        if not state and count is None:
            return "no state"
        occupied = self._occupied(state) if state else count is not None and count > 0
        if count is not None and occupied is not None and occupied != (count > 0):
            return "contradiction"
        return Reading(self._mapping.site, sensor, time, time, occupied, count, _percent(battery))

    def _occupied(self, state: str) -> bool | None:
        """Return the state that a value tells, None where it tells none."""
        words = {"true": True, "false": False, self._mapping.occupied_word: True, self._mapping.vacant_word: False}
        if state in words:
            return words[state]
        number = _number(state)
        return None if number is None else number > 0


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _whole(text: str) -> int | None:
    number = _number(text)
    return int(number) if number is not None and number.is_integer() and 0 <= number <= _MOST_PEOPLE else None


def _percent(text: str) -> float | None:
    number = _number(text)
    return number if number is not None and 0 <= number <= 100 else None

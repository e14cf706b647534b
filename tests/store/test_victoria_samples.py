"""What is read from export lines: the fast way gives what the plain one gives, and nothing else passes."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.reading import Reading, merge
from spaces.readings import readings_from
from store.protocol import StoreError
from store.victoria.joining import NAMES, STATES, readings_of, rows_of
from store.victoria.samples import samples_of, times_of, values_of

TIMES = st.lists(st.one_of(st.integers(10**12, 10**13 - 1), st.integers(-(2**62), 2**62)), max_size=9)
NEAR = st.lists(st.integers(10**12, 10**13 - 1), max_size=9)
VALUES = st.lists(st.one_of(st.integers(0, 9), st.floats(allow_nan=False, allow_infinity=False)), max_size=9)
READINGS = st.lists(
    st.builds(
        Reading,
        st.just("s"),
        st.sampled_from(["a", "b", "x y"]),
        st.integers(1_780_000_000_000, 1_780_000_000_005),
        st.integers(1_780_000_000_000, 1_780_000_000_009),
        st.sampled_from([True, False, None]),
        st.one_of(st.none(), st.integers(0, 20)),
        st.one_of(st.none(), st.sampled_from([0.0, 50.5, 100.0])),
        st.one_of(st.none(), st.integers(0, 2**53)),
        st.booleans(),
    ),
    max_size=30,
)


@given(st.one_of(TIMES, NEAR))
def test_times_are_read_as_they_stand(times: list[int]) -> None:
    assert times_of(_array(times)).tolist() == times


@given(st.one_of(VALUES, st.lists(st.integers(0, 9), max_size=9)))
def test_values_are_read_as_they_stand(values: list[float]) -> None:
    assert values_of(_array(values)).tolist() == values


def test_null_is_no_number() -> None:
    assert math.isnan(values_of(_array([None]))[0])


@given(READINGS)
def test_columns_and_rows_are_the_merged_readings(readings: list[Reading]) -> None:
    codes: dict[str, int] = {}
    samples = samples_of(_export(readings), codes)
    assert rows_of("s", samples, codes) == _merged(readings)
    found, wanted = readings_of(samples, codes), readings_from(readings)
    assert found.sensors == wanted.sensors
    for name in ("sensor", "time", "occupied", "people"):
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist()


@pytest.mark.parametrize(
    "line",
    [
        b"remoteAddr: 127.0.0.1; cannot export data: timeout",
        b'{"metric":{"__name__":"occupancy_lag"},"values":[1],"timestamps":[17800000',
        b'{"metric":{"__name__":"occupancy_lag"},"values":[1,2],"timestamps":[1780000000000]}',
        b'{"metric":{"__name__":"occupancy_lag"},"values":["x"],"timestamps":[1780000000000]}',
        b'{"status":"error"}',
        b"<html>",
    ],
)
def test_an_answer_that_ends_otherwise_is_an_error(line: bytes) -> None:
    with pytest.raises(StoreError, match="VictoriaMetrics"):
        samples_of([*_export([Reading("s", "a", 5, 5)]), line], {})


def test_what_is_no_number_is_no_sample() -> None:
    line = b'{"metric":{"__name__":"occupancy_people","sensor":"a"},"values":[null,2],"timestamps":[5,6]}'
    lines = _export([Reading("s", "a", 5, 5), Reading("s", "a", 6, 6)])
    codes: dict[str, int] = {}
    assert readings_of(samples_of([*lines, line], codes), codes).people.tolist() == [-1, 2]


def test_what_a_figure_needs_is_among_the_fields() -> None:
    assert set(STATES) < set(NAMES)


def _array(values: object) -> memoryview:
    return memoryview(json.dumps(values, separators=(",", ":")).encode())


def _merged(readings: list[Reading]) -> list[Reading]:
    found: dict[tuple[str, int], Reading] = {}
    for row in readings:
        key = (row.sensor, row.time)
        found[key] = merge(found[key], row) if key in found else row
    return [found[key] for key in sorted(found)]


def _export(readings: list[Reading]) -> list[bytes]:
    """Return a line for each value, as a server that got these readings might."""
    return [
        json.dumps(
            {
                "metric": {"__name__": NAMES[field], "sensor": row.sensor.replace(" ", "%20"), "site": "s"},
                "values": [value],
                "timestamps": [row.time],
            }
        ).encode()
        for row in readings
        for field, value in _fields(row).items()
    ]


def _fields(row: Reading) -> dict[str, float]:
    lag = {"stamped" if row.stamped else "lag": row.received - row.time}
    state: dict[str, float] = {"unknown": 1} if row.occupied is None else {"occupied": int(row.occupied)}
    rest = {"people": row.people, "battery": row.battery, "seq": row.seq}
    return state | lag | {name: value for name, value in rest.items() if value is not None}

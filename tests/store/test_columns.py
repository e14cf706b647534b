"""Columns come out in order and merged, however the rows lay."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spaces.reading import Reading
from spaces.readings import readings_from
from store.embedded.columns import in_order, merged

ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 9), st.sampled_from([-1, 0, 1]), st.integers(-1, 3)), max_size=40
)


@given(ROWS, st.booleans())
def test_any_order_of_rows_gives_the_columns_of_the_merged_readings(
    rows: list[tuple[int, int, int, int]],
    by_time: bool,  # noqa: FBT001 - Hypothesis gives it
) -> None:
    if by_time:
        rows = sorted(rows, key=lambda row: row[1])
    expected = readings_from(
        Reading("s", str(sensor), time, time, None if state < 0 else bool(state), None if people < 0 else people)
        for sensor, time, state, people in rows
    )
    sensor, time, occupied, people = (
        np.array([row[index] for row in rows], dtype=kind)
        for index, kind in enumerate((np.int32, np.int64, np.int8, np.int32))
    )
    order = in_order(sensor, time)
    found = merged(sensor[order], time[order], occupied[order], people[order])
    assert [expected.sensors[code] for code in expected.sensor] == [str(code) for code in found[0]]
    assert found[1].tolist() == expected.time.tolist()
    assert found[2].tolist() == expected.occupied.tolist()
    assert found[3].tolist() == expected.people.tolist()


def test_more_sensors_than_sixteen_bits_hold_are_ordered_too() -> None:
    sensor = np.array([70_000, 1, 70_000, 65_537], dtype=np.int32)
    time = np.array([4, 9, 3, 1], dtype=np.int64)
    assert in_order(sensor, time).tolist() == [1, 3, 2, 0]

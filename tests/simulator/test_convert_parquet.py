"""Others' Parquet: times with units and zones, dictionaries, decimals, and what is missing."""

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.simulator.dumps import dump, moments, occupied, people, refused, said

MAPPING = '[time]\ncolumn = "when"\n[[source]]\nfile = "a.parquet"\ncolumn = "n"\nsensor = "a"\n'
LOCAL = datetime(2026, 5, 4, 8, 15)  # noqa: DTZ001 - what the wall shows


def write(folder: Path, **columns: Any) -> None:
    pq.write_table(pa.table(columns), folder / "a.parquet", row_group_size=2)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(("zone", "moment"), [(None, "06:15"), ("UTC", "08:15"), ("America/New_York", "08:15")])
def test_times_have_units_and_zones(tmp_path: Path, unit: str, zone: str | None, moment: str) -> None:
    write(tmp_path, when=pa.array([LOCAL], pa.timestamp(unit, zone)), n=[3])
    done = dump(tmp_path, MAPPING.replace("[[", 'format = "%d.%m.%Y %H:%M"\n[[', 1), {})
    assert (moments(done), people(done)) == ([f"2026-05-04T{moment}:00Z"], [3])


def test_finer_than_a_millisecond_is_cut(tmp_path: Path) -> None:
    write(tmp_path, when=pa.array([1_777_878_900_999_999_999], pa.timestamp("ns", "UTC")), n=[3])
    assert moments(dump(tmp_path, MAPPING, {})) == ["2026-05-04T07:15:00.999Z"]


def test_dates_and_times_in_two_columns_are_joined(tmp_path: Path) -> None:
    write(tmp_path, Date=[date(2026, 5, 4)], Time=[time(8, 15)], n=[3])
    (told,) = refused(tmp_path, MAPPING.replace('"when"', '"Date"'), {})
    assert "'Date' holds dates alone, and 'Time' times of day" in told
    joined = MAPPING.replace('column = "when"', 'columns = ["Date", "Time"]')
    assert moments(dump(tmp_path, joined, {})) == ["2026-05-04T06:15:00Z"]


@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        (pa.array([1, None, 3], pa.int8()), [1, None, 3]),
        (pa.array([1.0, float("nan"), None]), [1, None, None]),
        (pa.array([Decimal("1.00"), None, Decimal("12.00")], pa.decimal128(6, 2)), [1, None, 12]),
        (pa.array(["1", "NA", ""]).dictionary_encode(), [1, None, None]),
        (pa.array(["1", None, "2"], pa.large_string()), [1, None, 2]),
        (pa.array([b"1", None, b"2"]), [1, None, 2]),
        (pa.array([1e0, 2e5, 0.0], pa.float32()), [1, 200_000, 0]),
    ],
)
def test_numbers_of_any_kind_are_counts(tmp_path: Path, cells: Any, counts: list[int | None]) -> None:
    write(tmp_path, when=["2026-05-01", "2026-05-02", "2026-05-03"], n=cells)
    assert people(dump(tmp_path, MAPPING, {})) == counts


def test_booleans_are_states(tmp_path: Path) -> None:
    write(tmp_path, when=["2026-05-01", "2026-05-02", "2026-05-03"], n=[True, False, None])
    done = dump(tmp_path, MAPPING + 'values = "occupied"\n', {})
    assert [state for _, state in occupied(done)] == [True, False, None]


def test_names_in_dictionaries_filters_and_epochs(tmp_path: Path) -> None:
    write(
        tmp_path,
        when=[1_777_878_900, 1_777_878_900, 1_777_878_960],
        n=[1, 2, 3],
        room=pa.array(["Room 1", "Room 2", "Room 1"]).dictionary_encode(),
        ok=[True, True, False],
    )
    mapping = MAPPING.replace('sensor = "a"', 'sensor_column = "room"\nwhere = { ok = true }')
    done = dump(tmp_path, mapping.replace("[[", 'format = "epoch-s"\n[[', 1), {})
    assert [(sensor, count) for sensor, _, _, count in said(done.path)] == [("Room-1", 1), ("Room-2", 2)]
    assert done.account.files[0].rows == 3


def test_a_wide_table_of_columns_and_a_wrong_row(tmp_path: Path) -> None:
    write(tmp_path, when=["2026-05-01", "2026-05-02"], a=[1, -2], b=[3, 4], more=[[1], [2]])
    mapping = MAPPING.replace('column = "n"\nsensor = "a"', 'columns = ["a", "b"]')
    (told,) = refused(tmp_path, mapping, {})
    assert told.startswith("a.parquet:2: '-2' is no number of people")


def test_a_column_of_lists_is_no_column_of_values(tmp_path: Path) -> None:
    write(tmp_path, when=["2026-05-01"], n=[[1]])
    assert refused(tmp_path, MAPPING, {}) == ["a.parquet:1: the column 'n' holds lists or tables, no plain values"]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    write(tmp_path, wen=["2026-05-01"], n=[1])
    assert refused(tmp_path, MAPPING, {}) == ["a.parquet:1: there is no column 'when'; did you mean wen?"]


def test_parquet_that_is_damaged_is_one_mistake(tmp_path: Path) -> None:
    write(tmp_path, when=["2026-05-01"] * 500, n=list(range(500)))
    whole = (tmp_path / "a.parquet").read_bytes()
    for damaged in (whole[:-100], whole[:200] + b"\xff" * 2_000 + whole[2_200:]):
        (told,) = refused(tmp_path, MAPPING, {"a.parquet": damaged})
        assert "is Parquet and damaged" in told

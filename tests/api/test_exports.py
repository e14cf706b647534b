"""Answers as Arrow and Parquet: the rows of the JSON, in types that values do not change; large ones in pieces."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.api import ApiSettings
from dashboards.api.encoding import ENCODINGS, PIECE, pieces
from dashboards.api.query import Format
from spaces.times import DAY, rfc3339
from tests.analytics.houses import tried
from tests.api.office import NOW, Office
from tests.api.shapes import FIGURES, ROUTES, assert_problem

PATHS = [f"v1/sites{route}".format(site="office") for route in (*ROUTES, *FIGURES)]
TABLES: tuple[Format, ...] = ("arrow", "parquet")
YEAR = {"from": rfc3339(NOW - 200 * DAY), "to": rfc3339(NOW + DAY)}


def table_of(content: bytes, kind: str) -> pa.Table:
    return pa.ipc.open_stream(content).read_all() if kind == "arrow" else pq.read_table(io.BytesIO(content))


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Return rows as JSON has them: moments as text."""
    return [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]


def _plain(value: Any) -> Any:
    return rfc3339(round(value.timestamp() * 1000)) if hasattr(value, "timestamp") else value


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("path", PATHS)
def test_tables_hold_the_rows_and_the_frame_of_the_json(house: Office, path: str, kind: Format) -> None:
    answer = house.get(path).json()
    response = house.get(path, format=kind)
    encoding = ENCODINGS[kind]
    assert response.headers["content-type"] == encoding.media_type
    assert response.headers["content-disposition"].endswith(f'{encoding.suffix}"')
    table = table_of(response.content, kind)
    assert rows_of(table) == answer["rows"]
    assert table.column_names == list(answer["rows"][0])
    assert json.loads(table.schema.metadata[b"ledig"]) == answer["meta"]


@pytest.mark.parametrize("path", ["utilisation", "peaks", "availability", "heatmap"])
def test_types_do_not_hang_on_what_was_measured(house: Office, path: str) -> None:
    """So that files of several weeks can be read as one."""
    windows = [
        {"from": rfc3339(NOW + first * DAY), "to": rfc3339(NOW + last * DAY)} for first, last in ((-3, 0), (2, 4))
    ]
    schemas = [
        table_of(house.get(f"v1/sites/office/{path}", format="arrow", **days).content, "arrow").schema
        for days in windows
    ]
    assert schemas[0].remove_metadata() == schemas[1].remove_metadata()
    assert all(pa.types.is_timestamp(field.type) for field in schemas[0] if field.name.endswith("_at"))


@pytest.mark.parametrize("kind", get_args(Format))
def test_no_rows_are_an_answer_too(house: Office, kind: str) -> None:
    response = house.get("v1/sites/office/peaks", group="zone", kind="workshop", format=kind)
    if kind in TABLES:
        table = table_of(response.content, kind)
        assert (table.num_rows, table.column_names[:2]) == (0, ["time", "group"])
    elif kind == "csv":
        assert response.text.startswith("time,group,peak")
    else:
        assert response.json()["rows"] == []


@pytest.mark.parametrize("kind", get_args(Format))
def test_large_answers_are_sent_in_pieces_and_hold_the_same(house: Office, kind: str) -> None:
    query: dict[str, Any] = {"group": "zone", "bucket": "1h", "usage": False, **YEAR}
    parts: list[bytes] = []
    address = f"{house.url}v1/sites/office/utilisation"
    with httpx.stream(
        "GET", address, params={**query, "format": kind}, headers={"accept-encoding": "identity"}
    ) as sent:
        assert "content-length" not in sent.headers
        parts = list(sent.iter_raw())
    rows = house.ask("utilisation", **query)
    assert len(rows) > 4 * PIECE
    content = b"".join(parts)
    if kind == "json":
        assert json.loads(content)["rows"] == rows
    elif kind == "csv":
        assert content.count(b"\r\n") == len(rows) + 1
    else:
        table = table_of(content, kind)
        assert rows_of(table.slice(0, 5)) == rows[:5]
        assert table.num_rows == len(rows)
    if kind == "parquet":
        assert pq.ParquetFile(io.BytesIO(content)).num_row_groups == -(-len(rows) // PIECE)


def test_small_answers_say_how_long_they_are(house: Office) -> None:
    with httpx.stream("GET", house.url + "v1/sites/office/peaks", headers={"accept-encoding": "identity"}) as sent:
        assert int(sent.headers["content-length"]) == len(b"".join(sent.iter_raw()))


@pytest.mark.parametrize("kind", get_args(Format))
def test_what_is_too_large_is_refused_before_anything_is_sent(tmp_path: Path, kind: str) -> None:
    with Office(tmp_path, settings=ApiSettings(most_rows=100)) as house:
        response = house.get("v1/sites/office/utilisation", group="space", bucket="1h", format=kind)
        detail = assert_problem(response, 422)["detail"]
        assert "the limit is 100" in detail
        assert "longer buckets" in detail


@pytest.mark.parametrize("kind", TABLES)
def test_the_wide_shape_has_numbers_for_every_group(house: Office, kind: str) -> None:
    query = {"group": "kind", "shape": "wide", "bucket": "1d", **YEAR}
    table = table_of(house.get("v1/sites/office/utilisation", format=kind, **query).content, kind)
    assert table.column_names == ["time", "desk", "room", "cafe", "lounge"]
    assert {str(kind) for kind in table.schema.types[1:]} == {"double"}


CELLS = st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-9, 9))


@tried(60)
@given(
    st.lists(st.tuples(CELLS, st.one_of(st.none(), st.text(max_size=9)), st.booleans()), max_size=9), st.integers(1, 4)
)
def test_any_rows_in_any_pieces_come_back(cells: Sequence[tuple[Any, Any, bool]], size: int) -> None:
    rows = [
        {"time": "2026-11-19T09:30:00.250Z", "value": value, "name": name, "partial": partial}
        for value, name, partial in cells
    ]
    columns = ("time", "value", "name", "partial")
    assert [row for piece in pieces(rows, size) for row in piece] == rows

    def encoded(kind: Format) -> bytes:
        parts: Iterator[bytes] = ENCODINGS[kind].encode({"zone": "Europe/Berlin"}, columns, pieces(rows, size))
        return b"".join(parts)

    assert msgspec.json.decode(encoded("json")) == {"meta": {"zone": "Europe/Berlin"}, "rows": rows}
    for kind in TABLES:
        found = rows_of(table_of(encoded(kind), kind))
        assert found == rows
    assert encoded("csv").startswith(b"time,value,name,partial\r\n")

"""The one shape of answers: meta and flat rows, as JSON and CSV, long and wide."""

import csv
import gzip
import io
import json
from typing import Any

import httpx
import pytest

from dashboards.answers import definitions, planning
from spaces.times import DAY, rfc3339
from tests.api.office import FORMULA, NOW, Office
from tests.api.shapes import FIGURES, ROUTES, assert_instant

PATHS = [f"v1/sites{route}".format(site="office") for route in (*ROUTES, *FIGURES)]
TABLES = {
    "v1/sites": definitions.SITE_COLUMNS,
    "v1/sites/office": definitions.SITE_COLUMNS,
    "v1/sites/office/spaces": definitions.SPACE_COLUMNS,
    "v1/sites/office/status": definitions.STATUS_COLUMNS,
    "v1/sites/office/sensors": definitions.SENSOR_COLUMNS,
    "v1/sites/office/utilisation": {**definitions.TIME_COLUMNS, **definitions.UTILISATION_COLUMNS},
    "v1/sites/office/peaks": {**definitions.TIME_COLUMNS, **definitions.PEAK_COLUMNS},
    "v1/sites/office/availability": {**definitions.TIME_COLUMNS, **definitions.AVAILABILITY_COLUMNS},
    "v1/sites/office/heatmap": definitions.HEAT_COLUMNS,
    "v1/sites/office/planning": planning.COLUMNS,
}
WEEK = {"from": rfc3339(NOW - 7 * DAY), "to": rfc3339(NOW + DAY)}


def _lines(response: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.text, newline="")))


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_says_when_and_what_it_is_and_its_rows_have_the_documented_columns(house: Office, path: str) -> None:
    response = house.get(path)
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    answer = response.json()
    assert answer.keys() == {"meta", "rows"}
    assert answer["meta"]["generated"] == rfc3339(NOW)
    assert answer["meta"]["simulated"] is True
    assert answer["meta"]["definition"]
    assert answer["rows"]
    for row in answer["rows"]:
        assert row.keys() == TABLES[path].keys()


@pytest.mark.parametrize("path", [path for path in PATHS if path.endswith(FIGURES[0][-5:]) or "peaks" in path])
def test_figures_say_their_window_zone_bucket_and_measure(house: Office, path: str) -> None:
    meta = house.get(path, bucket="1d", measure="people", group="floor").json()["meta"]
    assert (meta["zone"], meta["bucket"], meta["measure"], meta["group"]) == ("Europe/Berlin", "1d", "people", "floor")
    assert meta["window"] == {"from": "2026-11-18T23:00:00Z", "to": "2026-11-19T23:00:00Z"}


@pytest.mark.parametrize("path", PATHS)
def test_csv_holds_the_rows_of_the_json(house: Office, path: str) -> None:
    rows = house.get(path).json()["rows"]
    response = house.get(path, format="csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    name = path.rsplit("/", 1)[-1]
    assert response.headers["content-disposition"].startswith('attachment; filename="ledig-')
    assert name in response.headers["content-disposition"] or path == "v1/sites/office"
    head, *lines = _lines(response)
    assert response.text.count("\r\n") == len(rows) + 1
    assert set(head) == rows[0].keys()
    assert [dict(zip(head, line, strict=True)) for line in lines] == [
        {name: _as_cell(row[name]) for name in head} for row in rows
    ]


def _as_cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith("=") else text


def test_a_name_that_is_a_formula_is_text_in_csv(house: Office) -> None:
    head, *lines = _lines(house.get("v1/sites/office/spaces", format="csv", space="elbe"))
    assert lines[0][head.index("name")] == f"'{FORMULA}"
    assert house.ask("spaces", space="elbe")[0]["name"] == FORMULA


def test_rows_ascend_in_time_and_times_are_utc(house: Office) -> None:
    for path in ("utilisation", "peaks"):
        rows = house.ask(path, group="zone", bucket="1h", **WEEK)
        times = [row["time"] for row in rows]
        assert times == sorted(times)
        for time in times:
            assert_instant(time)
        assert [row["group"] for row in rows[:4]] == ["team", "mixed", "corner", "meet"]
    cells = house.ask("heatmap", **WEEK)
    assert [(row["weekday"], row["hour"]) for row in cells] == [(day, hour) for day in range(7) for hour in range(24)]


def test_the_wide_shape_has_a_column_a_group_that_holds_the_main_figure(house: Office) -> None:
    for path, main in (("utilisation", "utilisation"), ("peaks", "peak")):
        query = {"group": "zone", "assignment": "flexible", "bucket": "1h", **WEEK}
        long, wide = house.ask(path, **query), house.ask(path, shape="wide", **query)
        assert [wide_row.keys() for wide_row in wide] == [{"time", "mixed"}] * len(wide)
        assert [(row["time"], row["mixed"]) for row in wide] == [(row["time"], row[main]) for row in long]
    people = house.ask("utilisation", measure="people", space="elbe", shape="wide", group="space", bucket="1d")
    figure = house.ask("utilisation", measure="people", space="elbe", group="space", bucket="1d")
    assert people[0]["elbe"] == figure[0]["capacity_utilisation"] is not None
    heat = house.ask("heatmap", shape="wide", group="kind", **WEEK)
    assert len(heat) == 7 * 24
    assert heat[0].keys() == {"weekday", "hour", "desk", "room", "cafe", "lounge"}
    head = _lines(house.get("v1/sites/office/peaks", shape="wide", group="kind", format="csv"))[0]
    assert head == ["time", "desk", "room", "cafe", "lounge"]


@pytest.mark.parametrize("path", [*PATHS, "healthz", "readyz", "metrics", "openapi.json", "docs", ""])
def test_head_answers_as_get_without_a_body(house: Office, path: str) -> None:
    get, head = house.get(path), house.get(path, method="HEAD")
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers["x-content-type-options"] == get.headers["x-content-type-options"] == "nosniff"


def test_large_answers_are_packed_for_those_who_take_it(house: Office) -> None:
    assert house.get("v1/sites/office/spaces").headers["content-encoding"] == "gzip"
    plain = httpx.get(house.url + "v1/sites/office/spaces", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with httpx.stream("GET", house.url + "v1/sites/office/spaces", headers={"accept-encoding": "gzip"}) as packed:
        assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content


def test_no_number_that_json_has_not_ever_goes_out(house: Office) -> None:
    for path in ("utilisation", "peaks", "heatmap"):
        for group in ("site", "kind", "space"):
            text = house.get(f"v1/sites/office/{path}", group=group, **WEEK).text
            json.loads(text, parse_constant=pytest.fail)
            assert "NaN" not in text

"""Health, metrics, OpenAPI and its page."""

import re
from pathlib import Path

import pytest
from prometheus_client import Counter

from dashboards.answers import definitions
from tests.api.office import Office
from tests.api.shapes import assert_problem


def test_alive_while_the_process_lives_and_ready_when_every_check_passes(tmp_path: Path) -> None:
    wrong: list[str] = []
    with Office(tmp_path, checks={"ingest": lambda: next(iter(wrong), None), "other": lambda: None}) as house:
        assert house.get("readyz").json() == {"status": "ready", "checks": ["store", "ingest", "other"]}
        wrong.append("not connected to the broker")
        body = assert_problem(house.get("readyz"), 503)
        assert body["failing"] == [{"part": "ingest", "detail": "not connected to the broker"}]
        assert "ingest: not connected to the broker" in body["detail"]
        assert house.get("healthz").json() == {"status": "alive"}


def test_metrics_count_by_route_and_not_by_what_others_typed(tmp_path: Path) -> None:
    with Office(tmp_path) as house:
        Counter("ledig_of_another_part", "Counted elsewhere", registry=house.registry).inc(3)
        for path in (
            "v1/sites/office/peaks",
            "v1/sites/office/peaks",
            "v1/sites/nowhere/peaks",
            "a/b",
            "c/d",
            "static/x",
        ):
            house.get(path)
        house.get("v1/sites", method="BREW")
        response = house.get("metrics")
        assert response.headers["content-type"].startswith("text/plain")
        counts = {
            line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in response.text.splitlines()
            if line.startswith(("ledig_api_requests_total", "ledig_of_another_part_total"))
        }
        label = 'ledig_api_requests_total{{method="{}",route="{}",status="{}"}}'
        assert counts == {
            label.format("GET", "/v1/sites/{site}/peaks", 200): 2,
            label.format("GET", "/v1/sites/{site}/peaks", 404): 1,
            label.format("GET", "other", 404): 3,
            label.format("other", "/v1/sites", 405): 1,
            "ledig_of_another_part_total": 3,
        }
        assert 'ledig_api_request_seconds_count{route="/v1/sites/{site}/peaks"} 3.0' in response.text


def test_an_answer_tells_how_long_the_server_took(house: Office) -> None:
    assert re.fullmatch(r"app;dur=\d+\.\d\d", house.get("v1/sites").headers["server-timing"])


def test_openapi_tells_every_parameter_its_values_and_defaults(house: Office) -> None:
    operation = house.get("openapi.json").json()["paths"]["/v1/sites/{site}/utilisation"]["get"]
    found = {item["name"]: item for item in operation["parameters"]}
    assert found.keys() == {
        *("site", "from", "to", "bucket", "max_points", "group", "measure", "format", "shape"),
        *("floor", "zone", "kind", "assignment", "space", "usage"),
    }
    assert found["bucket"]["schema"]["enum"] == ["15m", "1h", "1d", "1w", "auto"]
    assert found["bucket"]["schema"]["default"] == "1h"
    for item in found.values():
        assert item.get("description") or item["schema"].get("description"), item["name"]
    assert "local midnight" in found["from"]["description"]


def test_openapi_tells_answers_and_problems_of_every_route(house: Office) -> None:
    paths = house.get("openapi.json").json()["paths"]
    read = {path: item["get"] for path, item in paths.items() if path.startswith("/v1/sites") and "get" in item}
    data = {path: operation["responses"] for path, operation in read.items()}
    assert data.pop("/v1/sites/{site}/live")["200"]["content"].keys() == {"text/event-stream"}
    assert len(data) >= 8
    for path, responses in data.items():
        assert responses.keys() == {"200", "422", "503", *(["404"] if "{site}" in path else [])}
        assert responses["200"]["content"].keys() >= {"application/json", "text/csv"}
        assert responses["422"]["content"].keys() == {"application/problem+json"}
    assert list(paths["/readyz"]["get"]["responses"]) == ["200", "503"]


def test_the_documentation_is_our_own_page_and_names_every_route_parameter_and_column(house: Office) -> None:
    text = house.get("docs").text
    assert not re.search(r"<script|https?://", text)
    for path, item in house.get("openapi.json").json()["paths"].items():
        assert f"<code>{path}</code>" in text
        names = {one["name"] for operation in item.values() for one in operation.get("parameters", ())}
        assert {name for name in names if f"<code>{name}</code>" not in text} == set()
    for name in (*definitions.UTILISATION_COLUMNS, *definitions.PEAK_COLUMNS, *definitions.COUNT_COLUMNS):
        assert f"<code>{name}</code>" in text


@pytest.mark.parametrize("path", ["docs", "v1/sites", ""])
def test_browsers_are_kept_strict(house: Office, path: str) -> None:
    headers = house.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    if path != "v1/sites":
        assert "default-src 'self'" in headers["content-security-policy"]

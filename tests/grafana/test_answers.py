"""Every question of every panel, picker and rule is answered by a running ledig as the plugin Infinity needs it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dashboards.grafana.build import DASHBOARDS, SOURCES, alert_file
from tests.grafana.demo import KEY, NOW, SINCE, demo_house
from tests.grafana.plugin import address, assert_columns, assert_lines

INFINITY = SOURCES[0]
WINDOW = (str(SINCE), str(NOW))
EVERYTHING = {"site": "betahaus", "floor": "*", "zone": "*", "kind": "*"}
TARGETS = [
    pytest.param(panel["targets"][0], id=f"{sheet['uid']}-{panel['id']}-{panel['title']}")
    for sheet in (dashboard.json(INFINITY, "Europe/Berlin") for dashboard in DASHBOARDS)
    for panel in sheet["panels"]
    if panel["type"] != "row"
]
STEPS = [
    pytest.param(step["model"], id=f"{rule['uid']}-{step['refId']}")
    for group in json.loads(next(iter(alert_file(["betahaus"]).values())))["groups"]
    for rule in group["rules"]
    for step in rule["data"]
    if step["datasourceUid"] == "ledig"
]
NO_SPOOL = {"spool_lag_seconds"}
"""What is null without a reason of its own: the demo's store needs no spool."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Give a client of the demo's house that brings the key as the data source does."""
    with demo_house(tmp_path_factory.mktemp("demo")) as url:
        headers = {"Authorization": f"Bearer {KEY}", "Accept": "application/json;q=0.9,text/plain"}
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            yield client


def asked(house: httpx.Client, target: dict[str, Any], variables: dict[str, str]) -> list[dict[str, Any]]:
    answer = house.get(address(target, variables, WINDOW))
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()[target["root_selector"]]
    return rows


@pytest.mark.parametrize("target", TARGETS)
def test_a_panel_is_answered(house: httpx.Client, target: dict[str, Any]) -> None:
    rows = asked(house, target, EVERYTHING)
    assert rows, "not empty on the demo's data"
    assert_columns(target, rows)
    if target["format"] == "timeseries":
        assert_lines(target, rows)
    numbers = [column["selector"] for column in target["columns"] if column["type"] == "number"]
    known = any(row[name] is not None for row in rows for name in numbers)
    assert known or set(numbers) <= NO_SPOOL or all(row["reason"] for row in rows), "figures, or why there are none"


@pytest.mark.parametrize("target", TARGETS)
def test_a_panel_is_answered_whatever_is_picked(house: httpx.Client, target: dict[str, Any]) -> None:
    picked = {"site": "betahaus", "floor": "second", "zone": "*", "kind": "desk"}
    answer = house.get(address(target, picked, WINDOW))
    assert answer.status_code == 200, answer.text
    assert_columns(target, answer.json()["rows"])


@pytest.mark.parametrize("name", ["site", "floor", "zone", "kind"])
def test_a_picker_has_what_to_pick(house: httpx.Client, name: str) -> None:
    variable = INFINITY.variable(name)
    target = variable["infinityQuery"]
    rows = asked(house, target, EVERYTHING)
    assert_columns(target, rows)
    values = {row[variable["meta"]["valueField"]] for row in rows}
    assert all(values)
    assert len(values) > 1 or values == {"betahaus"}


@pytest.mark.parametrize("model", STEPS)
def test_a_rule_has_one_number_for_each_group(house: httpx.Client, model: dict[str, Any]) -> None:
    rows = asked(house, model, {})
    assert rows
    assert_columns(model, rows)
    (name,) = [column["selector"] for column in model["columns"] if column["type"] == "string"]
    assert len({row[name] for row in rows}) == len(rows), "a rule speaks of each group once"


def test_expressions_leave_out_what_they_say(house: httpx.Client) -> None:
    """Rows that an expression drops are there, and rows that it keeps are, else it would be for nothing."""
    for target in (param.values[0] for param in TARGETS):
        assert isinstance(target, dict)
        if expression := target["filterExpression"]:
            column, comparison, wanted = expression.split(" ", 2)
            rows = asked(house, target, EVERYTHING)
            same = [row[column] == json.loads(wanted) for row in rows]
            assert any(same)
            assert not all(same), expression
            assert comparison in {"==", "!="}

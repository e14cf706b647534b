"""Every route and every format there is, found in the API's own description: none tells what a fixed desk does.

Routes that are added later are walked without being named here.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from spaces.times import DAY, rfc3339
from tests.api.office import NOW, Office, office, week

OWN_DESK = "team-own-0"
FEW = {"team": 2, "mixed": 1, "corner": 1}
"""Fewer fixed desks than a block has: of these no sum is shown either."""
ENDLESS = {"/v1/sites/{site}/live"}
"""A stream: it has a test of its own."""
WINDOW = {"from": rfc3339(NOW - 2 * DAY), "to": rfc3339(NOW)}
ASKED: list[dict[str, Any]] = [
    {"group": "space", **WINDOW},
    {"group": "zone", "shape": "wide", **WINDOW},
    {"space": OWN_DESK, **WINDOW},
    {"assignment": "fixed", "pool": "fixed", "bucket": "1d", **WINDOW},
    {"group": "zone", "measure": "people", "usage": True, **WINDOW},
]
"""What is asked of every route, as far as it has such parameters."""


def ways_out(house: Office, questions: Sequence[dict[str, Any]] = ASKED) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each route with each of its formats and each question it takes."""
    for path, methods in house.app.openapi()["paths"].items():
        if path in ENDLESS or "get" not in methods:
            continue
        parameters = {item["name"]: item for item in methods["get"].get("parameters", ())}
        formats = parameters.get("format", {}).get("schema", {}).get("enum", [None])
        seen: list[dict[str, Any]] = []
        for question in ({}, *questions):
            taken = {name: value for name, value in question.items() if takes(parameters.get(name), value)}
            if taken not in seen:
                seen.append(taken)
        for kind in formats:
            # One format meets all questions, every other the first two.
            for taken in seen if kind in {None, "json"} else seen[:2]:
                yield path.format(site="office").lstrip("/"), {**taken, **({"format": kind} if kind else {})}


def takes(parameter: dict[str, Any] | None, value: Any) -> bool:
    """Whether a route has a parameter and the parameter such a value."""
    if parameter is None:
        return False
    schema = parameter["schema"]
    values = next((part["enum"] for part in [schema, *schema.get("anyOf", ())] if "enum" in part), None)
    return values is None or value in values


def answers(folder: Path, flipped: str | None, questions: Sequence[dict[str, Any]] = ASKED) -> dict[str, bytes]:
    """Return every answer by what was asked; counters of the process itself are not the house's."""
    site = office(FEW)
    found = {}
    with Office(folder, list(week(site, [flipped] if flipped else [])), site=site) as house:
        for path, query in ways_out(house, questions):
            if path in {"metrics", "v1/pipeline"}:
                continue
            response = house.get(path, **query)
            assert response.status_code == 200, (path, query, response.text)
            found[f"{path} {query}"] = response.content
    return found


def test_flipping_a_fixed_desk_changes_no_byte_of_any_answer_and_a_flexible_one_some_in_every_format(
    tmp_path: Path,
) -> None:
    """The second half shows that the walk looks where something is to be seen."""
    before, after = answers(tmp_path / "before", None), answers(tmp_path / "own", OWN_DESK)
    assert before.keys() == after.keys()
    assert [asked for asked in before if before[asked] != after[asked]] == []
    flexible = answers(tmp_path / "flexible", "mixed-0", ASKED[:1])
    changed = [asked for asked in flexible if before[asked] != flexible[asked]]
    for kind in ("json", "csv", "arrow", "parquet"):
        assert any(f"'format': '{kind}'" in asked for asked in changed), kind


@pytest.mark.parametrize("route", ["utilisation", "availability", "planning", "rooms/free", "status"])
def test_the_walk_meets_routes_with_all_their_formats(house: Office, route: str) -> None:
    kinds = {query.get("format") for path, query in ways_out(house) if path == f"v1/sites/office/{route}"}
    assert kinds >= {"json", "csv", "arrow", "parquet"}

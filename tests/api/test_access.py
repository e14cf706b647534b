"""Each request belongs to somebody: strangers see nothing, and the sites of others might as well not exist."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection

from dashboards.api import ApiSettings
from dashboards.api.access import Access, Scope
from dashboards.api.pipeline import SOME_SITES
from tests.api.office import NOW, Office, office, week
from tests.api.people import WHO, a_house, ask, by_name, routes
from tests.api.shapes import assert_problem
from tests.api.test_all_ways_out import ASKED, ways_out

OPEN = {"/healthz", "/readyz"}
SCOPES: Mapping[str, set[Scope]] = {
    "GET /metrics": {Scope.OPERATE},
    "GET /v1/pipeline": {Scope.OPERATE},
    "GET /v1/pipeline/messages": {Scope.OPERATE},
    "GET /v1/sites": {Scope.VIEW},
    "GET /v1/sites/{site}": {Scope.VIEW},
    "GET /v1/sites/{site}/acknowledgements": {Scope.VIEW},
    "PUT /v1/sites/{site}/acknowledgements/{sensor}": {Scope.WRITE},
    "DELETE /v1/sites/{site}/acknowledgements/{sensor}": {Scope.WRITE},
    "GET /v1/sites/{site}/availability": {Scope.PLAN},
    "GET /v1/sites/{site}/bookings": {Scope.PLAN},
    "GET /v1/sites/{site}/forecast": {Scope.VIEW},
    "GET /v1/sites/{site}/heatmap": {Scope.PLAN},
    "GET /v1/sites/{site}/live": {Scope.VIEW},
    "GET /v1/sites/{site}/notes": {Scope.VIEW},
    "POST /v1/sites/{site}/notes": {Scope.WRITE},
    "DELETE /v1/sites/{site}/notes/{note}": {Scope.WRITE},
    "GET /v1/sites/{site}/peaks": {Scope.PLAN},
    "GET /v1/sites/{site}/planning": {Scope.PLAN},
    "GET /v1/sites/{site}/rooms": {Scope.PLAN},
    "GET /v1/sites/{site}/rooms/free": {Scope.VIEW},
    "GET /v1/sites/{site}/rooms/mix": {Scope.PLAN},
    "GET /v1/sites/{site}/rooms/parties": {Scope.PLAN},
    "GET /v1/sites/{site}/sensors": {Scope.OPERATE},
    "GET /v1/sites/{site}/sensors/counts": {Scope.OPERATE},
    "GET /v1/sites/{site}/sessions": {Scope.PLAN},
    "GET /v1/sites/{site}/sessions/bridges": {Scope.PLAN},
    "GET /v1/sites/{site}/sessions/dwell": {Scope.PLAN},
    "GET /v1/sites/{site}/sizing": {Scope.PLAN},
    "GET /v1/sites/{site}/spaces": {Scope.VIEW},
    "GET /v1/sites/{site}/status": {Scope.VIEW},
    "GET /v1/sites/{site}/usual": {Scope.VIEW},
    "GET /v1/sites/{site}/utilisation": {Scope.PLAN},
}
"""The one scope that opens each route. A new route has no row, and fails until somebody has said who may ask it."""
PAGES = (
    "",
    "use",
    "size",
    "sensors",
    "kiosk",
    "docs",
    "openapi.json",
    "healthz",
    "readyz",
    "no/such/thing",
    "static/x",
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give a house of two sites."""
    with a_house(tmp_path_factory.mktemp("both"), hidden=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give the same house where the second site does not exist."""
    with a_house(tmp_path_factory.mktemp("alone"), hidden=False) as opened:
        yield opened


def _closed(house: Office) -> Iterator[tuple[str, str]]:
    return ((method, path) for method, path in routes(house) if path not in OPEN)


def _at(path: str, site: str = "office") -> str:
    return path.format(site=site, note="0a0b0c", sensor="s-havel")


def _seen(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """Return all that an asker sees of an answer, but for clocks."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "server-timing"}}
    if headers.get("content-type") == "application/json" and "/pipeline" in str(answer.url):
        body = answer.json()
        for row in body["rows"]:
            del row["store_seconds"]  # a stopwatch's
        headers.pop("content-length")
        return answer.status_code, headers, repr(body).encode()
    return answer.status_code, headers, answer.content


def test_a_stranger_sees_nothing(both: Office) -> None:
    for method, path in _closed(both):
        answer = ask(both, None, _at(path), method)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    for path in ("", "docs", "openapi.json"):
        assert ask(both, None, path).status_code == 401


def test_people_are_led_to_no_form_where_there_is_none(both: Office) -> None:
    assert_problem(httpx.get(both.url, headers={"Accept": "text/html"}, timeout=20), 401)


@pytest.mark.parametrize(("site", "given"), [("office", {}), ("nowhere", {}), ("office", {"group": "x", "y": "1"})])
def test_who_may_nothing_is_refused_before_anything_is_looked_up(
    both: Office, site: str, given: dict[str, Any]
) -> None:
    for method, path in _closed(both):
        assert ask(both, "powerless", _at(path, site), method, params=given).status_code == 403, (method, path)


def test_each_route_is_opened_by_one_scope(both: Office) -> None:
    found = {
        f"{method} {path}": {scope for scope in Scope if ask(both, scope, _at(path), method).status_code != 403}
        for method, path in _closed(both)
    }
    assert found == SCOPES


def test_a_refusal_says_what_is_missing(both: Office) -> None:
    assert "right to plan," in assert_problem(ask(both, "view", "v1/sites/office/peaks"), 403)["detail"]


def test_nothing_is_served_where_nobody_resolves_requests(tmp_path: Path) -> None:
    house = Office(tmp_path, list(week(office())))
    house.app.user_middleware = [each for each in house.app.user_middleware if "Guarded" not in str(each.cls)]
    with house:
        for method, path in _closed(house):
            assert ask(house, "everybody", _at(path), method).status_code == 401, (method, path)


def test_each_request_is_resolved_once_and_files_never(tmp_path: Path) -> None:
    asked: list[str] = []

    def resolver(connection: HTTPConnection) -> Access | None:
        asked.append(connection.url.path)
        return by_name(connection)

    paths = ["v1/sites", "v1/sites/office/status", "metrics", "", "healthz", "static/page.css"]
    with Office(tmp_path, resolver=resolver) as house:
        assert {ask(house, "everybody", path).status_code for path in paths} == {200}
    assert asked == [f"/{path}" for path in paths[:-1]]


def test_a_house_looks_as_if_the_sites_of_others_did_not_exist(both: Office, alone: Office) -> None:
    asked = [*ways_out(alone, ASKED[:2]), *((page, {}) for page in PAGES)]
    assert len(asked) > 100
    for path, query in asked:
        if path != "metrics":
            hidden, absent = (ask(house, "tenant", path, params=query) for house in (both, alone))
            assert hidden.status_code in {200, 404}, (path, query, hidden.text)
            assert _seen(hidden) == _seen(absent), (path, query)


@pytest.mark.parametrize("who", ["tenant", "nobody"])
@pytest.mark.parametrize("site", ["secret", "secre", "Secret house", "offic"])
def test_a_site_of_others_is_answered_as_one_that_does_not_exist(
    both: Office, alone: Office, who: str, site: str
) -> None:
    for method, path in _closed(both):
        if "{site}" not in path:
            continue
        for more in ({}, {"params": {"floor": "f9"}}, {"json": {"date": "2026-11-12", "text": "x"}}):
            hidden, absent = (ask(house, who, _at(path, site), method, **more) for house in (both, alone))
            assert hidden.status_code in {404, 422}, (method, path)
            assert _seen(hidden) == _seen(absent), (method, path)


def test_a_hint_names_the_sites_of_the_asker_alone(both: Office) -> None:
    def hint(who: str, site: str) -> str:
        return str(assert_problem(ask(both, who, f"v1/sites/{site}"), 404)["detail"]).partition(";")[2]

    assert hint("tenant", "secre") == " known are office"
    assert hint("everybody", "secre") == " did you mean secret?"
    assert hint("nobody", "office") == " none is known yet"


def test_the_sites_of_an_access_are_listed(both: Office) -> None:
    def sites(who: str) -> list[str]:
        return [row["site"] for row in ask(both, who, "v1/sites").json()["rows"]]

    assert (sites("everybody"), sites("tenant"), sites("nobody")) == (["office", "secret"], ["office"], [])


def test_simulated_is_said_of_the_sites_of_the_access(both: Office) -> None:
    for path in ("v1/sites", "v1/pipeline", "v1/pipeline/messages"):
        said = {who: ask(both, who, path).json()["meta"]["simulated"] for who in ("everybody", "tenant")}
        assert said == {"everybody": False, "tenant": True}, path


def test_the_pipeline_tells_how_far_behind_the_sites_of_the_access_are_and_counts_for_nobody_else(both: Office) -> None:
    (whole,), (part,) = (ask(both, who, "v1/pipeline").json()["rows"] for who in ("everybody", "tenant"))
    assert (whole["heard_minutes"], part["heard_minutes"]) == (0, 5)
    assert part["reason"] == SOME_SITES
    assert (part["received"], part["refused"]) == (None, None)
    assert ask(both, "tenant", "v1/pipeline/messages").json()["rows"] == []


def test_what_a_process_counts_is_for_those_who_may_operate_all_sites(both: Office) -> None:
    assert "at all sites" in assert_problem(ask(both, "tenant", "metrics"), 403)["detail"]
    assert ask(both, "operate", "metrics").status_code == 200


def test_notes_and_acknowledgements_are_of_those_who_belong_to_the_site(tmp_path: Path) -> None:
    note = {"date": "2026-11-19", "text": "of the tenant"}
    with a_house(tmp_path, hidden=True) as house:
        assert ask(house, "tenant", "v1/sites/office/notes", "POST", json=note).status_code == 201
        assert ask(house, "everybody", "v1/sites/secret/notes", "POST", json=note).status_code == 201
        (row,) = ask(house, "neighbour", "v1/sites/office/notes").json()["rows"]
        known = "v1/sites/{}/acknowledgements/s-havel"
        assert ask(house, "everybody", known.format("secret"), "PUT", json={}).status_code == 204
        assert ask(house, "tenant", "v1/sites/office/acknowledgements").json()["rows"] == []
        assert ask(house, "tenant", known.format("secret"), "DELETE").status_code == 404
        (other,) = ask(house, "everybody", "v1/sites/secret/notes").json()["rows"]
        assert ask(house, "tenant", f"v1/sites/secret/notes/{other['id']}", "DELETE").status_code == 404
        assert ask(house, "view", f"v1/sites/office/notes/{row['id']}", "DELETE").status_code == 403
        assert ask(house, "neighbour", f"v1/sites/office/notes/{row['id']}", "DELETE").status_code == 204
        assert len(ask(house, "everybody", "v1/sites/secret/notes").json()["rows"]) == 1
        assert len(ask(house, "everybody", "v1/sites/secret/acknowledgements").json()["rows"]) == 1


def test_readiness_names_no_site_to_strangers(tmp_path: Path) -> None:
    """A server's own words about a reading that it refuses repeat whose it was."""
    checks = {"spool": lambda: "the store refuses 'occupancy,site=office,sensor=s-havel'", "live": lambda: "no broker"}
    key = "a-key-that-is-long-enough"
    with Office(tmp_path, checks=checks, settings=ApiSettings(key=key)) as house:
        body = assert_problem(house.get("readyz"), 503)
        whole = assert_problem(httpx.get(f"{house.url}readyz", headers={"X-API-Key": key}, timeout=20), 503)
    assert [part["detail"] for part in body["failing"]] == ["it fails; its log says more", "no broker"]
    assert "office" not in body["detail"]
    assert "office" in whole["detail"]


def test_what_is_asked_without_a_key_where_none_is_set_may_everything(house: Office) -> None:
    assert house.get("metrics").status_code == 200
    assert house.get("v1/sites/office/status", **{WHO: "x"}).status_code == 422
    assert house.answer("status")["meta"]["generated"][:10] == "2026-11-19", NOW

"""Everything that is not an answer is a problem in one shape, on every route, and says what would be right."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from dashboards.api import ApiSettings
from spaces.reading import Reading
from spaces.readings import Readings
from spaces.times import DAY, FOREVER, Millis, rfc3339
from store.embedded.duck import EmbeddedStore
from store.protocol import Extent, StoreError
from tests.api.office import NOW, Office, office
from tests.api.shapes import DAYS, FIGURES, ROUTES, assert_problem

DATA = [f"v1/sites{route}" for route in (*ROUTES, *FIGURES, *DAYS)]
OF_SITE = DATA[1:]
OF_WINDOW = [f"v1/sites{route}" for route in (*FIGURES, *DAYS)]
SERVICE = ["healthz", "readyz", "metrics", "openapi.json", "docs", ""]


def _at(route: str, site: str = "office") -> str:
    return route.format(site=site)


@pytest.mark.parametrize("route", DATA)
def test_an_unknown_parameter_is_refused_with_what_is_known(house: Office, route: str) -> None:
    body = assert_problem(house.get(_at(route), fromat="csv"), 422)
    assert body["errors"] == [
        {"parameter": "fromat", "detail": "is no parameter of this address; did you mean format?"}
    ]


@pytest.mark.parametrize("route", DATA)
def test_an_unknown_value_is_refused_with_what_is_known(house: Office, route: str) -> None:
    body = assert_problem(house.get(_at(route), format="cvs"), 422)
    assert body["errors"] == [{"parameter": "format", "detail": "'cvs' is unknown; did you mean csv?"}]


@pytest.mark.parametrize("route", DATA)
def test_a_parameter_given_twice_is_refused(house: Office, route: str) -> None:
    body = assert_problem(house.get(_at(route), format=["csv", "json"]), 422)
    assert body["errors"] == [{"parameter": "format", "detail": "is given more than once; one value is taken"}]


@pytest.mark.parametrize("route", OF_SITE)
def test_an_unknown_site_is_not_found(house: Office, route: str) -> None:
    assert assert_problem(house.get(_at(route, "offize")), 404)["detail"].endswith("did you mean office?")
    assert_problem(house.get(_at(route, "%00%ff' OR 1=1")), 404)


@pytest.mark.parametrize("route", [*DATA, *SERVICE])
def test_another_method_is_refused_with_those_allowed(house: Office, route: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
        response = house.get(_at(route), method=method)
        assert_problem(response, 405)
        assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["nope", "v1", "v1/sites/office/nope", "v1/sites/office/status/x", "static/x", "v2/sites"]
)
def test_an_unknown_address_is_not_found(house: Office, path: str) -> None:
    assert_problem(house.get(path), 404)


@pytest.mark.parametrize("route", [route for route in OF_SITE if route.endswith(("spaces", "status", *FIGURES, *DAYS))])
@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("floor", "f3", "known are f1, f2"),
        ("zone", "tean", "did you mean team?"),
        ("kind", "rooms", "did you mean room?"),
        ("assignment", "own", "fixed, flexible"),
        ("space", "elb", "did you mean elbe?"),
        ("space", "", "known are"),
    ],
)
def test_what_the_site_does_not_have_is_named(house: Office, route: str, name: str, value: str, hint: str) -> None:
    body = assert_problem(house.get(_at(route), **{name: value}), 422)
    assert [error["parameter"] for error in body["errors"]] == [name]
    assert hint in body["detail"]


def test_all_that_is_wrong_is_said_at_once(house: Office) -> None:
    body = assert_problem(house.get("v1/sites/office/peaks", zone="x", space="y"), 422)
    assert [error["parameter"] for error in body["errors"]] == ["zone", "space"]
    body = assert_problem(house.get("v1/sites/office/peaks", bucket="2h", group="room", max_points=0), 422)
    assert {error["parameter"] for error in body["errors"]} == {"bucket", "group", "max_points"}


@pytest.mark.parametrize("route", OF_WINDOW)
@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("yesterday", "is not a time"),
        ("2026-11-19T08:00:00", "has no offset"),
        ("1763542800", "looks like seconds"),
        ("999999999999999", "2200"),
        ("9999999999999999999999", "beyond every date"),
        ("0001-01-01T00:00:00+14:00", "1970"),
        ("--5", "--5"),
        ("", "is not a time"),
    ],
)
def test_a_time_that_cannot_be_read_is_explained(house: Office, route: str, value: str, hint: str) -> None:
    for name in ("from", "to"):
        body = assert_problem(house.get(_at(route), **{name: value}), 422)
        assert [error["parameter"] for error in body["errors"]] == [name]
        assert hint in body["detail"]


@pytest.mark.parametrize("route", OF_WINDOW)
def test_windows_are_bounded_and_the_right_way_round(house: Office, route: str) -> None:
    begin = rfc3339(NOW - 500 * DAY)
    assert "limit is 400" in assert_problem(house.get(_at(route), from_=begin), 422)["detail"]
    assert "not before" in assert_problem(house.get(_at(route), from_=rfc3339(NOW + DAY)), 422)["detail"]
    assert "not before" in assert_problem(house.get(_at(route), from_=NOW, to=NOW), 422)["detail"]


def test_answers_are_bounded_with_the_limit_named(tmp_path: Path) -> None:
    with Office(tmp_path, settings=ApiSettings(most_rows=100)) as house:
        query = {"group": "space", "bucket": "15m"}
        body = assert_problem(house.get("v1/sites/office/utilisation", **query), 422)
        assert "limit is 100" in body["detail"]
        assert_problem(house.get("v1/sites/office/heatmap"), 422)


def test_a_moment_that_lies_ahead_is_refused(house: Office) -> None:
    body = assert_problem(house.get("v1/sites/office/status", at=rfc3339(NOW + DAY)), 422)
    assert "it is 2026-11-19T09:30:00Z" in body["detail"]


class Failing:
    """A store that says no, or breaks."""

    def __init__(self, folder: Path, error: Exception) -> None:
        self._inner = EmbeddedStore(folder)
        self._error = error

    def append(self, _: Sequence[Reading]) -> None:
        raise self._error

    def read(self, _: str, __: Millis, ___: Millis) -> Readings:
        raise self._error

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        return self._inner.latest(site, until)

    def extent(self, _: str) -> Extent | None:
        raise self._error

    def sites(self) -> tuple[str, ...]:
        if self.ready:
            return ()
        raise self._error

    ready = True

    def close(self) -> None:
        self._inner.close()


READING = ["v1/sites", "v1/sites/office", "v1/sites/office/status?at=2026-11-18T00:00:00Z"]
READING += [_at(route) for route in OF_WINDOW]


def test_a_store_that_fails_is_503_and_ready_says_so(tmp_path: Path) -> None:
    store = Failing(tmp_path, StoreError("the disk is full"))
    with Office(tmp_path, store=store) as house:  # type: ignore[arg-type]
        for path in READING:
            assert "the disk is full" in assert_problem(house.get(path), 503)["detail"]
        store.ready = False
        body = assert_problem(house.get("readyz"), 503)
        assert body["failing"] == [{"part": "store", "detail": "the disk is full"}]
        assert house.get("healthz").status_code == 200


def test_a_fault_of_our_own_is_500_and_tells_nothing_of_our_insides(tmp_path: Path) -> None:
    with Office(tmp_path, store=Failing(tmp_path, ZeroDivisionError("secret"))) as house:  # type: ignore[arg-type]
        for path in READING:
            assert "secret" not in str(assert_problem(house.get(path), 500))
        assert 'status="500"' in house.get("metrics").text


def test_what_was_sent_is_not_repeated_at_length(house: Office) -> None:
    for query in ({"zone": "z" * 5_000}, {"q" * 5_000: "1"}, {"group": "g" * 5_000}, {"from": "f" * 5_000}):
        assert len(house.get("v1/sites/office/utilisation", **query).content) < 1_500
    assert len(house.get("v1/sites/" + "s" * 5_000).content) < 500


def test_names_in_problems_are_of_the_site_alone() -> None:
    assert {space.id for space in office().spaces}.isdisjoint({"status", "spaces"})

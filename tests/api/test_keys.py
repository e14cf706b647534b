"""With a viewer key set nobody sees anything without it; the page goes on working for who has signed in."""

from collections.abc import Iterator

import httpx
import pytest

from dashboards.api import ApiSettings
from dashboards.api.keys import COOKIE
from tests.api.office import Office
from tests.api.shapes import assert_problem

KEY = "a-key-that-is-long-enough"
CLOSED = ["v1/sites", "v1/sites/office/status", "v1/pipeline", "metrics", "openapi.json", "docs", "no/such/thing", ""]


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an API with a key."""
    with Office(tmp_path_factory.mktemp("keyed"), settings=ApiSettings(key=KEY)) as office:
        yield office.url


@pytest.fixture
def browser(keyed: str) -> Iterator[httpx.Client]:
    """Give a client that keeps cookies and asks for pages, as a browser does."""
    with httpx.Client(base_url=keyed, headers={"Accept": "text/html,*/*"}, timeout=20) as client:
        yield client


@pytest.mark.parametrize("path", CLOSED)
def test_nothing_is_shown_without_the_key(keyed: str, path: str) -> None:
    answer = httpx.get(keyed + path, timeout=20)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "Authorization: Bearer" in assert_problem(answer, 401)["detail"]


@pytest.mark.parametrize("path", ["healthz", "readyz", "sign-in", "static/page.css"])
def test_health_and_the_form_are_open(keyed: str, path: str) -> None:
    assert httpx.get(keyed + path, timeout=20).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer  {KEY}"}, {"X-API-Key": KEY}]
)
def test_programs_send_the_key(keyed: str, headers: dict[str, str]) -> None:
    assert httpx.get(f"{keyed}v1/sites", headers=headers, timeout=20).json()["rows"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {KEY}x"},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": ""},
        {"Cookie": f"{COOKIE}={KEY}"},
        {"Cookie": f"{COOKIE}="},
        {"Cookie": "\xff;=;"},
    ],
)
def test_what_is_no_key_opens_nothing(keyed: str, headers: dict[str, str]) -> None:
    sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    assert_problem(httpx.get(f"{keyed}v1/sites", headers=sent, timeout=20), 401)


@pytest.mark.parametrize(("path", "form"), [("", "sign-in?next="), ("docs", "sign-in?next=docs")])
def test_people_are_shown_the_form(browser: httpx.Client, path: str, form: str) -> None:
    assert browser.get(path).headers["location"] == form


def test_from_a_folder_below_the_form_is_still_found(browser: httpx.Client) -> None:
    assert browser.get("v1/sites").headers["location"].startswith("../sign-in?")


def test_who_has_signed_in_sees_page_and_api_and_keeps_no_key(browser: httpx.Client) -> None:
    answer = browser.post("sign-in", data={"key": KEY, "next": "docs"})
    assert (answer.status_code, answer.headers["location"]) == (303, "docs")
    assert KEY not in answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax"} <= {part.strip() for part in answer.headers["set-cookie"].split(";")}
    assert browser.get("").status_code == 200
    assert browser.get("v1/sites", headers={"Accept": "*/*"}).json()["rows"]


def test_a_wrong_key_is_told_of_and_sets_nothing(browser: httpx.Client) -> None:
    for body in ({"key": "wrong"}, {}, {"key": "x" * 10_000}):
        answer = browser.post("sign-in", data=body)
        assert answer.status_code == 403
        assert "not the key" in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "\\\\evil"])
def test_signing_in_leads_nowhere_else(browser: httpx.Client, goal: str) -> None:
    assert browser.post("sign-in", data={"key": KEY, "next": goal}).headers["location"] == "."


def test_what_is_written_into_the_form_is_text(browser: httpx.Client) -> None:
    assert "<script>" not in browser.get("sign-in", params={"next": 'x?"><script>'}).text


@pytest.mark.parametrize(("accepted", "word"), [("nb-NO", "Logg inn"), ("de;q=0.5, fr", "Anmelden"), ("", "Sign in")])
def test_the_form_speaks_the_language_of_the_browser(browser: httpx.Client, accepted: str, word: str) -> None:
    assert word in browser.get("sign-in", headers={"Accept-Language": accepted}).text


def test_the_form_speaks_the_language_that_was_chosen_and_keeps_it(browser: httpx.Client) -> None:
    goal = "use?lang=de#x"
    assert "sign-in?lang=nb&amp;next=use%3F" in browser.get("sign-in", params={"next": "use?of=rooms"}).text
    assert "Anmelden" in browser.get("sign-in", params={"lang": "de", "next": goal}).text
    assert "nicht der Schlüssel" in browser.post("sign-in", data={"key": "wrong"}).text
    browser.post("sign-in", data={"key": KEY})
    assert browser.get("").headers["content-language"] == "de"


def test_without_a_key_there_is_no_form(house: Office) -> None:
    assert_problem(house.get("sign-in"), 404)

"""The pages' files: how they are served, that they keep to a strict policy, and that they stay light."""

import gzip
import re
from pathlib import Path

import httpx
import pytest

from dashboards.web import STATIC
from dashboards.web.bokehfiles import chart_files
from dashboards.web.pages import ADDRESSES, CHARTED, page, scripts_of
from dashboards.words import LANGUAGES
from tests.web.served import Served

SCRIPTS = sorted(STATIC.glob("*.js"))
PATHS = {name: address.removeprefix(".") for name, address in ADDRESSES.items()}


@pytest.mark.parametrize("name", ADDRESSES)
def test_each_page_is_served_at_its_address(bare: Served, name: str) -> None:
    answer = httpx.get(bare.url + PATHS[name])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == "en"
    assert answer.content == page(name, "en").html


@pytest.mark.parametrize("path", [*PATHS.values(), *(f"static/{file.name}" for file in sorted(STATIC.iterdir()))])
def test_a_file_is_asked_for_again_each_time_and_not_sent_twice(bare: Served, path: str) -> None:
    first = httpx.get(bare.url + path)
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["x-content-type-options"] == "nosniff"
    policy = first.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy.replace("style-src 'self' 'unsafe-inline'", "" if path in CHARTED else "unsafe")
    again = httpx.get(bare.url + path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_scripts_have_the_type_that_browsers_insist_on(bare: Served) -> None:
    for name in [*(file.name for file in SCRIPTS), *chart_files()]:
        kind = httpx.get(f"{bare.url}static/{name}").headers["content-type"]
        assert kind.split(";")[0] == "text/javascript"


def test_bokehs_files_come_packed_and_are_kept_for_good_under_their_version(bare: Served) -> None:
    assert len(chart_files()) == 2
    for name, path in chart_files().items():
        assert re.fullmatch(r"bokeh[a-z-]*-\d+\.\d+\.\d+\.min\.js", name)
        answer = httpx.get(f"{bare.url}static/{name}", headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.content == path.read_bytes()
        plain = httpx.get(f"{bare.url}static/{name}", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == path.read_bytes()


@pytest.mark.parametrize(
    "path",
    ["static/nothing.js", "static/../pages.py", "static/%2e%2e/__init__.py", "static/", "static/bokeh.min.js", "now"],
)
def test_nothing_but_the_files_is_served(bare: Served, path: str) -> None:
    assert httpx.get(bare.url + path).status_code == 404


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_html_has_no_inline_script_style_or_handler(name: str) -> None:
    html = page(name, "en").html.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == ['<script type="application/json" id="words">']
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)


def test_the_html_and_style_sheets_name_no_other_host() -> None:
    pages = [page(name, "de").html.decode() for name in ADDRESSES]
    for text in (*pages, *(file.read_text(encoding="utf-8") for file in STATIC.glob("*.css"))):
        assert not re.search(r"https?://|@import", text)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_scripts_never_parse_data_as_html(script: Path) -> None:
    """Names from site files are text: not one of the ways in is used."""
    text = script.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function", text
    )


def test_scripts_stay_small() -> None:
    sizes = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in SCRIPTS}
    assert {name: lines for name, lines in sizes.items() if lines > 270} == {}


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_with_all_that_it_loads_is_light(name: str, language: str) -> None:
    """Compressed as it goes over the line: a page without charts under 100 kB, one with them under 500."""
    parts = [page(name, language).html, *(file.read_bytes() for file in STATIC.glob("*.css"))]
    parts += [(STATIC / script).read_bytes() for script in {f"{name}.js", *scripts_of(f"{name}.js")}]
    weight = sum(len(gzip.compress(part, 1)) for part in parts)
    assert weight < 100_000
    charts = sum(len(gzip.compress(path.read_bytes(), 9)) for path in chart_files().values())
    assert weight + charts < 500_000


def test_every_script_is_used_and_every_import_exists() -> None:
    used = {script for name in ADDRESSES for script in {f"{name}.js", *scripts_of(f"{name}.js")}}
    assert used == {file.name for file in SCRIPTS}


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_file_that_the_html_names_exists_and_every_script_is_announced(name: str) -> None:
    html = page(name, "nb").html.decode()
    names = re.findall(r'(?:src|href)="static/([^"]+)"', html)
    assert [each for each in names if not (STATIC / each).is_file() and each not in chart_files()] == []
    announced = set(re.findall(r'rel="modulepreload" href="static/([^"]+)"', html))
    assert announced == scripts_of(f"{name}.js")
    assert ("bokeh" in html) == (name in CHARTED)


def test_the_language_is_the_one_asked_for_else_chosen_before_else_the_browsers(bare: Served) -> None:
    def language(path: str = "", accept: str = "", cookie: str = "") -> str:
        headers = {name: value for name, value in {"accept-language": accept, "cookie": cookie}.items() if value}
        return httpx.get(bare.url + path, headers=headers).headers["content-language"]

    assert language() == "en"
    assert language(accept="nn-NO,nn;q=0.9,en;q=0.3") == "nb"
    assert language(accept="fr,de-AT;q=0.7,en;q=0.8") == "en"
    assert language(accept="de", cookie="ledig_language=nb") == "nb"
    assert language("use?lang=de", accept="nb", cookie="ledig_language=nb") == "de"
    assert language("?lang=xx", accept="de;q=nonsense,nb") == "nb"
    answer = httpx.get(f"{bare.url}size?lang=nb")
    assert "ledig_language=nb" in answer.headers["set-cookie"]
    assert "set-cookie" not in httpx.get(f"{bare.url}size?lang=<b>").headers

"""The page's files: how they are served, and that they keep to a strict policy."""

import re
from pathlib import Path

import httpx
import pytest

from dashboards.web import STATIC, page
from tests.web.served import Served

SCRIPTS = sorted(STATIC.glob("*.js"))


def test_the_page_is_served_at_the_root(bare: Served) -> None:
    answer = httpx.get(bare.url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == page()


@pytest.mark.parametrize("path", ["", *(f"static/{file.name}" for file in sorted(STATIC.iterdir()))])
def test_a_file_is_asked_for_again_each_time_and_not_sent_twice(bare: Served, path: str) -> None:
    first = httpx.get(bare.url + path)
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in first.headers["content-security-policy"]
    assert "unsafe" not in first.headers["content-security-policy"]
    again = httpx.get(bare.url + path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_scripts_have_the_type_that_browsers_insist_on(bare: Served) -> None:
    for file in SCRIPTS:
        kind = httpx.get(f"{bare.url}static/{file.name}").headers["content-type"]
        assert kind.split(";")[0] == "text/javascript"


@pytest.mark.parametrize("path", ["static/nothing.js", "static/../index.html", "static/%2e%2e/__init__.py", "static/"])
def test_nothing_but_the_files_is_served(bare: Served, path: str) -> None:
    assert httpx.get(bare.url + path).status_code == 404


def test_the_html_has_no_inline_script_style_or_handler() -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)", page())
    assert not re.search(r"<style|\sstyle=|\son\w+=", page())


def test_the_html_and_style_sheets_name_no_other_host() -> None:
    for text in (page(), *(file.read_text(encoding="utf-8") for file in STATIC.glob("*.css"))):
        assert not re.search(r"https?://|@import", text)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_scripts_never_parse_data_as_html(script: Path) -> None:
    """Names from site files are text: not one of the ways in is used."""
    text = script.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function", text
    )


def test_scripts_and_style_sheets_stay_small() -> None:
    sizes = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in SCRIPTS}
    assert {name: lines for name, lines in sizes.items() if lines > 220} == {}
    assert sum(file.stat().st_size for file in STATIC.iterdir()) < 120_000


def test_every_script_is_used_and_every_import_exists() -> None:
    imported = {
        name for file in SCRIPTS for name in re.findall(r'from "\./(\w+\.js)"', file.read_text(encoding="utf-8"))
    }
    assert imported | {"main.js"} == {file.name for file in SCRIPTS}


def test_every_file_that_the_html_names_exists() -> None:
    names = re.findall(r'(?:src|href)="static/([^"]+)"', page())
    assert len(names) > 3
    assert [name for name in names if not (STATIC / name).is_file()] == []


def test_the_html_announces_every_script_so_that_none_waits_for_another() -> None:
    announced = re.findall(r'rel="modulepreload" href="static/([^"]+)"', page())
    assert sorted([*announced, "main.js"]) == [file.name for file in SCRIPTS]

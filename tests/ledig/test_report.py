"""`ledig report` as people run it: one file that needs nothing else, in three languages; else plain words."""

import os
import re
import subprocess
import sys
import threading
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import NoReturn

import pytest

from dashboards.report.numbers import NOTHING
from dashboards.words import LANGUAGES, words
from ledig.commandline import parser_of
from ledig.main import run
from ledig.report import report_house
from ledig.settings import load_settings
from store.embedded.duck import EmbeddedStore
from store.opening import open_store
from store.protocol import StoreError
from tests.ledig.test_sizing import filled, site_file
from tests.programs import required


class Text(HTMLParser):
    """What people read: headings, cells, definitions; no scripts, no styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.fetched: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        self.fetched += [value for name, value in attrs if name in {"src", "href"} and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.parts.append(data.strip())

    @property
    def text(self) -> str:
        """Return all of it."""
        return "\n".join(self.parts)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site file: three flexible desks, two fixed ones without readings."""
    return site_file(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store with thirteen weeks; not to be changed."""
    return filled(tmp_path_factory.mktemp("store"), weeks=13)


def reported(data: Path, house: Path, out: Path, *more: str) -> int:
    """Run the command."""
    return run(["report", "--data", str(data), "--sites", str(house), "--out", str(out), *more])


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_one_file_in_the_language_asked_for(language: str, data: Path, house: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert reported(data, house, out, "--language", language) == 0
    html = out.read_text(encoding="utf-8")
    page, told = Text(html), words(language)
    assert page.fetched == [], "it fetches something"
    assert f'<html lang="{language}">' in html
    for key in ("use.title", "use.peaks_1d", "report.stays", "size.title", "report.forecast"):
        assert told(key) in page.parts, key
    for key in ("utilisation", "planning_peak", "dwell", "days_a_month", "coverage"):
        assert told(f"definition.{key}") in page.parts, key
    assert not re.search(r"\bnan\b|\bNone\b|\{\w+\}", page.text), "something was left unsaid"
    assert "own-0" not in html, "a fixed desk is one member's own"


def test_it_says_what_follows_and_how_sure_that_is(data: Path, house: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert reported(data, house, out) == 0
    page = Text(out.read_text(encoding="utf-8"))
    # Desks 0 and 2 on one day, desk 1 on the next: two at once on the days that count, for every member.
    assert "On 19 of 20 days at most 2 of 5 flexible desks are in use at once" in page.text
    # From nothing ever being short no upper bound follows but that of chance.
    assert "without a desk, 2 (2 or more) flexible desks are needed; 5 are installed" in page.text
    assert "100%" in page.parts, "the coverage"


def test_a_window_of_which_nothing_is_known_says_so(house: Path, tmp_path: Path) -> None:
    silent = filled(tmp_path / "store", weeks=2, silent=True)
    out = tmp_path / "report.html"
    assert reported(silent, house, out) == 0
    page = Text(out.read_text(encoding="utf-8"))
    assert words("en")("report.nothing_known") in page.parts
    assert words("en")("reason.no data") in page.parts
    at = page.parts.index(words("en")("figure.utilisation"))
    assert page.parts[at + 1] == NOTHING, "silence is no emptiness"


def test_names_from_the_site_file_stay_text(data: Path, tmp_path: Path) -> None:
    house = site_file(tmp_path / "house")
    path = house / "site.toml"
    path.write_text(path.read_text("utf-8").replace('"Hut"', '"<script>alert(1)</script>"'), "utf-8")
    out = tmp_path / "report.html"
    assert reported(data, house, out) == 0
    assert "<script>alert(1)" not in out.read_text(encoding="utf-8")


def test_a_pdf_is_printed_with_its_pictures(data: Path, house: Path, tmp_path: Path) -> None:
    required("chromium")
    out = tmp_path / "report.pdf"
    assert reported(data, house, out) == 0
    printed = out.read_bytes()
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 50_000, "pictures and tables are missing"


NOBODY_LISTENS = """
import socket, sys

listen = socket.socket.listen

def refuse(own, *arguments):
    if own.family != socket.AF_UNIX:
        raise AssertionError("somebody listens")
    listen(own, *arguments)

socket.socket.listen = refuse
from ledig.commandline import parser_of
from ledig.main import run
from ledig.report import report_house
from ledig.settings import load_settings
from store.embedded.duck import EmbeddedStore
from store.opening import open_store
from store.protocol import StoreError
sys.exit(run(sys.argv[1:]))
"""


def test_it_listens_nowhere_while_it_writes_whatever_key_viewers_need(data: Path, house: Path, tmp_path: Path) -> None:
    """Neither where another process holds the store nor where it has the store itself, and answers others for it."""
    (tmp_path / "key").write_text("a-viewer-key-of-the-tests")
    out = tmp_path / "report.html"
    command = [sys.executable, "-c", NOBODY_LISTENS, "report", "--data", str(data), "--sites", str(house)]
    environment = {**os.environ, "LEDIG_API_KEY_FILE": str(tmp_path / "key")}
    with closing(open_store(data)):
        subprocess.run([*command, "--out", str(out)], env=environment, check=True, timeout=120)
    if sys.platform == "linux":
        subprocess.run([*command, "--out", str(out)], env=environment, check=True, timeout=120)
    assert "flexible desks are in use at once" in out.read_text(encoding="utf-8")


def test_it_loads_nothing_that_serves(data: Path, house: Path, tmp_path: Path) -> None:
    code = f"{NOBODY_LISTENS.rpartition('sys.exit')[0]}\nrun(sys.argv[1:])\nprint(*sys.modules, sep='\\n')"
    command = [sys.executable, "-c", code, "report", "--data", str(data), "--sites", str(house)]
    with closing(open_store(data)):
        done = subprocess.run(
            [*command, "--out", str(tmp_path / "report.html")], capture_output=True, text=True, check=True, timeout=120
        )
    assert not {"fastapi", "pydantic", "starlette", "uvicorn"} & set(done.stdout.splitlines())


def test_a_store_that_fails_meanwhile_ends_it_and_nothing_is_written(
    data: Path, house: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report of which half is missing would pass for one of an empty house."""

    def fail(*_: object) -> NoReturn:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(EmbeddedStore, "read", fail)
    out = tmp_path / "report.html"
    assert reported(data, house, out) == 2
    assert "ledig report: the disk is gone" in capfd.readouterr().err
    assert not out.exists()


def test_it_can_be_stopped_between_two_questions(
    data: Path, house: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stop = threading.Event()
    stop.set()
    flags = {"data": str(data), "sites": [str(house)]}
    parsed = parser_of(["report"]).parse_args(["report", "--out", str(tmp_path / "report.html")])
    assert report_house(parsed, load_settings(None, {}, flags), stop) == 1
    assert "stopped; nothing was written" in capfd.readouterr().err
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--site", "hat"), "the settings name no site 'hat'; did you mean hut?"),
        (("--from", "2026-03-01", "--to", "2026-02-01"), "no day lies from 2026-03-01 to before 2026-02-01"),
        (("--from", "2030-01-01"), "no day lies from 2030-01-01"),
        (("--out", "/proc/none/report.html"), "there is no folder /proc/none"),
    ],
)
def test_bad_input_is_told_in_a_line(
    more: tuple[str, ...], said: str, data: Path, house: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert reported(data, house, data / "report.html", *more) == 2
    error = capfd.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_without_chromium_there_is_no_pdf_and_it_says_what_to_do(
    data: Path, house: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert reported(data, house, tmp_path / "report.pdf") == 2
    assert "a PDF needs Chromium, and none is installed; write HTML" in capfd.readouterr().err


def test_a_folder_without_a_store_is_told(house: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert reported(tmp_path / "nowhere", house, tmp_path / "report.html") == 2
    assert "there is no store in" in capfd.readouterr().err

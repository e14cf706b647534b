"""`ledig report`: one file for a planner and a board, from what a store knows of a house."""

import shutil
import subprocess
import tempfile
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tqdm import tqdm

from dashboards.answers.questions import Question
from dashboards.report.asked import Answered, Ask, asking
from dashboards.words import LANGUAGES
from ledig.arguments import add_one_site, day
from ledig.extent import extent_of
from ledig.looking import context_at
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.sites import one_site
from ledig.stopping import StoppedError, say, stopped
from ledig.stores import store_to_read
from spaces.site import Site
from spaces.times import Millis, rfc3339, to_datetime
from store.protocol import Store

WEEKS = 13
"""Looked back over unless told otherwise: a quarter."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ASKED = 15
"""Questions that a report asks: for the bar alone."""
_PRINTING = 120
_PAPER = "728,1000"
"""Pixels of a window in which pictures get as wide as an A4 page of the report."""


def add_report(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig report`."""
    add_one_site(command)
    command.add_argument(
        "--from", dest="first", type=day, metavar="DAY", help=f"first day (default: {WEEKS} weeks back)"
    )
    command.add_argument("--to", dest="end", type=day, metavar="DAY", help="the first day after the last")
    command.add_argument("--language", choices=LANGUAGES, default="en", help="of the report (default: en)")
    command.add_argument("--out", type=Path, metavar="FILE", help="HTML, or PDF where a Chromium is installed (*.pdf)")


def report_house(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Write the report of a house; return the exit status.

    Raises:
        CommandError: there is nothing to report on, or it cannot be written, with why.
        StoreError: the store cannot be read.
    """
    site = one_site(settings, arguments.site)
    from dashboards.report.writing import write_report  # noqa: PLC0415 - what draws is for this command alone

    out: Path = arguments.out or Path(f"ledig-{site.id}-{arguments.language}.html")
    if not out.parent.is_dir():
        raise CommandError(f"{out} cannot be written: there is no folder {out.parent}")
    browser = _browser() if out.suffix == ".pdf" else None
    with store_to_read(settings) as store:
        start, end, now = _window(site, store, arguments)
        answers = asking(context_at(settings, store, now), site, (start, end))
        try:
            with _watched(answers, stop) as ask:
                html = write_report(ask, site, (start, end), now, arguments.language)
        except StoppedError:
            return stopped("nothing was written")
    _write(out, html, browser)
    say(f"{out} reports on {site.name} from {rfc3339(start)} to {rfc3339(end)}")
    return 0


def _browser() -> str:
    """Return a Chromium.

    Raises:
        CommandError: there is none.
    """
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise CommandError("a PDF needs Chromium, and none is installed; write HTML (--out FILE.html) and print that")
    return found


@contextmanager
def _watched(ask: Ask, stop: threading.Event) -> Iterator[Ask]:
    """Give what asks until somebody stops it, then raises StoppedError, and shows how far that is."""
    with tqdm(desc="asked", total=_ASKED, leave=False) as bar:

        def watched(question: Question) -> Answered:
            if stop.is_set():
                raise StoppedError
            answer = ask(question)
            bar.update()
            return answer

        yield watched


def _window(site: Site, store: Store, arguments: Namespace) -> tuple[Millis, Millis, Millis]:
    """Return begin and end of the days reported on, and the moment of the last reading, by which it is written."""
    extent = extent_of(site, store)
    if extent is None:
        raise CommandError(f"the store has no readings of {site.id}")
    now = extent.last + 1
    last = to_datetime(extent.last).astimezone(site.tz).date() + timedelta(days=1)
    end = min(arguments.end or last, last)
    first = arguments.first or max(end - timedelta(weeks=WEEKS), to_datetime(extent.first).astimezone(site.tz).date())
    if first >= end:
        there = f"readings of {site.id} are from {rfc3339(extent.first)} to {rfc3339(extent.last)}"
        raise CommandError(f"no day lies from {first} to before {end}; {there}")
    return site.midnight(first), min(site.midnight(end), now), now


def _write(out: Path, html: str, browser: str | None) -> None:
    try:
        if browser is None:
            out.write_text(html, encoding="utf-8")
        else:
            _print(browser, html, out)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror or error}") from error


def _print(browser: str, html: str, out: Path) -> None:
    """Print a page to PDF, with its pictures drawn."""
    with tempfile.TemporaryDirectory() as folder:
        page, pdf = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        command = [
            browser, "--headless", "--no-sandbox", f"--window-size={_PAPER}", "--disable-gpu",
            f"--user-data-dir={folder}/browser", "--virtual-time-budget=20000",
            "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=_PRINTING, check=True)  # noqa: S603 - found on PATH
        except (subprocess.SubprocessError, OSError) as error:
            raise CommandError(f"{browser} does not print: {error}; write HTML and print that") from error
        if not pdf.exists():
            raise CommandError(f"{browser} printed nothing; write HTML (--out FILE.html) and print that")
        shutil.copyfile(pdf, out)

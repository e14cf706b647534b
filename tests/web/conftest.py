"""A real browser, once a worker, and a fresh page a test that must behave."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from dashboards.web import mount
from tests.programs import required
from tests.web.house import House
from tests.web.look import Look
from tests.web.screenshot import LAUNCH
from tests.web.served import Served
from tests.web.small import NOW, small_site, week


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    program = required("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(LAUNCH))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def bare() -> Iterator[Served]:
    """The page's files alone, without an API behind them."""
    app = FastAPI(openapi_url=None)
    mount(app)
    with Served(app) as served:
        yield served


@pytest.fixture
def look(browser: Browser) -> Iterator[Look]:
    """Open pages that must behave: no error in the console, nothing asked of another origin."""
    looking = Look(browser)
    yield looking
    looking.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The small house with a week of readings."""
    site = small_site()
    with House(tmp_path, [site], NOW, list(week(site))) as opened:
        yield opened

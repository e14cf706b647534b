"""A real browser, once a worker, and a fresh page a test that must behave."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from dashboards.web import mount
from tests.programs import required
from tests.web.served import Served

LAUNCH = [
    "--no-sandbox",  # Chromium refuses to run as root with it, and CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    program = required("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=LAUNCH)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def bare() -> Iterator[Served]:
    """The page's files alone, without an API behind them."""
    app = FastAPI(openapi_url=None)
    mount(app)
    with Served(app) as served:
        yield served

"""Looking at the page as a person does, and noticing what a person would not."""

from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

WAIT = 60_000
"""Milliseconds to wait for what the page does by itself; far more than it takes."""
expect.set_options(timeout=WAIT)


class Look:
    """Opens pages and keeps what went wrong on them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._origins: set[str] = set()

    def __call__(self, url: str, **context: Any) -> Page:
        """Open an address in a context of its own, and return the page when it shows the house and its figures."""
        page = self.blank(url, **context)
        page.goto(url)
        ready(page)
        return page

    def blank(self, url: str, **context: Any) -> Page:
        """Return a page that is watched and has not gone anywhere yet."""
        options = {"viewport": {"width": 1280, "height": 900}, "timezone_id": "Asia/Tokyo", **context}
        opened = self._browser.new_context(**options)
        opened.set_default_timeout(WAIT)
        self._contexts.append(opened)
        self._origins.add(origin(url))
        page = opened.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened: before its server, which a page would go on asking."""
        while self._contexts:
            self._contexts.pop().close()

    def close(self) -> None:
        """Close what was opened, and hold the page to its word."""
        with self:
            pass
        assert self.errors == [], self.errors
        assert {origin(url) for url in self.requests} <= self._origins | {"data:"}


def origin(url: str) -> str:
    """Return the origin of an address.

    >>> origin("http://127.0.0.1:80/v1?x"), origin("data:image/png;base64,AA")
    ('http://127.0.0.1:80', 'data:')
    """
    return "data:" if url.startswith("data:") else "/".join(url.split("/")[:3])


READY = {
    "now": ["#day .chart-slot", "#floors[aria-busy=false] [data-space]"],
    "use": ["#content[aria-busy=false]", ".heat tbody td[data-known]"],
    "size": ["#answer:not(:empty)"],
    "sensors": ["#sensors-note:not(:empty)"],
    "kiosk": ["#floors[aria-busy=false] [data-space]"],
}


def ready(page: Page) -> None:
    """Wait until a page shows the house and its figures."""
    for selector in READY[page.locator("html").get_attribute("data-page") or "now"]:
        page.wait_for_selector(selector, timeout=WAIT, state="attached")


def shown_states(page: Page) -> dict[str, str]:
    """Return the state that the page shows of each space."""
    script = "marks => marks.map(mark => [mark.dataset.space, mark.dataset.state])"
    return dict(page.locator("[data-space]").evaluate_all(script))


def space(page: Page, name: str) -> Locator:
    """Return the mark of a space."""
    return page.locator(f"[data-space='{name}']")


def until_state(page: Page, name: str, state: str) -> None:
    """Wait until the page shows a space in a state."""
    page.wait_for_selector(f"[data-space='{name}'][data-state={state}]", timeout=WAIT)


SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""Pixels that the document is wider than the window."""


def charts_fit(page: Page) -> None:
    """Wait until every chart is painted as wide as its slot: nothing of it is cut off."""
    page.wait_for_function(CHARTS_FIT)


CHARTS_FIT = """() => {
    const painted = (root) => [...root.querySelectorAll('*')].flatMap((node) =>
        [...(node.tagName === 'CANVAS' ? [node] : []), ...(node.shadowRoot ? painted(node.shadowRoot) : [])]);
    return [...document.querySelectorAll('.chart-frame')].every((slot) => {
        const wide = painted(slot).map((canvas) => canvas.getBoundingClientRect().width);
        return wide.length > 0 && wide.every((width) => width > 0 && Math.abs(width - slot.clientWidth) <= 1);
    });
}"""


def settled(page: Page) -> None:
    """Wait until what is shown is of the moment that is looked at."""
    page.wait_for_selector("#floors[aria-busy=false]", timeout=WAIT)

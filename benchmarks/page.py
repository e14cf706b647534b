"""`page.paint`: how long a browser takes until it paints something of a page, against a second.

A real Chromium with an empty cache, where there is one, over four weeks of the demo's house, served by a real uvicorn
in a process of its own. Each page is opened a few times; the row is of the slowest page's middle time.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks.api import NOW
from benchmarks.dashboard import fill
from benchmarks.rows import Row, emit
from benchmarks.serving import serve, serving
from tests.programs import path_of
from tests.web.screenshot import LAUNCH

BOUND = 1_000.0
PAGES = ("", "use", "size", "sensors", "kiosk")
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the row."""
    program = path_of("chromium")
    if program is None:
        return
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        fill(folder, 28)
        browser = playwright.chromium.launch(executable_path=program, args=list(LAUNCH))
        with serving("benchmarks.page", folder) as port:
            painted = {page: _painted(browser, f"http://127.0.0.1:{port}/{page}", 3 if quick else 9) for page in PAGES}
        browser.close()
    slowest = max(painted, key=lambda page: painted[page])
    text = f"ms until something is painted, with an empty cache (the slowest of {len(PAGES)} pages, /{slowest})"
    yield Row("page.paint", painted[slowest], BOUND, text, BOUND / painted[slowest])


def _painted(browser: Browser, url: str, times: int) -> float:
    found = []
    for _ in range(times):
        with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
            page = context.new_page()
            page.goto(url)
            page.wait_for_function(PAINT)
            found.append(float(page.evaluate(PAINT)))
    return median(found)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), NOW, rollups=True)
    else:
        for row in rows(quick="--quick" in sys.argv):
            emit(row)

"""The README's pictures of the pages, taken of a running ledig.

    make demo &
    .venv/bin/python -m tests.web.screenshot http://127.0.0.1:8080/ docs

Every picture is taken anew, under the names in `PICTURES`. `--all FOLDER` takes each page at phone and desktop width,
light and dark, for those who work on them.
"""

import argparse
import shutil
import sys
from itertools import product
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from dashboards.web.pages import ADDRESSES, CHARTED
from tests.web.look import ready

LAUNCH = (
    "--no-sandbox",  # Chromium refuses to run as root with it, and CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-GB",  # of the browser's own parts, such as date fields
)
MOST = 300_000
"""Bytes that a picture in the repository may have."""
WIDTHS = {"desktop": (1440, 1010), "phone": (390, 844)}
SCREENS = {**WIDTHS, "hallway": (1920, 1080)}
LOW = 480
"""Height of a window of which the whole page is taken: a short page leaves no empty ground beneath."""


class Picture(NamedTuple):
    """One picture: of which page, how."""

    page: str
    width: str = "desktop"
    dark: bool = False
    view: str = ""
    whole: bool = False


PICTURES = {
    "page.png": Picture("now"),
    "page-dark.png": Picture("now", dark=True),
    "page-phone.png": Picture("now", "phone"),
    "page-use.png": Picture("use", view="#window=quarter", whole=True),
    "page-size.png": Picture("size", view="#level=1", whole=True),
    "page-sensors.png": Picture("sensors", whole=True),
    "page-kiosk.png": Picture("kiosk", "hallway"),
}


def take(browser: Browser, address: str, picture: Picture, target: Path) -> int:
    """Take one picture of a ledig; return its size in bytes."""
    width, height = SCREENS[picture.width]
    page = browser.new_page(
        viewport={"width": width, "height": LOW if picture.whole else height},
        color_scheme="dark" if picture.dark else "light",
        locale="en-GB",
        device_scale_factor=2 if picture.width == "phone" and not picture.whole else 1,
    )
    page.goto(f"{address}{ADDRESSES[picture.page].removeprefix('.')}{picture.view}")
    ready(page)
    if picture.page in CHARTED:
        page.wait_for_selector(".bk-Figure", state="attached")
    page.wait_for_timeout(1_500)  # colours that are on their way arrive, charts are painted
    page.screenshot(path=target, full_page=picture.whole)
    page.close()
    return target.stat().st_size


def wanted(folder: Path, *, every: bool) -> dict[Path, Picture]:
    """Return the pictures to take by their files."""
    if not every:
        return {folder / name: picture for name, picture in PICTURES.items()}
    each = product(ADDRESSES, WIDTHS, (False, True))
    return {
        folder / f"{page}-{width}-{'dark' if dark else 'light'}.png": Picture(page, width, dark, whole=page != "kiosk")
        for page, width, dark in each
    }


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description="Take pictures of the pages of a running ledig.")
    parser.add_argument("address", help="where ledig answers, http://127.0.0.1:8080/ say")
    parser.add_argument("folder", type=Path, help="where the PNG files go")
    parser.add_argument("--all", action="store_true", help="each page, at each width, light and dark")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(LAUNCH))
        sizes = {
            file: take(browser, chosen.address, picture, file)
            for file, picture in wanted(chosen.folder, every=chosen.all).items()
        }
        browser.close()
    large = {file.name: size for file, size in sizes.items() if size > MOST}
    if large and not chosen.all:
        sys.exit(f"more than the {MOST} bytes of a picture in the repository: {large}")


if __name__ == "__main__":
    main()

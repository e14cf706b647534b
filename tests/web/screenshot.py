"""The README's picture of the page, taken of a running ledig.

    make demo &
    .venv/bin/python -m tests.web.screenshot http://127.0.0.1:8080/ docs/page.png

`--dark`, `--phone` and `--at 2026-05-04T08:00:00Z` show the page otherwise; `--whole` takes all of its length.
"""

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

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


def take(address: str, target: Path, *, dark: bool, phone: bool, whole: bool, at: str | None) -> int:
    """Take a picture of the page at an address; return its size in bytes."""
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 1010}
    view = f"#at={at}" if at else ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(LAUNCH))
        page = browser.new_page(
            viewport={"width": size["width"], "height": size["height"]},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            device_scale_factor=2 if phone else 1,
        )
        page.goto(address + view)
        ready(page)
        page.wait_for_timeout(1_000)  # colours that are on their way arrive
        page.screenshot(path=target, full_page=whole)
        browser.close()
    return target.stat().st_size


def main() -> None:
    """Take the picture that the command line asks for."""
    parser = argparse.ArgumentParser(description="Take a picture of the page of a running ledig.")
    parser.add_argument("address", help="where ledig answers, http://127.0.0.1:8080/ say")
    parser.add_argument("target", type=Path, help="the PNG file to write")
    parser.add_argument("--dark", action="store_true", help="in dark colours")
    parser.add_argument("--phone", action="store_true", help="as on a phone")
    parser.add_argument("--whole", action="store_true", help="the page's whole length")
    parser.add_argument("--at", help="a past moment, RFC 3339")
    chosen = parser.parse_args()
    size = take(chosen.address, chosen.target, dark=chosen.dark, phone=chosen.phone, whole=chosen.whole, at=chosen.at)
    if size > MOST:
        sys.exit(f"{chosen.target} has {size} bytes, more than the {MOST} of a picture in the repository")


if __name__ == "__main__":
    main()

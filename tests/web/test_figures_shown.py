"""The day, the weeks: figures on the page are the API's, with their definitions."""

import math

from playwright.sync_api import Page, expect

from spaces.times import DAY, rfc3339
from tests.web.house import House
from tests.web.look import WAIT, Look
from tests.web.small import NOW

MIDNIGHT = NOW // DAY * DAY - 3_600_000
"""Berlin's, in November."""
DESKS = {"kind": "desk", "assignment": "flexible", "group": "site"}


def _percent(share: float) -> str:
    """Round half up, as browsers do; a little is not nothing."""
    text = "<1" if 0 < share < 0.01 else str(math.floor(share * 100 + 0.5))
    return f"{text}\u202f%"


def test_todays_utilisation_and_peak_are_the_apis_with_their_definitions(house: House, look: Look) -> None:
    today = {"from": rfc3339(MIDNIGHT), "to": rfc3339(NOW), "bucket": "1d", **DESKS}
    use = house.ask("utilisation", **today)[0]
    peak = house.ask("peaks", **today)[0]
    page = look(house.url)
    figure = page.locator("[data-figure=utilisation]")
    expect(figure.locator(".big")).to_have_text(_percent(use["utilisation"]))
    expect(figure.locator(".note")).to_contain_text(_percent(use["coverage"]))
    expect(page.locator("[data-figure=peak] .big")).to_have_text(str(peak["peak"]))
    expect(page.locator("[data-figure=peak]")).to_contain_text("of 8 at once")
    page.locator("#day summary").click()
    expect(page.locator("#day .definitions dd").first).to_be_visible()
    assert all(page.locator("#day .definitions dd").all_inner_texts())


def test_each_hour_of_today_has_a_bar_that_says_its_figure(house: House, look: Look) -> None:
    hours = house.ask("utilisation", **{"from": rfc3339(MIDNIGHT), "to": rfc3339(NOW), "bucket": "1h", **DESKS})
    known = [_percent(row["utilisation"]) for row in hours if row["utilisation"] is not None]
    page = look(house.url)
    bars = page.locator(".chart-slot[data-known=yes]")
    labels = [bar.get_attribute("aria-label") or "" for bar in bars.all()]
    assert len(labels) == len(known) > 0
    assert all(f", {share} in use" in label for share, label in zip(known, labels, strict=True))
    assert labels[0].startswith("08:00\u201309:00")


def test_the_heat_map_holds_the_apis_cells_and_hatches_what_is_null(house: House, look: Look) -> None:
    start = rfc3339(MIDNIGHT - 27 * DAY)
    rows = house.ask("heatmap", **{"from": start, "to": rfc3339(NOW), **DESKS})
    cells = {row["weekday"] * 24 + row["hour"]: row["utilisation"] for row in rows}
    page = look(f"{house.url}use")
    assert _cells(page) == {place: cells[place] is not None for place in _cells(page)}
    assert {place for place, share in cells.items() if share is not None} <= set(_cells(page))
    known, null = (page.locator(f".heat tbody td[data-known={answer}]").first for answer in ("yes", "no"))
    assert "repeating-linear-gradient" in null.evaluate("node => getComputedStyle(node).backgroundImage")
    assert known.evaluate("node => getComputedStyle(node).backgroundImage") == "none"
    expect(known).to_contain_text("in use")
    assert page.locator(".heat th[scope=row]").count() == 7


def _cells(page: Page) -> dict[int, bool]:
    script = "cells => cells.map(cell => [Number(cell.dataset.place), cell.dataset.known === 'yes'])"
    return dict(page.locator(".heat tbody td").evaluate_all(script))


def test_rooms_have_figures_of_their_own(house: House, look: Look) -> None:
    page = look(house.url)
    with page.expect_response(lambda answer: "/peaks" in answer.url and "kind=room" in answer.url):
        page.locator("[data-of=rooms]").click()
    expect(page.locator("[data-of=rooms]")).to_have_attribute("aria-pressed", "true")
    assert page.locator("#floors").get_attribute("aria-busy") == "false", "the plans are what they were"
    expect(page.locator("[data-figure=peak]")).to_contain_text("of 3 at once")
    page.wait_for_url("**/*#of=rooms", timeout=WAIT)

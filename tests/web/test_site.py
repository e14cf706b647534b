"""The site as people walk it: finder, figures, sizes, sensors, the hallway screen; in their language."""

import json
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboards.api import streamchannel
from dashboards.web.pages import ADDRESSES
from dashboards.words import words
from spaces.times import DAY, MINUTE, rfc3339
from tests.web.house import House
from tests.web.look import SIDEWAYS, Look, charts_fit, ready, space, until_state
from tests.web.small import NOW, ZONE, reading, small_site

PAGES = {name: address.removeprefix(".") for name, address in ADDRESSES.items()}
LIVE = 1.0
"""Seconds in which a page is to show something, and then a change."""


@pytest.fixture(scope="module")
def axe() -> Axe:
    return Axe()


@pytest.mark.parametrize(
    "look_of",
    ["now en light", "use de dark", "size nb light", "sensors de dark", "kiosk nb light"],
)
def test_a_page_speaks_one_language_fits_a_phone_and_axe_finds_nothing_serious(
    house: House, look: Look, axe: Axe, look_of: str
) -> None:
    name, language, scheme = look_of.split()
    page = look(f"{house.url}{PAGES[name]}?lang={language}", color_scheme=scheme)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("footer")).to_contain_text(
        words(language)("page.privacy" if name != "kiosk" else "kiosk.leave")
    )
    charts_fit(page)
    found = axe.run(page)["violations"]
    serious = {item["id"]: item["nodes"][0]["html"] for item in found if item["impact"] in {"serious", "critical"}}
    assert serious == {}
    seen = page.locator("body").inner_text()
    assert not re.search(r"\{\w+\}|undefined|NaN|\[object", seen)
    page.set_viewport_size({"width": 320, "height": 800})
    charts_fit(page)
    assert page.evaluate(SIDEWAYS) <= 0


@pytest.mark.parametrize("name", ["use", "size"])
def test_a_chart_that_has_not_heard_of_a_narrower_window_makes_the_page_no_wider(
    house: House, look: Look, name: str
) -> None:
    """What a chart is told by an observer of sizes comes late on a busy machine; here it is held back."""
    page = look.blank(f"{house.url}{name}")
    page.add_init_script(HELD)
    page.goto(f"{house.url}{name}")
    ready(page)
    charts_fit(page)
    page.evaluate("() => { window.held = []; }")
    page.set_viewport_size({"width": 320, "height": 800})
    page.wait_for_function("() => window.held.length > 0 && innerWidth === 320")
    assert page.evaluate(SIDEWAYS) <= 0
    page.evaluate("() => { const calls = window.held; window.held = null; calls.forEach((call) => call()); }")
    charts_fit(page)
    assert page.evaluate(SIDEWAYS) <= 0


HELD = """
    const Observer = window.ResizeObserver;
    window.ResizeObserver = class extends Observer {
        constructor(tell) {
            super((...news) => window.held ? window.held.push(() => tell(...news)) : tell(...news));
        }
    };
"""


def test_a_change_is_on_the_screen_within_a_second(house: House, look: Look) -> None:
    """The best of a few: how busy the machine is besides is not the page's."""
    page = look(house.url)
    look.requests.clear()
    best = 60.0
    for used in (True, False, True, False):
        house.say("desk-0", used=used)
        began = time.monotonic()
        until_state(page, "desk-0", "occupied" if used else "vacant")
        best = min(best, time.monotonic() - began)
    assert best < LIVE
    assert not any("/status" in url for url in look.requests)


def test_a_desk_that_was_just_left_is_perhaps_free_and_later_free(
    house: House, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamchannel, "BEAT", 0.2)
    house.say("desk-0", used=True)
    page = look(house.url)
    house.say("desk-0", used=False)
    until_state(page, "desk-0", "vacant")
    expect(space(page, "desk-0")).to_have_attribute("data-perhaps", "yes")
    expect(space(page, "desk-0")).to_have_attribute("aria-label", re.compile("perhaps free.*somebody may come back"))
    expect(page.locator("[data-tile=desks] .unknown-count")).to_contain_text("perhaps")
    expect(page.locator("[data-goto=desk-0]")).to_contain_text("left 0 min ago")
    house.now += 31 * MINUTE
    expect(space(page, "desk-0")).not_to_have_attribute("data-perhaps", "yes")
    expect(page.locator("[data-goto=desk-0]")).to_contain_text("free for 31 min")


def test_the_finder_leads_to_a_place_and_is_about_now(house: House, look: Look) -> None:
    page = look(house.url)
    item = page.locator("#find-list [data-goto]").first
    name = item.get_attribute("data-goto")
    item.click()
    assert page.evaluate("() => document.activeElement.dataset.space") == name
    found = page.locator("[data-found]")  # a click shows no focus ring: the place is marked all the same
    expect(found).to_have_attribute("data-space", str(name))
    assert found.locator("rect").first.evaluate("node => getComputedStyle(node).strokeWidth") == "3px"
    page.locator("#find-kind [data-kind=room]").click()
    rooms = [row["space"] for row in house.ask("status", kind="room") if row["state"] == "vacant"]
    listed = page.locator("#find-list [data-goto]").evaluate_all("nodes => nodes.map(node => node.dataset.goto)")
    assert sorted(listed) == sorted(rooms)
    page.locator("#find-floor").select_option("f0")
    expect(page.locator("#find-count")).to_have_text("No room is free now.")
    page.locator("[data-step=-day]").click()
    expect(page.locator("#find-count")).to_contain_text("go back to now")


def test_quiet_time_to_come_is_the_stretches_that_the_forecast_names(house: House, look: Look) -> None:
    page = look(house.url)
    answer = httpx.get(f"{house.url}v1/sites/small/forecast", params={"kind": "desk", "assignment": "flexible"}).json()
    best = sorted(answer["meta"]["best"], key=lambda stretch: stretch["from"])
    assert best
    items = page.locator("#quiet li")
    expect(items).to_have_count(len(best))
    for number, stretch in enumerate(best):
        begin, end = (datetime.fromisoformat(stretch[name]).astimezone(ZoneInfo(ZONE)) for name in ("from", "to"))
        shown = f"{begin:%a} {begin.day} Nov, {begin:%H:%M}\u2013{end:%H:%M}"
        expect(items.nth(number)).to_contain_text(f"{shown}up to {round(stretch['median'])} of 8 in use")


def test_a_house_without_weeks_behind_it_has_no_quiet_time_and_says_so(tmp_path: Path, look: Look) -> None:
    with House(tmp_path, [small_site()], NOW) as empty, look:
        page = look(empty.url)
        expect(page.locator("#quiet .note")).to_have_text("no data")


def test_pickers_change_the_figures_and_the_address(house: House, look: Look) -> None:
    page = look(f"{house.url}use")
    use = page.locator("[data-figure=utilisation] .big")
    expect(use).to_contain_text("%")
    expect(page.locator("[data-figure=peak]")).to_contain_text("of 8")
    expect(page.locator("[data-figure=utilisation]")).to_have_attribute(
        "data-tip", re.compile("Occupied time divided by known time.*of open time known", re.DOTALL)
    )
    page.locator("select[name=of]").select_option("rooms")
    page.locator("select[name=window]").select_option("week")
    page.wait_for_url("**/use#of=rooms&window=week")
    ready(page)
    week = {"from": rfc3339(NOW // DAY * DAY - 3_600_000 - 6 * DAY), "to": rfc3339(NOW)}
    rows = house.ask("utilisation", kind="room", bucket="1h", **week)
    share = sum(row["occupied_hours"] or 0 for row in rows) / sum(row["known_hours"] or 0 for row in rows)
    expect(use).to_have_text(f"{share * 100:.0f}\u202f%")
    expect(page.locator("[data-figure=peak]")).to_contain_text("of 3")
    page.locator("select[name=group]").select_option("kind")
    expect(page.locator("#compared tbody tr")).to_have_count(1)


def test_figures_that_cannot_be_had_say_so_and_come_back_by_themselves(house: House, look: Look) -> None:
    page = look.blank(f"{house.url}use")
    body = json.dumps({"title": "Service Unavailable", "status": 503, "detail": "The store is being opened"})
    kind = "application/problem+json"
    for path in ("**/utilisation**", "**/sites/*/notes**"):
        page.route(path, lambda route: route.fulfill(status=503, body=body, content_type=kind))
    page.goto(f"{house.url}use")
    expect(page.locator("#notice")).to_contain_text("The store is being opened")
    expect(page.locator("[data-figure=utilisation] .note")).to_have_text("The store is being opened")
    expect(page.locator("[data-figure=peak] .big")).not_to_have_text("\u2013")
    expect(page.locator("#notes .trouble")).to_contain_text("The store is being opened")
    expect(page.get_by_text("No notes in this window.")).to_be_hidden()
    page.unroute("**/sites/*/notes**")
    page.unroute("**/utilisation**")  # the page asks again within seconds
    expect(page.locator("[data-figure=utilisation] .big")).to_contain_text("%")
    expect(page.locator("#notice")).to_be_hidden()
    look.errors.clear()  # the browser's own words about the refusals


def test_figures_can_be_downloaded_as_numbers_and_as_a_picture(house: House, look: Look) -> None:
    page = look(f"{house.url}use")
    page.wait_for_selector("#over-time .bk-Figure", state="attached")
    with page.expect_download() as numbers:
        page.locator("#over-time .tools a").click()
    text = Path(numbers.value.path()).read_text(encoding="utf-8")
    assert text.startswith("time,group,utilisation")
    assert numbers.value.suggested_filename.endswith(".csv")
    for card in ("over-time", "day-peaks", "heat"):
        with page.expect_download() as picture:
            page.locator(f"#{card} .tools button").click()
        assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
    page.locator("#day-peaks summary").click()
    rows = house.ask("peaks", bucket="1d", kind="desk", assignment="flexible", **FOUR_WEEKS)
    expect(page.locator("#day-peaks tbody tr")).to_have_count(sum(row["peak"] is not None for row in rows))


@pytest.mark.parametrize(
    ("window", "title", "bucket"),
    [("today", "Hourly peaks", "1h"), ("week", "Daily peaks", "1d"), ("year", "Weekly peaks", "1w")],
)
def test_peaks_are_of_hours_days_or_weeks_and_called_so(
    house: House, look: Look, window: str, title: str, bucket: str
) -> None:
    page = look(f"{house.url}use#window={window}")
    expect(page.locator("#day-peaks h2")).to_have_text(title)
    expect(page.locator("#day-peaks .tools a")).to_have_attribute("href", re.compile(f"bucket={bucket}"))


FOUR_WEEKS = {"from": rfc3339(NOW // DAY * DAY - 3_600_000 - 27 * DAY), "to": rfc3339(NOW)}


def test_a_note_is_written_shown_and_removed(house: House, look: Look) -> None:
    page = look(f"{house.url}use?lang=nb")
    page.locator("#notes input[type=date]").fill("2026-11-17")
    page.locator("#notes input[type=text]").fill("<b>Julebord</b>")
    page.locator("#notes button[type=submit]").click()
    item = page.locator("#notes li", has_text="<b>Julebord</b>")
    expect(item).to_be_visible()
    assert [row["text"] for row in house.ask("notes", **FOUR_WEEKS)] == ["<b>Julebord</b>"]
    item.locator("button").click()
    expect(item).to_be_hidden()
    assert house.ask("notes", **FOUR_WEEKS) == []


SIZING: dict[str, Any] = {
    "meta": {"generated": rfc3339(NOW), "site": "small", "installed": 8, "members": 20, "members_now": 20, "weeks": 20},
    "rows": [
        {
            "desks": desks,
            "days_a_month": max(0.0, 12.0 - 2 * desks),
            "days_a_month_lo": max(0.0, 11.0 - 2 * desks),
            "days_a_month_hi": max(0.0, 13.0 - 2 * desks),
            "full": 0.5,
            "short": 0.1,
            "unserved_hours": 3.0,
            "imputed": desks > 8,
            "reason": None,
        }
        for desks in range(1, 13)
    ],
}


def test_sliders_move_the_answer_and_the_band_at_once(house: House, look: Look) -> None:
    page = look.blank(f"{house.url}size")
    asked: list[str] = []

    def answer(route: object, request: object) -> None:
        asked.append(request.url)  # type: ignore[attr-defined]
        route.fulfill(json=SIZING)  # type: ignore[attr-defined]

    page.route("**/sizing**", answer)
    page.goto(f"{house.url}size")
    expect(page.locator("#answer")).to_have_text(
        "For 20 members and at most 1 day a month with a shortage, 6 desks are needed."
    )
    expect(page.locator("#answer-more")).to_contain_text("To be on the safe side of the interval: 6 desks.")
    page.wait_for_selector("#curve .bk-Figure", state="attached")
    before = len(asked)
    page.locator("#level").focus()
    page.keyboard.press("ArrowRight")  # two days: known already, nothing is asked
    expect(page.locator("#answer")).to_contain_text("2 days a month with a shortage, 5 desks")
    assert len(asked) == before
    page.locator("#members").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#members-out")).to_have_text("21")
    page.wait_for_url("**/size#members=21&level=2")
    assert any("members=21" in url for url in asked)


def test_the_dashed_part_of_the_curve_is_labelled_and_explained(house: House, look: Look) -> None:
    """It begins where demand was censored, which may be below the desks that are installed."""
    meta = {**SIZING["meta"], "censored_share": 0.02}
    rows = [{**row, "imputed": row["desks"] > 6, "days_a_month_hi": row["days_a_month"] + 2} for row in SIZING["rows"]]
    page = look.blank(f"{house.url}size")
    page.route("**/sizing**", lambda route: route.fulfill(json={"meta": meta, "rows": rows}))
    page.goto(f"{house.url}size")
    expect(page.locator("#answer-more")).to_contain_text("Only up to 6 desks is the curve what was measured")
    expect(page.locator("#answer-more")).to_contain_text("No number of desks is on the safe side of the interval")
    expect(page.locator("#curve .chart-legend")).to_contain_text("estimated, beyond what was measured")
    page.locator("#curve summary").click()
    expect(page.locator("#curve tbody tr", has_text="(estimated)")).to_have_count(6)
    rows[:] = [{**row, "imputed": True} for row in rows]
    page.reload()
    expect(page.locator("#answer-more")).to_contain_text("The whole curve is estimated")


def test_where_sizes_cannot_be_told_the_page_says_why(house: House, look: Look) -> None:
    page = look.blank(f"{house.url}size")
    body = json.dumps({"title": "Unprocessable", "status": 422, "detail": "the history is too short"})
    page.route("**/sizing**", lambda route: route.fulfill(status=422, body=body, content_type="application/json"))
    page.goto(f"{house.url}size")
    expect(page.locator("#answer")).to_have_text("This could not be read: the history is too short")
    look.errors.clear()


def test_a_silent_sensor_is_acknowledged_for_all_who_look(house: House, look: Look) -> None:
    page = look(f"{house.url}sensors")
    row = page.locator("[data-sensor=s-desk-7]")
    row.locator("button").click()
    row.locator("input").fill("battery ordered")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("battery ordered, acknowledged Thu 19 Nov")
    other = look(f"{house.url}sensors")
    other.locator("[data-show=acknowledged]").click()
    expect(other.locator("[data-sensor]")).to_have_count(1)
    expect(other.locator("[data-sensor=s-desk-7]")).to_contain_text("battery ordered")
    row.locator("button").click()
    expect(row.locator("button")).to_have_text("Acknowledge")


def test_a_sensor_that_no_space_claims_is_shown_with_what_to_do(house: House, look: Look) -> None:
    site = house.site
    stray = reading(site, site.space_by_id["desk-0"], house.now, used=True)
    house.live.note([type(stray)(site.id, "stray", stray.time, stray.time, occupied=True)])
    page = look(f"{house.url}sensors")
    expect(page.locator("#strangers")).to_contain_text("1 sensor reports that no space claims.")
    expect(page.locator("#strangers pre")).to_contain_text("stray,SPACE")
    page.locator("[data-show=unmapped]").click()
    expect(page.locator("[data-sensor]")).to_have_count(1)
    page.locator("#sensors-search").fill("nothing like it")
    expect(page.locator("[data-sensor]")).to_have_count(0)


def test_the_hallway_screen_counts_and_follows(house: House, look: Look) -> None:
    page = look(f"{house.url}kiosk")
    free = [row["space"] for row in house.ask("status", kind="room") if row["state"] == "vacant"]
    expect(page.locator("[data-total=rooms] strong")).to_have_text(str(len(free)))
    house.say(free[0], used=True)
    expect(page.locator("[data-total=rooms] strong")).to_have_text(str(len(free) - 1))
    assert page.locator("#content button, #content input, #content select").count() == 0


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920), (1366, 768)])
def test_a_hallway_screen_shows_all_floors_at_once_and_fills_the_screen(
    house: House, look: Look, width: int, height: int
) -> None:
    page = look(f"{house.url}kiosk#floor=no-such", viewport={"width": width, "height": height})
    expect(page.locator(".floor")).to_have_count(2)
    beyond = "() => document.documentElement.scrollHeight - innerHeight"
    assert page.evaluate(beyond) <= 0
    plans = page.locator(".plan").evaluate_all("plans => plans.map(plan => plan.getBoundingClientRect().bottom)")
    assert max(plans) > 0.85 * height


def test_a_hallway_screen_of_one_floor_counts_that_floor(house: House, look: Look) -> None:
    page = look(f"{house.url}kiosk#floor=f1")
    expect(page.locator(".floor")).to_have_count(1)
    expect(page.locator("[data-total=desks]")).to_contain_text("of 8")


def test_links_lead_from_page_to_page_and_keep_the_site(house: House, look: Look) -> None:
    page = look(f"{house.url}?lang=en#site=small")
    for name in ("use", "size", "sensors"):
        page.locator(f"nav.pages a[href^={name}]").click()
        page.wait_for_url(f"**/{name}#site=small")
        expect(page.locator("nav.pages [aria-current=page]")).to_have_count(1)
        expect(page.locator("#site-name")).to_have_text("Small House")
    page.locator("footer a[hreflang=de]").click()
    page.wait_for_url("**/sensors?lang=de#site=small")
    _says(page, "Sensoren")
    page.goto(f"{house.url}use")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    ready(page)


def _says(page: Page, text: str) -> None:
    expect(page.locator("h2").last).to_have_text(text)

"""The house at any past moment, and back."""

import time

from playwright.sync_api import Page, Route, expect

from spaces.times import DAY, HOUR, MINUTE, rfc3339
from tests.web.house import House
from tests.web.look import WAIT, Look, settled, shown_states
from tests.web.small import NOW

YESTERDAY = NOW - DAY
PAUSE = 0.12
"""Seconds between two questions of the page at least (poll.js)."""


def _is_past(page: Page, when: str) -> None:
    expect(page.locator("#moment-kind")).to_have_text("The past")
    expect(page.locator("#moment")).to_have_text(when)
    expect(page.locator("html")).to_have_attribute("data-view", "past")


def _agrees(page: Page, house: House, at: int) -> None:
    settled(page)
    assert shown_states(page) == {name: state or "fixed" for name, state in house.states(at).items()}


def test_a_typed_moment_is_shown_as_the_past_and_one_click_leads_back(house: House, look: Look) -> None:
    page = look(house.url)
    page.locator("#when").fill("2026-11-18T10:30")
    _is_past(page, "Wed 18 Nov, 10:30")
    _agrees(page, house, YESTERDAY)
    expect(page.locator("#day-title")).to_have_text("Wed 18 Nov")
    page.locator("#to-now").click()
    expect(page.locator("#moment-kind")).to_have_text("Now")
    expect(page.locator("#to-now")).to_be_hidden()
    settled(page)
    assert shown_states(page) == {name: state or "fixed" for name, state in house.states().items()}
    expect(page.locator("#day-title")).to_have_text("Today")


def test_a_past_view_can_be_linked_to(house: House, look: Look) -> None:
    at = NOW - 3 * DAY - 2 * HOUR
    page = look(f"{house.url}#site=small&at={rfc3339(at)}")
    _is_past(page, "Mon 16 Nov, 08:30")
    _agrees(page, house, at)


def test_another_link_in_the_same_window_is_followed(house: House, look: Look) -> None:
    page = look(house.url)
    page.goto(f"{house.url}#at={rfc3339(YESTERDAY)}")
    _is_past(page, "Wed 18 Nov, 10:30")
    _agrees(page, house, YESTERDAY)


def test_nonsense_in_the_address_is_no_trouble(house: House, look: Look) -> None:
    page = look(f"{house.url}#at=yesterday&site=nowhere&of=%3Cscript%3E")
    expect(page.locator("#moment-kind")).to_have_text("Now")
    expect(page.locator("#site-name")).to_have_text("Small House")


def test_steps_go_back_and_forth_and_end_at_now(house: House, look: Look) -> None:
    page = look(house.url)
    page.locator("[data-step=-quarter]").click()
    _is_past(page, "Thu 19 Nov, 10:15")
    page.locator("[data-step=-day]").click()
    _is_past(page, "Wed 18 Nov, 10:15")
    _agrees(page, house, YESTERDAY - 15 * MINUTE)
    page.wait_for_url("**/*#*at=2026-11-18T09:15:00Z", timeout=WAIT)
    page.locator("[data-step='+day']").click()
    page.locator("[data-step='+quarter']").click()
    expect(page.locator("#moment-kind")).to_have_text("Now")


def test_the_slider_moves_within_the_day_and_by_keyboard(house: House, look: Look) -> None:
    page = look(house.url)
    page.locator("#scrub").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    _is_past(page, "Thu 19 Nov, 10:15")
    page.keyboard.press("Home")
    _is_past(page, "Thu 19 Nov, 00:00")
    _agrees(page, house, NOW - 10 * HOUR - 30 * MINUTE)
    page.keyboard.press("End")
    expect(page.locator("#moment-kind")).to_have_text("Now")


def test_plans_of_an_older_moment_are_shown_as_such(house: House, look: Look) -> None:
    """Better than none while the slider moves, and never taken for those of the moment that is named above them."""
    page = look(house.url)
    held: list[Route] = []
    page.route("**/status**", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/status**"):
        page.locator("[data-step=-day]").click()
    page.locator("[data-step=-quarter]").click()
    _is_past(page, "Wed 18 Nov, 10:15")
    page.evaluate(NOTED)
    held[0].continue_()
    _agrees(page, house, YESTERDAY - 15 * MINUTE)
    older = {name: state or "fixed" for name, state in house.states(YESTERDAY).items()}
    noted = page.evaluate("() => window.noted")
    assert {busy for busy, states in noted if dict(states) == older} == {"true"}


NOTED = """() => {
    window.noted = [];
    const floors = document.querySelector('#floors');
    const note = () => window.noted.push([floors.getAttribute('aria-busy'),
        [...document.querySelectorAll('[data-space]')].map((mark) => [mark.dataset.space, mark.dataset.state])]);
    new MutationObserver(note).observe(floors, {subtree: true, attributes: true});
}"""


def test_the_slider_asks_no_faster_than_it_is_answered(house: House, look: Look) -> None:
    page = look(house.url)
    look.requests.clear()
    began = time.monotonic()
    for _ in range(60):
        page.locator("#scrub").evaluate("node => { node.stepDown(1); node.dispatchEvent(new Event('input')); }")
    _is_past(page, "Thu 19 Nov, 05:30")
    _agrees(page, house, NOW - 5 * HOUR)
    most = (time.monotonic() - began) / PAUSE + 2
    assert 1 <= sum("/status" in url for url in look.requests) <= most


def test_the_slider_of_a_day_with_a_clock_change_has_that_days_length(house: House, look: Look) -> None:
    """Asked of a link: the house has no readings so far back, and says that nothing is known."""
    page = look(f"{house.url}#at=2026-10-25T12:00:00Z")
    _is_past(page, "Sun 25 Oct, 13:00")
    assert page.locator("#scrub").get_attribute("max") == str(25 * 60)
    assert page.locator("#scrub").input_value() == str(14 * 60)
    assert set(shown_states(page).values()) == {"unknown", "fixed"}

"""When the API is away, slow or unwatched: the page says so, waits, and comes back by itself."""

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.web.house import House
from tests.web.look import WAIT, Look, space, until_state
from tests.web.small import HOSTILE, NOW, small_site, week


def test_an_outage_is_said_plainly_and_ends_by_itself(house: House, look: Look) -> None:
    page = look(house.url)
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    house.served.stop()
    page.wait_for_selector("#connection[data-state=lost]")
    expect(page.locator("#notice")).to_contain_text("No answer from ledig")
    expect(page.locator("#notice")).to_contain_text("from 10:30:")
    assert page.locator("[data-space]").count() == len(house.site.spaces), "what was known stays, with its age"
    house.served.start()
    page.wait_for_selector("#connection[data-state=live]")
    expect(page.locator("#notice")).to_be_hidden()
    used = house.states()["desk-0"] == "vacant"
    house.say("desk-0", used=used)
    until_state(page, "desk-0", "occupied" if used else "vacant")
    assert all("ERR_CONNECTION" in error or "ERR_EMPTY" in error for error in look.errors)
    look.errors.clear()  # the browser's own words about the refused connections


def test_a_page_opened_before_the_api_is_up_fills_itself(house: House, look: Look) -> None:
    page = look.blank(house.url)
    page.route(
        "**/v1/**", lambda route: route.fulfill(status=503, content_type="application/problem+json", body=PROBLEM)
    )
    page.goto(house.url)
    expect(page.locator("#notice")).to_contain_text("The store is being opened")
    page.unroute("**/v1/**")
    expect(page.locator("#site-name")).to_have_text("Small House")
    expect(page.locator("#notice")).to_be_hidden()
    assert all("503" in error for error in look.errors)
    look.errors.clear()


PROBLEM = '{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The store is being opened"}'


def test_one_panel_that_fails_leaves_the_others_alone(house: House, look: Look) -> None:
    page = look.blank(house.url)
    page.route("**/heatmap**", lambda route: route.fulfill(status=500, body="<h1>not JSON</h1>"))
    page.goto(f"{house.url}use")
    expect(page.locator("#heat .trouble")).to_contain_text("could not be read: ledig answered 500")
    expect(page.locator("[data-figure=utilisation] .big")).to_contain_text("%")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    look.errors.clear()


def test_a_slow_answer_is_waited_for_and_never_asked_for_twice_at_once(house: House, look: Look) -> None:
    page = look(house.url)
    held: list[Route] = []
    holding = [True]
    page.route("**/status**", lambda route: held.append(route) if holding[0] else route.continue_())
    for _ in range(2):
        page.locator("[data-step=-quarter]").click()
        page.wait_for_timeout(500)
    assert len(held) == 1
    holding[0] = False
    held[0].continue_()
    page.wait_for_selector("#floors[aria-busy=false]")
    expect(page.locator("#moment")).to_have_text("Thu 19 Nov, 10:00")


def test_nothing_is_asked_while_nobody_looks(house: House, look: Look) -> None:
    page = look(house.url)
    _hide(page, hidden=True)
    page.wait_for_timeout(500)  # what was under way ends
    look.requests.clear()
    page.wait_for_timeout(5_000)
    assert look.requests == []
    with page.expect_request("**/live"):
        _hide(page, hidden=False)


def _hide(page: Page, *, hidden: bool) -> None:
    """Tell the page that its tab is out of sight; headless Chromium has no tabs to hide."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
            document.dispatchEvent(new Event('visibilitychange'));
        }""",
        hidden,
    )


def test_names_are_text_whatever_they_hold(tmp_path: Path, look: Look) -> None:
    site, other = small_site(HOSTILE), small_site("Other", "other", simulated=False)
    with House(tmp_path, [site, other], NOW, [*week(site)]) as house, look:
        page = look(house.url)
        expect(page.locator("#site-name")).to_have_text(HOSTILE)
        assert page.locator("main img, header img").count() == 0
        assert page.title().endswith(HOSTILE)


def test_several_sites_have_a_choice_that_the_address_keeps(tmp_path: Path, look: Look) -> None:
    site, other = small_site(), small_site("Other & Sons", "other", simulated=False)
    with House(tmp_path, [site, other], NOW, [*week(site)]) as house, look:
        page = look(house.url)
        choice = page.locator("#site-choice select")
        expect(choice).to_be_visible()
        choice.select_option("other")
        expect(page.locator("#site-name")).to_have_text("Other & Sons")
        expect(page.locator("#simulated")).to_be_hidden()
        until_state(page, "desk-0", "unknown")
        page.wait_for_url("**/*#site=other", timeout=WAIT)
        page.reload()
        expect(page.locator("#site-name")).to_have_text("Other & Sons")
        expect(space(page, "own-0")).to_have_attribute("data-state", "fixed")


def test_a_house_without_a_reading_is_unknown_and_not_vacant(tmp_path: Path, look: Look) -> None:
    with House(tmp_path, [small_site()], NOW) as house, look:
        page = look(house.url)
        expect(page.locator("[data-tile=desks] .unknown-count")).to_have_text("8 unknown")
        expect(page.locator("[data-figure=utilisation] .big")).to_have_text("\u2013")
        page.goto(f"{house.url}sensors")
        expect(page.locator("[data-sensor=s-desk-0]")).to_contain_text("never heard")


def test_changes_leave_nothing_behind_in_the_document(house: House, look: Look) -> None:
    page = look(house.url)
    counts = []
    for used in (True, False) * 3:
        house.say("desk-0", used=used)
        until_state(page, "desk-0", "occupied" if used else "vacant")
        counts.append(page.evaluate("() => document.querySelectorAll('*').length"))
    assert counts[:2] == counts[2:4] == counts[4:]

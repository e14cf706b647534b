"""When the API is away, slow or unwatched: the page says so, waits, and comes back by itself."""

from pathlib import Path

from playwright.sync_api import Page, Request, Route, expect

from tests.web.house import House
from tests.web.look import WAIT, Look, ready, space, until_state
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
    with page.expect_request("**/status**"):
        page.locator("[data-step=-quarter]").click()
    page.locator("[data-step=-quarter]").click()
    page.wait_for_timeout(500)  # what could be asked for has been
    assert len(held) == 1
    holding[0] = False
    held[0].continue_()
    page.wait_for_selector("#floors[aria-busy=false]")
    expect(page.locator("#moment")).to_have_text("Thu 19 Nov, 10:00")


def test_nothing_is_asked_while_nobody_looks(house: House, look: Look) -> None:
    """Not in ten minutes of the page's own time."""
    page = look.blank(house.url)
    page.clock.install()
    under_way = Requests(page)
    page.goto(house.url)
    ready(page)
    _hide(page, hidden=True)
    under_way.end()
    look.requests.clear()
    page.clock.run_for(600_000)
    under_way.end()
    assert look.requests == []
    with page.expect_request("**/live"):
        _hide(page, hidden=False)


class Requests:
    """Those of a page that were begun and have not ended; its stream does not end."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open: set[Request] = set()
        page.on("request", self._begun)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _begun(self, request: Request) -> None:
        if not request.url.endswith("/live"):
            self._open.add(request)

    def _ended(self, request: Request) -> None:
        self._open.discard(request)

    def end(self) -> None:
        """Wait until all have ended, and none was begun on their heels."""
        quiet = 0
        while quiet < 3:
            self._page.wait_for_timeout(100)
            quiet = 0 if self._open else quiet + 1


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
    page = look.blank(house.url)
    under_way = Requests(page)
    page.goto(house.url)
    ready(page)
    counts = []
    for used in (True, False) * 3:
        house.say("desk-0", used=used)
        until_state(page, "desk-0", "occupied" if used else "vacant")
        under_way.end()
        counts.append(page.evaluate("() => document.querySelectorAll('*').length"))
    assert counts[:2] == counts[2:4] == counts[4:]

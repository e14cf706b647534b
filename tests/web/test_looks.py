"""Phone, dark, keyboard, print: the page is readable in all of them."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.house import House
from tests.web.look import SIDEWAYS, Look, space


@pytest.mark.parametrize("width", [320, 390, 834, 1280, 1920])
@pytest.mark.parametrize("view", ["", "#at=2026-11-18T09:00:00Z&of=rooms"])
def test_nothing_needs_scrolling_sideways(house: House, look: Look, width: int, view: str) -> None:
    page = look(house.url + view, viewport={"width": width, "height": 800})
    assert page.evaluate(SIDEWAYS) <= 0
    beyond = page.locator("main *, header *, section *").evaluate_all(
        "nodes => nodes.filter(n => n.getBoundingClientRect().right > innerWidth + 1 && !n.closest('.unseen'))"
        ".map(n => n.outerHTML.slice(0, 80))"
    )
    assert beyond == []


PAIRS = [
    ("--ink", "--paper", 7.0),
    ("--ink", "--card", 7.0),
    ("--soft", "--paper", 4.5),
    ("--soft", "--card", 4.5),
    ("--accent", "--card", 4.5),
    ("--accent", "--paper", 4.5),
    ("--trouble", "--trouble-paper", 4.5),
    ("--trouble", "--card", 4.5),
    ("--past", "--paper", 4.5),
    ("--past-ink", "--past", 4.5),
    ("--ink", "--past-paper", 4.5),
    ("--ink", "--vacant", 4.5),
    ("--ink", "--unknown", 4.5),
    ("--ink", "--fixed", 4.5),
    ("--ink", "--occupied-light", 4.5),
    ("--soft", "--zone", 4.5),
    ("--soft", "--plan", 4.5),
    ("--occupied-ink", "--occupied", 4.5),
    # Marks that carry meaning, against what they stand on: 3 to 1 (WCAG 1.4.11).
    ("--vacant-edge", "--plan", 3.0),
    ("--vacant-edge", "--vacant", 3.0),
    ("--occupied-edge", "--plan", 3.0),
    ("--unknown-edge", "--plan", 3.0),
    ("--good", "--card", 3.0),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_the_contrast_that_reading_needs(house: House, look: Look, scheme: str) -> None:
    page = look(house.url, color_scheme=scheme)
    short = {}
    for front, back, least in PAIRS:
        ratio = _contrast(_colour(page, front), _colour(page, back))
        if ratio < least:
            short[front, back] = round(ratio, 2)
    assert short == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_as_it_is_drawn_has_contrast(house: House, look: Look, scheme: str) -> None:
    """Every line of text against the nearest ground that is painted behind it."""
    page = look(house.url, color_scheme=scheme)
    found = page.evaluate(DRAWN)
    assert len(found) > 40
    low = {text: round(_contrast(front, back), 2) for text, front, back in found if _contrast(front, back) < 4.5}
    assert low == {}


DRAWN = """() => {
    const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
    const out = [];
    for (const node of document.querySelectorAll('h1,h2,h3,p,span,strong,dt,dd,li,button,th,summary,code,time,a')) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!own || !node.checkVisibility() || node.closest('.unseen,.skip') || node.disabled) continue;
        let ground = node;
        while (ground && (rgb(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
        const paper = getComputedStyle(ground ?? document.body).backgroundColor;
        out.push([node.textContent.trim().slice(0, 40), rgb(getComputedStyle(node).color), rgb(paper)]);
    }
    return out;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_states_are_told_apart_without_hue(house: House, look: Look, scheme: str) -> None:
    """Free and in use differ in lightness by far; unknown has a pattern; so nobody needs to see colours."""
    page = look(house.url, color_scheme=scheme)
    assert _contrast(_colour(page, "--vacant"), _colour(page, "--occupied")) >= 1.9
    assert "url(" in space(page, "desk-7").locator("rect").evaluate("node => getComputedStyle(node).fill")


def _colour(page: Page, name: str) -> list[float]:
    value = page.evaluate("name => getComputedStyle(document.documentElement).getPropertyValue(name)", name).strip()
    assert re.fullmatch("#[0-9a-f]{6}", value), f"{name} is {value!r}"
    return [int(value[index : index + 2], 16) for index in (1, 3, 5)]


def _contrast(one: list[float], other: list[float]) -> float:
    """WCAG 2.2, contrast ratio of relative luminances."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: list[float]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_space_has_a_name_and_can_be_reached_by_keyboard(house: House, look: Look) -> None:
    page = look(house.url)
    for name in house.site.space_by_id.values():
        mark = space(page, name.id)
        assert (mark.get_attribute("aria-label") or "").startswith(name.name)
        expect(mark).to_have_role("img")
    plan = page.locator("[data-floor=f1] .plan")
    assert plan.locator("[tabindex='0']").count() == 1
    plan.locator("[tabindex='0']").focus()
    reached = set()
    for key in ["Home", *["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown", "ArrowRight"] * 3, "End"]:
        page.keyboard.press(key)
        reached.add(page.evaluate("() => document.activeElement.dataset.space"))
    assert len(reached) >= 5
    assert plan.locator("[tabindex='0']").count() == 1


def test_a_tip_follows_the_focus_and_escape_puts_it_away(house: House, look: Look) -> None:
    page = look(house.url)
    page.locator("[data-floor=f1] .plan [tabindex='0']").focus()
    expect(page.locator("#tip")).to_be_visible()
    expect(page.locator("#tip")).to_contain_text("flexible desk")
    page.keyboard.press("Escape")
    expect(page.locator("#tip")).to_be_hidden()
    space(page, "alster").hover()
    expect(page.locator("#tip")).to_contain_text("room for 8")


def test_tab_goes_to_controls_and_one_stop_a_plan(house: House, look: Look) -> None:
    page = look(house.url)
    stops = "nodes => nodes.filter(n => n.tabIndex >= 0 && n.checkVisibility()).length"
    assert page.locator("main *").evaluate_all(stops) < 20
    assert page.locator("svg").evaluate_all("nodes => nodes.filter(n => n.tabIndex >= 0).length") == 0


def test_motion_is_left_out_where_it_is_not_wanted(house: House, look: Look) -> None:
    page = look(house.url, reduced_motion="reduce")
    mark = space(page, "desk-0").locator("rect")
    assert mark.evaluate("node => getComputedStyle(node).transitionProperty") in {"none", "all"}
    assert mark.evaluate("node => getComputedStyle(node).transitionDuration") == "0s"


def test_paper_has_the_house_and_no_controls(house: House, look: Look) -> None:
    page = look(house.url)
    page.emulate_media(media="print")
    expect(page.locator("#scrub")).to_be_hidden()
    expect(page.locator(".plan").first).to_be_visible()


def test_the_document_says_its_language(house: House, look: Look) -> None:
    page = look(house.url)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1

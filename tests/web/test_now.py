"""What is free now: the page says what the API says, by itself and without tearing itself down."""

import pytest
from playwright.sync_api import Page, expect

from dashboards.api import streamchannel
from spaces.times import HOUR, MINUTE
from tests.web.house import House
from tests.web.look import Look, shown_states, space, until_state


def test_a_newcomer_sees_the_house_and_that_it_is_simulated(house: House, look: Look) -> None:
    page = look(house.url)
    expect(page.locator("#site-name")).to_have_text("Small House")
    expect(page.locator("#simulated")).to_be_visible()
    expect(page.locator("#site-choice")).to_be_hidden()
    assert page.locator(".floor h2").all_inner_texts() == ["First floor", "Ground floor"]
    expect(page.locator("#moment-kind")).to_have_text("Now")


def test_times_are_the_sites_and_not_the_browsers(house: House, look: Look) -> None:
    page = look(house.url, timezone_id="America/Los_Angeles")
    expect(page.locator("#clock")).to_have_text("Thu 19 Nov, 10:30")
    expect(page.locator("#clock-note")).to_contain_text("CET")


def test_every_space_is_shown_in_the_state_that_the_api_gives(house: House, look: Look) -> None:
    shown = shown_states(look(house.url))
    expected = {name: state or "fixed" for name, state in house.states().items()}
    assert shown == expected
    assert set(shown.values()) == {"occupied", "vacant", "unknown", "fixed"}


def test_free_desks_and_rooms_are_counted_by_floor_and_in_all(house: House, look: Look) -> None:
    states = house.states()
    desks = [states[f"desk-{number}"] for number in range(8)]
    rooms = [states[name] for name in ("alster", "spree", "attic")]
    page = look(house.url)
    counts = page.locator("[data-floor=f1] .floor-counts").inner_text()
    assert counts.startswith(
        f"{desks.count('vacant')} of 8 flexible desks free, {rooms.count('vacant')} of 3 rooms free, 1 unknown"
    )
    assert page.locator("[data-tile=desks] .big").inner_text() == str(desks.count("vacant"))
    assert page.locator("[data-tile=desks] .unknown-count").inner_text().endswith("1 unknown")
    assert page.locator("[data-tile=rooms] .big").inner_text() == str(rooms.count("vacant"))
    assert page.title() == f"{desks.count('vacant')} free · Small House"


def test_people_are_shown_where_they_are_counted(house: House, look: Look) -> None:
    house.say("cafe", used=True)
    page = look(house.url)
    expect(page.locator("[data-tile=areas]")).to_contain_text("3 / 60")
    expect(space(page, "cafe")).to_contain_text("3 of 60")
    gauge = space(page, "cafe").locator(".space-gauge")
    assert float(gauge.get_attribute("height") or 0) == 0.35  # 3/60 of 7 m


def test_a_fixed_desk_is_neutral_whoever_sits_there(house: House, look: Look) -> None:
    house.say("own-0", used=True)
    house.say("own-1", used=False)
    page = look(house.url)
    marks = [space(page, f"own-{number}") for number in range(3)]
    assert {mark.get_attribute("data-state") for mark in marks} == {"fixed"}
    fills = {mark.locator("rect").evaluate("node => getComputedStyle(node).fill") for mark in marks}
    assert len(fills) == 1
    tips = {(mark.get_attribute("data-tip") or "").split("\n", 1)[1] for mark in marks}
    assert len(tips) == 1
    assert "free" not in (tip := tips.pop())
    assert "in use" not in tip
    expect(page.locator("[data-tile=desks] .of")).to_have_text("of 8")


def test_a_space_without_a_place_is_listed_beneath_the_plan(house: House, look: Look) -> None:
    page = look(house.url)
    chip = page.locator("[data-floor=f1] .beneath [data-space=attic]")
    expect(chip).to_be_visible()
    assert page.locator("svg [data-space=attic]").count() == 0


def test_a_committed_reading_shows_by_itself_and_only_its_mark_changes(house: House, look: Look) -> None:
    before = house.states()["desk-0"]
    page = look(house.url)
    page.evaluate("() => { window.kept = [...document.querySelectorAll('[data-space]')]; }")
    for used in (before == "vacant", before != "vacant"):
        house.say("desk-0", used=used)
        until_state(page, "desk-0", "occupied" if used else "vacant")
    assert page.evaluate("() => window.kept.length > 10 && window.kept.every(node => node.isConnected)")


def test_a_quiet_beat_touches_nothing_on_the_plans(house: House, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamchannel, "BEAT", 0.2)
    page = look(house.url)
    page.evaluate(COUNTED)
    _beats(page, 2)  # figures have come and the plans have their size
    page.evaluate("""() => {
        window.changes = [];
        new MutationObserver((list) => window.changes.push(...list.map((item) => item.target.outerHTML)))
            .observe(document.querySelector('#floors'), {subtree: true, childList: true, attributes: true});
    }""")
    _beats(page, 3)
    assert page.evaluate("() => window.changes") == []


COUNTED = """() => {
    window.beats = 0;
    const source = new EventSource("v1/sites/small/live");
    source.addEventListener("alive", () => { window.beats += 1; });
}"""


def _beats(page: Page, number: int) -> None:
    """Wait for beats of the stream, as another viewer hears them."""
    begun = page.evaluate("() => window.beats")
    page.wait_for_function(f"() => window.beats >= {begun + number}")


def test_silent_sensors_are_listed_with_their_space_and_how_long(house: House, look: Look) -> None:
    page = look(house.url)
    expect(page.locator("#silent-link a")).to_have_text("1 silent sensor")
    page.locator("#silent-link a").click()
    item = page.locator("[data-sensor=s-desk-7]")
    expect(item).to_contain_text("Desk 7 First floor")
    silent = next(row for row in house.ask("sensors") if row["sensor"] == "s-desk-7")
    assert silent["silent"]
    assert 5 * HOUR / MINUTE <= silent["silent_minutes"] < 6 * HOUR / MINUTE
    expect(item.locator(".sensor-state")).to_contain_text("silent for 5 h")
    assert page.locator("[data-sensor]").count() == sum(row["silent"] for row in house.ask("sensors"))


def test_unknown_is_hatched_and_says_why_nothing_is_known(house: House, look: Look) -> None:
    page = look(house.url)
    mark = space(page, "desk-7")
    assert "plan-hatch" in mark.locator("rect").evaluate("node => getComputedStyle(node).fill")
    assert "unknown" in (mark.get_attribute("aria-label") or "")

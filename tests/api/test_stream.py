"""/live: everybody who watches sees every change soon, in order, once; and of a fixed desk nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.answers.look import Looking, Seen
from dashboards.api import streamchannel
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import HOUR, MINUTE, rfc3339
from tests.api.office import NOW, Office, office, said, week
from tests.api.shapes import assert_problem
from tests.api.viewing import watching


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Office]:
    """An office that tests change."""
    with Office(tmp_path, list(week(office()))) as opened:
        yield opened


def test_a_newcomer_gets_what_status_says(live: Office) -> None:
    with watching(live.url, "office") as viewer:
        assert viewer.response.headers["content-type"].startswith("text/event-stream")
        assert viewer.response.headers["cache-control"] == "no-store"
        first = viewer.next()
    assert first.name == "state"
    assert first.meta["site"] == "office"
    status = [{name: row[name] for name in ("space", "state", "people", "reason")} for row in live.ask("status")]
    assert [{name: row[name] for name in ("space", "state", "people", "reason")} for row in first.rows] == status


def test_a_change_comes_alone_and_says_since_when(live: Office) -> None:
    space = live.site.space_by_id["mixed-0"]
    with watching(live.url, "office") as viewer:
        state = next(row["state"] for row in viewer.next().rows if row["space"] == "mixed-0")
        live.now += MINUTE
        live.note(said(live.site, space, live.now - 20_000, used=state == "vacant"))
        change = viewer.next("change")
    (row,) = change.rows
    assert (row["space"], row["state"]) == ("mixed-0", "occupied" if state == "vacant" else "vacant")
    assert row["since"] == rfc3339(live.now - 20_000)
    assert change.meta["generated"] == rfc3339(live.now)


def test_many_changes_within_a_moment_come_together(live: Office) -> None:
    with watching(live.url, "office") as viewer:
        before = {row["space"]: row["state"] for row in viewer.next().rows}
        live.now += MINUTE
        desks = [live.site.space_by_id[f"mixed-{number}"] for number in range(4)]
        live.note(*(said(live.site, desk, live.now, used=before[desk.id] != "occupied") for desk in desks))
        assert {row["space"] for row in viewer.next("change").rows} == {desk.id for desk in desks}


def test_who_comes_back_is_told_what_was_missed_and_no_more(live: Office) -> None:
    space = live.site.space_by_id["mixed-1"]
    with watching(live.url, "office") as viewer:
        first = viewer.next()
    used = next(row["state"] for row in first.rows if row["space"] == "mixed-1") == "occupied"
    with watching(live.url, "office", last=first.id) as viewer:
        assert viewer.next().rows == []
        live.now += MINUTE
        live.note(said(live.site, space, live.now, used=not used))
        missed = viewer.next("change")
    with watching(live.url, "office", last=first.id) as viewer:
        again = viewer.next()
        assert (again.name, [row["space"] for row in again.rows]) == ("change", ["mixed-1"])
        assert again.id == missed.id


@pytest.mark.parametrize("last", ["", "nonsense", "0badc0de-3", "-", "x-999999999999999999999999"])
def test_an_id_that_is_not_ours_gets_everything(live: Office, last: str) -> None:
    with watching(live.url, "office", last=last) as viewer:
        assert viewer.next().name == "state"


def test_silence_shows_without_a_word(live: Office) -> None:
    with watching(live.url, "office") as viewer:
        viewer.next()
        live.now += 3 * HOUR
        change = viewer.next("change")
    assert {row["state"] for row in change.rows if "own" not in row["space"]} == {"unknown"}


def test_whatever_a_fixed_desk_does_no_viewer_hears_of_it(live: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its state, nor when its sensor spoke, nor that it spoke at all."""
    monkeypatch.setattr(streamchannel, "BEAT", 0.3)
    with watching(live.url, "office") as viewer:
        own = {row["space"]: row for row in viewer.next().rows if "own" in row["space"]}
        assert len(own) == 9
        assert {(row["state"], row["people"], row["since"]) for row in own.values()} == {(None, None, None)}
        for minute in range(1, 4):
            live.now += MINUTE
            live.note(*(Reading("office", f"s-{name}", live.now, live.now, occupied=minute % 2 == 0) for name in own))
            viewer.next("alive", "change")
        live.note(said(live.site, live.site.space_by_id["havel"], live.now, used=True))
        live.note(said(live.site, live.site.space_by_id["mixed-2"], live.now, used=True))
        live.note(said(live.site, live.site.space_by_id["mixed-3"], live.now, used=False))
        assert not any("own" in row["space"] for row in viewer.next("change").rows)


def test_quiet_viewers_are_told_that_all_is_as_it_was(live: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamchannel, "BEAT", 0.1)
    with watching(live.url, "office") as viewer:
        first = viewer.next()
        live.now += 7_000
        while (beat := viewer.next()).meta["generated"] != rfc3339(NOW + 7_000):
            assert (beat.name, beat.id, beat.rows) == ("alive", first.id, [])
        assert (beat.name, beat.id, beat.rows) == ("alive", first.id, [])


def test_another_site_file_is_drawn_anew(live: Office) -> None:
    with watching(live.url, "office") as viewer:
        viewer.next()
        live.sites = {"office": office({"team": 6})}
        assert len(viewer.next("state").rows) == len(live.sites["office"].spaces)


def test_a_site_that_is_no_more_ends_the_stream(live: Office) -> None:
    with watching(live.url, "office") as viewer:
        viewer.next()
        live.sites = {}
        assert viewer.ends()


def test_many_watch_and_one_looks(live: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[None] = []
    look = Looking.look

    def counted(looking: Looking, site: Site) -> Seen:
        looks.append(None)
        return look(looking, site)

    monkeypatch.setattr(Looking, "look", counted)
    seen: list[str] = []
    ready = threading.Barrier(21)

    def view() -> None:
        with watching(live.url, "office") as viewer:
            viewer.next()
            ready.wait(30)
            seen.append(viewer.next("change").rows[0]["space"])

    threads = [threading.Thread(target=view) for _ in range(20)]
    for thread in threads:
        thread.start()
    ready.wait(30)
    before = len(looks)
    live.note(Reading("office", "s-havel", NOW + 1, NOW + 1, occupied=True))
    live.note(Reading("office", "s-elbe", NOW + 1, NOW + 1, people=4))
    live.now += MINUTE
    for thread in threads:
        thread.join(30)
    assert len(seen) == 20
    assert len(looks) - before < 20


def test_what_cannot_be_watched_is_refused(live: Office) -> None:
    assert_problem(live.get("v1/sites/nowhere/live"), 404)
    assert_problem(live.get("v1/sites/office/live", floor="f1"), 422)


def test_too_many_are_told_where_else_to_ask(live: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.api.stream.MOST_VIEWERS", 1)
    with watching(live.url, "office") as viewer:
        viewer.next()
        refused = live.get("v1/sites/office/live")
    assert_problem(refused, 503)
    assert refused.headers["retry-after"] == "30"


def test_the_head_of_a_stream_ends(live: Office) -> None:
    answer = live.get("v1/sites/office/live", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_server_that_stops_lets_viewers_go_at_once(tmp_path: Path) -> None:
    with Office(tmp_path, list(week(office()))) as house, watching(house.url, "office") as viewer:
        viewer.next()
        house._served.stop()
        assert viewer.ends()

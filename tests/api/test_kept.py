"""What people write down: kept whole, bounded, on the server, and by nobody else's page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dashboards.answers import entries
from dashboards.api import ApiSettings
from spaces.reading import Reading
from tests.api.office import NOW, Office, office
from tests.api.shapes import assert_problem

NOTES = "v1/sites/office/notes"
KNOWN = "v1/sites/office/acknowledgements"
WINDOW = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T00:00:00Z"}


@pytest.fixture
def open_office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path / "data", settings=ApiSettings(kept=tmp_path / "kept")) as house:
        yield house


def _send(house: Office, method: str, path: str, **more: object) -> int:
    return house._client.request(method, path, **more).status_code  # type: ignore[arg-type]


def _texts(house: Office) -> list[str]:
    return [row["text"] for row in house.ask("notes", **WINDOW) if row["kind"] == "note"]


def test_a_note_is_kept_shown_and_let_go(open_office: Office, tmp_path: Path) -> None:
    answer = open_office._client.post(NOTES, json={"date": "2026-11-12", "text": "Fire drill <b>at</b> ten"})
    assert answer.status_code == 201
    name = answer.json()["id"]
    assert _texts(open_office) == ["Fire drill <b>at</b> ten"]
    assert open_office.ask("notes") == []  # today has none
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["notes-office.json"]
    with Office(tmp_path / "data-2", settings=ApiSettings(kept=tmp_path / "kept")) as again:
        assert _texts(again) == ["Fire drill <b>at</b> ten"]
    assert _send(open_office, "DELETE", f"{NOTES}/{name}") == 204
    assert _texts(open_office) == []
    assert_problem(open_office.get(f"{NOTES}/{name}", method="DELETE"), 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"date": "2026-11-12"},
        {"date": "12.11.2026", "text": "x"},
        {"date": "2026-02-30", "text": "x"},
        {"date": "2026-11-12", "text": ""},
        {"date": "2026-11-12", "text": "x" * 201},
        {"date": "2026-11-12", "text": 5},
        {"date": "2026-11-12", "text": "x", "more": 1},
        [],
    ],
)
def test_what_is_no_note_is_refused(open_office: Office, body: object) -> None:
    assert_problem(open_office._client.post(NOTES, json=body), 422)
    assert _texts(open_office) == []


def test_nothing_but_json_from_our_own_page_is_taken(open_office: Office) -> None:
    good = {"date": "2026-11-12", "text": "x"}
    assert_problem(open_office._client.post(NOTES, data={"date": "2026-11-12", "text": "x"}), 415)
    strange = {"sec-fetch-site": "cross-site"}
    assert_problem(open_office._client.post(NOTES, json=good, headers=strange), 403)
    assert _send(open_office, "POST", NOTES, json=good, headers={"sec-fetch-site": "same-origin"}) == 201
    assert_problem(open_office._client.delete(f"{NOTES}/x", headers=strange), 403)
    huge = b'{"date": "2026-11-12", "text": "' + b"x" * 5_000 + b'"}'
    answer = open_office._client.post(NOTES, content=huge, headers={"content-type": "application/json"})
    assert_problem(answer, 413)


def test_there_is_an_end_to_what_is_kept(open_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST", 2)
    codes = [_send(open_office, "POST", NOTES, json={"date": "2026-11-12", "text": str(n)}) for n in range(3)]
    assert codes == [201, 201, 409]
    assert sorted(_texts(open_office)) == ["0", "1"]


def test_a_file_that_cannot_be_read_is_said_and_not_overwritten(open_office: Office, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    file = tmp_path / "kept" / "notes-office.json"
    file.write_text("{ broken")
    assert_problem(open_office.get(NOTES, **WINDOW), 503)
    assert_problem(open_office._client.post(NOTES, json={"date": "2026-11-12", "text": "x"}), 503)
    assert file.read_text() == "{ broken"


def test_the_site_files_own_days_are_listed_with_their_hours_and_names(tmp_path: Path) -> None:
    site = office()
    day, half, let = date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 5)
    rule = replace(
        site.calendars[0], holidays="DE-BE", exceptions={day: (), half: ((480, 720),)}, hire={let: ((1080, 1440),)}
    )
    with Office(tmp_path, site=replace(site, calendars=(rule,))) as house:
        rows = house.ask("notes", **{"from": "2026-10-01T00:00:00Z", "to": "2026-11-30T00:00:00Z"})
    assert [(row["date"], row["kind"], row["hours"], row["text"]) for row in rows] == [
        ("2026-10-03", "closed", None, "Tag der Deutschen Einheit"),
        ("2026-11-03", "closed", None, None),
        ("2026-11-04", "hours", "08:00-12:00", None),
        ("2026-11-05", "hire", "18:00-24:00", None),
    ]
    assert {row["id"] for row in rows} == {None}


def test_a_sensor_is_acknowledged_and_that_is_withdrawn(open_office: Office) -> None:
    assert _send(open_office, "PUT", f"{KNOWN}/s-havel", json={"note": " battery ordered "}) == 204
    (row,) = open_office.ask("acknowledgements")
    assert (row["sensor"], row["note"]) == ("s-havel", "battery ordered")
    assert _send(open_office, "PUT", f"{KNOWN}/s-havel", json={}) == 204
    assert [row["note"] for row in open_office.ask("acknowledgements")] == [""]
    assert _send(open_office, "DELETE", f"{KNOWN}/s-havel") == 204
    assert open_office.ask("acknowledgements") == []
    assert_problem(open_office.get(f"{KNOWN}/s-havel", method="DELETE"), 404)


def test_a_sensor_that_nobody_heard_of_is_none(open_office: Office) -> None:
    assert_problem(open_office._client.put(f"{KNOWN}/stranger", json={}), 404)
    open_office.note(Reading("office", "stranger", NOW - 1_000, NOW, occupied=True))
    assert _send(open_office, "PUT", f"{KNOWN}/stranger", json={"note": "whose is it?"}) == 204


def test_without_a_folder_it_lasts_as_long_as_the_process(tmp_path: Path) -> None:
    with Office(tmp_path) as house:
        assert _send(house, "POST", NOTES, json={"date": "2026-11-12", "text": "x"}) == 201
        assert _texts(house) == ["x"]

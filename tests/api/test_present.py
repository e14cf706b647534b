"""What there is and what it is in: sites, spaces, status now and then, sensors."""

from dataclasses import replace
from pathlib import Path

import pytest

from spaces.reading import Reading
from spaces.site import Sensor
from spaces.times import DAY, HOUR, MINUTE, rfc3339
from tests.api.office import NOW, Office, office, said, week


def test_sites_and_one_site_have_the_same_row(house: Office) -> None:
    (row,) = house.get("v1/sites").json()["rows"]
    assert house.get("v1/sites/office").json()["rows"] == [row]
    assert (row["site"], row["zone"], row["simulated"], row["floors"], row["spaces"]) == (
        "office",
        "Europe/Berlin",
        True,
        2,
        17,
    )
    assert row["sensors"] == 16
    assert row["first"] == rfc3339(NOW - 7 * DAY - 15_000)


def test_a_house_is_simulated_only_if_it_says_so(tmp_path: Path) -> None:
    with Office(tmp_path, site=replace(office(), simulated=False)) as house:
        for path in ("", "/office", "/office/spaces", "/office/status", "/office/peaks"):
            assert house.get(f"v1/sites{path}").json()["meta"]["simulated"] is False
        assert house.get("v1/sites").json()["rows"][0]["first"] is None


def test_spaces_stand_in_the_order_of_the_file_with_where_they_are(house: Office) -> None:
    rows = house.ask("spaces")
    assert [row["space"] for row in rows] == [space.id for space in house.site.spaces]
    last, first = rows[-1], rows[0]
    assert (first["floor"], first["floor_name"], first["level"], first["zone_name"]) == ("f1", "First", 1, "Team")
    assert (first["x"], first["width"], first["sensors"]) == (1, 1.6, 1)
    assert (last["space"], last["x"], last["sensors"], last["assignment"]) == ("attic", None, 0, None)
    assert {row["space"] for row in house.ask("spaces", kind="room")} == {"elbe", "havel"}


def test_now_and_a_moment_ago_agree(house: Office) -> None:
    now, ago = house.ask("status"), house.ask("status", at=rfc3339(NOW - 1))
    assert [row["state"] for row in now[:-1]] == [row["state"] for row in ago[:-1]]
    assert [row["people"] for row in now] == [row["people"] for row in ago]
    assert {row["time"] for row in ago} == {rfc3339(NOW - 1)}
    assert house.ask("status", at=str(NOW)) == house.ask("status", at=rfc3339(NOW + 20_000)) == now


def test_a_committed_reading_is_seen_at_once(tmp_path: Path) -> None:
    with Office(tmp_path, list(week(office()))) as house:
        for used in (True, False, True):
            house.now += 1_000
            house.note(said(house.site, house.site.space_by_id["elbe"], house.now, used=used))
            (row,) = house.ask("status", space="elbe")
            assert (row["state"], row["people"]) == (("occupied", 3) if used else ("vacant", 0))
            (before,) = house.ask("status", space="elbe", at=rfc3339(house.now - 500))
            assert before["state"] != row["state"] or used


def test_what_is_unknown_says_why(tmp_path: Path) -> None:
    site = office({})
    readings = [
        said(site, site.space_by_id["mixed-0"], NOW - 3 * HOUR, used=True),
        Reading("office", "s-mixed-1", NOW - MINUTE, NOW, occupied=None),
        said(site, site.space_by_id["mixed-2"], NOW - MINUTE, used=False),
    ]
    with Office(tmp_path, readings, site=site) as house:
        rows = {row["space"]: (row["state"], row["reason"]) for row in house.ask("status")}
        assert rows["mixed-0"] == ("unknown", "silent")
        assert rows["mixed-1"] == ("unknown", "its sensor does not know")
        assert rows["mixed-2"] == ("vacant", None)
        assert rows["elbe"] == ("unknown", "never heard")
        assert rows["attic"] == ("unknown", "no sensor")
        then = {row["space"]: row["reason"] for row in house.ask("status", at=rfc3339(NOW - 5 * HOUR))}
        assert (then["mixed-0"], then["attic"]) == ("no data", "no sensor")


def test_counts_of_groups_are_those_of_their_spaces(house: Office) -> None:
    single = house.ask("status", assignment="flexible")
    (zone,) = house.ask("status", group="zone", assignment="flexible")
    states = [row["state"] for row in single]
    assert zone["group"] == "mixed"
    assert {name: zone[name] for name in ("vacant", "occupied", "unknown")} == {
        name: states.count(name) for name in ("vacant", "occupied", "unknown")
    }
    assert (zone["spaces"], zone["capacity"]) == (4, 4)
    assert zone["people"] == states.count("occupied")
    kinds = {row["group"]: row for row in house.ask("status", group="kind")}
    assert kinds["room"]["people"] is None, "one room does not count"
    assert kinds["cafe"]["people"] == house.ask("status", space="canteen")[0]["people"]


@pytest.mark.parametrize("at", ["2026-11-12T00:00:00Z", "1990-01-01T00:00:00Z"])
def test_before_the_first_reading_all_is_unknown(house: Office, at: str) -> None:
    assert {row["state"] for row in house.ask("status", at=at, assignment="flexible")} == {"unknown"}


def test_sensors_are_those_mapped_now_and_those_heard_that_nobody_claims(tmp_path: Path) -> None:
    site = office({})
    gone = Sensor("s-gone", "mixed-0", until=NOW - DAY)
    soon = Sensor("s-soon", "mixed-0", since=NOW + DAY)
    site = replace(site, sensors=(*site.sensors, gone, soon))
    stranger = Reading("office", "stranger", NOW - HOUR, NOW - HOUR + 250, occupied=True, battery=12.0)
    late = Reading("office", "s-mixed-1", NOW - 90 * MINUTE, NOW, occupied=True)
    with Office(tmp_path, [stranger, late], site=site) as house:
        rows = {row["sensor"]: row for row in house.ask("sensors")}
        assert rows.keys() == {sensor.id for sensor in office({}).sensors} | {"stranger"}
        odd, heard, never = rows["stranger"], rows["s-mixed-1"], rows["s-mixed-2"]
        assert (odd["mapped"], odd["space"], odd["silent"], odd["battery"]) == (False, None, False, 12)
        assert (odd["last"], odd["received"]) == (rfc3339(NOW - HOUR), rfc3339(NOW - HOUR + 250))
        assert (heard["silent"], heard["silent_minutes"], heard["floor"], heard["format"]) == (
            False,
            None,
            "f1",
            "native",
        )
        assert (never["silent"], never["silent_minutes"], never["last"]) == (True, None, None)
        house.now += 30 * MINUTE
        heard = next(row for row in house.ask("sensors") if row["sensor"] == "s-mixed-1")
        assert (heard["silent"], heard["silent_minutes"], heard["silence_minutes"]) == (True, 120, 120)


def test_a_changed_site_file_is_answered_from_at_once(tmp_path: Path) -> None:
    with Office(tmp_path, list(week(office()))) as house:
        assert house.ask("status", space="attic", at=rfc3339(NOW - HOUR))[0]["reason"] == "no sensor"
        sensors = tuple(replace(one, space="attic") if one.space == "havel" else one for one in house.site.sensors)
        before = house.ask("status", space="havel", at=rfc3339(NOW - HOUR))[0]["state"]
        house.sites["office"] = replace(house.site, sensors=sensors)
        (row,) = house.ask("status", space="attic", at=rfc3339(NOW - HOUR))
        assert (row["state"], row["reason"]) == (before, None)

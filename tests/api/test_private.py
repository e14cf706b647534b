"""Whatever a fixed desk does, no answer on any way out tells it."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from analytics.privacy.disclosure import FEW, OWN
from spaces.reading import Reading
from spaces.times import DAY, HOUR, MINUTE, rfc3339
from tests.api.office import NOW, Office, office, week

OWN_DESK = "team-own-0"
DAYS = {"from": rfc3339(NOW - 2 * DAY), "to": rfc3339(NOW)}
GROUPS = ("site", "floor", "zone", "kind", "space")
FILTERS: list[dict[str, str]] = [
    {},
    {"assignment": "fixed"},
    {"zone": "team"},
    {"zone": "mixed"},
    {"zone": "corner", "assignment": "fixed"},
    {"floor": "f1"},
    {"floor": "f2"},
    {"kind": "desk"},
    {"space": OWN_DESK},
    {"space": "mixed-own-0"},
]
OF_DAYS = ("sessions", "sessions/dwell", "sessions/bridges", "sessions")
OF_ROOMS = ("rooms", "rooms/parties", "rooms/mix", "bookings")
FORMS: list[dict[str, str]] = [{"format": "json"}, {"format": "csv"}]


def _ways_out() -> list[tuple[str, dict[str, Any]]]:
    """Return every route with every grouping, filter, moment and form that it takes.

    Forms and moments take turns, so that each route meets each of them under many groups and filters.
    """
    asked: list[tuple[str, dict[str, Any]]] = [
        (path, form) for path in ("", "sensors", "spaces", "acknowledgements") for form in FORMS
    ]
    asked += [("notes", {**form, **DAYS}) for form in FORMS]
    moments: list[dict[str, str]] = [{}, {"at": rfc3339(NOW - 3 * HOUR)}, {"at": rfc3339(NOW - DAY)}, {}]
    forms, whens = itertools.cycle([*FORMS, {"shape": "wide"}]), itertools.cycle(moments)
    of_days = itertools.cycle(OF_DAYS)
    for pool, chosen in itertools.product(("flexible", "fixed"), FILTERS):
        asked.append(("sizing", {"pool": pool, **chosen, **DAYS, "format": "json"}))
    for group, chosen in [*((group, {}) for group in GROUPS), *(("site", chosen) for chosen in FILTERS[1:])]:
        asked.append(("forecast", {"group": group, **chosen, "format": "json"}))
    asked += [(path, {**chosen, **DAYS}) for path in OF_ROOMS for chosen in FILTERS]
    asked += [("planning", {"group": group, **chosen, **DAYS}) for group in GROUPS for chosen in FILTERS[:5]]
    asked += [("rooms/free", {}), *((path, {"group": "zone"}) for path in ("usual", "sensors/counts"))]
    for group, chosen in itertools.product(GROUPS, FILTERS):
        form = next(forms)
        asked.append(("status", {"group": group, **chosen, **next(whens), **(form if "format" in form else {})}))
        common = {"group": group, **chosen, **form, **DAYS}
        asked.append((next(of_days), {"group": group, **chosen, **DAYS, **(form if "format" in form else {})}))
        asked += [("heatmap", common), ("utilisation", {**common, "bucket": "1h"})]
        asked.append(("availability", {**common, "bucket": "1d"}))
        asked += [("peaks", {**common, "bucket": "1d", "measure": measure}) for measure in ("spaces", "people")]
    return asked


def _all(folder: Path, flipped: list[str], own: dict[str, int] | None = None) -> dict[str, str]:
    """Return every answer by its address."""
    site = office(own)
    with Office(folder, list(week(site, flipped)), site=site) as house:
        found = {}
        for path, query in _ways_out():
            response = house.get(f"v1/sites/office/{path}".rstrip("/"), **query)
            assert response.status_code == 200, response.text
            found[str(response.url).split("/v1/", 1)[1]] = response.text
        found["/v1/sites"] = house.get("v1/sites").text
        return found


def test_where_fixed_desks_are_few_flipping_one_changes_not_a_byte(tmp_path: Path) -> None:
    own = {"team": 2, "mixed": 1, "corner": 1}
    before = _all(tmp_path / "before", [], own)
    after = _all(tmp_path / "after", [OWN_DESK], own)
    assert {address for address in before if before[address] != after[address]} == set()


def test_where_they_are_many_flipping_one_changes_sums_of_whole_blocks_alone(tmp_path: Path) -> None:
    """The office's nine fixed desks are one block, so only sums over all of them may differ."""
    before = _all(tmp_path / "before", [])
    after = _all(tmp_path / "after", [OWN_DESK])
    changed = {address for address in before if before[address] != after[address]}
    assert changed
    for address in changed:
        assert "group=site" in address or "group=kind" in address or "sizing?pool=fixed" in address, address
        assert not any(f"{name}=" in address for name in ("zone", "floor", "space")), address


def test_shifting_use_within_the_half_hour_shows_nowhere(tmp_path: Path) -> None:
    """Not only what it says but when it says it: a fixed desk's sensor speaks when somebody comes."""
    own = {"team": 2}
    site = office(own)
    with Office(tmp_path, list(week(site)), site=site) as house:
        before = [house.get(f"v1/sites/office/{path}", **query).text for path, query in _ways_out()[:100]]
        for minutes in (9, 4, 1):
            house.note(
                Reading("office", f"s-{OWN_DESK}", NOW - minutes * MINUTE, NOW, occupied=minutes != 4, battery=57)
            )
        assert [house.get(f"v1/sites/office/{path}", **query).text for path, query in _ways_out()[:100]] == before


def test_a_fixed_desk_has_its_row_and_nothing_in_it(house: Office) -> None:
    for at in ({}, {"at": rfc3339(NOW - DAY)}):
        rows = {row["space"]: row for row in house.ask("status", **at)}
        assert rows.keys() == {space.id for space in house.site.spaces}
        own = [row for name, row in rows.items() if "own" in name]
        assert {(row["state"], row["people"], row["reason"]) for row in own} == {(None, None, OWN)}
        assert len({row["time"] for row in rows.values()}) == 1
    figures = house.ask("utilisation", group="space", bucket="1d", space=OWN_DESK)
    assert [row["reason"] for row in figures] == [OWN]
    assert {figures[0][name] for name in ("utilisation", "lo", "hi", "occupied_hours", "known_hours", "coverage")} == {
        None
    }
    assert figures[0]["capacity"] == 1


def test_few_fixed_desks_among_others_are_hidden_with_a_way_round(house: Office) -> None:
    rows = {row["group"]: row for row in house.ask("peaks", group="zone", bucket="1d")}
    assert {zone: row["reason"] for zone, row in rows.items()} == {
        "team": FEW,
        "mixed": FEW,
        "corner": FEW,
        "meet": None,
    }
    rows = {row["group"]: row for row in house.ask("peaks", group="zone", bucket="1d", assignment="flexible")}
    assert {zone: row["reason"] for zone, row in rows.items()} == {"mixed": None}
    (counted,) = house.ask("status", group="site")
    assert counted["vacant"] + counted["occupied"] + counted["unknown"] == counted["spaces"] == len(house.site.spaces)
    (few,) = house.ask("status", group="floor", floor="f2", assignment="fixed")
    assert (few["vacant"], few["occupied"], few["unknown"], few["people"], few["reason"]) == (
        None,
        None,
        None,
        None,
        FEW,
    )


def test_a_fixed_desks_sensor_shows_its_silence_and_not_when_it_spoke(tmp_path: Path) -> None:
    site = office()
    said = [one for one in week(site) if one.sensor != f"s-{OWN_DESK}" or one.time < NOW - 5 * HOUR - 17 * MINUTE]
    with Office(tmp_path, said) as house:
        rows = {row["space"]: row for row in house.ask("sensors")}
        silent, heard, open_one = rows[OWN_DESK], rows["team-own-1"], rows["mixed-0"]
        assert (silent["silent"], silent["silent_minutes"], silent["last"], silent["received"]) == (
            True,
            300,
            None,
            None,
        )
        assert (heard["silent"], heard["last"], heard["battery"], heard["reason"]) == (False, None, 50, OWN)
        assert (open_one["last"] is not None, open_one["battery"], open_one["reason"]) == (True, 57.5, None)


def test_while_few_desks_of_a_block_are_known_their_sum_is_unknown(tmp_path: Path) -> None:
    """One of six is heard: the sum over known desks would be that one's."""
    site = office({"team": 6})
    heard = [one for one in week(site) if "own" not in one.sensor or one.sensor == f"s-{OWN_DESK}"]
    with Office(tmp_path, heard, site=site) as house:
        rows = house.ask("utilisation", zone="team", bucket="1d", **DAYS)
        assert {row["utilisation"] for row in rows} == {None}
        assert {row["reason"] for row in rows} == {"no data"}
        (now,) = house.ask("status", group="zone", zone="team")
        assert (now["unknown"], now["occupied"], now["vacant"]) == (6, 0, 0)


def test_every_route_of_data_goes_through_the_one_way_out(house: Office) -> None:
    described = house.app.openapi()["paths"].items()
    paths = [path for path, methods in described if path.startswith("/v1/sites") and "get" in methods]
    tried = {path for path, _ in _ways_out()} | {"live"}  # a stream has no end: test_stream watches it
    assert {path.removeprefix("/v1/sites").removeprefix("/{site}").strip("/") for path in paths} == tried


@pytest.mark.parametrize("path", ["metrics", "openapi.json", "docs", "readyz"])
def test_what_machines_read_names_no_desk(house: Office, path: str) -> None:
    assert "own-" not in house.get(path).text

"""The house of the examples: as large as it is said to be, and fit to be drawn."""

from collections import Counter
from itertools import combinations

from spaces.site import Place
from tests.simulator.houses import betahaus


def test_it_is_the_house_that_is_described() -> None:
    site = betahaus()
    kinds = Counter(space.assignment or space.kind for space in site.spaces)
    assert kinds["fixed"] + kinds["flexible"] == 150
    assert kinds["room"] == 12
    assert kinds["cafe"] == kinds["workshop"] == 1
    assert site.simulated
    assert site.members[-1].fixed + site.members[-1].flexible == 200
    assert {floor.level for floor in site.floors} == {0, 2, 3, 4}


def test_each_space_has_one_sensor_whose_name_tells_nothing_of_it() -> None:
    site = betahaus()
    assert Counter(sensor.space for sensor in site.sensors) == dict.fromkeys(site.space_by_id, 1)
    assert len({sensor.id for sensor in site.sensors}) == len(site.sensors)
    assert not {sensor.id for sensor in site.sensors} & set(site.space_by_id)


def test_all_stands_on_its_floor_and_nothing_overlaps() -> None:
    site = betahaus()
    for floor in site.floors:
        places = [space.place for space in site.spaces if site.floor_of(space) == floor]
        on_plan = [place for place in places if place]
        assert len(on_plan) == len(places)
        assert not [pair for pair in combinations(on_plan, 2) if _overlap(*pair)]


def test_zones_are_rectangles_of_their_own() -> None:
    """The page draws a zone where no other zone's space stands in it, with its name on the free strip above."""
    site = betahaus()
    for zone in site.zones:
        floor = site.floor_by_id[zone.floor]
        mine = [space.place for space in site.spaces if space.zone == zone.id and space.place]
        if len(mine) > 1:
            others = [s.place for s in site.spaces if s.zone != zone.id and site.floor_of(s) == floor and s.place]
            box = _around(mine)
            assert box.y > 0
            assert not [place for place in others if _overlap(box, place)], zone.id


def _around(places: list[Place]) -> Place:
    left, top = min(place.x for place in places) - 0.45, min(place.y for place in places) - 0.45 - 0.95
    right = max(place.x + place.width for place in places) + 0.45
    bottom = max(place.y + place.height for place in places) + 0.45
    return Place(left, top, right - left, bottom - top)


def _overlap(one: Place, other: Place) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height

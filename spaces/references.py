"""Whether the parts of a site fit each other: ids once, and every name one that exists."""

from collections.abc import Callable, Iterable, Sequence

from spaces.mistakes import did_you_mean
from spaces.site import Sensor, Site, Space
from spaces.times import Millis

Wrong = Callable[[str, int, str | None, str], None]
"""Called with (table, index in it, key, message)."""


def check_references(site: Site, dated: Sequence[str], wrong: Wrong) -> None:
    """Call `wrong` for every name that leads nowhere and every id that stands twice.

    `dated` holds the spaces of the [[capacity]] rows, in their order.
    """
    for table, things in (("floor", site.floors), ("zone", site.zones), ("space", site.spaces)):
        _once(table, [thing.id for thing in things], wrong)
    floors, zones, spaces = (list(by_id) for by_id in (site.floor_by_id, site.zone_by_id, site.space_by_id))
    _known("zone", "floor", ((zone.id, zone.floor) for zone in site.zones), floors, wrong)
    _known("space", "zone", ((space.id, space.zone) for space in site.spaces), zones, wrong)
    _known("sensor", "space", ((sensor.id, sensor.space) for sensor in site.sensors), spaces, wrong)
    _known("capacity", "space", ((space, space) for space in dated), spaces, wrong)
    for index, rule in enumerate(site.calendars):
        if rule.zone and rule.space:
            wrong("calendar", index, "zone", "calendar: give a zone or a space; a space is in its zone already")
        if rule.zone and rule.zone not in zones:
            wrong("calendar", index, "zone", f"calendar: there is no zone {rule.zone!r}{_near(rule.zone, zones)}")
        if rule.space and rule.space not in spaces:
            wrong("calendar", index, "space", f"calendar: there is no space {rule.space!r}{_near(rule.space, spaces)}")
    _overlapping_sensors(site.sensors, wrong)
    _outside_floor(site, wrong)


def _once(table: str, ids: Sequence[str], wrong: Wrong) -> None:
    seen: set[str] = set()
    for index, name in enumerate(ids):
        if name in seen:
            wrong(table, index, "id", f"{table} {name}: this id stands twice")
        seen.add(name)


def _known(table: str, to: str, pairs: Iterable[tuple[str, str]], known: list[str], wrong: Wrong) -> None:
    for index, (name, target) in enumerate(pairs):
        if target and target not in known:
            wrong(table, index, to, f"{table} {name}: there is no {to} {target!r}{_near(target, known)}")


def _near(name: str, known: list[str]) -> str:
    hint = did_you_mean(name, known)
    return hint if "did you mean" in hint else ""


def _overlapping_sensors(sensors: Sequence[Sensor], wrong: Wrong) -> None:
    by_id: dict[str, list[tuple[Millis, Millis]]] = {}
    for index, sensor in enumerate(sensors):
        if sensor.since >= sensor.until:
            wrong("sensor", index, "since", f"sensor {sensor.id}: until must be later than since")
        entries = by_id.setdefault(sensor.id, [])
        if any(sensor.since < until and since < sensor.until for since, until in entries):
            wrong("sensor", index, "since", f"sensor {sensor.id}: two entries hold at once; give them since and until")
        entries.append((sensor.since, sensor.until))


def _outside_floor(site: Site, wrong: Wrong) -> None:
    for index, space in enumerate(site.spaces):
        width, height = _plan_of(site, space)
        place = space.place
        if place and width and height and (place.x + place.width > width or place.y + place.height > height):
            wrong("space", index, "x", f"space {space.id}: stands outside its floor of {width:g} x {height:g} m")


def _plan_of(site: Site, space: Space) -> tuple[float | None, float | None]:
    zone = site.zone_by_id.get(space.zone)
    floor = site.floor_by_id.get(zone.floor) if zone else None
    return (floor.width, floor.height) if floor else (None, None)

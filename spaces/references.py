"""Whether the parts of a site fit each other: ids once, and every name one that exists."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TypeAlias, TypeVar

from spaces.mistakes import near
from spaces.site import SPACE_KINDS, Sensor, Site, Space
from spaces.times import Millis

Wrong = Callable[[str, int, str | None, str], None]
"""Called with (table, index in it, key, message)."""
_Where = TypeVar("_Where")
_Placed: TypeAlias = tuple[_Where, Sensor]
NEARLY = 0.74
"""How alike (0 to 1) a word and what it was meant for are: `dsek` and `desk` 0.75, `tearoom` and `room` 0.73."""


def check_references(site: Site, dated: Sequence[str], wrong: Wrong, unread: Container[str] = ()) -> None:
    """Call `wrong` for every name that leads nowhere and every id that stands twice.

    `dated` holds the spaces of the [[capacity]] rows, in their order. Of a table that was not read in full nobody
    knows which names lead nowhere.
    """
    for table, things in (("floor", site.floors), ("zone", site.zones), ("space", site.spaces)):
        _once(table, [thing.id for thing in things], wrong)
    floors, zones, spaces = (list(by_id) for by_id in (site.floor_by_id, site.zone_by_id, site.space_by_id))
    _known("zone", "floor", ((zone.id, zone.floor) for zone in site.zones), floors, wrong)
    _known("space", "zone", ((space.id, space.zone) for space in site.spaces), zones, wrong)
    if "space" not in unread:
        _known("sensor", "space", ((sensor.id, sensor.space) for sensor in site.sensors), spaces, wrong)
        _known("capacity", "space", ((space, space) for space in dated), spaces, wrong)
    for index, rule in enumerate(site.calendars):
        if rule.zone and rule.space:
            wrong("calendar", index, "zone", "calendar: give a zone or a space; a space is in its zone already")
        if rule.zone and rule.zone not in zones:
            wrong("calendar", index, "zone", f"calendar: there is no zone {rule.zone!r}{near(rule.zone, zones)}")
        if rule.space and rule.space not in spaces and "space" not in unread:
            wrong("calendar", index, "space", f"calendar: there is no space {rule.space!r}{near(rule.space, spaces)}")
    _misspelt_kinds(site.spaces, wrong)
    _overlapping_sensors(site.sensors, wrong)
    _shared_addresses(site.sensors, wrong)
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
            wrong(table, index, to, f"{table} {name}: there is no {to} {target!r}{near(target, known)}")


def _misspelt_kinds(spaces: Sequence[Space], wrong: Wrong) -> None:
    """Name each kind that is nearly one that figures know: as a kind of its own it would be counted apart."""
    for kind, count in Counter(space.kind for space in spaces).items():
        meant = close_kind(kind)
        if meant is not None:
            index = next(index for index, space in enumerate(spaces) if space.kind == kind)
            rows = f" ({count} spaces have it)" if count > 1 else ""
            wrong("space", index, "kind", f"space {spaces[index].id}: kind: {kind!r}{rows}; did you mean {meant}?")


def close_kind(kind: str) -> str | None:
    """Return the known kind that a kind is nearly called, None where it is one or is far from all.

    >>> [close_kind(kind) for kind in ("Desk", "rooms", "dsek", "desk", "atelier", "classroom")]
    ['desk', 'room', 'desk', None, None, None]
    """
    if kind in SPACE_KINDS:
        return None
    return next(iter(get_close_matches(kind.casefold(), SPACE_KINDS, n=1, cutoff=NEARLY)), None)


def _overlapping_sensors(sensors: Sequence[Sensor], wrong: Wrong) -> None:
    by_id: dict[str, list[tuple[Millis, Millis]]] = {}
    for index, sensor in enumerate(sensors):
        if sensor.since >= sensor.until:
            wrong("sensor", index, "since", f"sensor {sensor.id}: until must be later than since")
        entries = by_id.setdefault(sensor.id, [])
        if any(sensor.since < until and since < sensor.until for since, until in entries):
            wrong("sensor", index, "since", f"sensor {sensor.id}: two entries hold at once; give them since and until")
        entries.append((sensor.since, sensor.until))


def _shared_addresses(sensors: Sequence[Sensor], wrong: Wrong) -> None:
    """Name addresses that two sensors have: what their device says can be of one alone."""
    for (_, other), (index, sensor) in shared_addresses(enumerate(sensors)):
        if other.id != sensor.id:
            wrong(
                "sensor",
                index,
                "address",
                f"sensor {sensor.id}: sensor {other.id} has the address {sensor.address!r} too",
            )


def shared_addresses(sensors: Iterable[_Placed[_Where]]) -> Iterator[tuple[_Placed[_Where], _Placed[_Where]]]:
    """Yield each entry, with where it stands, after the first one that has its address at its source."""
    first: dict[tuple[str, str | None], _Placed[_Where]] = {}
    for where, sensor in sensors:
        if sensor.address is None:
            continue
        name = sensor.address.casefold()
        other = first.get((name, sensor.source)) or first.get((name, None))
        if other is not None:
            yield other, (where, sensor)
        first.setdefault((name, sensor.source), (where, sensor))


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

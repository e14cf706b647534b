"""A small house for tests of the page: two floors, every kind of space, hostile names, one week of use."""

from collections.abc import Iterator
from datetime import UTC, datetime

from spaces.reading import Reading
from spaces.site import CalendarRule, Floor, Place, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis, to_millis

NOW: Millis = to_millis(datetime(2026, 11, 19, 9, 30, tzinfo=UTC))
"""A Thursday, 10:30 in Berlin."""
ZONE = "Europe/Berlin"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"

_WEEKDAYS = dict.fromkeys(range(5), ((8 * 60, 20 * 60),))


def _space(name: str, kind: str, zone: str, seats: int, place: Place | None, **more: str) -> Space:
    return Space(
        id=name.lower().replace(" ", "-"),
        name=name,
        kind=kind,
        zone=zone,
        capacity=((BEGINNING, seats),),
        assignment="fixed" if more.get("assignment") == "fixed" else "flexible" if kind == "desk" else None,
        place=place,
    )


def _spaces() -> Iterator[Space]:
    for number in range(8):
        yield _space(
            f"Desk {number}", "desk", "work", 1, Place(1 + 1.8 * (number % 4), 6 + 1.2 * (number // 4), 1.6, 0.8)
        )
    for number in range(3):
        place = Place(10 + 1.8 * number, 6, 1.6, 0.8)
        yield _space(f"Own {number}", "desk", "team", 1, place, assignment="fixed")
    yield _space("Alster", "room", "meet", 8, Place(0.5, 0.5, 5, 4))
    yield _space("Spree", "room", "meet", 4, Place(6, 0.5, 4, 4))
    yield _space("Attic", "room", "meet", 2, None)
    yield _space("Cafe", "cafe", "ground", 60, Place(0.5, 0.5, 12, 7))


def small_site(name: str = "Small House", site: str = "small", *, simulated: bool = True) -> Site:
    """Return the site; its sensors are called after their spaces, one each."""
    spaces = tuple(_spaces())
    return Site(
        id=site,
        name=name,
        timezone=ZONE,
        floors=(Floor("f0", "Ground floor", 0, 16, 8), Floor("f1", "First floor", 1, 16, 9)),
        zones=(
            Zone("ground", "Cafe", "f0"),
            Zone("work", "Work room", "f1"),
            Zone("team", "Team room", "f1"),
            Zone("meet", "Meeting rooms", "f1"),
        ),
        spaces=spaces,
        sensors=tuple(Sensor(f"s-{space.id}", space.id) for space in spaces),
        calendars=(CalendarRule(weekly=_WEEKDAYS),),
        simulated=simulated,
    )


def week(site: Site) -> Iterator[Reading]:
    """Give each half hour's readings of the week before NOW: some use by day, desk 7 silent for five hours."""
    for index, space in enumerate(site.spaces):
        for step in range(7 * 48 + 1):
            time = NOW - 7 * DAY + step * 30 * MINUTE - index * 1_000
            if space.id == "desk-7" and time > NOW - 5 * HOUR:
                break
            yield reading(site, space, time, used=_in_use(index, step))


def reading(site: Site, space: Space, time: Millis, *, used: bool) -> Reading:
    """Return what the sensor of a space says; all but desks count people."""
    people = None if space.kind == "desk" else (min(3, space.capacity_at(time)) if used else 0)
    return Reading(site.id, f"s-{space.id}", time, time, occupied=used, people=people)


def _in_use(index: int, step: int) -> bool:
    hour = (step / 2 + 9.5) % 24
    return 8 <= hour < 18 and (index + int(hour) + step // 48) % 3 > 0

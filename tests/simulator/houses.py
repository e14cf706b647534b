"""Sites of the simulator's tests: Betahaus, and small ones that are unlike it."""

from functools import cache

from simulator.betahaus import SITE
from spaces.site import Assignment, CalendarRule, Floor, Members, Sensor, Site, Space, Zone
from spaces.sitefile import load_site
from spaces.times import BEGINNING, MINUTE

SEED = 7


@cache
def betahaus() -> Site:
    """Return Betahaus Berlin, read once."""
    return load_site(SITE)


def small(
    *hours: tuple[int, int], timezone: str = "Europe/Berlin", seats: int = 12, members: tuple[Members, ...] = ()
) -> Site:
    """Return a house of 11 spaces, open daily at these minutes, always where there are none; two sensors a space."""
    spaces = (
        *(_space(f"d{number}", "desk", 1, "fixed" if number < 3 else "flexible") for number in range(8)),
        _space("room", "room", 5),
        _space("bar", "cafe", seats),
        _space("bench", "workshop", 3),
    )
    return Site(
        id="small",
        name="Small",
        timezone=timezone,
        floors=(Floor("f", "Floor", 0),),
        zones=(Zone("z", "Zone", "f"),),
        spaces=spaces,
        sensors=tuple(
            Sensor(f"{space.id}-{side}", space.id, vacancy_delay=5 * MINUTE) for space in spaces for side in "ab"
        ),
        members=members,
        calendars=(CalendarRule(weekly=dict.fromkeys(range(7), hours)),) if hours else (),
        simulated=True,
    )


def _space(name: str, kind: str, seats: int, assignment: Assignment | None = None) -> Space:
    return Space(name, name, kind, "z", ((BEGINNING, seats),), assignment)

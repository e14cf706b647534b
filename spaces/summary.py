"""A site in a line: what was understood of its file, so that its writer sees what was not."""

from collections import Counter
from collections.abc import Iterator

from spaces.site import SPACE_KINDS, Site


def summary(site: Site) -> str:
    """Return how much there is of what: desks by assignment, other kinds, calendars, sensors, the zone.

    >>> from spaces.site import Sensor, Space, Zone
    >>> spaces = (Space("d", "D", "desk", "z", ((0, 1),), "flexible"), Space("r", "R", "room", "z", ((0, 4),)))
    >>> summary(Site("s", "S", "UTC", (), (), spaces, (Sensor("x", "d"),)))
    '1 flexible desk, 1 room, 0 calendars, 1 sensor, UTC'
    """
    calendars, bookings = len(site.calendars), len(site.bookings.calendars)
    parts = [
        *_spaces(site),
        counted(calendars, "calendar"),
        *([f"bookings of {counted(bookings, 'room')}"] if bookings else []),
        counted(len(site.sensors_by_id), "sensor"),
        site.timezone,
    ]
    return ", ".join(parts)


def counted(number: int, word: str, spelling: str = "") -> str:
    """Return a number with its word, in the plural but for one; `spelling` is how `format` is to write it.

    >>> counted(1, "mistake"), counted(2, "mistake"), counted(1_000, "reading", ",")
    ('1 mistake', '2 mistakes', '1,000 readings')
    """
    return f"{number:{spelling}} {word}{'' if number == 1 else 's'}"


def _spaces(site: Site) -> Iterator[str]:
    kinds = Counter(space.kind for space in site.spaces)
    desks = Counter(space.assignment for space in site.spaces if space.kind == "desk")
    if desks["fixed"] and desks["flexible"]:
        yield f"{desks['flexible']} flexible and {counted(desks['fixed'], 'fixed desk')}"
    elif kinds["desk"]:
        yield counted(kinds["desk"], f"{'fixed' if desks['fixed'] else 'flexible'} desk")
    for kind in (*SPACE_KINDS[1:], *(own for own in kinds if own not in SPACE_KINDS)):
        if kinds[kind]:
            yield counted(kinds[kind], kind) if kind in SPACE_KINDS else f"{kinds[kind]} of kind {kind}"

"""A reading: what one sensor said at one moment, and how repeats of it merge."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from spaces.times import Millis

_Field = TypeVar("_Field", bool, int, float)


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One report of one sensor.

    Its identity is ``(site, sensor, time)``. ``occupied`` is the state (None: the sensor says it does not
    know); ``people`` a count where there is one. Where only a count came, ``occupied`` was derived from it.
    Times are UTC milliseconds; ``received`` is when ledig got it, ``stamped`` says that ``time`` is no more
    than that. ``battery`` is in percent.
    """

    site: str
    sensor: str
    time: Millis
    received: Millis
    occupied: bool | None = None
    people: int | None = None
    battery: float | None = None
    seq: int | None = None
    stamped: bool = False


def merge(one: Reading, other: Reading) -> Reading:
    """Merge two readings of one identity, field by field, so that no order of arrival matters.

    Occupied if either says so, the larger count and sequence, the lower battery, the earlier receipt.

    >>> a = Reading("s", "d1", 5, received=9, occupied=False, people=0)
    >>> b = Reading("s", "d1", 5, received=7, occupied=True, people=2)
    >>> merge(a, b) == merge(b, a)
    True
    >>> merge(a, b).people
    2
    """
    return Reading(
        site=one.site,
        sensor=one.sensor,
        time=one.time,
        received=min(one.received, other.received),
        occupied=_either(max, one.occupied, other.occupied),
        people=_either(max, one.people, other.people),
        battery=_either(min, one.battery, other.battery),
        seq=_either(max, one.seq, other.seq),
        stamped=one.stamped and other.stamped,
    )


def _either(choose: Callable[[_Field, _Field], _Field], a: _Field | None, b: _Field | None) -> _Field | None:
    if a is None:
        return b
    return a if b is None else choose(a, b)

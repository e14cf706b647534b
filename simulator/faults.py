"""Sensors that fall silent, so that the page has something to show: a short list, the same every week."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from simulator.house import House, OpenDay, Seconds
from spaces.site import Site
from spaces.times import SECOND, Millis

THURSDAY, FRIDAY = 3, 4


class Fault(NamedTuple):
    """A sensor that says nothing on a weekday from `start` to `end`, in seconds after local midnight."""

    space: str
    weekday: int
    start: Seconds
    end: Seconds
    why: str


FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "betahaus": (
        Fault("desk-217", THURSDAY, 19_800, 108_000, "a dying battery: silent from 05:30 until 06:00 on Friday"),
        Fault("dahme", FRIDAY, 48_600, 86_400, "its socket is needed by the cleaners, from 13:30 until midnight"),
    ),
}
"""By site. A site file of one's own has no faults."""


def silences(site: Site, day: date) -> list[tuple[str, Millis, Millis]]:
    """Return (sensor, from, until) of the faults that begin on a local day or the one before."""
    return [
        (sensor.id, anchor + fault.start * SECOND, anchor + fault.end * SECOND)
        for begins in (day - timedelta(days=1), day)
        for fault in FAULTS.get(site.id, ())
        if fault.weekday == begins.weekday()
        for anchor in (OpenDay(House(site), begins).anchor,)
        for sensor in site.sensors
        if sensor.space == fault.space
    ]

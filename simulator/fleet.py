"""The devices of a site: what each reports on, and what is particular to it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from spaces.site import Site
from spaces.times import MINUTE, SECOND, Millis

Ints = NDArray[np.int64]

PULSE: Millis = 30 * MINUTE
"""A desk sensor says at least this often what it sees."""
COUNTER_PULSE: Millis = 15 * MINUTE
SLOWEST: Millis = 4 * SECOND
"""A desk sensor notices within this time."""
BATTERY_LIFE = 900
"""Days; then somebody puts in a new one."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The sensor entries of a site in columns of length n; `space` holds indexes into `site.spaces`."""

    names: tuple[str, ...]
    space: Ints
    desk: NDArray[np.bool_]
    since: Ints
    until: Ints
    delay: Ints
    latency: Ints
    pulse: Ints
    phase: Ints
    battery_phase: Ints

    def battery_on(self, day: date) -> list[float]:
        """Return each sensor's battery in whole percent on a day: it falls from 100 to 8, and is then replaced."""
        age = (day.toordinal() + self.battery_phase) % BATTERY_LIFE
        return [float(100 - 92 * days // BATTERY_LIFE) for days in age.tolist()]


def fleet_of(site: Site, seed: int) -> Fleet:
    """Lay out a site's sensors; what is particular to a device is drawn from the seed, in the file's order."""
    rng = np.random.default_rng([seed, 0, 1])
    index = {space.id: number for number, space in enumerate(site.spaces)}
    desk = np.array([site.space_by_id[sensor.space].kind == "desk" for sensor in site.sensors], dtype=bool)
    pulse = np.where(desk, PULSE, COUNTER_PULSE)
    return Fleet(
        names=tuple(sensor.id for sensor in site.sensors),
        space=np.array([index[sensor.space] for sensor in site.sensors], dtype=np.int64),
        desk=desk,
        since=np.array([sensor.since for sensor in site.sensors], dtype=np.int64),
        until=np.array([sensor.until for sensor in site.sensors], dtype=np.int64),
        delay=np.array([sensor.vacancy_delay for sensor in site.sensors], dtype=np.int64),
        pulse=pulse,
        **_particular(rng, pulse),
    )


def _particular(rng: Generator, pulse: Ints) -> dict[str, Ints]:
    drawn = rng.random((len(pulse), 3))
    return {
        "latency": SECOND + (drawn[:, 0] * (SLOWEST // SECOND)).astype(np.int64) * SECOND,
        "phase": (drawn[:, 1] * (pulse // SECOND)).astype(np.int64) * SECOND,
        "battery_phase": (drawn[:, 2] * BATTERY_LIFE).astype(np.int64),
    }

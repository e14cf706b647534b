"""How long sensors' words hold, learnt from how often they have spoken: a small file in the data folder.

It is of sensors whose limit neither their site file nor their model sets: `analytics.heartbeats` says how it is learnt.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import msgspec

from spaces.guard import read_file
from spaces.site import Sensor, Site
from spaces.times import Millis

LEARNT = "learnt.json"
"""In the data folder."""


class Limit(msgspec.Struct, frozen=True):
    """A silence limit in ms; not fixed before a sensor has been heard for a week."""

    silence: Millis
    fixed: bool


Limits: TypeAlias = Mapping[str, Limit]
"""Limits of a site's sensors."""


def read_learnt(file: Path) -> Mapping[str, Limits]:
    """Return the limits of each site; none where there is no such file, or it cannot be read."""
    try:
        return msgspec.json.decode(read_file(file), type=dict[str, dict[str, Limit]])
    except (OSError, msgspec.DecodeError):
        return {}


def write_learnt(file: Path, learnt: Mapping[str, Limits]) -> None:
    """Write the limits of all sites, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(learnt))
    new.replace(file)


def with_limits(site: Site, limits: Limits) -> Site:
    """Return a site whose sensors that learn have what they have learnt."""
    if not any(one.origin == "learning" and one.id in limits for one in site.sensors):
        return site
    return replace(site, sensors=tuple(_limited(one, limits.get(one.id)) for one in site.sensors))


def _limited(sensor: Sensor, limit: Limit | None) -> Sensor:
    if limit is None or sensor.origin != "learning":
        return sensor
    return replace(sensor, silence=limit.silence, origin="learnt" if limit.fixed else "learning")

"""/sensors/counts: how many sensors are silent or low, floor by floor. Of use it says nothing."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from analytics.privacy.disclosure import Row
from dashboards.api import definitions
from dashboards.api.answers import Answer
from dashboards.api.house import House, grouped, members
from dashboards.api.query import Filters
from spaces.reading import Reading
from spaces.site import Sensor, Site
from spaces.times import Millis, rfc3339

LOW = 20.0
"""Percent of battery below which somebody should go."""


class FleetQuery(Filters):
    """Parameters of /sensors/counts."""

    group: Annotated[Literal["site", "floor", "zone", "kind"], Field(description="what is counted together")] = "floor"


def find_fleet(house: House, site_id: str, query: FleetQuery) -> Answer:
    """Return the counts of sensors of groups of spaces.

    Silence and batteries of single sensors are shown by /sensors too; so no group is hidden.
    """
    site, now = house.site(site_id), house.now()
    chosen = members(site, grouped(site, query.group, query))
    heard = house.live.in_force(site.id, now)
    rows = [
        _row(str(group), _mapped(site, {space.id for space in spaces}, now), heard, now)
        for group, spaces in chosen.items()
    ]
    return Answer(
        name="sensors-counts",
        now=now,
        site=site,
        columns=tuple(definitions.FLEET_COLUMNS),
        rows=rows,
        meta={"definition": definitions.SENSORS, "group": query.group},
        format=query.format,
    )


def _mapped(site: Site, spaces: set[str], now: Millis) -> list[Sensor]:
    return [sensor for sensor in site.sensors if sensor.since <= now < sensor.until and sensor.space in spaces]


def _row(group: str, sensors: list[Sensor], heard: Mapping[str, Reading], now: Millis) -> Row:
    spoke = [heard.get(sensor.id) for sensor in sensors]
    silent = sum(
        reading is None or now - reading.time >= sensor.silence for sensor, reading in zip(sensors, spoke, strict=True)
    )
    batteries = list(_batteries(spoke))
    return {
        "time": rfc3339(now),
        "group": group,
        "sensors": len(sensors),
        "silent": silent,
        "silent_share": round(silent / len(sensors), 6) if sensors else None,
        "never_heard": sum(reading is None for reading in spoke),
        "low": sum(battery < LOW for battery in batteries),
        "battery": min(batteries) // 10 * 10 if batteries else None,
        "reason": None if sensors else "no sensor",
    }


def _batteries(spoke: list[Reading | None]) -> Iterator[float]:
    for reading in spoke:
        if reading is not None and reading.battery is not None:
            yield reading.battery

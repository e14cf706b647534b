"""/sensors/counts: how many sensors are silent or low, floor by floor. Of use it says nothing."""

from collections.abc import Iterator, Mapping

from analytics.privacy.disclosure import Row
from dashboards.answers import definitions
from dashboards.answers.answer import Answer
from dashboards.answers.context import Context
from dashboards.answers.selection import Grouping, members
from spaces.reading import Reading
from spaces.site import Sensor, Site
from spaces.times import Millis, rfc3339

LOW = 20.0
"""Percent of battery below which somebody should go."""


def find_fleet(context: Context, site: Site, grouping: Grouping) -> Answer:
    """Return the counts of sensors of groups of spaces.

    Silence and batteries of single sensors are shown by /sensors too; so no group is hidden.
    """
    now = context.now()
    chosen = members(site, grouping.groups)
    heard = context.live.in_force(site.id, now)
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
        meta={"definition": definitions.SENSORS, "group": grouping.by},
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

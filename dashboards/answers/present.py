"""/sites, /spaces, /status and /sensors: what there is, and what it is in at one moment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from analytics.groups import Groups
from analytics.privacy.blocks import blocks
from analytics.privacy.disclosure import Row
from analytics.privacy.veil import veil_at
from analytics.spacestates import StatesAt, states_at, states_now
from dashboards.answers import definitions
from dashboards.answers.answer import Answer
from dashboards.answers.context import Context
from dashboards.answers.errors import wrong_argument
from dashboards.answers.selection import Grouping, members
from spaces.reading import Reading
from spaces.readings import UNKNOWN, readings_from
from spaces.site import Sensor, Site, Space
from spaces.times import MINUTE, Millis, rfc3339

SKEW: Millis = MINUTE
"""How far ahead of our clock `at` may be and still mean now: clients guess our time between two answers."""
_WORDS = {0: "vacant", 1: "occupied", UNKNOWN: "unknown"}


def find_sites(context: Context, sites: Iterable[Site]) -> Answer:
    """Return what there is of some sites.

    Raises:
        StoreError: the store cannot be read.
    """
    now = context.now()
    rows = [_site_row(context, site, now) for site in sites]
    meta = {"definition": definitions.SITES, "simulated": bool(rows) and all(row["simulated"] for row in rows)}
    return Answer(name="sites", now=now, site=None, columns=tuple(definitions.SITE_COLUMNS), rows=rows, meta=meta)


def find_site(context: Context, site: Site) -> Answer:
    """Return one site.

    Raises:
        StoreError: the store cannot be read.
    """
    now = context.now()
    return Answer(
        name="site",
        now=now,
        site=site,
        columns=tuple(definitions.SITE_COLUMNS),
        rows=[_site_row(context, site, now)],
        meta={"definition": definitions.SITES},
    )


def find_spaces(context: Context, site: Site, grouping: Grouping) -> Answer:
    """Return the spaces of a site that are in a group, with their places."""
    now = context.now()
    chosen = members(site, grouping.groups)
    return Answer(
        name="spaces",
        now=now,
        site=site,
        columns=tuple(definitions.SPACE_COLUMNS),
        rows=[_space_row(site, space, now) for spaces in chosen.values() for space in spaces],
        by="space",
        members=chosen,
        meta={"definition": definitions.SPACES},
    )


def find_status(context: Context, site: Site, grouping: Grouping, at: Millis | None = None) -> Answer:
    """Return what spaces are in, now or at another moment.

    Raises:
        AnswerError: the moment lies ahead.
        StoreError: the store cannot be read.
    """
    now = context.now()
    moment = now if at is None else at
    if moment > now + SKEW:
        raise wrong_argument("at", f"{rfc3339(moment)} lies ahead; it is {rfc3339(now)}")
    heard = context.live.in_force(site.id, now) if moment >= now else None
    states = present_states(site, heard, now) if heard is not None else _past_states(context, site, moment, now)
    moment = min(moment, now)
    single, groups = grouping.by == "space", grouping.groups
    return Answer(
        name="status",
        now=now,
        site=site,
        columns=tuple(definitions.STATUS_COLUMNS if single else definitions.COUNT_COLUMNS),
        rows=state_rows(site, groups, states, heard) if single else _count_rows(site, groups, states),
        by="space" if single else "group",
        members=members(site, groups),
        meta={
            "definition": definitions.STATUS,
            "disclosure": definitions.DISCLOSURE,
            "window": {"from": rfc3339(moment), "to": rfc3339(moment)},
            "group": grouping.by,
        },
    )


def find_sensors(context: Context, site: Site) -> Answer:
    """Return every sensor that is mapped now or was ever heard."""
    now = context.now()
    heard = context.live.in_force(site.id, now)
    mapped = {sensor.id: sensor for sensor in site.sensors if sensor.since <= now < sensor.until}
    names = [*mapped, *sorted(heard.keys() - mapped.keys())]
    return Answer(
        name="sensors",
        now=now,
        site=site,
        columns=tuple(definitions.SENSOR_COLUMNS),
        rows=[_sensor_row(site, name, mapped.get(name), heard.get(name), now) for name in names],
        by="sensor",
        members={name: _spoke_of(site, name, heard.get(name), now) for name in names},
        meta={"definition": definitions.SENSORS, "disclosure": definitions.DISCLOSURE},
    )


def present_states(site: Site, heard: Mapping[str, Reading], now: Millis) -> StatesAt:
    """Return the states at `now` from the readings in force, veiled."""
    return veil_at(states_now(site, readings_from(heard.values()), now), blocks(site))


def _past_states(context: Context, site: Site, moment: Millis, now: Millis) -> StatesAt:
    states = context.states.over(site, moment, moment + 1, now)
    assert states is not None, "a moment before now has states"
    return states_at(states, moment)


def state_rows(site: Site, groups: Groups, states: StatesAt, heard: Mapping[str, Reading] | None) -> Iterator[Row]:
    """Yield a row for each space that is in a group; `heard` are the readings in force, None at a past moment."""
    time = rfc3339(states.moment)
    sensors = _sensors_of(site, states.moment)
    for index, space in enumerate(site.spaces):
        if groups.of[index] < 0:
            continue
        occupied, people = int(states.occupied[index]), int(states.people[index])
        yield {
            "time": time,
            "space": space.id,
            "state": _WORDS[occupied],
            "people": None if people < 0 else people,
            "reason": _why_unknown(sensors.get(space.id, []), heard, states.moment) if occupied == UNKNOWN else None,
        }


def _count_rows(site: Site, groups: Groups, states: StatesAt) -> Iterator[Row]:
    for index, label in enumerate(groups.labels):
        inside = np.flatnonzero(groups.of == index)
        occupied, people = states.occupied[inside], states.people[inside]
        yield {
            "time": rfc3339(states.moment),
            "group": label,
            **{word: int(np.count_nonzero(occupied == code)) for code, word in _WORDS.items()},
            "spaces": len(inside),
            "people": None if np.any(people < 0) or not len(inside) else int(people.sum()),
            "capacity": sum(site.spaces[space].capacity_at(states.moment) for space in inside.tolist()),
            "reason": None,
        }


def _why_unknown(sensors: Sequence[Sensor], heard: Mapping[str, Reading] | None, moment: Millis) -> str:
    if not sensors:
        return "no sensor"
    if heard is None:
        return "no data"
    spoke = [heard.get(sensor.id) for sensor in sensors]
    if not any(spoke):
        return "never heard"
    fresh = [
        reading
        for sensor, reading in zip(sensors, spoke, strict=True)
        if reading is not None and moment - reading.time < sensor.silence
    ]
    return "silent" if len(fresh) < len(sensors) else "its sensor does not know"


def _sensors_of(site: Site, moment: Millis) -> dict[str, list[Sensor]]:
    """Return the sensors that report at a moment, by space."""
    found: dict[str, list[Sensor]] = {}
    for sensor in site.sensors:
        if sensor.since <= moment < sensor.until:
            found.setdefault(sensor.space, []).append(sensor)
    return found


def _spoke_of(site: Site, name: str, reading: Reading | None, now: Millis) -> list[Space]:
    """Return the spaces that a sensor reports on now, and did when it last spoke."""
    moments = [now] if reading is None else [now, reading.time]
    entries = site.sensors_by_id.get(name, ())
    ids = {entry.space for entry in entries for moment in moments if entry.since <= moment < entry.until}
    return [site.space_by_id[space] for space in sorted(ids)]


def _sensor_row(site: Site, name: str, sensor: Sensor | None, reading: Reading | None, now: Millis) -> Row:
    space = site.space_by_id[sensor.space] if sensor else None
    age = None if reading is None else now - reading.time
    silent = sensor is not None and (age is None or age >= sensor.silence)
    return {
        "sensor": name,
        "space": space.id if space else None,
        "floor": site.floor_of(space).id if space else None,
        "zone": space.zone if space else None,
        "mapped": sensor is not None,
        "last": rfc3339(reading.time) if reading else None,
        "received": rfc3339(reading.received) if reading else None,
        "silent": silent,
        "silent_minutes": age // MINUTE if silent and age is not None else None,
        "battery": reading.battery if reading else None,
        "format": sensor.format if sensor else None,
        "silence_minutes": sensor.silence // MINUTE if sensor else None,
        "reason": None,
    }


def _site_row(context: Context, site: Site, now: Millis) -> Row:
    extent = context.store.extent(site.id)
    return {
        "site": site.id,
        "name": site.name,
        "zone": site.timezone,
        "simulated": site.simulated,
        "first": rfc3339(extent.first) if extent else None,
        "floors": len(site.floors),
        "spaces": len(site.spaces),
        "sensors": sum(len(sensors) for sensors in _sensors_of(site, now).values()),
    }


def _space_row(site: Site, space: Space, now: Millis) -> dict[str, Any]:
    floor, place = site.floor_of(space), space.place
    return {
        "space": space.id,
        "name": space.name,
        "kind": space.kind,
        "assignment": space.assignment,
        "capacity": space.capacity_at(now),
        "area": space.area,
        "floor": floor.id,
        "floor_name": floor.name,
        "level": floor.level,
        "floor_width": floor.width,
        "floor_height": floor.height,
        "zone": space.zone,
        "zone_name": site.zone_by_id[space.zone].name,
        "x": place.x if place else None,
        "y": place.y if place else None,
        "width": place.width if place else None,
        "height": place.height if place else None,
        "sensors": sum(1 for sensor in site.sensors if sensor.space == space.id and sensor.since <= now < sensor.until),
    }

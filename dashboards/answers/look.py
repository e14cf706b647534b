"""Looking at a site again and again: what may be seen of its spaces, and since when each is as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from analytics.groups import group_spaces
from analytics.privacy.disclosure import Row, disclose, policy_for
from analytics.spacestates import StatesAt, states_at
from dashboards.answers import definitions
from dashboards.answers.context import Context
from dashboards.answers.present import present_states, state_rows
from dashboards.answers.selection import members
from spaces.reading import Reading
from spaces.readings import UNKNOWN
from spaces.site import Site
from spaces.times import HOUR, Millis, rfc3339
from store.protocol import StoreError

BACK: Millis = 2 * HOUR
"""How far back the first look goes to find out since when."""
Seen = tuple[list[Row], dict[str, Any]]
"""Disclosed rows, and the meta of the answer."""


class Looking:
    """Looks at one site; remembers the last look. Used by one thread at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._before: tuple[Site, StatesAt] | None = None

    def look(self, site: Site) -> Seen:
        """Return what may be seen now of the site, as its file describes it at present."""
        now = self._context.now()
        heard = self._context.live.in_force(site.id, now)
        states = self._dated(site, present_states(site, heard, now), heard)
        self._before = (site, states)
        groups = group_spaces(site, "space")
        rows = _dated_rows(states, state_rows(site, groups, states, heard))
        return disclose(rows, policy_for(site, "space", members(site, groups))), _meta(site, now)

    def _dated(self, site: Site, states: StatesAt, heard: Mapping[str, Reading]) -> StatesAt:
        """Return states that say since when: kept where nothing changed, else when its sensors last spoke."""
        before = self._before
        known = before is not None and before[0] is site
        earlier = before[1] if before and known else self._earlier(site, states.moment)
        if earlier is None:
            return replace(states, since=np.full(len(states.spaces), -1, dtype=np.int64))
        same = (states.occupied == earlier.occupied) & (states.people == earlier.people)
        return replace(states, since=np.where(same, earlier.since, _spoke(site, states, heard)))

    def _earlier(self, site: Site, now: Millis) -> StatesAt | None:
        try:
            states = self._context.states.over(site, now - BACK, now, now)
        except StoreError:  # what is free is known without it
            return None
        return states_at(states, now - 1) if states is not None else None


def _spoke(site: Site, states: StatesAt, heard: Mapping[str, Reading]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return when the newest reading of each space's sensors was; of an unknown one the moment of the look."""
    found = dict.fromkeys(states.spaces, 0)
    for sensor in site.sensors:
        reading = heard.get(sensor.id)
        if reading is not None and sensor.since <= states.moment < sensor.until:
            found[sensor.space] = max(found[sensor.space], reading.time)
    spoke = np.array([found[space] for space in states.spaces], dtype=np.int64)
    return np.where((states.occupied == UNKNOWN) | (spoke == 0), states.moment, spoke)


def _dated_rows(states: StatesAt, rows: Iterator[Row]) -> Iterator[Row]:
    for row, since in zip(rows, states.since.tolist(), strict=True):
        dated = {**row, "since": rfc3339(since) if since >= 0 else None}
        yield {name: dated[name] for name in definitions.LIVE_COLUMNS}


def _meta(site: Site, now: Millis) -> dict[str, Any]:
    return {
        "generated": rfc3339(now),
        "site": site.id,
        "zone": site.timezone,
        "simulated": site.simulated,
        "definition": definitions.STATUS,
        "disclosure": definitions.DISCLOSURE,
    }

"""What routes share: the sites in force, their states, the clock; and the spaces that a request means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import numpy as np

from analytics.groups import By, Groups, group_spaces
from dashboards.api.opendays import OpenDaysKept
from dashboards.api.problems import Problem, shown, wrong_parameters
from dashboards.api.query import Filters
from dashboards.api.rollups.answering import Figures
from dashboards.api.statecache import Live, StateCache
from dashboards.settings import ApiSettings
from spaces.mistakes import did_you_mean
from spaces.site import SPACE_KINDS, Site, Space
from spaces.sitebook import Sites
from spaces.times import Millis
from store.protocol import Store

ANY = "*"
"""What a filter says that leaves nothing out: pickers of dashboards send something for "all" too."""
Clock = Callable[[], Millis]
"""How the time is asked for: UTC ms. A demo's runs faster than the wall's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that routes answer from."""

    settings: ApiSettings
    store: Store
    live: Live
    sites: Sites
    now: Clock
    states: StateCache
    figures: Figures
    days: OpenDaysKept = field(default_factory=OpenDaysKept)

    def site(self, site_id: str) -> Site:
        """Return a site.

        Raises:
            Problem: 404, with the sites that there are.
        """
        known = self.sites()
        if site_id not in known:
            hint = did_you_mean(site_id[:60], list(known)) if known else "; none is known yet"
            raise Problem(HTTPStatus.NOT_FOUND, f"There is no site {shown(site_id)!r}{hint}")
        return known[site_id]


def filters(site: Site, query: Filters) -> dict[str, Any]:
    """Return the filters given, having looked that the site knows each.

    Raises:
        Problem: 422 that names all that are unknown, and what is known.
    """
    given = {name: getattr(query, name) for name in ("floor", "zone", "kind", "assignment", "space")}
    given = {name: value for name, value in given.items() if value not in {None, ANY}}
    known: dict[str, Sequence[str]] = {
        "floor": [floor.id for floor in site.floors],
        "zone": [zone.id for zone in site.zones],
        "kind": [*dict.fromkeys([*(space.kind for space in site.spaces), *SPACE_KINDS])],
        "assignment": ("fixed", "flexible"),
        "space": [space.id for space in site.spaces],
    }
    wrong = [
        (name, f"{site.id} has no {name} {shown(value)!r}{_known(value, known[name])}")
        for name, value in given.items()
        if value not in known[name]
    ]
    if wrong:
        raise wrong_parameters(wrong)
    return given


def grouped(site: Site, by: By, query: Filters) -> Groups:
    """Return the groups that a request means. A site of which no space is meant is one empty group.

    Raises:
        Problem: 422 for filters that the site does not know.
    """
    groups = group_spaces(site, by, **filters(site, query))
    if by == "site" and not groups.labels:
        return Groups((site.id,), np.full(len(site.spaces), -1, dtype=np.int32))
    return groups


def members(site: Site, groups: Groups) -> Mapping[str | None, Sequence[Space]]:
    """Return the spaces that each group is made of."""
    found: dict[str | None, list[Space]] = {label: [] for label in groups.labels}
    for space, group in zip(site.spaces, groups.of.tolist(), strict=True):
        if group >= 0:
            found[groups.labels[group]].append(space)
    return found


def _known(value: str, known: Sequence[str]) -> str:
    hint = did_you_mean(value[:60], known)
    return hint if len(known) <= 30 or "did you mean" in hint else f"; /spaces lists its {len(known)}"

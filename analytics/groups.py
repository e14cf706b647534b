"""Which spaces are taken together: by site, floor, zone, kind, or each alone; filters leave spaces out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spaces.site import Assignment, Site, Space

By = Literal["site", "floor", "zone", "kind", "space"]


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of spaces: ``of`` (int32, one entry a space of the site) holds indexes into ``labels``, -1 = left out."""

    labels: tuple[str, ...]
    of: NDArray[np.int32]


def group_spaces(  # noqa: PLR0913 - one keyword a filter
    site: Site,
    by: By,
    *,
    floor: str | None = None,
    zone: str | None = None,
    kind: str | None = None,
    assignment: Assignment | None = None,
    space: str | None = None,
) -> Groups:
    """Group the spaces that pass every filter (by id); labels are ids, kinds, or the site's id.

    Labels stand in the order of the site's own lists; groups that no space passes into are left out.
    """
    wanted = {"floor": floor, "zone": zone, "kind": kind, "assignment": assignment, "space": space}
    asked = {key: value for key, value in wanted.items() if value is not None}
    known = [_traits(site, member) for member in site.spaces]
    names = [traits[by] if asked.items() <= traits.items() else None for traits in known]
    labels = tuple(label for label in _all_labels(site, by) if label in set(names))
    index = {label: number for number, label in enumerate(labels)}
    of = [-1 if name is None else index[name] for name in names]
    return Groups(labels, np.array(of, dtype=np.int32))


def _traits(site: Site, space: Space) -> dict[str, str | None]:
    return {
        "site": site.id,
        "floor": site.floor_of(space).id,
        "zone": space.zone,
        "kind": space.kind,
        "assignment": space.assignment,
        "space": space.id,
    }


def _all_labels(site: Site, by: By) -> list[str]:
    return {
        "site": [site.id],
        "floor": list(site.floor_by_id),
        "zone": list(site.zone_by_id),
        "kind": list(dict.fromkeys(space.kind for space in site.spaces)),
        "space": list(site.space_by_id),
    }[by]

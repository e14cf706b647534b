"""Which spaces are taken together: by site, floor, zone, kind, or each alone; filters leave spaces out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spaces.site import Assignment, Site

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
    raise NotImplementedError

"""Sharing ratio: how many members share one desk of their pool."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.groups import Groups
from spaces.site import Assignment, Site
from spaces.times import Millis

Figures = NDArray[np.float64]
_POOLS: tuple[Assignment, ...] = ("flexible", "fixed")


class Sharing(NamedTuple):
    """One entry a group: its members, members a desk and desks a member, NaN where it is not one whole pool."""

    members: Figures
    sharing_ratio: Figures
    desks_per_member: Figures


def members_at(site: Site, pool: Assignment, moment: Millis) -> int | None:
    """Return how many members a pool has at a moment, None before the first date that the site file gives."""
    held = [entry for entry in site.members if entry.since <= moment]
    if not held:
        return None
    newest = max(held, key=lambda entry: entry.since)
    return newest.fixed if pool == "fixed" else newest.flexible


def sharing(site: Site, groups: Groups, moment: Millis) -> Sharing:
    """Return members and sharing ratios of groups, with the members and the desks in force at a moment.

    Fixed and flexible desks are pools apart: an empty fixed desk serves nobody else. Members belong to a pool, not to
    a part of it, so a group has members only if its desks are exactly those of one pool. Desks without a seat at
    the moment are not counted.
    """
    found = np.full((3, len(groups.labels)), np.nan)
    for pool in _POOLS:
        of_pool = np.array([space.kind == "desk" and space.assignment == pool for space in site.spaces], dtype=np.bool_)
        people = members_at(site, pool, moment)
        if people is None:
            continue
        desks = sum(space.capacity_at(moment) > 0 for space, mine in zip(site.spaces, of_pool, strict=True) if mine)
        for group in _whole(site, groups, of_pool):
            found[:, group] = people, _ratio(people, desks), _ratio(desks, people)
    return Sharing(*found)


def _whole(site: Site, groups: Groups, pool: NDArray[np.bool_]) -> list[int]:
    """Return the groups whose desks are exactly those of a pool."""
    desks = np.array([space.kind == "desk" for space in site.spaces], dtype=np.bool_)
    inside = [groups.of == group for group in range(len(groups.labels))]
    return [group for group, mine in enumerate(inside) if pool.any() and np.array_equal(mine & desks, pool)]


def _ratio(over: int, under: int) -> float:
    return over / under if under else float("nan")

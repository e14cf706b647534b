"""The spaces that a question means: filters looked up in a site, and its spaces in groups."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from analytics.groups import By, Groups, group_spaces
from dashboards.answers.errors import wrong_arguments
from spaces.mistakes import did_you_mean, near, shown
from spaces.site import SPACE_KINDS, Assignment, Site, Space

ANY = "*"
"""What a filter says that leaves nothing out: pickers of dashboards send something for "all" too."""


class Filters(NamedTuple):
    """Which spaces are meant: those that pass every filter given (ids; None or `ANY`: all)."""

    floor: str | None = None
    zone: str | None = None
    kind: str | None = None
    assignment: Assignment | None = None
    space: str | None = None


EVERYTHING = Filters()
"""Leaves nothing out."""


class Grouping(NamedTuple):
    """Spaces of a site in groups, and what they are taken together by."""

    by: By
    groups: Groups

    @property
    def labels(self) -> Sequence[str]:
        """The groups' names."""
        return self.groups.labels


def look_up(site: Site, filters: Filters) -> dict[str, str]:
    """Return the filters given, having looked that the site knows each.

    Raises:
        AnswerError: it names all that are unknown, and what is known.
    """
    given = {name: value for name, value in filters._asdict().items() if value not in {None, ANY}}
    known: dict[str, Sequence[str]] = {
        "floor": [floor.id for floor in site.floors],
        "zone": [zone.id for zone in site.zones],
        "kind": [*dict.fromkeys([*(space.kind for space in site.spaces), *SPACE_KINDS])],
        "assignment": ("fixed", "flexible"),
        "space": [space.id for space in site.spaces],
    }
    wrong = [
        (name, f"{site.id} has no {name} {shown(value)!r}{_hint(value, known[name])}")
        for name, value in given.items()
        if value not in known[name]
    ]
    if wrong:
        raise wrong_arguments(wrong)
    return given


def select_groups(site: Site, by: By, filters: Filters) -> Grouping:
    """Return the groups that a question means. A site of which no space is meant is one empty group.

    Raises:
        AnswerError: the site does not know a filter.
    """
    groups = group_spaces(site, by, **look_up(site, filters))  # type: ignore[arg-type] # an assignment is looked up too
    if by == "site" and not groups.labels:
        groups = Groups((site.id,), np.full(len(site.spaces), -1, dtype=np.int32))
    return Grouping(by, groups)


def select_rooms(site: Site, filters: Filters) -> Groups:
    """Return the rooms that pass filters, each a group of its own; whatever is asked for, rooms alone.

    Raises:
        AnswerError: the site does not know a filter.
    """
    chosen = select_groups(site, "space", filters).groups
    is_room = np.array([space.kind == "room" for space in site.spaces], dtype=np.bool_)
    rooms = np.flatnonzero((chosen.of >= 0) & is_room)
    of = np.full(len(is_room), -1, dtype=np.int32)
    of[rooms] = np.arange(len(rooms))
    return Groups(tuple(site.spaces[index].id for index in rooms.tolist()), of)


def members(site: Site, groups: Groups) -> Mapping[str | None, Sequence[Space]]:
    """Return the spaces that each group is made of."""
    spaces: dict[str | None, list[Space]] = {label: [] for label in groups.labels}
    for space, group in zip(site.spaces, groups.of.tolist(), strict=True):
        if group >= 0:
            spaces[groups.labels[group]].append(space)
    return spaces


def _hint(value: str, known: Sequence[str]) -> str:
    if len(known) <= 30:
        return did_you_mean(value[:60], known)
    return near(value[:60], known) or f"; /spaces lists its {len(known)}"

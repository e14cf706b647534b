"""Fixed desks in blocks of which none may be divided (see `analytics.privacy.disclosure`, rule 2)."""

from collections.abc import Callable, Sequence

from spaces.site import Site, Space

FEWEST = 5
"""Fixed desks that a sum must be over before it is shown."""


def is_own(space: Space) -> bool:
    """Whether a space belongs to one member."""
    return space.assignment == "fixed"


def blocks(site: Site) -> list[frozenset[str]]:
    """Return the fixed desks of a site, by id, in blocks of which none may be divided.

    Each has at least `FEWEST` desks, unless the site has fewer: then there is one block, never shown. Desks that no
    sensor has ever reported on are left out: nothing is known of them.
    """
    measured = {entry.space for entry in site.sensors}
    own = [space for space in site.spaces if is_own(space) and space.id in measured]
    whole, rest = _gather([[space] for space in own], lambda space: space.zone)
    for scope in (lambda space: site.floor_of(space).id, lambda _: ""):
        more, rest = _gather(rest, scope)
        whole += more
    left = [space for group in rest for space in group]
    if left and whole:
        smallest = min(whole, key=len)
        smallest += left
    elif left:
        whole.append(left)
    return [frozenset(space.id for space in block) for block in whole]


def _gather(
    groups: Sequence[Sequence[Space]], scope: Callable[[Space], str]
) -> tuple[list[list[Space]], list[list[Space]]]:
    """Put groups of a scope together; return those that are large enough, and the rest."""
    found: dict[str, list[Space]] = {}
    for group in groups:
        found.setdefault(scope(group[0]), []).extend(group)
    large = [spaces for spaces in found.values() if len(spaces) >= FEWEST]
    return large, [spaces for spaces in found.values() if len(spaces) < FEWEST]

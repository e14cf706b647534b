"""Groups are the site's own, in its order; filters leave spaces out and take empty groups with them."""

from analytics.groups import group_spaces
from spaces.site import Floor, Site, Space, Zone

SITE = Site(
    "h",
    "House",
    "UTC",
    floors=(Floor("f1", "One", 1), Floor("f0", "Ground", 0)),
    zones=(Zone("z", "Z", "f1"), Zone("y", "Y", "f0"), Zone("x", "X", "f0")),
    spaces=(
        Space("d", "D", "desk", "y", ((0, 1),), "flexible"),
        Space("e", "E", "desk", "z", ((0, 1),), "fixed"),
        Space("r", "R", "room", "y", ((0, 4),)),
    ),
    sensors=(),
)


def test_groups_stand_in_the_order_of_the_sites_lists() -> None:
    found = {by: group_spaces(SITE, by) for by in ("site", "floor", "zone", "kind", "space")}
    assert {by: (groups.labels, groups.of.tolist()) for by, groups in found.items()} == {
        "site": (("h",), [0, 0, 0]),
        "floor": (("f1", "f0"), [1, 0, 1]),
        "zone": (("z", "y"), [1, 0, 1]),
        "kind": (("desk", "room"), [0, 0, 1]),
        "space": (("d", "e", "r"), [0, 1, 2]),
    }


def test_filters_leave_spaces_out() -> None:
    assert group_spaces(SITE, "kind", floor="f0").of.tolist() == [0, -1, 1]
    assert group_spaces(SITE, "space", kind="desk", assignment="flexible").labels == ("d",)
    assert group_spaces(SITE, "site", zone="z", space="e").of.tolist() == [-1, 0, -1]
    nothing = group_spaces(SITE, "site", zone="x")
    assert (nothing.labels, nothing.of.tolist()) == ((), [-1, -1, -1])

"""The gate itself: blocks of fixed desks, and which groups may be shown."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.privacy.blocks import FEWEST, blocks
from analytics.privacy.disclosure import FEW, OWN, PUBLIC, UNDECLARED, Policy, disclose, policy_for
from spaces.site import Space
from tests.api.office import office

counts = st.fixed_dictionaries({zone: st.integers(0, 9) for zone in ("team", "mixed", "corner", "meet")})


def _hidden(own: dict[str, int], *names: str) -> str | None:
    site = office(own)
    spaces = [site.space_by_id[name] for name in names]
    return policy_for(site, "group", {"g": spaces}).hidden.get("g")


def _own(zone: str, count: int) -> list[str]:
    return [f"{zone}-own-{number}" for number in range(count)]


@settings(deadline=None)
@given(counts)
def test_blocks_hold_every_measured_fixed_desk_once_and_none_is_small_where_it_can_be_helped(
    own: dict[str, int],
) -> None:
    site = office(own)
    found = blocks(site)
    listed = [name for block in found for name in block]
    assert sorted(listed) == sorted(space.id for space in site.spaces if space.assignment == "fixed")
    if len(listed) >= FEWEST:
        assert all(len(block) >= FEWEST for block in found)
    else:
        assert len(found) <= 1


@settings(deadline=None)
@given(counts, st.data())
def test_no_combination_of_shown_groups_singles_out_fewer_than_a_block(
    own: dict[str, int], data: st.DataObject
) -> None:
    """Every group that is shown holds whole blocks: sums and differences of such are sums of blocks."""
    site = office(own)
    chosen = data.draw(st.sets(st.sampled_from([space.id for space in site.spaces])))
    spaces = [space for space in site.spaces if space.id in chosen]
    fixed = {space.id for space in spaces if space.assignment == "fixed"}
    if policy_for(site, "group", {"g": spaces}).hidden.get("g") is None:
        assert all(block <= fixed or not block & fixed for block in blocks(site))
        assert not fixed or len(fixed) >= FEWEST


def test_a_single_fixed_desk_a_few_and_a_few_among_others_are_hidden() -> None:
    own = {"team": 6, "mixed": 5}
    assert _hidden(own, "team-own-0") == OWN
    assert _hidden(own, *_own("team", 4)) == FEW
    assert _hidden(own, *_own("team", 5)) == FEW, "the sixth would be the difference"
    assert _hidden(own, *_own("team", 6)) is None
    assert _hidden(own, "team-own-0", "mixed-0", "mixed-1") == FEW
    assert _hidden(own, "mixed-0") is None
    assert _hidden(own, *_own("team", 6), "mixed-0", "elbe") is None


def test_a_zone_is_hidden_where_the_sites_sum_would_give_away_the_rest() -> None:
    own = {"team": 6, "mixed": 1}
    assert _hidden(own, *_own("team", 6)) == FEW
    assert _hidden(own, *_own("team", 6), "mixed-own-0") is None


def test_small_zones_of_a_floor_make_a_block_together() -> None:
    own = {"team": 3, "mixed": 3, "corner": 7}
    assert [len(block) for block in blocks(office(own))] == [7, 6]
    assert _hidden(own, *_own("corner", 7)) is None
    assert _hidden(own, *_own("team", 3)) == FEW


def test_rows_of_groups_that_nobody_declared_are_hidden() -> None:
    policy = Policy("group", frozenset({"a"}), {})
    rows = [{"group": "a", "peak": 1, "reason": None}, {"group": "b", "peak": 2, "reason": None}]
    assert disclose(rows, policy) == [rows[0], {"group": "b", "peak": None, "reason": UNDECLARED}]


def test_what_is_hidden_keeps_only_what_the_site_file_says() -> None:
    row = {"group": "a", "time": "t", "capacity": 1, "state": "occupied", "last": "t", "battery": 57.5, "reason": None}
    policy = Policy("group", frozenset({"a"}), {"a": OWN})
    assert disclose([row], policy) == [
        {"group": "a", "time": "t", "capacity": 1, "state": None, "last": None, "battery": 50, "reason": OWN}
    ]
    assert not {"state", "people", "utilisation", "peak", "peak_at", "last", "received", "since"} & PUBLIC


def test_a_site_without_fixed_desks_hides_nothing() -> None:
    site = office({})
    everything: Sequence[Space] = site.spaces
    assert blocks(site) == []
    assert policy_for(site, "group", {"g": everything}).hidden == {}
